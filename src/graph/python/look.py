"""Looks into wheels: how large they are, and which of them have a file in common.

usage: look.py OUT WHEELS

WHEELS is a folder of wheels, and of folders with a wheel that was built. OUT gets `look.json`: the size of each, and groups of wheels
that would write to one path, for which the order of installing matters.
"""

import json
import os
import posixpath
import re
import sys
import zipfile


def paths(wheel):
    """The paths that a wheel writes to, in the terms of the environment."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            top, _, rest = name.partition("/")
            if name.endswith("/") or top.endswith(".dist-info"):
                continue
            scheme = "purelib"
            if top.endswith(".data"):
                scheme, _, name = rest.partition("/")
                # Each package has a folder of its own for them.
                scheme = top if scheme == "headers" else scheme
            yield placed(scheme, name)
        for name in archive.namelist():
            if name.endswith(".dist-info/entry_points.txt"):
                yield from scripts(archive.read(name).decode())


def placed(scheme, path):
    """One word for a place: a scheme's folder may be another's, `data` is all of them."""
    if scheme == "data" and path.startswith("bin/"):
        return path
    modules = re.match(r"lib/python3\.\d+/site-packages/(.*)", path)
    if scheme == "data" and modules:
        return posixpath.join("lib", modules[1])
    return posixpath.join({"purelib": "lib", "platlib": "lib", "scripts": "bin"}.get(scheme, scheme), path)


def scripts(entry_points):
    """The scripts that will be made of entry points."""
    section = ""
    for line in entry_points.splitlines():
        line = line.strip()
        if line.startswith("["):
            section = line.strip("[]")
        elif "=" in line and section in ("console_scripts", "gui_scripts"):
            yield placed("scripts", line.partition("=")[0].strip())


def together(owners):
    """Groups of wheels that are linked by a common path, each sorted."""
    leader = {}

    def find(wheel):
        while leader.setdefault(wheel, wheel) != wheel:
            wheel = leader[wheel]
        return wheel

    for wheels in owners.values():
        first = find(wheels[0])
        for wheel in wheels[1:]:
            leader[find(wheel)] = first
    groups = {}
    for wheel in sorted(leader):
        groups.setdefault(find(wheel), []).append(wheel)
    return sorted(group for group in groups.values() if len(group) > 1)


def main(out, wheels):
    """Writes what was seen."""
    owners = {}
    sizes = {}
    for folder, _, files in sorted(os.walk(wheels)):
        for file in sorted(files):
            path = os.path.join(folder, file)
            # What was built is in a folder with the package's name.
            name = file if folder == wheels else os.path.relpath(folder, wheels)
            sizes[name] = os.path.getsize(path)
            for owned in set(paths(path)):
                owners.setdefault(owned, []).append(name)
    shared = {path: names for path, names in owners.items() if len(names) > 1}
    seen = {"sizes": sizes, "together": together(shared), "paths": dict(sorted(shared.items())[:20])}
    with open(os.path.join(out, "look.json"), "w", encoding="utf-8") as file:
        json.dump(seen, file, indent=1, sort_keys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
