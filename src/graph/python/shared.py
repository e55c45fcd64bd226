"""What every step that may use the network has in common. Imported from beside them."""

import importlib.util
import os
import re
import subprocess
import sys

OLDEST_PYTHON = (3, 9)

# Which environment variables tell pip, uv, and what they call, about each secret.
SECRET_VARIABLES = {
    "ca-certificates": ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO"),
    "netrc": ("NETRC",),
    "pip-config": ("PIP_CONFIG_FILE",),
}


def environment(secrets):
    """Returns the environment for pip and uv: ours, and where the secrets are."""
    found = dict(os.environ, HOME="/tmp", PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
    found.update(PIP_ROOT_USER_ACTION="ignore", PIP_PROGRESS_BAR="off")
    for name, variables in SECRET_VARIABLES.items():
        path = os.path.join(secrets, name)
        if os.path.exists(path):
            found.update({variable: path for variable in variables})
    return dict(found, **values(secrets))


def values(secrets):
    """The secrets that requirements name, by name: pip and uv read them as variables."""
    folder = os.path.join(secrets, "named")
    found = {}
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            found[name] = file.read().rstrip("\r\n")
    return found


def filled(text, named):
    """The text with values in the places of `${NAME}`."""
    return re.sub(r"\$\{([A-Z0-9_]+)\}", lambda it: named.get(it[1], it[0]), text)


def masked(text, named):
    """A line for a log: with the names of secrets in the places of their values."""
    for name, value in named.items():
        text = text.replace(value, f"${{{name}}}") if value else text
    return text


def check_base(*modules):
    """Ends with one sentence if this Python can't do the work."""
    if sys.version_info < OLDEST_PYTHON:
        version = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"modelcache: the base image has Python {version}; it needs 3.9 or newer")
    for module in modules:
        if importlib.util.find_spec(module) is None:
            sys.exit(f"modelcache: the base image's Python has no `{module}`; python:3.13-slim has")


def pip(wheel, *arguments):
    """Returns the command that runs pip out of its wheel, without installing it."""
    code = f"import sys, runpy; sys.path.insert(0, {wheel!r}); runpy.run_module('pip', run_name='__main__')"
    return [sys.executable, "-c", code, *arguments]


def run(command, env, named=None):
    """Runs a command to its end, and ends with its exit code if that is not 0. `named` are
    secrets that it must not tell."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT} if named else {}
    with subprocess.Popen(command, env=env, text=True, errors="replace", **options) as process:
        for line in process.stdout or []:
            print(masked(line, named), end="", file=sys.stderr, flush=True)
    if process.returncode:
        sys.exit(process.returncode)
