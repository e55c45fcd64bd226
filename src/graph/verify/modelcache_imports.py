"""Proves that the packages that were asked for can be imported in a finished image.

usage: modelcache_imports.py PACKAGES FOLDER

Runs in the image's own Python, as the image's user, without network, on a read-only
root. PACKAGES is a JSON list of names. FOLDER gets `report.json`, which says what is
wrong, and, if nothing is, the file `passed`.

All are imported in one process, as an application does. What fails there is imported
once more in a process of its own, and is to blame only if it fails there, too. A process
that ends is to blame the module that it was at; a new one goes on with the rest.

What is wrong follows from what the image holds, so it is a result: exit code 0, and the
builder remembers it. What was killed, or took too long, has no result: the exit code is
100 and the package's place in the list, and the next build tries again.
"""

import errno
import faulthandler
import importlib
import importlib.metadata
import json
import os
import re
import signal
import sys
import tempfile
import time
import traceback

# The image's libraries look for their modules in places of their own alone.
sys.path.pop(0)

TIME_LIMIT = 600  # seconds, for all packages
TAIL = 12  # lines of a library's message
NO_RESULT = 100
LAST_PLACE = 25
SCARCE = (errno.ENOMEM, errno.ENOSPC, errno.EDQUOT)
# Signals that tell of the machine, and not of the image.
OF_MACHINE = (signal.SIGKILL, signal.SIGTERM, signal.SIGILL, signal.SIGBUS)
# What a build has none of, as libraries say it. The libraries of CUDA are no such thing:
# `libcudart` and `libcublas` come with packages, and only the driver's with the machine.
LACKING = (
    ("a graphics card", r"lib(cuda|nvcuvid|nvidia-[a-z]+|amdhip64|hsa-runtime64|ze_loader)\.so"),
    (
        "a graphics card",
        r"(?i)\bno (cuda|nvidia|amd|gpu|hip|xpu)\b.{0,40}\b(device|driver|gpu|found|detected|available)",
    ),
    ("a graphics card", r"(?i)\b(cuda|nvidia|rocm)\b.{0,20} driver\b"),
    (
        "a graphics card",
        r"CUDA_ERROR_NO_DEVICE|cudaErrorNoDevice|cudaErrorInsufficientDriver|hipErrorNoDevice",
    ),
    ("a display", r"\bDISPLAY\b|(?i:can(not|'t) (open|connect to) (the )?(X |x11|display))"),
    ("a display", r"(?i)could not connect to display"),
)
# Folders that are in wheels by mistake, and are not what anybody imports.
BYSTANDERS = {"test", "tests", "testing", "doc", "docs", "example", "examples"}
BYSTANDERS |= {"benchmark", "benchmarks", "scripts", "bin", "tools"}
ENDINGS = (".py", ".so")


def normalized(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def distributions():
    """What is installed, by normalized name; of several, what is found first is in use."""
    found = {}
    for distribution in importlib.metadata.distributions():
        name = distribution.metadata["Name"]
        if name:
            found.setdefault(normalized(name), distribution)
    return found


def modules(distribution):
    """The modules that a distribution has at its top.

    Folders without `__init__` may be anything, data and namespaces too: the packages and
    modules in them count only where there is nothing else.
    """
    if distribution.files is None:  # as Debian's
        lines = (distribution.read_text("top_level.txt") or "").split()
        return sorted(name for name in lines if name.isidentifier() and not name.startswith("_"))
    parts = [file.parts for file in distribution.files if file.suffix in ENDINGS]
    named = {(*path[:-1], path[-1].split(".")[0]) for path in parts if ".." not in path}
    named = {path for path in named if all(part.isidentifier() for part in path)}
    packages = {path[:-1] for path in named if path[-1] == "__init__" and len(path) > 1}
    found = sorted({path[0] for path in packages | named if len(path) == 1})
    # Private modules are imported by public ones, if they are meant to be.
    public = [name for name in found if not name.startswith("_") and name != "setup"]
    usual = [name for name in public if name not in BYSTANDERS]
    if public or found:
        return usual or public or found
    return sorted(".".join(path) for path in shallowest(packages) if path[0] not in BYSTANDERS)


def shallowest(packages):
    """Those packages that are in no other."""
    return [path for path in packages if not any(path[:end] in packages for end in range(1, len(path)))]


def wanted(names):
    """Pairs of a package's place in the list and a module of it."""
    installed = distributions()
    found = []
    for index, name in enumerate(names["packages"]):
        if normalized(name) in installed:
            found += [(index, module) for module in modules(installed[normalized(name)])]
        elif names["modules"]:
            found.append((index, name))
    return found


def words(error):
    """What an error and those that led to it say."""
    said = []
    while error is not None and len(said) < 10:
        said.append(f"{type(error).__name__}: {error}")
        error = error.__cause__ or error.__context__
    return "\n".join(said)


def lacking(said):
    """What a build lacks, if an import failed for it."""
    return next((what for what, pattern in LACKING if re.search(pattern, said)), None)


def is_machinery(line):
    """Whether a frame is Python's own way to a module, or ours."""
    return any(path in line for path in ("<frozen importlib", "importlib/__init__.py", __file__))


def told(error):
    """An error in its own words: the first line, and where it came from."""
    lines = str(error).strip().splitlines() or ["no message"]
    trace = traceback.TracebackException.from_exception(error)
    frames = [frame for frame in trace.stack if not is_machinery(frame.filename)]
    where = "".join(traceback.format_list(frames[-3:])).splitlines()
    rest = [line.rstrip() for line in [*where, *lines[1:]] if line.strip()]
    return {"message": f"{type(error).__name__}: {lines[0]}", "detail": rest[-TAIL:]}


def is_scarcity(error):
    """Whether the machine, and not the image, is to blame."""
    scarce = isinstance(error, OSError) and error.errno in SCARCE
    return scarce or isinstance(error, MemoryError) or "Cannot allocate memory" in str(error)


def work(modules, results):
    """Imports in this process; a line before each, and one after it."""
    faulthandler.enable()
    sys.stdout.reconfigure(line_buffering=True)
    for module in modules:
        os.write(results, f"{json.dumps({'at': module})}\n".encode())
        try:
            importlib.import_module(module)
            result = {"done": module}
        except BaseException as error:  # libraries exit, too
            if is_scarcity(error):
                traceback.print_exc()
                os.kill(os.getpid(), signal.SIGKILL)
            result = {"done": module, **told(error), "lacking": lacking(words(error))}
            if isinstance(error, ModuleNotFoundError) and error.name:
                result["missing"] = error.name.partition(".")[0]
        os.write(results, f"{json.dumps(result)}\n".encode())


class Child:
    """A process that imports modules, and what came of it."""

    def __init__(self, modules, seconds):
        reader, results = os.pipe()
        self.output = tempfile.TemporaryFile()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            try:
                os.close(reader)
                os.dup2(self.output.fileno(), 1)
                os.dup2(self.output.fileno(), 2)
                work(modules, results)
                sys.stdout.flush()
                sys.stderr.flush()
            finally:
                # Libraries leave threads behind, whose end is not ours to wait for.
                os._exit(0)
        os.close(results)
        signal.signal(signal.SIGALRM, lambda *_: os.kill(pid, signal.SIGKILL))
        signal.alarm(max(1, int(seconds)))
        # What a library has started keeps the pipe open: the process itself is waited for.
        lines, self.at, self.results = self.lines(reader, pid), None, {}
        for line in lines:
            if "at" in line:
                self.at = line["at"]
            else:
                self.results[line["done"]] = line
                self.at = None

    def lines(self, reader, pid):
        data = b""
        os.set_blocking(reader, False)
        self.status = None
        while self.status is None:
            done, status = os.waitpid(pid, os.WNOHANG)
            self.status = status if done else None
            data += drained(reader)
            if self.status is None:
                time.sleep(0.01)
        signal.alarm(0)
        data += drained(reader)
        os.close(reader)
        return [json.loads(line) for line in data.splitlines()]

    def crash(self, module):
        """How the process ended while it was at `module`."""
        tail = [line for line in self.said().splitlines() if line.strip() and not is_machinery(line)][-TAIL:]
        code = os.WTERMSIG(self.status) if os.WIFSIGNALED(self.status) else None
        how = f"signal {code} ({signal.Signals(code).name})" if code else f"exit code {self.status >> 8}"
        message = f"the process ended with {how}"
        return {"done": module, "message": message, "detail": tail, "lacking": lacking("\n".join(tail))}

    def is_of_machine(self):
        return os.WIFSIGNALED(self.status) and os.WTERMSIG(self.status) in OF_MACHINE

    def said(self):
        self.output.seek(0)
        return self.output.read().decode("utf-8", "replace")


def drained(reader):
    data = b""
    while True:
        try:
            piece = os.read(reader, 1 << 16)
        except BlockingIOError:
            return data
        if not piece:
            return data
        data += piece


def is_of_an_extra(module, package, results):
    """Whether a module that lacks another package's is for an extra: it stands beside the one of
    its package's name, and that works, as `blackd` beside `black`."""
    missing = results[module].get("missing")
    own = next((it for it in results if normalized(it) == normalized(package)), module)
    return missing is not None and own != module and "message" not in results[own]


class NoResult(Exception):
    """The machine gave out at a module."""


def attempt(modules, deadline):
    """What came of each module, in as few processes as can be."""
    results, rest = {}, list(modules)
    while rest:
        child = Child(rest, deadline - time.monotonic())
        results.update(child.results)
        # A process that got nowhere is to blame its first module.
        at = child.at or (None if child.results else rest[0])
        if at is not None:
            if child.is_of_machine():
                sys.stderr.write(child.said())
                raise NoResult(at)
            results[at] = child.crash(at)
        rest = [module for module in rest if module not in results]
    return results


def main(packages, folder):
    began = time.monotonic()
    with open(packages, encoding="utf-8") as file:
        names = json.load(file)
    pairs = wanted(names)
    place = {module: index for index, module in reversed(pairs)}
    modules = list(dict.fromkeys(module for _, module in pairs))
    deadline = began + TIME_LIMIT
    try:
        results = attempt(modules, deadline)
        for module in [module for module, result in results.items() if "message" in result]:
            results.update(attempt([module], deadline))
    except NoResult as error:
        module = error.args[0]
        print(f"{module}: killed after {time.monotonic() - began:.0f} s", file=sys.stderr)
        return NO_RESULT + min(place[module], LAST_PLACE)
    failures = []
    for module in modules:
        result = results[module]
        if "message" not in result:
            continue
        package = names["packages"][place[module]]
        if result["lacking"]:
            why = f"needs {result['lacking']}, which a build has none of: {result['message']}"
            print(f"warning: `import {module}` {why}", file=sys.stderr)
            continue
        if not names["modules"] and is_of_an_extra(module, package, results):
            why = f"needs {result['missing']}, which nothing here asks for: {result['message']}"
            print(f"warning: `import {module}` {why}", file=sys.stderr)
            continue
        print(f"{module}: {result['message']}", *result["detail"], sep="\n  ", file=sys.stderr)
        failures.append({"package": package, "module": module})
        failures[-1].update(message=result["message"], detail=result["detail"])
    print(f"{', '.join(modules) or 'nothing to import'} ({time.monotonic() - began:.1f} s)")
    with open(os.path.join(folder, "report.json"), "w", encoding="utf-8") as report:
        json.dump({"imports": failures}, report)
    if not failures:
        open(os.path.join(folder, "passed"), "x", encoding="utf-8").close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
