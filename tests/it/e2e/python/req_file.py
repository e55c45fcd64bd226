"""Reads requirements files by pip's own parser, and compares with what we read.

usage: req_file.py FOLDER REPORT

FOLDER has pairs of a file `N.txt` and of `N.json`, what we read: `null` if we refuse it, else a
list of [line number, text, is editable, is include, options], options being [name, value]; and
`N.normal.txt`, what pip would get in its place. REPORT gets the number of files, and what is unlike.
"""

import json
import os
import sys

from pip import __version__
from pip._internal.exceptions import PipError
from pip._internal.req import req_file


def by_pip(path):
    """What pip reads, or None if it refuses the file."""
    parser = req_file.RequirementsFileParser(None, req_file.get_line_parser(None))
    try:
        lines = list(parser._parse_file(path, False))
    except (PipError, UnicodeDecodeError, LookupError):
        return None
    for line in lines:
        # What no constructor takes; the file's parser lets it pass.
        words = line.args.split()
        if any(word.startswith("-") for word in words[1:]) or line.args.endswith("\\"):
            return None
    return [[line.lineno, text(line), told(line, line.opts)] for line in lines]


def text(line):
    """What is asked for, with nothing about how a path is written."""
    return (line.requirement or "").strip().removeprefix("./")


def told(line, options):
    """All that a line's options say, of that which has an effect."""
    said = {name: str(value) for name, value in sorted(vars(options).items())}
    if line is not None and line.requirement is None and (options.requirements or options.constraints):
        name = "requirements" if options.requirements else "constraints"
        return [name, getattr(options, name)[0]]
    return said


def by_us(lines):
    """The same of what we read, by pip's parser of options."""
    if lines is None:
        return None
    found = []
    for number, requirement, editable, include, options in lines:
        words = [f"{name}={value}" if value else name for name, value in options]
        parser = req_file.build_parser()
        defaults = parser.get_default_values()
        defaults.index_url = None
        parsed, _ = parser.parse_args(words, defaults)
        name = "requirements" if include == "--requirement" else "constraints"
        said = [name, requirement] if include else told(None, parsed)
        found.append([number, "" if include else requirement.strip().removeprefix("./"), said])
    return found


def heeded(lines):
    """Without what pip reads and heeds not: of a requirement, options that are not its own, and
    lines that say nothing."""
    if lines is None:
        return None
    nothing = options_alone(told(None, req_file.build_parser().get_default_values()))
    nothing["index_url"] = "None"
    kept = []
    for number, requirement, said in lines:
        if requirement:
            own = ("config_settings",) if said["editables"] != "[]" else ("hashes", "config_settings")
            said = {name: said[name] for name in own}
        elif isinstance(said, dict):
            said = options_alone(said)
        if said != nothing:
            kept.append([number, requirement, said])
    return kept


def options_alone(said):
    """Without options that are for one requirement."""
    return {name: value for name, value in said.items() if name not in ("hashes", "config_settings")}


def main(folder, report):
    """Compares all, twice."""
    os.environ["VERSION"] = "1.0"
    unlike, files, refused = [], 0, 0
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".json"):
            continue
        path = os.path.join(folder, name.removesuffix(".json"))
        with open(f"{path}.json", encoding="utf-8") as file:
            ours = heeded(by_us(json.load(file)))
        pips = heeded(by_pip(f"{path}.txt"))
        files += 1
        refused += pips is None
        with open(f"{path}.txt", "rb") as file:
            content = str(file.read())
        if ours != pips:
            unlike.append([content, f"ours: {ours}", f"pip's: {pips}"])
        elif pips is not None and heeded(by_pip(f"{path}.normal.txt")) != pips:
            unlike.append([content, "what pip would get in its place says something else"])
    with open(report, "w", encoding="utf-8") as file:
        json.dump({"pip": __version__, "files": files, "refused": refused, "unlike": unlike}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
