"""Command lines as their words, as a POSIX shell splits them."""

import itertools
import subprocess

# What means something to a shell beyond words isn't here: we expand nothing, and warn of it.
OTHERS = [
    "uvicorn main:app --host 0.0.0.0", "python -c 'import a; print(1)'", "a 'b c' d", 'a "b c" d', "a b\\ c", "a=b 'c d'=e", "a\tb", "a\nb", "a \n b\n", "a\\\nb", "'a\nb'", '"a\\\nb"', "'a\\\nb'", '"a\\b"', '"a\\\\b"', '"a\\"b"', "'a\\'", "'it'\\''s'", '"\\a\\n"', "\\n", "a''b", "a\"\"b", "''", '""', "'' ''", "  a  ", "a\rb", "a\x0bb", "a\x0cb", "a\u00a0b", "\u00e4 \u65e5", "a\\\tb", "--x='y z'", "--x=\"y z\"w", "a,b", "a:b/c@d%e+f-g_h", "[a]", "{a,b}", "a\\\\", "C:\\a\\b", "a b 'c", 'a "b', "a \\",
]  # fmt: skip

# Without expanding names of files, each word with a zero behind it.
SHELL = ["sh", "-fec", "eval \"set -- $1\"; printf '%s\\0' \"$@\"", "sh"]


def words(text):
    run = subprocess.run([*SHELL, text], capture_output=True)
    if run.returncode:
        return None
    return run.stdout.decode().split("\0")[:-1]


def vectors():
    short = ("".join(parts) for length in range(1, 5) for parts in itertools.product("a '\"\\", repeat=length))
    return [[text, words(text)] for text in [*short, *OTHERS] if text.strip()]
