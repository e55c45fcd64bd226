"""Writes what programs in Python answer to odd inputs, for tests/it/oracle.

usage: make.py FOLDER
"""

import json
import os
import sys

import headers
import models
import packages
import patterns
import words


def write(path, vectors):
    """One vector on a line, so that a change shows as one."""
    lines = ",\n".join(json.dumps(vector) for vector in vectors)
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"[\n{lines}\n]\n")
    print(path, len(vectors))


def main(folder):
    write(os.path.join(folder, "patterns.json"), patterns.vectors())
    write(os.path.join(folder, "models.json"), models.vectors())
    write(os.path.join(folder, "words.json"), words.vectors())
    for name, vectors in {**packages.vectors(), **headers.vectors()}.items():
        write(os.path.join(folder, f"{name}.json"), vectors)


if __name__ == "__main__":
    main(sys.argv[1])
