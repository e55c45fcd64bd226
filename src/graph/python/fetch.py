"""Fetches wheels by their digests, where the daemon itself can't.

usage: fetch.py OUT PIP CACHE SECRETS REQUIREMENTS LINKS [OPTION...]

REQUIREMENTS has one line for each wheel: `name==version --hash=sha256:…`. LINKS is a page with
where each was found.
"""

import html
import sys

import shared


def main(out, pip, cache, secrets, requirements, links, *options):
    """Leaves the wheels in the folder `out`."""
    command = shared.pip(pip, "--cache-dir", cache, "download", "--quiet", "--no-deps")
    # A page that pip has kept may be older than what the resolver has seen.
    command += ["--require-hashes", "--refresh-package=:all:"]
    named = shared.values(secrets)
    with open(links, encoding="utf-8") as file:
        page = shared.filled(file.read(), {name: html.escape(it) for name, it in named.items()})
    with open("/tmp/links.html", "w", encoding="utf-8") as file:
        file.write(page)
    command += ["--only-binary=:all:", f"--dest={out}", "--find-links=/tmp/links.html", *options]
    shared.run([*command, f"--requirement={requirements}"], shared.environment(secrets), named)


if __name__ == "__main__":
    main(*sys.argv[1:])
