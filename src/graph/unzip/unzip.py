"""Unpacks a zip archive, to the same tree wherever it runs.

usage: unzip.py ARCHIVE FOLDER

Every name is looked at before anything is written. Links are made when all else is
there, so that nothing is written through one; they may not lead out of FOLDER.
"""

import os
import shutil
import stat
import sys
import zipfile

UNIX = 3  # the system that says modes


class Refused(Exception):
    """Not for an image."""


def path_of(member):
    """Returns the path that a member asks for, which leads downwards only."""
    name = member.filename
    parts = [part for part in name.split("/") if part not in ("", ".")]
    plain = name.isprintable() and not name.startswith("/") and "\\" not in name
    if not plain or ".." in parts:
        raise Refused(f"{name!r} is no name in a folder")
    if member.flag_bits & 1:
        raise Refused(f"{name!r} is encrypted")
    return "/".join(parts)


def mode_of(member):
    return member.external_attr >> 16 if member.create_system == UNIX else 0


def plan(archive):
    """Returns the paths of folders, files and links, each with its member."""
    folders, files, links = {}, {}, {}
    for member in archive.infolist():
        path, kind = path_of(member), stat.S_IFMT(mode_of(member))
        if member.is_dir():
            folders[path] = member
        elif kind == stat.S_IFLNK:
            links[path] = member
        elif kind in (0, stat.S_IFREG):
            files[path] = member
        else:
            raise Refused(f"{member.filename!r} is neither a file nor a folder nor a link")
    for path in [*folders, *files, *links]:
        above = (path[:at] for at, character in enumerate(path) if character == "/")
        twice = (path in folders) + (path in files) + (path in links) > 1
        if twice or any(folder in files or folder in links for folder in above):
            raise Refused(f"{path!r} lies where something else is")
    if not folders and not files and not links:
        raise Refused("the archive is empty")
    return folders, files, links


def unpack(archive, folder):
    folders, files, links = plan(archive)
    for path in folders:
        os.makedirs(os.path.join(folder, path), exist_ok=True)
    for path, member in files.items():
        target = os.path.join(folder, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with archive.open(member) as source, open(target, "wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
        os.chmod(target, 0o755 if mode_of(member) & 0o111 else 0o644)
    for path, member in links.items():
        target = os.path.join(folder, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.symlink(os.fsdecode(archive.read(member)), target)
    for path in links:
        if not os.path.realpath(os.path.join(folder, path)).startswith(folder + "/"):
            raise Refused(f"{path!r} is a link that leads out of the archive's folder")


def main(archive, folder):
    os.umask(0o022)
    try:
        with zipfile.ZipFile(archive) as opened:
            unpack(opened, os.path.realpath(folder))
    except (Refused, zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        sys.exit(f"modelcache: can't unpack: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
