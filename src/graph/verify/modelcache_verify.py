"""Proves that the models of a finished image load offline, as the image's user.

usage: modelcache_verify.py MODELS REPORT

Runs in the image's own Python, without network, on a read-only root. MODELS is a
JSON file that says what should be there. What fails is printed, and written to the
JSON file REPORT for the frontend: `failures`, and `running`, which is left there
if a library takes the process down with it.
"""

import json
import os
import sys
import threading
import time
import traceback

import modelcache_files
import modelcache_libraries

# The image's libraries look for their modules in places of their own alone.
sys.path.pop(0)

TIME_LIMIT = 600  # seconds
TAIL = 12  # lines of a library's message

STEPS = {"files": modelcache_files.check, "hub": modelcache_libraries.hub}
STEPS["load"] = modelcache_libraries.load


class Report:
    """What failed so far; always on disk, since the process may end at any time."""

    def __init__(self, path):
        self.path = path
        self.failures = []
        self.running = None
        self.lock = threading.Lock()

    def begin(self, model, step):
        with self.lock:
            self.running = {"model": model, "step": step}
            self.write()

    def end(self, failures):
        with self.lock:
            self.failures += [{**self.running, **failure} for failure in failures]
            self.running = None
            self.write()

    def write(self):
        with open(self.path, "w", encoding="utf-8") as file:
            json.dump({"failures": self.failures, "running": self.running}, file)


def failure(message):
    """A failure in the words of `message`: its first line, and the end of the rest."""
    lines = [line.rstrip() for line in message.splitlines() if line.strip()] or ["no message"]
    return {"message": lines[0], "detail": lines[1:][-TAIL:]}


def attempt(step, model, listing):
    """Returns what the step found out, and its failures."""
    try:
        return step(model, listing), []
    except modelcache_files.Wrong as wrong:
        return None, [failure(problem) for problem in wrong.problems]
    except BaseException as error:  # libraries exit, too
        traceback.print_exc()
        return None, [failure(f"{type(error).__name__}: {error}")]


def verify(model, listing, report):
    """Goes through the steps until one fails. Returns whether none did."""
    began = time.monotonic()
    facts = []
    for name, step in STEPS.items():
        report.begin(model["id"], name)
        found, failures = attempt(step, model, listing)
        report.end(failures)
        for each in failures:
            print(f"{model['id']}: {each['message']}", *each["detail"], sep="\n  ", file=sys.stderr)
        if failures:
            return False
        facts += found
    seconds = time.monotonic() - began
    print(f"{model['id']}: {', '.join(facts)} ({seconds:.1f} s)", flush=True)
    return True


def give_up(report):
    report.end([failure(f"no end after {TIME_LIMIT} seconds")])
    os._exit(1)


def main(models, path):
    with open(models, encoding="utf-8") as file:
        listing = json.load(file)
    report = Report(path)
    timer = threading.Timer(TIME_LIMIT, give_up, [report])
    timer.daemon = True
    timer.start()
    passed = [verify(model, listing, report) for model in listing["models"]]
    sys.stdout.flush()
    sys.stderr.flush()
    # Libraries leave threads behind, whose end is not ours to wait for.
    os._exit(0 if all(passed) else 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
