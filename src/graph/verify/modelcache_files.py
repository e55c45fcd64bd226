"""What a model's files must be, seen without any library."""

import itertools
import json
import os
import stat
import struct
import zipfile

import modelcache_gguf

# Modules of sentence-transformers that have nothing to save.
WITHOUT_FILES = ("Normalize",)
# Written by sentence-transformers beside `modules.json`, which it doesn't insist on.
BESIDE_MODULES = ("config_sentence_transformers.json", "sentence_bert_config.json")
# Lists the components of a pipeline.
PIPELINE = "model_index.json"
# What torch saves, since 1.6 as zip archives.
ARCHIVES = (".bin", ".pt", ".pth", ".ckpt")
LARGEST_HEADER = 100_000_000  # bytes; the limit of safetensors itself


class Wrong(Exception):
    """Not what it should be."""

    def __init__(self, *problems):
        super().__init__("\n".join(problems))
        self.problems = problems


def snapshot(model, listing):
    return os.path.join(listing["hub"], model["folder"], "snapshots", model["commit"])


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def check(model, listing):
    """Raises all that is wrong with the files, as the first step of a proof."""
    folder = snapshot(model, listing)
    if model["files"] is None:  # a folder of the user's own
        model["files"] = found(folder)
    problems = [problem for file in model["files"] for problem in in_place(file, folder, listing)]
    problems += references(model, listing) + links(model, listing)
    if not problems:
        paths = {file["path"] for file in model["files"]}
        problems = modules(paths, folder) + components(paths, folder) + shards(paths, folder)
        for path in sorted(paths):
            problems += weights(path, folder)
    if problems:
        raise Wrong(*problems)
    size = sum(file["size"] for file in model["files"])
    return [f"{len(model['files'])} files, {size / 1e6:.1f} MB"]


def found(folder):
    """The files of a folder, with the sizes that they have."""
    paths = (os.path.join(at, name) for at, _, names in os.walk(folder) for name in names)
    size = lambda path: (os.stat if os.path.exists(path) else os.lstat)(path).st_size
    return [{"path": os.path.relpath(path, folder), "size": size(path)} for path in sorted(paths)]


def in_place(file, folder, listing):
    path = os.path.join(folder, file["path"])
    try:
        found = os.stat(path)
    except OSError as error:
        return [f"`{file['path']}` is not in the image: {error.strerror}"]
    problems = []
    if found.st_size != file["size"]:
        problems.append(f"`{file['path']}` has {found.st_size} bytes, and should have {file['size']}")
    if not os.path.realpath(path).startswith(listing["root"] + "/"):
        problems.append(f"`{file['path']}` leads out of {listing['root']}")
    if not found.st_mode & stat.S_IROTH:
        problems.append(f"`{file['path']}` can't be read by every user")
    while path != "/":
        path = os.path.dirname(path)
        if not os.stat(path).st_mode & stat.S_IXOTH:
            problems.append(f"the folder {path} can't be entered by every user")
    return problems


def references(model, listing):
    """A name of a revision is a file with the commit, to the byte."""
    problems = []
    folders = [model["folder"], *(also["folder"] for also in model["also"])]
    for folder, name in itertools.product(folders, model["revisions"]):
        path = os.path.join(listing["hub"], folder, "refs", name)
        try:
            with open(path, "rb") as file:
                found = file.read()
        except OSError as error:
            problems.append(f"the revision `{name}` can't be looked up: {error}")
            continue
        if found != model["commit"].encode():
            problems.append(f"the revision `{name}` is {found!r}, and should be {model['commit']}")
    return problems


def links(model, listing):
    problems = []
    for folder, folders, files in os.walk(os.path.join(listing["hub"], model["folder"])):
        paths = (os.path.join(folder, name) for name in folders + files)
        problems += [f"{path} leads nowhere" for path in paths if not os.path.exists(path)]
    return problems


def modules(paths, folder):
    """sentence-transformers quietly loads another model where a module is missing."""
    if "modules.json" not in paths:
        beside = [name for name in BESIDE_MODULES if name in paths]
        text = "`{}` is there, but not `modules.json`: sentence-transformers would quietly use plain mean pooling"
        return [text.format(name) for name in beside[:1]]
    problems = []
    for module in read_json(os.path.join(folder, "modules.json")):
        path, name = module["path"], module["type"].rsplit(".", 1)[-1]
        known = module["type"].startswith("sentence_transformers.") and name not in WITHOUT_FILES
        if path and known and not any(file.startswith(path + "/") for file in paths):
            problems.append(f"`modules.json` lists the module `{path}` ({name}), but no file of it is in the image")
    return problems


def components(paths, folder):
    """A pipeline of diffusers is its parts, each a folder."""
    if PIPELINE not in paths:
        return []
    problems = []
    for name, kind in sorted(read_json(os.path.join(folder, PIPELINE)).items()):
        # What is `[null, null]` it does without; the rest are settings.
        is_part = isinstance(kind, list) and len(kind) == 2 and kind[1] and not name.startswith("_")
        if is_part and not any(path.startswith(name + "/") for path in paths):
            problems.append(f"`{PIPELINE}` lists `{name}` ({kind[1]}), but no file of it is in the image")
    return problems


def shards(paths, folder):
    problems = []
    for index in sorted(path for path in paths if path.endswith(".safetensors.index.json")):
        parts = {}
        for tensor, shard in read_json(os.path.join(folder, index))["weight_map"].items():
            parts.setdefault(os.path.join(os.path.dirname(index), shard), set()).add(tensor)
        for shard, tensors in sorted(parts.items()):
            if shard not in paths:
                problems.append(f"`{index}` names `{shard}`, which is not in the image")
                continue
            absent = sorted(tensors - header(os.path.join(folder, shard)).keys())
            problems += [f"`{shard}` has no tensor `{name}`, which `{index}` names" for name in absent[:3]]
    return problems


def weights(path, folder):
    """Formats that say how long they are, or end as they must."""
    full = os.path.join(folder, path)
    try:
        if path.endswith(".safetensors"):
            header(full)
        elif path.endswith(".gguf"):
            modelcache_gguf.check(full)
        elif path.endswith(ARCHIVES):
            archive(full)
    except (Wrong, ValueError, LookupError, TypeError, struct.error) as error:
        return [f"`{path}` is no file of its format: {error}"]
    return []


def archive(path):
    """What begins as a zip archive has its table of contents at its end."""
    with open(path, "rb") as file:
        if file.read(4) != b"PK\x03\x04":
            return
    try:
        zipfile.ZipFile(path).close()
    except zipfile.BadZipFile:
        raise Wrong("it begins as a zip archive, and its end is missing") from None


def header(path):
    """Returns the tensors of a safetensors file, whose last byte must be the file's."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        if length > LARGEST_HEADER:
            raise Wrong(f"its header would have {length} bytes")
        try:
            tensors = json.loads(file.read(length))
        except RecursionError:
            raise Wrong("its header is nested too deep") from None
    if not isinstance(tensors, dict):
        raise Wrong("its header is no object")
    tensors.pop("__metadata__", None)
    end = max((tensor["data_offsets"][1] for tensor in tensors.values()), default=0)
    size = os.path.getsize(path)
    if 8 + length + end != size:
        raise Wrong(f"its tensors end at byte {8 + length + end}, and the file at {size}")
    return tensors
