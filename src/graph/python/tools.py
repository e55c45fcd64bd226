"""Gets the programs that resolve and build: the resolver uv, and a pip of known age.

usage: tools.py OUT PIP_CACHE SECRETS REQUIREMENTS

They come through the index that the base image's pip uses, by name, version and digest,
so every mirror, proxy and credential of the user's applies to them.
"""

import glob
import os
import sys
import zipfile

import shared


def main(out, cache, secrets, requirements):
    """Leaves `uv` and `pip.whl` in the folder `out`."""
    shared.check_base("pip")
    wheels = os.path.join("/tmp", "tools")
    pip = [sys.executable, "-m", "pip", "--cache-dir", cache, "download", "--quiet", "--no-deps"]
    pip += ["--require-hashes", "--only-binary=:all:", f"--dest={wheels}", f"--requirement={requirements}"]
    shared.run(pip, shared.environment(secrets))
    (wheel,) = glob.glob(os.path.join(wheels, "uv-*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        (member,) = [name for name in archive.namelist() if name.endswith("/scripts/uv")]
        data = archive.read(member)
    write(os.path.join(out, "uv"), data, 0o755)
    (wheel,) = glob.glob(os.path.join(wheels, "pip-*.whl"))
    with open(wheel, "rb") as file:
        write(os.path.join(out, "pip.whl"), file.read(), 0o644)


def write(path, data, mode):
    """Writes a file with its mode."""
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, mode)


if __name__ == "__main__":
    main(*sys.argv[1:])
