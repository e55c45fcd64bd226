"""Makes the bare virtual environment, or warms the interpreter up for the steps after it.

usage: environment.py VENV EPOCH [--system-site-packages]
       environment.py --warm INSTALLER

The second compiles what installing imports, once, on a file system that is no part of the
image: official images have the standard library without bytecode.
"""

import glob
import os
import shutil
import sys


def set_times(top, epoch):
    """Gives everything below `top`, and itself, one time."""
    for folder, folders, names in os.walk(top, topdown=False):
        for name in folders + names:
            os.utime(os.path.join(folder, name), (epoch, epoch), follow_symlinks=False)
    os.utime(top, (epoch, epoch))


def main(target, epoch, *options):
    """Makes the environment without pip: the base image's works on it."""
    import venv

    system = "--system-site-packages" in options
    venv.EnvBuilder(symlinks=True, with_pip=False, system_site_packages=system).create(target)
    if not system:
        add_pip(target)
    set_times(target, int(epoch))


def add_pip(target):
    """Puts the module there that runs the base image's pip."""
    module = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pip.py")
    for site in glob.glob(os.path.join(glob.escape(target), "lib", "python*", "site-packages")):
        shutil.copyfile(module, os.path.join(site, "pip.py"))


def warm(installer):
    """Imports all that installing imports."""
    sys.path.insert(0, installer)
    import importlib

    for module in ("installer", "installer.destinations", "installer.sources", "py_compile"):
        importlib.import_module(module)


if __name__ == "__main__":
    warm(*sys.argv[2:]) if sys.argv[1] == "--warm" else main(*sys.argv[1:])
