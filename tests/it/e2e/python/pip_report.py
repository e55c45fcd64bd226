"""Says what pip would install of each set of requirements, and in which order.

usage: pip_report.py SETS PIP OUT

SETS is a folder of requirements files, and PIP a wheel of pip. OUT gets a JSON file: by set, in
the order of installing, the name of each package and the file that its report names.
"""

import json
import os
import subprocess
import sys


def main(sets, wheel, out):
    """Asks pip about each set, by a process of its own, as its state is."""
    found = {}
    for name in sorted(os.listdir(sets)):
        command = [sys.executable, __file__, os.path.join(sets, name), wheel]
        found[name] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
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


def normalized(name):
    """The name as indexes compare it."""
    from pip._vendor.packaging.utils import canonicalize_name

    return canonicalize_name(name)


if __name__ == "__main__":
    (main if len(sys.argv) == 4 else ask)(*sys.argv[1:])
