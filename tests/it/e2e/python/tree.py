"""Lists a virtual environment: everything that two ways of installing must agree on.

usage: tree.py VENV

One line for each path with its mode and content, for each package, for what its RECORD says
wrongly, for how its scripts end, and for what `pip check` thinks. Left out are the bookkeeping of
installers, bytecode, and pip, which need not be there. Of generated scripts the interpreter
and what is called are shown, since installers word them each in its own way.
"""

import base64
import hashlib
import os
import re
import subprocess
import sys
from importlib import metadata

BOOKKEEPING = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
PIP = re.compile(r"(bin/pip[\d.]*|lib/python3[\d.]*/site-packages/pip(\.py|-[^/]*)?)(/.*)?")
# What `python -m venv` leaves and no package; how it names the interpreter is its caller's.
FRAME = re.compile(r"bin/([Aa]ctivate.*|python[\d.]*)|\.gitignore|pyvenv\.cfg|lib64")
FROM = re.compile(rb"^from (\S+) import (\S+)$", re.MULTILINE)
CALL = re.compile(rb"sys\.exit\((\S+)\(\)\)")


def content(top, path):
    """What is at a path, in a word or two."""
    full = os.path.join(top, path)
    if os.path.islink(full):
        return f"-> {os.readlink(full)}"
    with open(full, "rb") as file:
        data = file.read()
    found, call = FROM.search(data), CALL.search(data)
    if path.startswith("bin/") and found and call:
        shebang = re.sub(rb"/python3?$", b"/python", data.split(b"\n", 1)[0]).decode()
        return f"{shebang} {found[1].decode()}:{call[1].decode()}"
    if path.startswith("bin/"):
        data = re.sub(rb"^(#!.*/python)3?\n", rb"\1\n", data)
    return hashlib.sha256(data).hexdigest()


def lines(top):
    """A line for each path."""
    for folder, folders, names in os.walk(top):
        if os.path.basename(folder) == "__pycache__":
            folders.clear()
            continue
        for name in sorted(names + [it for it in folders if os.path.islink(os.path.join(folder, it))]):
            path = os.path.relpath(os.path.join(folder, name), top)
            left_out = folder.endswith(".dist-info") and name in BOOKKEEPING
            if left_out or PIP.fullmatch(path) or FRAME.fullmatch(path):
                continue
            yield f"{os.lstat(os.path.join(top, path)).st_mode:o} {path} {content(top, path)}"
        for name in folders:
            path = os.path.relpath(os.path.join(folder, name), top)
            if name != "__pycache__" and not PIP.fullmatch(path) and not os.path.islink(os.path.join(top, path)):
                yield f"{os.lstat(os.path.join(top, path)).st_mode:o} {path}/"


def packages(top):
    """A line for each package, each lie of a RECORD, and each script."""
    site = os.path.join(top, "lib", "python{}.{}".format(*sys.version_info), "site-packages")
    for found in metadata.distributions(path=[site]):
        name = found.metadata["Name"]
        if name == "pip":
            continue
        yield f"{name} {found.version}"
        for file in found.files or []:
            path = os.path.join(site, file)
            if not os.path.exists(path):
                yield f"{name}: RECORD lists {file}, which is not there"
            elif file.hash and file.hash.value != digest(path):
                yield f"{name}: RECORD has another digest of {file}"
        for script in found.entry_points:
            if script.group == "console_scripts":
                command = [os.path.join(top, "bin", script.name), "--help"]
                done = subprocess.run(command, capture_output=True, check=False)
                yield f"{script.name} --help ends with {done.returncode}"


def digest(path):
    """A file's digest as a RECORD has it."""
    with open(path, "rb") as file:
        value = hashlib.sha256(file.read()).digest()
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def main(top):
    """Prints all of it."""
    print("\n".join(sorted(lines(top), key=lambda line: line.split(" ")[1])))
    print("\n".join(sorted(packages(top))))
    # The base image's pip, of whatever Python this one is.
    pip = [sys.executable.replace(top, "/usr/local"), "-m", "pip", "--python", sys.executable]
    done = subprocess.run([*pip, "check"], check=False, capture_output=True, text=True)
    print(done.stdout, done.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
