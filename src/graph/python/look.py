"""Looks into wheels: how large they are, and which of them have a file in common.

usage: look.py OUT WHEELS

WHEELS is a folder of wheels. OUT gets `look.json`: the size of each, and groups of wheels
that would write to one path, for which the order of installing matters.
"""

import json
import os
import posixpath
import sys
import zipfile


def paths(wheel):
    """The paths that a wheel writes to, in the terms of the environment."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            top, _, rest = name.partition("/")
            if name.endswith("/") or top.endswith(".dist-info"):
                continue
            if top.endswith(".data"):
                scheme, _, rest = rest.partition("/")
                yield rest if scheme in ("purelib", "platlib") else posixpath.join("..", scheme, rest)
            else:
                yield name
        for name in archive.namelist():
            if name.endswith(".dist-info/entry_points.txt"):
                yield from scripts(archive.read(name).decode())


def scripts(entry_points):
    """The scripts that will be made of entry points."""
    section = ""
    for line in entry_points.splitlines():
        line = line.strip()
        if line.startswith("["):
            section = line.strip("[]")
        elif "=" in line and section in ("console_scripts", "gui_scripts"):
            yield posixpath.join("..", "scripts", line.partition("=")[0].strip())


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
    for folder, _, names in sorted(os.walk(wheels)):
        for name in sorted(names):
            path = os.path.join(folder, name)
            sizes[name] = os.path.getsize(path)
            for owned in set(paths(path)):
                owners.setdefault(owned, []).append(name)
    shared = {path: names for path, names in owners.items() if len(names) > 1}
    seen = {"sizes": sizes, "together": together(shared), "paths": dict(sorted(shared.items())[:20])}
    with open(os.path.join(out, "look.json"), "w", encoding="utf-8") as file:
        json.dump(seen, file, indent=1, sort_keys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
