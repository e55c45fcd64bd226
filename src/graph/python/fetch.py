"""Fetches wheels by their digests, where the daemon itself can't.

usage: fetch.py OUT PIP CACHE SECRETS REQUIREMENTS [OPTION...]

REQUIREMENTS has one line for each wheel: `name==version --hash=sha256:…`.
"""

import sys

import shared


def main(out, pip, cache, secrets, requirements, *options):
    """Leaves the wheels in the folder `out`."""
    command = shared.pip(pip, "--cache-dir", cache, "download", "--quiet", "--no-deps")
    # A page that pip has kept may be older than what the resolver has seen.
    command += ["--require-hashes", "--refresh-package=:all:"]
    command += ["--only-binary=:all:", f"--dest={out}", *options]
    shared.run([*command, f"--requirement={requirements}"], shared.environment(secrets))


if __name__ == "__main__":
    main(*sys.argv[1:])
