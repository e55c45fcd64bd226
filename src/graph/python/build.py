"""Builds one requirement that comes as source into a wheel.

usage: build.py OUT PIP CACHE SECRETS REQUIREMENT [OPTION...]
"""

import glob
import os
import shutil
import sys

import shared


def main(out, pip, cache, secrets, requirement, *options):
    """Leaves one wheel in the folder `out`."""
    env = shared.environment(secrets)
    # Builds write to their project's folder; this one is the build context, and read-only.
    copy = os.path.join(out, "project")
    if os.path.isdir(requirement):
        shutil.copytree(requirement, copy, symlinks=True)
        requirement = copy
    # What builds is told the time, so that it need not ask for it.
    env.setdefault("SOURCE_DATE_EPOCH", "315532800")
    command = shared.pip(pip, "--cache-dir", cache, "wheel", "--no-deps", f"--wheel-dir={out}")
    named = shared.values(secrets)
    shared.run([*command, *options, shared.filled(requirement, named)], env, named)
    shutil.rmtree(copy, ignore_errors=True)
    if len(glob.glob(os.path.join(out, "*.whl"))) != 1:
        sys.exit(f"modelcache: {requirement} was not built to one wheel")


if __name__ == "__main__":
    main(*sys.argv[1:])
