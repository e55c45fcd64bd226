"""Makes a virtual environment and fills it with one run of the base image's pip.

usage: install.py VENV PIP_CACHE SECRETS ARGUMENT...

Runs in the base image with a read-only root: it writes to VENV, to pip's cache
and to /tmp alone. Secrets are files that are there or not; none is copied.
"""

import importlib.util
import os
import subprocess
import sys

OLDEST_PYTHON = (3, 9)

# Which environment variables tell pip, and what pip calls, about each secret.
SECRET_VARIABLES = {
    "ca-certificates": ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO"),
    "netrc": ("NETRC",),
    "pip-config": ("PIP_CONFIG_FILE",),
}


def environment(secrets):
    """Returns the environment for pip: ours, and where the secrets are."""
    found = dict(os.environ, HOME="/tmp", PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
    found["PIP_ROOT_USER_ACTION"] = "ignore"
    for name, variables in SECRET_VARIABLES.items():
        path = os.path.join(secrets, name)
        if os.path.exists(path):
            found.update({variable: path for variable in variables})
    return found


def check_base():
    """Ends with one sentence if this Python can't do the work."""
    if sys.version_info < OLDEST_PYTHON:
        version = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"modelcache: the base image has Python {version}; it needs 3.9 or newer")
    for module in ("venv", "pip"):
        if importlib.util.find_spec(module) is None:
            sys.exit(f"modelcache: the base image's Python has no `{module}`; python:3.13-slim has")


def main(target, cache, secrets, *arguments):
    """Returns pip's exit code."""
    check_base()
    import venv

    venv.EnvBuilder(symlinks=True, with_pip=False).create(target)
    python = os.path.join(target, "bin", "python3")
    pip = [sys.executable, "-m", "pip", "--python", python, "--cache-dir", cache, "install"]
    return subprocess.run([*pip, *arguments], env=environment(secrets), check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
