"""Makes a virtual environment and fills it with one run of the base image's pip.

usage: single.py VENV PIP_CACHE SECRETS FLAGS ARGUMENT...

Runs in the base image with a read-only root: it writes to VENV, to pip's cache and to /tmp
alone. FLAGS is a sum: 1 to compile modules, 2 to see the packages of the base image.
"""

import os
import sys

import environment
import shared


def main(target, cache, secrets, flags, *arguments):
    """Ends as pip does."""
    shared.check_base("venv", "pip")
    import venv

    system = bool(int(flags) & 2)
    venv.EnvBuilder(symlinks=True, with_pip=False, system_site_packages=system).create(target)
    if not system:
        environment.add_pip(target)
    python = os.path.join(target, "bin", "python3")
    pip = [sys.executable, "-m", "pip", "--python", python, "--cache-dir", cache, "install"]
    if not int(flags) & 1:
        pip.append("--no-compile")
    shared.run([*pip, *arguments], shared.environment(secrets), shared.values(secrets))


if __name__ == "__main__":
    main(*sys.argv[1:])
