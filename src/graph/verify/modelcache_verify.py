"""Proves that the models of a finished image load offline, as the image's user.

usage: modelcache_verify.py MODELS FOLDER

Runs in the image's own Python, without network, on a read-only root. MODELS is a
JSON file that says what should be there. FOLDER gets `report.json`, which says what
is wrong, and, if nothing is, the file `passed`.

What is wrong follows from what the image holds, so it is a result: exit code 0, and
the builder remembers it. A process that was killed, or took too long, has no result:
the exit code is 100 and the model's place in the list, and the next build tries again.
"""

import errno
import json
import os
import signal
import sys
import time
import traceback

import modelcache_assets
import modelcache_files
import modelcache_libraries

# The image's libraries look for their modules in places of their own alone.
sys.path.pop(0)

TIME_LIMIT = 600  # seconds, for all models
TAIL = 12  # lines of a library's message
NO_RESULT = 100
LAST_PLACE = 25
SCARCE = (errno.ENOMEM, errno.ENOSPC, errno.EDQUOT)

STEPS = {
    "files": modelcache_files.check,
    "hub": modelcache_libraries.hub,
    "load": modelcache_libraries.load,
}
ASSET_STEPS = {"read": modelcache_assets.check}


def failure(message):
    """A failure in the words of `message`: its first line, and the end of the rest."""
    lines = [line.rstrip() for line in message.splitlines() if line.strip()] or ["no message"]
    return {"message": lines[0], "detail": lines[1:][-TAIL:]}


def is_scarcity(error):
    """Whether the machine, and not the image, is to blame."""
    words = ("out of memory", "can't allocate memory", "Cannot allocate memory")
    scarce = isinstance(error, OSError) and error.errno in SCARCE
    return scarce or isinstance(error, MemoryError) or any(word in str(error) for word in words)


def attempt(step, model, listing):
    """Returns what the step found out, and its failures."""
    try:
        return step(model, listing), []
    except modelcache_files.Wrong as wrong:
        print(*(f"{model['id']}: {problem}" for problem in wrong.problems), sep="\n", file=sys.stderr)
        return [], [failure(problem) for problem in wrong.problems]
    except BaseException as error:  # libraries exit, too
        traceback.print_exc(limit=-3)
        if is_scarcity(error):
            os._exit(1)
        return [], [failure(f"{type(error).__name__}: {error}")]


def verify(model, listing, steps):
    """Goes through the steps until one fails, and returns its failures."""
    began = time.monotonic()
    facts = []
    for name, step in steps.items():
        found, failures = attempt(step, model, listing)
        if failures:
            return [{"model": model["id"], "step": name, **each} for each in failures]
        facts += found
    print(f"{model['id']}: {', '.join(facts)} ({time.monotonic() - began:.1f} s)")
    return []


def subjects(listing):
    """All that is proven, in order: models, and other files."""
    models = [(model, STEPS) for model in listing["models"]]
    return models + [(asset, ASSET_STEPS) for asset in listing["assets"]]


def work(listing, folder, place):
    failures = []
    for index, (model, steps) in enumerate(subjects(listing)):
        os.write(place, bytes([min(index, LAST_PLACE)]))
        failures += verify(model, listing, steps)
        sys.stdout.flush()
        sys.stderr.flush()
    with open(os.path.join(folder, "report.json"), "w", encoding="utf-8") as report:
        json.dump({"failures": failures}, report)
    if not failures:
        open(os.path.join(folder, "passed"), "x", encoding="utf-8").close()


def main(models, folder):
    with open(models, encoding="utf-8") as file:
        listing = json.load(file)
    places, place = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            work(listing, folder, place)
        finally:
            # Libraries leave threads behind, whose end is not ours to wait for.
            os._exit(1 if sys.exc_info()[0] else 0)
    os.close(place)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.alarm(TIME_LIMIT)
    began = time.monotonic()
    _, status = os.waitpid(child, 0)
    if status == 0:
        return 0
    index = os.read(places, 1 << 16)[-1]
    seconds = time.monotonic() - began
    how = f"signal {status & 127}" if status & 127 else f"exit code {status >> 8}"
    print(f"{subjects(listing)[index][0]['id']}: {how} after {seconds:.0f} s", file=sys.stderr)
    return NO_RESULT + index


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
