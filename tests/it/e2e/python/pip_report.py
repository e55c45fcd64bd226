"""Says what pip would install of each set of requirements, and in which order.

usage: pip_report.py SETS PIP PROGRAMS OUT

SETS is a folder of requirements files (and `held`, of constraints), PIP a wheel of pip, and PROGRAMS
our programs. OUT gets a JSON file: by set, in pip's order of installing, the name of each package and
the file that its report names; and the names in the order that our programs find.
"""

import json
import os
import subprocess
import sys


def main(sets, wheel, programs, out):
    """Asks pip about each set, by a process of its own, as its state is."""
    found = {}
    for name in sorted(set(os.listdir(sets)) - {"held"}):
        command = [sys.executable, __file__, os.path.join(sets, name), wheel]
        pips, ours = (
            json.loads(subprocess.run(it, stdout=subprocess.PIPE, check=True).stdout)
            for it in (command, [*command, programs])
        )
        found[name] = {"pips": pips, "ours": ours}
    with open(out, "w", encoding="utf-8") as file:
        json.dump(found, file)


def ask(requirements, wheel):
    """Runs `pip install --dry-run --report`. The report is not in the order of installing, which
    a dry run never comes to: it is had from the same method that the command would call."""
    sys.path.insert(0, wheel)
    from pip._internal.cli.main import main as pip
    from pip._internal.resolution.resolvelib.resolver import Resolver

    order = []
    resolve = Resolver.resolve

    def resolved(self, *arguments, **options):
        found = resolve(self, *arguments, **options)
        order.extend(package.name for package in self.get_installation_order(found))
        return found

    Resolver.resolve = resolved
    command = ["install", "--quiet", "--dry-run", "--ignore-installed", "--report=/tmp/report.json"]
    if pip([*command, f"--requirement={requirements}"]):
        sys.exit(1)
    with open("/tmp/report.json", encoding="utf-8") as file:
        installed = json.load(file)["install"]
    urls = {package["metadata"]["name"]: package["download_info"]["url"] for package in installed}
    assert len(urls) == len(order) == len(installed), (urls, order)
    files = {normalized(name): url.rpartition("/")[2] for name, url in urls.items()}
    print(json.dumps([[normalized(name), files[normalized(name)]] for name in order]))


def ours(requirements, wheel, programs):
    """Has our programs say the order, of the wheels that pip fetches."""
    fetch = "import sys, runpy; sys.path.insert(0, sys.argv.pop(1))"
    fetch += "; runpy.run_module('pip', run_name='__main__')"
    folder = os.path.join("/tmp", os.path.basename(requirements))
    command = [sys.executable, "-c", fetch, wheel, "download", "--quiet"]
    subprocess.run([*command, f"--dest={folder}", f"--requirement={requirements}"], check=True)
    sys.path[:0] = [wheel, programs]
    import look
    import resolve

    question = {"machine": None, "extras": [], "groups": []}
    asked = {"roots": resolve.roots([requirements], question), "machine": None, "system": False}
    wheels = [os.path.join(folder, name) for name in os.listdir(folder)]
    packages = {look.name_of(path): look.about(path) for path in wheels}
    print(json.dumps(look.Installing(wheel, asked, packages).order()))


def normalized(name):
    """The name as indexes compare it."""
    from pip._vendor.packaging.utils import canonicalize_name

    return canonicalize_name(name)


if __name__ == "__main__":
    {3: ask, 4: ours, 5: main}[len(sys.argv)](*sys.argv[1:])
