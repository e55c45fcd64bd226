"""Loads a model by the libraries that the image has, as an application would."""

import importlib.metadata
import importlib.util
import os

from modelcache_files import PIPELINE, Wrong, read_json, snapshot

# Loading takes a few times the weights' size; above this share of what is free the
# headers of the weights, which are read in any case, have to do.
SHARE_OF_MEMORY = 3
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib")
TOKENIZERS = ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "tokenizer.model", "spiece.model")
QUIET = {
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TQDM_DISABLE": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
}
# Stands before the id of a dataset, as in the paths of the hub's own file system.
DATASETS = "datasets/"
# Of fastembed, those that list models of repositories.
EMBEDDINGS = (
    "TextEmbedding",
    "SparseTextEmbedding",
    "LateInteractionTextEmbedding",
    "ImageEmbedding",
    "LateInteractionMultimodalEmbedding",
)
SENTENCE = "This sentence is read to see that the model works."


def has(library):
    return importlib.util.find_spec(library) is not None


def version(package):
    return f"{package} {importlib.metadata.version(package)}"


def hub(model, listing):
    """Every file is found by the hub's own client, under each name of model and revision."""
    os.environ.update(QUIET)
    if not has("huggingface_hub"):
        return []
    from huggingface_hub import hf_hub_download, snapshot_download

    folder = os.path.realpath(snapshot(model, listing))
    for repository in [model["repository"], *(also["repository"] for also in model["also"])]:
        kind = {}
        if repository.startswith(DATASETS):
            repository, kind = repository[len(DATASETS) :], {"repo_type": "dataset"}
        for revision in [None, *model["revisions"]]:
            named = {} if revision is None else {"revision": revision}
            found = snapshot_download(repository, local_files_only=True, **kind, **named)
            if os.path.realpath(found) != folder:
                raise Wrong(f"huggingface_hub takes {found} for the model, which is in {folder}")
        for file in model["files"]:
            hf_hub_download(repository, file["path"], local_files_only=True, **kind)
    return [version("huggingface_hub")]


def load(model, listing):
    """Returns what was loaded, and why some of it was not."""
    if model["repository"].startswith(DATASETS):
        return datasets(model, listing)
    folder = snapshot(model, listing)
    paths = {file["path"]: file["size"] for file in model["files"]}
    facts = []
    if "tokenizer.json" in paths and has("tokenizers"):
        from tokenizers import Tokenizer

        Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
        facts.append(version("tokenizers"))
    if any(path.endswith(".onnx") for path in paths) and has("onnxruntime"):
        facts.append(onnxruntime(folder, paths))
    if model["fastembed"] and has("fastembed"):
        return [*facts, fastembed(model, paths)]
    if PIPELINE in paths and has("diffusers"):
        return [*facts, diffusers(model, paths)]
    config = read_json(os.path.join(folder, "config.json")) if "config.json" in paths else {}
    # Weights of what has neither are for another library, or for none.
    by_modules = "modules.json" in paths and has("sentence_transformers")
    by_config = "model_type" in config and has("transformers")
    if not by_modules and not by_config:
        return facts
    if has_code(config, folder, paths) and not model["remote_code"]:
        return [*facts, "not loaded: it brings code, which runs only with `trust_remote_code`"]
    reason = obstacle(model, paths)
    if by_config:
        facts.append(transformers(model, paths, config, reason is None and not by_modules))
    if reason:
        return [*facts, f"weights not loaded: {reason}"]
    if by_modules:
        facts.append(sentence_transformers(model, folder, paths))
    return facts


def datasets(model, listing):
    """`load_dataset` by the name that the application uses."""
    if not has("datasets"):
        return []
    os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"
    import datasets as library

    name = model["repository"][len(DATASETS) :]
    if reason := dataset_fault(library, name):
        link = os.path.join(listing["root"], "models", model["id"])
        folder = link if os.path.isdir(link) else snapshot(model, listing)
        if fault := dataset_fault(library, folder):
            raise Wrong(f"`load_dataset` fails: {fault}")
        raise Wrong(
            f"{version('datasets')} doesn't find `{name}` without a network: {reason}\n"
            f'what is in the image it loads by its folder: load_dataset("{folder}")'
        )
    return [version("datasets")]


def dataset_fault(library, name):
    """Why the first row of each split can't be had, if there is a reason."""
    try:
        try:
            splits = library.load_dataset(name, streaming=True)
        except ValueError as error:
            if "Config name is missing" not in str(error):
                raise
            splits = library.load_dataset(name, library.get_dataset_config_names(name)[0], streaming=True)
        for split in splits.values():
            next(iter(split))
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def obstacle(model, paths):
    """Why weights are not loaded by torch, if there is a reason."""
    if not has("torch"):
        return "there is no torch in the image"
    if pickled(paths) and not model["pickle"]:
        return f"loading `{pickled(paths)[0]}` can run code; `allow_pickle: true` lets it"
    if not pickled(paths) and not any(path.endswith(".safetensors") for path in paths):
        return "there are none for torch"
    return too_much(paths)


def too_much(paths):
    if (size := sum(paths.values())) * SHARE_OF_MEMORY > free_memory():
        return f"{size / 1e9:.1f} GB is much for this machine; the headers were read"
    return None


def onnxruntime(folder, paths):
    """Opens every graph, as a processor would run it."""
    import onnxruntime as library

    if reason := too_much(paths):
        return f"graphs not opened: {reason}"
    options = library.SessionOptions()
    options.log_severity_level = 4
    # What a graph is made faster by, it has no need of to be whole.
    options.graph_optimization_level = library.GraphOptimizationLevel.ORT_DISABLE_ALL
    for path in sorted(path for path in paths if path.endswith(".onnx")):
        try:
            library.InferenceSession(os.path.join(folder, path), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            # Some kinds of numbers are for graphics cards alone.
            if "NOT_IMPLEMENTED" not in str(error):
                raise
            return f"graphs not opened: `{path}` is not for a processor"
    return version("onnxruntime")


def fastembed(model, paths):
    """Each model that the library lists for the repository, by the name that an application gives."""
    import fastembed as library

    if reason := too_much(paths):
        return f"weights not loaded: {reason}"
    loaded = 0
    for kind in filter(None, (getattr(library, name, None) for name in EMBEDDINGS)):
        for known in kind.list_supported_models():
            source = (known.get("sources") or {}).get("hf") or ""
            if source.lower() != model["repository"].lower() or known.get("model_file") not in paths:
                continue
            embedding = kind(known["model"], providers=["CPUExecutionProvider"])
            if "Image" not in kind.__name__ and "Multimodal" not in kind.__name__:
                next(iter(embedding.embed([SENTENCE])))
            loaded += 1
    # An application may have listed it itself: `add_custom_model`.
    return version("fastembed") if loaded else f"{version('fastembed')} lists no model of this repository"


def diffusers(model, paths):
    if reason := obstacle(model, paths):
        return f"weights not loaded: {reason}"
    from diffusers import DiffusionPipeline

    loaded = DiffusionPipeline.from_pretrained(
        model["repository"],
        local_files_only=True,
        **({"trust_remote_code": True} if model["remote_code"] else {}),
        **variant(paths),
    )
    return f"{version('diffusers')} ({type(loaded).__name__})"


def variant(paths):
    """The variant to ask for, where a part has no plain weights: `fp16` of `model.fp16.safetensors`."""
    folders = {}
    for path in (path for path in paths if path.endswith((".safetensors", ".bin"))):
        name = os.path.basename(path).split(".")
        folders.setdefault(os.path.dirname(path), set()).add(name[1].split("-")[0] if len(name) == 3 else None)
    needed = {found for kinds in folders.values() if None not in kinds for found in kinds}
    return {"variant": needed.pop()} if len(needed) == 1 else {}


def has_code(config, folder, paths):
    """Whether loading runs code from the repository."""
    modules = read_json(os.path.join(folder, "modules.json")) if "modules.json" in paths else []
    foreign = [m for m in modules if not m["type"].startswith("sentence_transformers.")]
    return "auto_map" in config or bool(foreign)


def pickled(paths):
    """The pickles that a library would read: those with no safetensors beside them."""
    safe = {os.path.dirname(path) for path in paths if path.endswith(".safetensors")}
    found = [path for path in paths if path.endswith(PICKLES) and os.path.dirname(path) not in safe]
    # OpenVINO's weights have the ending, but not the format.
    return sorted(path for path in found if path[:-4] + ".xml" not in paths)


def free_memory():
    """Bytes that a process may still take."""
    with open("/proc/meminfo", encoding="ascii") as file:
        sizes = dict(line.split(":") for line in file)
    free = int(sizes["MemAvailable"].split()[0]) * 1024
    try:
        with open("/sys/fs/cgroup/memory.max", encoding="ascii") as file:
            free = min(free, int(file.read()))
    except (OSError, ValueError):  # another version of cgroups, or `max`
        pass
    return free


def transformers(model, paths, config, weights):
    """Loads the parts that every application asks for, and the weights if asked."""
    import transformers as library

    options = {"trust_remote_code": model["remote_code"]}
    name = model["repository"]
    library.AutoConfig.from_pretrained(name, **options)
    if any(tokenizer in paths for tokenizer in TOKENIZERS):
        library.AutoTokenizer.from_pretrained(name, **options)
    loadable = any(path.endswith((".safetensors", ".bin")) and "/" not in path for path in paths)
    if weights and loadable:
        # The class with the head that was trained, where the configuration names it.
        named = next(iter(config.get("architectures") or []), None)
        kind = getattr(library, named or "", library.AutoModel)
        kind.from_pretrained(name, **({} if kind is not library.AutoModel else options))
        return f"{version('transformers')} ({kind.__name__})"
    return version("transformers")


def sentence_transformers(model, folder, paths):
    """Loads by the name that the application uses, and encodes a sentence."""
    import sentence_transformers as library

    name = "config_sentence_transformers.json"
    saved = read_json(os.path.join(folder, name)) if name in paths else {}
    kind = getattr(library, saved.get("model_type", "SentenceTransformer"), None)
    kind = kind or library.SentenceTransformer
    loaded = kind(model["id"], device="cpu", trust_remote_code=model["remote_code"])
    listed = read_json(os.path.join(folder, "modules.json"))
    fact = version("sentence-transformers")
    if kind is not library.SentenceTransformer:
        return f"{fact} ({kind.__name__})"
    if len(loaded) != len(listed):
        raise Wrong(f"`modules.json` lists {len(listed)} modules, but sentence-transformers loaded {len(loaded)}")
    vector = loaded.encode(SENTENCE)
    expected = dimension(listed, folder)
    if expected is not None and len(vector) != expected:
        raise Wrong(f"a vector has {len(vector)} numbers, and should have {expected}")
    norm = float((vector * vector).sum()) ** 0.5
    normalizes = listed[-1]["type"].endswith(".Normalize")
    if norm != norm or (normalizes and abs(norm - 1) > 1e-2):
        raise Wrong(f"a vector has the norm {norm}, though the last module normalizes it")
    return f"{fact} ({len(vector)} dimensions)"


def dimension(modules, folder):
    """How many numbers the last module that says so gives."""
    for module in reversed(modules):
        path = os.path.join(folder, module["path"], "config.json")
        kind = module["type"].rsplit(".", 1)[-1]
        if kind not in ("Dense", "Pooling") or not os.path.exists(path):
            continue
        config = read_json(path)
        if kind == "Dense":
            return config.get("out_features")
        modes = [key for key, on in config.items() if key.startswith("pooling_mode_") and on is True]
        width = config.get("word_embedding_dimension")
        return width * max(len(modes), 1) if width else None
    return None
