"""Looks for what a container starts with, and for what runs that.

usage: modelcache_program.py LOOKUPS FOLDER

Runs in the image's own Python, as the image's user. LOOKUPS is a JSON list of programs, each
with the paths at which it may be. FOLDER gets `report.json`, which says what is wrong, and, if
nothing is, the file `passed`.
"""

import json
import os
import shutil
import sys

HEAD = 256  # as much as Linux reads
DEPTH = 5  # as many scripts as Linux lets run each other


def looked(paths):
    """The path at which a program is, and what is wrong with it."""
    files = [path for path in paths if os.path.isfile(path)]
    if not files:
        return None, {"fault": "missing"}
    usable = [path for path in files if os.access(path, os.X_OK)]
    if not usable:
        return files[0], {"fault": "mode"}
    return usable[0], fault(usable[0], DEPTH)


def fault(path, depth):
    """What is wrong with a file that may be run, if anything is."""
    if not os.access(path, os.R_OK) or depth == 0:
        return None
    with open(path, "rb") as file:
        head = file.read(HEAD)
    if not head.startswith(b"#!"):
        return None if head.startswith(b"\x7fELF") else {"fault": "no program"}
    line = head[2:].split(b"\n", 1)[0].decode("utf-8", "replace")
    words = line.strip(" \t").split()
    interpreter = words[0] if words else ""
    if line.endswith("\r"):
        return {"fault": "interpreter", "interpreter": f"{interpreter}\\r"}
    if not os.access(interpreter, os.X_OK):
        return {"fault": "interpreter", "interpreter": interpreter}
    if os.path.basename(interpreter) == "env":
        names = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
        if names and shutil.which(names[0]) is None:
            return {"fault": "interpreter", "interpreter": names[0]}
        return None
    return fault(interpreter, depth - 1)


def main(lookups, folder):
    """Returns 0; whether nothing is wrong is in FOLDER."""
    with open(lookups, encoding="utf-8") as file:
        lookups = json.load(file)["lookups"]
    failures = []
    for index, lookup in enumerate(lookups):
        path, wrong = looked(lookup["paths"])
        if wrong:
            failures.append({"index": index, "path": path or "", **wrong})
            print(f"{lookup['paths']}: {wrong}", file=sys.stderr)
    with open(os.path.join(folder, "report.json"), "w", encoding="utf-8") as report:
        json.dump({"programs": failures}, report)
    if not failures:
        open(os.path.join(folder, "passed"), "x", encoding="utf-8").close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
