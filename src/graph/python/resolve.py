"""Resolves requirements to wheels for one platform, by uv, and says what was found.

usage: resolve.py OUT TOOLS CACHE SECRETS REQUIREMENTS QUESTION [REPORT]

QUESTION is a JSON file (`plan::python::question`). OUT gets one file, `answer.json`
(`frontend::resolve::python::Answer`). With REPORT a failure is written there as well, and is
no failure: of a process that failed, nobody can read what it left.
"""

import ast
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from importlib import metadata

import hidden
import shared

# The installer of all wheels; it is asked for by name so that any index can be the one.
INSTALLER = "installer==1.1.0"

# What a uv.lock stands for.
EXPORTED = "/tmp/uv-lock.txt"

# A file in a lock that uv wrote: all up to its digests, its URL, and those.
FILE = re.compile(r'(\burl = "([^"]+)"[^{}]*?\bhashes = \{)([^{}]*)\}')

# uv knows these glibc platforms (`uv pip compile --help`): of 2.31 and newer every one.
GLIBC = (17, 28, *range(31, 41))


def main(out, tools, cache, secrets, requirements, question, *report):
    """Writes the answer, or ends with uv's own words."""
    shared.check_base("pip")
    with open(question, encoding="utf-8") as file:
        question = json.load(file)
    # Requirements files name paths, and are named in messages, from the build context. Telling
    # the metadata of a project may write to its folder, so it is a copy.
    work = os.path.join(out, "requirements")
    if os.path.isdir(requirements):
        shutil.copytree(requirements, work, symlinks=True)
    else:
        os.mkdir(work)
    os.chdir(work)
    env = dict(shared.environment(secrets), UV_PYTHON_DOWNLOADS="never", UV_CACHE_DIR=cache)
    named = shared.values(secrets)
    report = (report[0] if report else None, named)
    secret = hidden.Hidden(named, question.get("credentials", []))
    for words in secret.too_short():
        print(words, file=sys.stderr)
        give_up(words, report)
    settings = pip_settings(env)
    uv = [os.path.join(tools, "uv"), "pip", "compile", "--no-config", "--no-progress"]
    uv += ["--color=never", *indexes(settings), *target(question)]
    options = chosen(question, settings)
    sources = files(uv[0], env, question, report)
    if question["system_site_packages"]:
        answer = beside_system(tools, cache, env, sources, question, report)
    else:
        annotated = compile_(uv, env, [*options, "--no-header", *sources], question, report)
        answer = {
            "annotated": annotated,
            "exported": read(EXPORTED),
            "pylock": pylock(uv, env, [*options, "--no-header"], sources, annotated, report),
        }
    os.makedirs("/tmp/installer", exist_ok=True)
    write("/tmp/installer/in.txt", INSTALLER + "\n")
    alone = ["--no-deps", "--only-binary=:all:", "/tmp/installer/in.txt"]
    answer["installer"] = pylock(uv, env, [], alone, None, report)
    answer["interpreter"] = interpreter()
    # That pip needs Python 3.10, as do the layers that its words are for.
    if sys.version_info >= (3, 10):
        sys.path.insert(0, os.path.join(tools, "pip.whl"))
        answer.update(tags=tags(question), roots=roots(sources, question))
    add_digests(answer, [*uv, *hosts(question), *refresh(question)], env, report)
    # An index with credentials in its URL may give them on to its files' URLs, and what a
    # step leaves can be exported with a cache.
    write(os.path.join(out, "answer.json"), json.dumps(secret.hide(answer), indent=1))
    shutil.rmtree(work)


def bare(text):
    """The text without users and passwords in URLs; `git@` is none."""
    return re.sub(r"://(?!git@)[^/\s\"'@]*@", "://", text)


def interpreter():
    """What the wheels are for, and who will run them."""
    return {
        "path": sys.executable,
        "version": platform.python_version(),
        "implementation": sys.implementation.name,
        "libc": " ".join(libc()).strip(),
        "machine": platform.machine(),
    }


def libc():
    """Name and version. Of musl, Python tells nothing, or what depends on who compiled it."""
    name, version = platform.libc_ver()
    return (name, version) if name == "glibc" else ("musl", "")


def target(question):
    """Which machine to resolve for: this one, or another with the same Python and libc."""
    machine = question["machine"]
    if machine in (None, platform.machine()):
        return [f"--python={sys.executable}"]
    name, version = libc()
    if name == "musl":
        triple = f"{machine}-unknown-linux-musl"
    else:
        minor = int(version.split(".")[1])
        triple = f"{machine}-manylinux_2_{max(known for known in GLIBC if known <= minor)}"
    return [f"--python={sys.executable}", f"--python-platform={triple}"]


def tags(question):
    """The tags of the wheels that this Python takes, or would on the other machine, in pip's
    order: the best first."""
    from pip._internal.utils.compatibility_tags import get_supported

    machine = question["machine"]
    is_own = machine in (None, platform.machine())
    return [str(tag) for tag in get_supported(platforms=None if is_own else platforms(machine))]


def platforms(machine):
    """The platforms of a machine that has this one's C library, as `packaging` ranks them."""
    from pip._vendor.packaging import _manylinux, _musllinux

    known = (*_manylinux.platform_tags([machine]), *_musllinux.platform_tags([machine]))
    return [*known, f"linux_{machine}"]


def roots(sources, question):
    """What the files themselves ask for, as pip reads them: the name of each, or its place in
    the context, its extras, and whether it has more to say than those. What has only a URL is
    left out, as a URL may hold credentials. Files that pip can't read, as uv can, have nothing
    to be equal to."""
    from pip._internal.exceptions import PipError
    from pip._internal.req.constructors import install_req_from_parsed_requirement
    from pip._internal.req.req_file import parse_requirements

    environment = {"extra": ""}
    if question["machine"]:
        environment["platform_machine"] = question["machine"]
    found = []
    try:
        for source in sources:
            if os.path.basename(source) == "pyproject.toml":
                source = project_roots(source, question)
            # Without a session: a file at a URL is not read, which is an AttributeError.
            for line in parse_requirements(source, session=None):
                asked = install_req_from_parsed_requirement(line)
                if line.constraint or asked.markers and not asked.markers.evaluate(environment):
                    continue
                is_held = bool(asked.link or asked.req.specifier)
                if asked.name or asked.link.is_file:
                    found.append([asked.name or asked.link.url, sorted(asked.extras), is_held])
    except (PipError, AttributeError):
        return []
    return found


def project_roots(path, question):
    """What a project asks for, with its groups, as a requirements file."""
    from pip._internal.req.req_dependency_group import parse_dependency_groups
    from pip._internal.utils.compat import tomllib

    with open(path, "rb") as file:
        lines = dependencies(tomllib.load(file), question)
    lines += parse_dependency_groups([(path, name) for name in question["groups"]])
    write("/tmp/roots.txt", "".join(f"{line}\n" for line in lines))
    return "/tmp/roots.txt"


def pip_settings(env):
    """What pip has been told: by files of the base image, a secret file, the environment."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    found = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    settings = {}
    for line in found.stdout.splitlines():
        name, _, value = line.partition("=")
        section, _, key = name.rpartition(".")
        # pip applies the files' [global], then [install] or [download], then the environment.
        rank = {"global": 0, "download": 1, "install": 1, ":env:": 2}.get(section)
        if rank is not None:
            settings.setdefault(key.replace("_", "-"), []).append((rank, ast.literal_eval(value)))
    return {key: max(values)[1] for key, values in settings.items()}


def indexes(settings):
    """uv's names for pip's settings. As with pip, the best version of all indexes wins."""
    found = ["--index-strategy=unsafe-best-match"]
    if settings.get("index-url"):
        found.append(f"--default-index={settings['index-url']}")
    found += [f"--index={url}" for url in settings.get("extra-index-url", "").split()]
    found += [f"--find-links={place}" for place in settings.get("find-links", "").split()]
    found += [f"--allow-insecure-host={host}" for host in settings.get("trusted-host", "").split()]
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        found.append("--no-index")
    return found


def chosen(question, settings):
    """The options that pip would take from requirements files or its settings, and ours."""
    found = []
    if question["pre"] or settings.get("pre", "").lower() in ("1", "true", "yes", "on"):
        found.append("--prerelease=allow")
    if question["torch"]:
        found.append(f"--torch-backend={question['torch']}")
    for key in ("no-binary", "only-binary"):
        found += [f"--{key}={name}" for name in settings.get(key, "").replace(",", " ").split()]
    return found + hosts(question) + of_project(question)


def hosts(question):
    """The hosts that need no valid certificate."""
    return [f"--allow-insecure-host={host}" for host in question["trusted_hosts"]]


def refresh(question):
    """Whether the index is asked, whatever uv remembers."""
    return ["--refresh"] if question["refresh"] else []


def of_project(question):
    """The extras and groups to compile; those of a uv.lock are chosen as it is exported."""
    named = {os.path.basename(name): name for name in question["files"]}
    if "uv.lock" in named and "pyproject.toml" not in named:
        return []
    extras = [f"--extra={name}" for name in question["extras"]]
    project = named.get("pyproject.toml", "pyproject.toml")
    return extras + [f"--group={project}:{name}" for name in question["groups"]]


def files(uv, env, question, report):
    """The files to compile: those of the user, and one of what the manifest itself names."""
    found = []
    for name in question["files"]:
        if os.path.basename(name) == "uv.lock":
            found.append(exported(uv, env, os.path.dirname(name) or ".", question, report))
        else:
            found.append(name)
    if question["packages"]:
        write("/tmp/packages.txt", "".join(f"{package}\n" for package in question["packages"]))
        found.append("/tmp/packages.txt")
    return found


def exported(uv, env, project, question, report):
    """A uv.lock as the requirements that it stands for, digests and all."""
    command = [uv, "export", "--no-config", "--no-progress", "--color=never", "--frozen"]
    command += [f"--project={project}", "--format=requirements.txt", "--no-emit-project"]
    command += ["--no-header", "--no-annotate", "--no-dev"]
    command += [f"--extra={name}" for name in question["extras"]]
    command += [f"--group={name}" for name in question["groups"]]
    def below(line):
        # uv names projects from its own, and reads them from where it runs.
        return f"{line[1] or ''}./{os.path.normpath(os.path.join(project, line[2]))}"

    write(EXPORTED, re.sub(r"^(-e )?(\.[^\s;]*)", below, ask(command, env, report), flags=re.MULTILINE))
    return EXPORTED


def compile_(uv, env, arguments, question, report):
    """The versions, with the reason for each. What was locked stays, where it still fits."""
    path = "/tmp/annotated.txt"
    write(path, "".join(f"{pin}\n" for pin in question["previous"]))
    ask([*uv, *arguments, *refresh(question), "--quiet", f"--output-file={path}"], env, report)
    with open(path, encoding="utf-8") as file:
        return file.read()


def pylock(uv, env, options, sources, pins, report):
    """The files of those versions."""
    # Here, so that projects are named from here.
    path = "pylock.modelcache.toml"
    command = [*uv, *options, "--quiet", "--format=pylock.toml", f"--output-file={path}"]
    if pins is not None:
        write("/tmp/pins.txt", "".join(f"{pin}\n" for pin in exact(pins)))
        command.append("--constraint=/tmp/pins.txt")
    if os.path.exists(path):
        os.remove(path)
    ask([*command, *sources], env, report)
    with open(path, encoding="utf-8") as file:
        return file.read()


def add_digests(answer, uv, env, report):
    """A sha256 for every file. Where the index tells no digest at all, uv has hashed what it got; where it tells
    weaker ones, it has taken those for enough, and is asked about the file as one at a URL."""
    unlisted = {}

    def filled(file):
        begin, url, digests = file.groups()
        # A source that comes with a wheel is not used.
        is_idle = file.string[: file.start()].endswith("sdist = { ") and "\nwheels = " in file.string
        if "sha256" in digests or is_idle:
            return file[0]
        unlisted[url] = unlisted.get(url) or sha256(url, uv, env, report)
        return f'{begin} sha256 = "{unlisted[url]}" }}'

    for name in ("pylock", "installer"):
        if answer.get(name):
            packages = re.split(r"^(?=\[\[packages\]\])", answer[name], flags=re.MULTILINE)
            answer[name] = "".join(FILE.sub(filled, package) for package in packages)
    for package in answer.get("report", {}).get("install", []):
        info = package["download_info"]
        digests = info.get("archive_info", {}).setdefault("hashes", {})
        if "archive_info" in info and "sha256" not in digests and not info["url"].startswith("file:"):
            url = info["url"]
            unlisted[url] = digests["sha256"] = unlisted.get(url) or sha256(url, uv, env, report)
    answer["unlisted"] = sorted(url.rpartition("/")[2] for url in unlisted)


def sha256(url, uv, env, report):
    """The digest of what is at a URL."""
    write("/tmp/file.txt", url + "\n")
    path = "/tmp/pylock.file.toml"
    ask([*uv, "--no-deps", "--quiet", "--format=pylock.toml", f"--output-file={path}", "/tmp/file.txt"], env, report)
    found = re.search(r'sha256 = "([0-9a-f]{64})"', read(path))
    os.remove(path)
    return found[1]


def exact(annotated):
    """The lines of a requirements file that pin a version."""
    return re.findall(r"^[A-Za-z0-9][\w.-]*==[^\s;\\]+", annotated, re.MULTILINE)


def beside_system(tools, cache, env, sources, question, report):
    """What must come on top of the packages that the base image has. Only pip's resolver
    takes those for given."""
    command = shared.pip(os.path.join(tools, "pip.whl"), "--cache-dir", os.path.join(cache, "pip"))
    command += ["install", "--quiet", "--dry-run", "--report=/tmp/report.json"]
    if question["pre"]:
        command.append("--pre")
    if question["refresh"]:
        command.append("--refresh-package=:all:")
    for name in sources:
        is_project = os.path.basename(name) == "pyproject.toml"
        command.append(f"--requirement={declared(name, question) if is_project else name}")
    command += [f"--group={name}" for name in question["groups"]]
    if not keeps(command, env, question["previous"]):
        ask(command, env, report)
    with open("/tmp/report.json", encoding="utf-8") as file:
        return {"report": json.load(file)}


def keeps(command, env, previous):
    """Whether pip finds an answer in which what was locked stays. It knows no wishes, only
    demands: so all of it stays, or none is held. What the base image has by now is not held."""
    names = {normalized(it.metadata["Name"]) for it in metadata.distributions()}
    pins = [pin for pin in previous if normalized(pin.split("==")[0]) not in names]
    if not pins:
        return False
    write("/tmp/previous.txt", "".join(f"{pin}\n" for pin in pins))
    held = [*command, "--constraint=/tmp/previous.txt"]
    return subprocess.run(held, env=env, capture_output=True, check=False).returncode == 0


def normalized(name):
    """The name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name or "").lower()


def declared(path, question):
    """What a project asks for, as a requirements file. Its groups, pip reads itself."""
    shared.check_base("tomllib")
    import tomllib

    with open(path, "rb") as file:
        lines = dependencies(tomllib.load(file), question)
    write("/tmp/project.txt", "".join(f"{line}\n" for line in lines))
    return "/tmp/project.txt"


def dependencies(pyproject, question):
    """The requirements of a project, with those of the extras that are chosen."""
    project = pyproject.get("project", {})
    lines = list(project.get("dependencies", []))
    for extra in question["extras"]:
        lines += project.get("optional-dependencies", {}).get(extra, [])
    return lines


def ask(command, env, report):
    """What a program prints; if it fails, its own words are this one's. `report` is where they
    are written, if anywhere, and the secrets that they must not tell."""
    _, named = report
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    words = shared.masked(bare(done.stderr), named)
    sys.stderr.write(words)
    if done.returncode == 0:
        return done.stdout
    give_up(words, report)


def give_up(words, report):
    """Ends, as a failure that has been told, or as none with its words in the file for them."""
    path, _ = report
    if not path:
        sys.exit(1)
    write(path, words)
    sys.exit(0)


def read(path):
    """The text of a file, if it is there."""
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text):
    """Writes a text file."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
