"""Names of repositories, as the hub's own client takes them, with the address of a file."""

import itertools

from huggingface_hub import hf_hub_url
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id

PARTS = ["a", "A", "0", "_", "_a", "a_", "-a", "a-", ".a", "a.", "a.b", "a-b", "a--b", "a..b", "a_b", "a__b", "a-.b", "", " ", "a b", "a:b", "a@b", "a+b", "a%b", "\u00e4", "a\n", ".git", "a.git", "a.GIT", "a.git.b", "git", ".", "..", "--", "~", "a\\b"]  # fmt: skip
OTHERS = ["a/b/c", "/a", "a/", "/", "a//b", "datasets/a", "models/a", "spaces/a", "datasets/a/b", "a" * 96, "a" * 97, "a/" + "b" * 94, "a/" + "b" * 95, "gpt2", "bert-base-uncased", "meta-llama/Llama-3.1-8B", "01-ai/Yi-6B", "microsoft/Phi-3.5-mini-instruct", "sentence-transformers/all-MiniLM-L6-v2", "https://huggingface.co/a/b", "hf://a/b", "./a", "../a", "~/a", "C:\\a", "a/b:latest", "a/b@main", "a/b.gguf", "a/b#c", "a/b?c"]  # fmt: skip
FILES = ["a", "a b", "a/b c", "\u00e4/\u65e5", "a+b", "a%b", "a#b", "a?b", "a~b", "a'b", "(a)", "a!b", "a*b", "a,b;c=d", "[a]", "a:b@c", "a&b$c", "a\"b", "<a>", "a|b", "a^b`c{d}", "\U0001f600"]  # fmt: skip


def is_valid(name):
    try:
        validate_repo_id(name)
    except HFValidationError:
        return False
    return True


def vectors():
    names = [*PARTS, *(f"{a}/{b}" for a, b in itertools.product(PARTS, PARTS[:12]) if a), *OTHERS]
    commit = "0" * 40
    address = lambda path: hf_hub_url("o/n", path, revision=commit, endpoint="https://hub")
    return [[name, is_valid(name)] for name in dict.fromkeys(names)] + [[[path], address(path)] for path in FILES]
