"""Makes packages of the rare kinds, and a repository with one.

usage: handmade.py FOLDER

FOLDER gets `wheels/` for an index, `git/vcspkg` to be served as plain files, and the
project `localpkg`.
"""

import base64
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import zipfile

PROJECT = """\
[build-system]
requires = ["setuptools>=61"]
build-backend = "setuptools.build_meta"

[project]
name = "{name}"
version = "{version}"
dependencies = {dependencies}

[project.scripts]
{name}-run = "{module}:main"

[tool.setuptools]
py-modules = ["{module}"]
"""

MODULE = 'def main():\n    print("{name} {version}")\n'


def wheel(folder, name, version, files, requires=(), extras=(), scripts="", executable=(), unrecorded={}, tag="py3-none-any"):
    """Writes a wheel; `files` are texts by path, below `DATA/` those of its data folder. Of
    `unrecorded` its record says something else by path, or nothing where that is `None`. A
    `tag` can have the number of a build before it."""
    stem = f"{name.replace('-', '_')}-{version}"
    info = f"{stem}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Provides-Extra: {extra}\n" for extra in extras)
    metadata += "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
    said = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files = {path.replace("DATA/", f"{stem}.data/"): text for path, text in files.items()}
    files.update({f"{info}/METADATA": metadata, f"{info}/WHEEL": said})
    if scripts:
        files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{scripts}"
    record = ""
    with zipfile.ZipFile(os.path.join(folder, f"{stem}-{tag}.whl"), "w") as archive:
        for path, text in files.items():
            member = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            mode = 0o755 if path.rsplit("/", 1)[-1] in executable else 0o644
            member.external_attr = (0o100000 | mode) << 16
            archive.writestr(member, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
            line = f"{path},sha256={digest.decode().rstrip('=')},{len(text.encode())}\n"
            record += unrecorded.get(path, line) or ""
        archive.writestr(f"{info}/RECORD", record + f"{info}/RECORD,,\n")


def project(name, version, dependencies=()):
    """The files of a project with one module and one script."""
    module = name.replace("-", "_")
    words = {"name": name, "version": version, "module": module, "dependencies": list(dependencies)}
    return {"pyproject.toml": PROJECT.format(**words), f"{module}.py": MODULE.format(**words)}


def sdist(folder, name, version, dependencies=()):
    """Writes a source archive."""
    stem = f"{name.replace('-', '_')}-{version}"
    files = project(name, version, dependencies)
    files["PKG-INFO"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    with tarfile.open(os.path.join(folder, f"{stem}.tar.gz"), "w:gz") as archive:
        for path, text in files.items():
            member = tarfile.TarInfo(f"{stem}/{path}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))


def write(path, text):
    """Writes a text file."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def repository(folder, name, version):
    """Makes a repository that can be cloned from a server of plain files."""
    os.makedirs(folder)
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-C", folder]
    subprocess.run([*git, "init", "--quiet", "--initial-branch=main"], check=True)
    for path, text in project(name, version).items():
        write(os.path.join(folder, path), text)
    for command in (["add", "."], ["commit", "--quiet", "-m", "all"], ["update-server-info"]):
        subprocess.run([*git, *command], check=True)


def main(folder):
    """Makes everything."""
    wheels = os.path.join(folder, "wheels")
    os.makedirs(wheels, exist_ok=True)
    tool = "#!python\nimport data_files, sys\nprint('tool', sys.prefix)\n"
    data = {
        "data_files/__init__.py": "def main():\n    print('data')\n",
        "data_files/template.py": "this is {{ no }} Python\n",
        "data_files/helper.sh": "#!/bin/sh\necho helped\n",
        "DATA/data/share/data-files/table.csv": "a,b\n",
        "DATA/data/etc/data-files.conf": "on\n",
        "DATA/scripts/data-tool": tool,
        "DATA/scripts/data-shell": "#!/bin/sh\necho shell\n",
        "DATA/headers/data_files.h": "#pragma once\n",
        "DATA/purelib/data_pure.py": "PURE = 1\n",
        "DATA/platlib/data_plat.py": "PLAT = 1\n",
    }
    executable = ("data-tool", "data-shell", "helper.sh")
    extras = ['space-two ; extra == "more"', 'never-there ; extra == "less"']
    run = "data-run = data_files:main\ndata-more = data_files:main [more]\n"
    wheel(wheels, "Data_Files", "1.0", data, extras, ("more", "less"), run, executable)
    wheel(wheels, "space-one", "1.0", {"space/one.py": "ONE = 1\n"})
    wheel(wheels, "space-two", "1.0", {"space/two.py": "TWO = 2\n"}, ["space.one>=1"])
    wheel(wheels, "over-a", "1.0", {"over/a.py": "A = 1\n", "over/common.py": "OWNER = 'a'\n"})
    common = {"over/b.py": "B = 1\n", "over/common.py": "OWNER = 'b'\n"}
    wheel(wheels, "over-b", "1.0", common, ["over-a"])
    loose = {f"loose/{name}.py": f"NAME = '{name}'\n" for name in ("bare", "none")}
    said = {"loose/bare.py": "loose/bare.py,,\n", "loose/none.py": None}
    wheel(wheels, "loose", "1.0", loose, unrecorded=said)
    for version in ("1.0", "2.0"):
        wheel(wheels, "held", version, {"held.py": f"VERSION = '{version}'\n"})
    wheel(wheels, "young", "1.0", {"young.py": "VERSION = '1.0'\n"})
    wheel(wheels, "young", "2.0rc1", {"young.py": "VERSION = '2.0rc1'\n"})
    for name in ("by-link", "by-path"):
        wheel(wheels, name, "1.0", {f"{name.replace('-', '_')}.py": "HERE = 1\n"})
    for tag in ("py3-none-any", "9-py3-none-any", "10-py3-none-any", "11-py2.py30-none-any"):
        wheel(wheels, "many-builds", "1.0", {"many_builds.py": f"TAG = '{tag}'\n"}, tag=tag)
    for tag in ("cp313-none-any", "99-py313-none-any", "py3-none-any"):
        wheel(wheels, "many-tags", "1.0", {"many_tags.py": f"TAG = '{tag}'\n"}, tag=tag)
    wheel(wheels, "win-only", "1.0", {"win_only.py": ""})
    sdist(wheels, "from-source", "1.0", ["held"])
    wheel(wheels, "both-kinds", "1.0", {"both_kinds.py": "KIND = 'wheel'\n"})
    sdist(wheels, "both-kinds", "1.0")
    for path, text in project("localpkg", "0.1").items():
        write(os.path.join(folder, "localpkg", path), text)
    repository(os.path.join(folder, "git", "vcspkg"), "vcspkg", "0.3")


if __name__ == "__main__":
    main(*sys.argv[1:])
