"""Patterns of files, as the hub's own client reads them."""

from huggingface_hub.utils import filter_repo_objects

PATHS = [
    "a", "b", "ab", "A", "-", "]", "[", "!", "^", "\\", "*", "?", "a]", "[a]", "[!a]", "a-c", "a/b", "a/", "/a", "a//b", ".a", ".git/a",
    "config.json", "model.safetensors", "model.fp16.safetensors", "text_encoder/model.fp16.safetensors", "unet/config.json",
    "onnx/model.onnx", "onnx/sub/model.onnx", "onnx", "model-Q4_K_M.gguf", "model-Q8_0.gguf", "original/consolidated.00.pth", "README.md",
    "a\nb", "a b", "\u00e4", "\u65e5\u672c", "1_Pooling/config.json", "\U0001f600", "#a", "a#b", "--", "a--b", "{a,b}", "(a)", "a|b", "a+b", "$a", "a.b", "~",
]  # fmt: skip

PATTERNS = [
    "*", "**", "***", "?", "??", "*?", "?*", "*a*", "a*", "*a", "**a", "*.json", "*.safetensors", "*fp16*", "**/*fp16*", "*/config.json", "**/config.json",
    "onnx/", "onnx/*", "onnx/**", "onnx", "/", "*/", "a/", "original/*", ".pth", "*.pth", "*Q[4-8]*.gguf", "*Q4_K_M*", "*.GGUF", "./a", "/a", "a/b", "a//b",
    "[a]", "[ab]", "[a-c]", "[!a]", "[^a]", "[!^a]", "[^!a]", "[a!]", "[]", "[]a]", "[!]", "[!]a]", "[[]", "[[a]", "[a", "[", "[!", "[]]", "[!]]", "[-]", "[!-]",
    "[a-]", "[-a]", "[--a]", "[!--a]", "[a--]", "[a-c-e]", "[c-a]", "[!c-a]", "[c-ab]", "[a-a]", "[+--]", "[--0]", "[*--]", "[a-b-c-d]", "[]-a]", "[!]-a]", "[\\]", "[\\\\]", "[\\a]",
    "[a]]", "a]", "]", "[]-]", "[a-[]", "[&&a]", "[a~~b]", "[a||b]", "[.]", "[*]", "[?]", "[*?]", "[!*]", "[\u00e4-\u00fc]", "[\u65e5]", "[0-9]_*", "[a/b]", "a[/]b", "[!b]/b", "[ ]", "[\n]",
    "[a-z][a-z]", "[a][b]", "[[][a][]]", "[!a-b-]", "[a\\-c]", "[---]", "[a---]", "[!---]", "[-a-c]", "[a-c-]", "[z-a-c]", "[a-cc-a]", "[^-a]", "[^]", "[^]]", "[^^]",
    "\\", "\\a", "\\*", "*\\*", "a\\", "^", "^a", "a^", "$a", "a$", "a.b", "a?b", "a*b", "(a)", "(a|b)", "a|b", "a+", "a+b", "{a,b}", "{a,b", "#a", "a#b", "#*", "!a", "!*", "~", "-*", "--",
    "\u00e4", "\U0001f600", "?\nb", "a\n", "*\n*", "a b", " a", "a ", "*a*b*c*", "*****a", "*o*o*o*o*", "c*g.json", "*[.]json", "*[!n]", "?odel*", "*.*.*", "*-*", "*_*/*",
]  # fmt: skip


def vectors():
    """For each pattern, which of the paths it allows; the paths come first."""
    found = [[PATHS, None]]
    for pattern in PATTERNS:
        allowed = set(filter_repo_objects(PATHS, allow_patterns=[pattern]))
        found.append([pattern, "".join("1" if path in allowed else "0" for path in PATHS)])
    return found
