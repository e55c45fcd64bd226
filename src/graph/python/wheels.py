"""Installs wheels into a virtual environment, the same to the bit on every machine.

usage: wheels.py OUT VENV EPOCH BYTECODE INSTALLER WHEEL...

OUT is an empty folder that gets the tree as it will be below the root, so that it is a layer
by itself. INSTALLER is the wheel of the package `installer`, which does the work; a WHEEL is a file or a
folder that holds one. BYTECODE is 1 to compile. What makes two runs equal: wheels in the order
given, one process, bytecode that does not look at its source's time, and one time for all.
"""

import glob
import io
import os
import py_compile
import sys
import sysconfig

SCRIPT = """\
#!{interpreter}
import sys
from {module} import {name}
if __name__ == '__main__':
    sys.argv[0] = sys.argv[0].removesuffix('.exe')
    sys.exit({attr}())
"""


def schemes(target):
    """The folders of a virtual environment at `target`."""
    name = "venv" if "venv" in sysconfig.get_scheme_names() else "posix_prefix"
    return sysconfig.get_paths(name, {key: target for key in ("base", "platbase", "installed_base")})


def install(out, target, wheels):
    """Installs each wheel. The digest of the whole is known: what its own record says of its
    files is not compared, as by pip, and the record in the image is made of what was written."""
    from installer import install as install_wheel
    from installer.destinations import SchemeDictionaryDestination
    from installer.sources import WheelFile

    class Destination(SchemeDictionaryDestination):
        """Writes scripts as pip does: they start without the import of `re`."""

        def write_script(self, name, module, attr, section):
            text = SCRIPT.format(
                interpreter=self.interpreter, module=module, name=attr.split(".")[0], attr=attr
            )
            return self.write_to_fs("scripts", name, io.BytesIO(text.encode()), is_executable=True)

    paths = schemes(target)
    headers = os.path.join(target, "include", "site", f"python{sysconfig.get_python_version()}")
    for wheel in wheels:
        with WheelFile.open(wheel) as source:
            # pip's folder has the name as a requirement has it, which is mostly this.
            name = source.distribution.replace("_", "-").lower()
            folders = dict(paths, headers=os.path.join(headers, name))
            interpreter = os.path.join(target, "bin", "python3")
            destination = Destination(
                folders, interpreter, "posix", destdir=out, overwrite_existing=True
            )
            install_wheel(source, destination, {"INSTALLER": b"modelcache\n"})
    return paths["purelib"]


def compile_all(out, folder):
    """Compiles each file; what is no Python, as templates are not, stays uncompiled. Bytecode
    tells where its source will be."""
    for path, folders, names in os.walk(out + folder):
        folders.sort()
        for name in sorted(names):
            if name.endswith(".py"):
                mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
                file = os.path.join(path, name)
                there = file.removeprefix(out)
                try:
                    py_compile.compile(file, dfile=there, doraise=True, invalidation_mode=mode)
                except py_compile.PyCompileError:
                    continue


def set_times(top, epoch):
    """Gives everything below `top`, and itself, one time."""
    for folder, folders, names in os.walk(top, topdown=False):
        for name in folders + names:
            os.utime(os.path.join(folder, name), (epoch, epoch), follow_symlinks=False)
    os.utime(top, (epoch, epoch))


def only(path):
    """The one wheel in a folder, or the file itself."""
    if not os.path.isdir(path):
        return path
    found = glob.glob(os.path.join(path, "*.whl"))
    if len(found) != 1:
        sys.exit(f"modelcache: expected one wheel of {os.path.basename(path)}, not {len(found)}")
    return found[0]


def main(out, target, epoch, bytecode, installer, *wheels):
    """Installs, compiles, and sets the times."""
    os.umask(0o022)
    sys.path.insert(0, installer)
    site_packages = install(out, target, [only(wheel) for wheel in wheels])
    if bytecode == "1":
        compile_all(out, site_packages)
    set_times(out, int(epoch))


if __name__ == "__main__":
    main(*sys.argv[1:])
