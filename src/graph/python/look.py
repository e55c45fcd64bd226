"""Looks into wheels: how large they are, and which of them have a file in common.

usage: look.py OUT WHEELS PIP ASKED

WHEELS is a folder of wheels, and of folders with a wheel that was built. OUT gets `look.json`: the
size of each, and groups of wheels that would write to one path, each in the order in which PIP, the
wheel of a pip, would install them. ASKED is a JSON file: what was asked for (`resolve.py`), the
machine if it is another one, and whether packages of the base image count.
"""

import json
import os
import posixpath
import re
import sys
import zipfile
from email import message_from_bytes
from importlib import metadata


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


class Installing:
    """The order in which pip installs. It is that of its resolver's graph, in which there is a
    node for each package, for each set of its extras that is asked for, and for Python, which
    most packages ask for. The order itself is computed by pip."""

    PYTHON = "<Python from Requires-Python>"

    def __init__(self, pip, asked, packages):
        sys.path.insert(0, pip)
        from pip._vendor.resolvelib.structs import DirectedGraph

        self.packages = packages
        self.asked = asked
        self.graph = DirectedGraph()
        self.graph.add(None)
        self.waiting = []
        for name, extras, is_held in asked["roots"]:
            self.need(None, name, extras, is_held)
        self.follow()
        # Those that nobody asks for, as far as is known, are roots as well.
        for name in sorted(packages):
            if name not in self.graph:
                self.need(None, name, (), False)
                self.follow()

    def need(self, parent, name, extras, is_held):
        """`parent` asks for a package with extras. As in pip, one that is held to a version or a
        place is asked for without them, too."""
        from pip._internal.resolution.resolvelib.base import format_name
        from pip._vendor.packaging.utils import canonicalize_name

        name = canonicalize_name(name)
        if self.about(name) is None:
            return
        extras = frozenset(canonicalize_name(extra) for extra in extras)
        for some in {extras, frozenset()} if is_held else {extras}:
            node = format_name(name, some)
            if node not in self.graph:
                self.graph.add(node)
                self.waiting.append((node, name, some))
            self.graph.connect(parent, node)

    def follow(self):
        """Adds what the nodes ask for that are new."""
        while self.waiting:
            node, name, extras = self.waiting.pop()
            about = self.about(name)
            if extras:
                self.need(node, name, (), False)
            elif self.asks_for_python(name, about):
                if self.PYTHON not in self.graph:
                    self.graph.add(self.PYTHON)
                self.graph.connect(node, self.PYTHON)
            for requirement in self.requirements(about, extras):
                is_held = bool(requirement.url or requirement.specifier)
                self.need(node, requirement.name, requirement.extras, is_held)

    def about(self, name):
        """The metadata of a package that is installed, or that the base image has."""
        if name in self.packages or not self.asked["system"]:
            return self.packages.get(name)
        try:
            return metadata.metadata(name)
        except metadata.PackageNotFoundError:
            return None

    def asks_for_python(self, name, about):
        """Whether a package says which Python it needs, and pip looks: not if it is there."""
        from pip._vendor.packaging.specifiers import InvalidSpecifier, SpecifierSet

        try:
            specifier = SpecifierSet(about.get("Requires-Python") or "")
        except InvalidSpecifier:
            return False
        return name in self.packages and str(specifier) != ""

    def requirements(self, about, extras):
        """What a package asks for, with extras: those that it doesn't have are none."""
        from pip._vendor.packaging.requirements import Requirement
        from pip._vendor.packaging.utils import canonicalize_name

        there = {canonicalize_name(extra) for extra in about.get_all("Provides-Extra", [])}
        environments = [{"extra": extra} for extra in extras & there] or [{"extra": ""}]
        if self.asked["machine"]:
            environments = [dict(it, platform_machine=self.asked["machine"]) for it in environments]
        for line in about.get_all("Requires-Dist", []):
            requirement = Requirement(line.strip())
            marker = requirement.marker
            if marker is None or any(marker.evaluate(it) for it in environments):
                yield requirement

    def order(self):
        """The names of the packages, the first first."""
        from pip._internal.resolution.resolvelib.resolver import get_topological_weights

        weights = get_topological_weights(self.graph, set(self.packages))
        return sorted(self.packages, key=lambda name: (weights[name], name), reverse=True)


def about(wheel):
    """The metadata of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        inside = (name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
        return message_from_bytes(archive.read(next(inside)))


def name_of(wheel):
    """The package that a wheel is of, as indexes compare names."""
    return re.sub(r"[-_.]+", "-", os.path.basename(wheel).partition("-")[0]).lower()


def ordered(groups, wheels, pip, asked):
    """The groups, each in pip's order; `wheels` are their files, by what the groups call them."""
    if not groups:
        return []
    packages = {name_of(path): about(path) for path in wheels.values()}
    order = Installing(pip, asked, packages).order()
    return [sorted(group, key=lambda wheel: order.index(name_of(wheels[wheel]))) for group in groups]


def main(out, wheels, pip, asked):
    """Writes what was seen."""
    with open(asked, encoding="utf-8") as file:
        asked = json.load(file)
    owners = {}
    sizes = {}
    places = {}
    for folder, _, files in sorted(os.walk(wheels)):
        for file in sorted(files):
            path = os.path.join(folder, file)
            # What was built is in a folder with the package's name.
            name = file if folder == wheels else os.path.relpath(folder, wheels)
            sizes[name] = os.path.getsize(path)
            places[name] = path
            for owned in set(paths(path)):
                owners.setdefault(owned, []).append(name)
    shared = {path: names for path, names in owners.items() if len(names) > 1}
    groups = ordered(together(shared), places, pip, asked)
    seen = {"sizes": sizes, "together": groups, "paths": dict(sorted(shared.items())[:20])}
    with open(os.path.join(out, "look.json"), "w", encoding="utf-8") as file:
        json.dump(seen, file, indent=1, sort_keys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
