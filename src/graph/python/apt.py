"""Installs Debian packages into the image in which wheels are built.

usage: apt.py SECRETS PACKAGE...
"""

import os
import shutil
import subprocess
import sys


def main(secrets, *packages):
    """Ends with apt's exit code."""
    if shutil.which("apt-get") is None:
        sys.exit("modelcache: the base image has no apt-get; `python.build_packages` are Debian's")
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    options = ["-o", "APT::Keep-Downloaded-Packages=true", "-o", "Dpkg::Use-Pty=0"]
    ca = os.path.join(secrets, "ca-certificates")
    if os.path.exists(ca):
        options += ["-o", f"Acquire::https::CAInfo={ca}"]
    config = os.path.join(secrets, "apt-config")
    if os.path.exists(config):
        options += ["-c", config]
    install = ["install", "--yes", "--quiet", "--no-install-recommends"]
    for command in (["update", "--quiet"], [*install, *packages]):
        code = subprocess.run(["apt-get", *options, *command], env=env, check=False).returncode
        if code:
            sys.exit(code)


if __name__ == "__main__":
    main(*sys.argv[1:])
