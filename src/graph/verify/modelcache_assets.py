"""Reads files that are of no repository, by the call that their library's documentation shows."""

import functools
import inspect
import os
import re
import shutil
import tempfile

import modelcache_files
import modelcache_libraries
from modelcache_files import Wrong
from modelcache_libraries import QUIET, SENTENCE, has, too_much, version

SENTENCES = "Dr. Who is in. She is not."


def check(asset, listing):
    """Raises what is wrong, and returns what read it."""
    os.environ.update(QUIET)
    files = found(asset["path"])
    reader = READERS[asset["kind"]]
    return [f"{len(files)} files", *filter(None, [reader(asset, listing)])]


def found(path):
    """The files at a path, each with its size: all can be read."""
    if os.path.isdir(path):
        walked = ((at, name) for at, _, names in os.walk(path, onerror=refuse) for name in names)
        files = {os.path.relpath(os.path.join(at, name), path): os.path.join(at, name) for at, name in walked}
    else:
        files = {os.path.basename(path): path}
    if not files:
        raise Wrong(f"the folder {path} is empty")
    for file in files.values():
        with open(file, "rb") as opened:
            opened.read(1)
    return {name: os.path.getsize(file) for name, file in sorted(files.items())}


def refuse(error):
    raise error


def plain(asset, _):
    """A file for whatever reads it: what says how long it is must be that long."""
    path = asset["path"]
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    files = found(path)
    problems = [problem for name in files for problem in modelcache_files.weights(name, folder)]
    if problems:
        raise Wrong(*problems)
    if any(name.endswith(".onnx") for name in files) and has("onnxruntime"):
        return modelcache_libraries.onnxruntime(folder, files)
    return None


def torch_hub(asset, _):
    """`torch.hub.load_state_dict_from_url`, which takes the file that is there for the URL's."""
    if not has("torch"):
        return None
    if reason := too_much(found(asset["path"])):
        return f"weights not loaded: {reason}"
    import torch

    load = torch.hub.load_state_dict_from_url
    if "weights_only" not in inspect.signature(load).parameters:
        return "weights not loaded: this torch would run code that is in them"
    try:
        load(asset["url"], map_location="cpu", progress=False, weights_only=True)
    except Exception as error:
        # More than weights is in it, which would run code; that it is whole, torch has seen.
        if "Unsupported" not in str(error) and "TorchScript" not in str(error):
            raise
        return "weights not loaded: that would run code that is in them"
    return version("torch")


def tiktoken(asset, _):
    """`tiktoken.get_encoding`, under each name that is read from this file."""
    if not has("tiktoken"):
        return None
    import tiktoken as library

    known = [name for name in asset["names"] if name in library.list_encoding_names()]
    if not known:
        raise Wrong(f"{version('tiktoken')} has no encoding `{asset['names'][0]}`")
    for name in known:
        encoding = library.get_encoding(name)
        if encoding.decode(encoding.encode(SENTENCE)) != SENTENCE:
            raise Wrong(f"the encoding `{name}` gives another text back")
    return version("tiktoken")


def nltk(asset, _):
    """`nltk.data.find`, the corpus of the name, and what people use some packages by."""
    if not has("nltk"):
        return None
    import nltk as library

    root = os.path.dirname(os.path.dirname(asset["path"]))
    library.data.path[:] = [within_reach(root) if place == root else place for place in library.data.path]
    folder, name = asset["resource"].split("/")
    is_unpacked = os.path.isdir(asset["path"][: -len(".zip")])
    try:
        library.data.find(f"{folder}/{name}" if is_unpacked else f"{folder}/{name}.zip/{name}/")
        reader = getattr(library.corpus, name, None)
        if reader is not None:
            reader.ensure_loaded()
        if name in NLTK_CALLS:
            NLTK_CALLS[name](library)
    except LookupError as error:
        # Most of what it says is how to download.
        wanted = re.search(r"Attempted to load (\S+)", re.sub(r"\x1b\[\d+m", "", str(error)))
        if wanted is None:
            raise
        raise Wrong(f"{version('nltk')} doesn't find {wanted[1]}, which `{name}` is read by") from None
    return version("nltk")


@functools.lru_cache(maxsize=None)
def within_reach(root):
    """Files have a second name in the builder's store, though not in an image, and from 3.10 on
    NLTK refuses such files: so they are copied."""
    files = (os.path.join(at, name) for at, _, names in os.walk(root) for name in names)
    if all(os.stat(file).st_nlink == 1 for file in files):
        return root
    copy = os.path.join(tempfile.mkdtemp(), "nltk_data")
    shutil.copytree(root, copy)
    return copy


def sentences(library):
    found = library.sent_tokenize(SENTENCES)
    if len(found) != 2:
        raise Wrong(f"`sent_tokenize` finds {len(found)} sentences in {SENTENCES!r}")


# What the documentation shows for packages that are no corpora.
NLTK_CALLS = {
    "punkt": sentences,
    "punkt_tab": sentences,
    "averaged_perceptron_tagger": lambda library: library.pos_tag(["A", "model"]),
    "averaged_perceptron_tagger_eng": lambda library: library.pos_tag(["A", "model"]),
    "vader_lexicon": lambda library: vader().polarity_scores("good"),
}


def vader():
    from nltk.sentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


READERS = {"file": plain, "torch_hub": torch_hub, "tiktoken": tiktoken, "nltk": nltk}
