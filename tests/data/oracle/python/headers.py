"""Files of safetensors and GGUF, whole and broken, as the packages of these names read them."""

import base64
import json
import os
import struct
import tempfile

import gguf
from safetensors import SafetensorError, deserialize

F32 = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


def plain(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensor(**changes):
    return {"a": {**F32, **changes}}


def safetensors():
    eight = bytes(8)
    files = {
        "whole": plain(tensor(), eight),
        "nothing": b"",
        "seven bytes": bytes(7),
        "a length alone": bytes(8),
        "no tensors": plain({}),
        "no tensors, and a byte": plain({}, b"x"),
        "a byte too many": plain(tensor(), eight + b"x"),
        "a byte too few": plain(tensor(), bytes(7)),
        "no data": plain(tensor()),
        "a header that ends behind the file": plain(tensor(), eight, 10_000),
        "a header of a hundred million": plain(tensor(), eight, 100_000_000),
        "a header of more": plain(tensor(), eight, 100_000_001),
        "a header of 2**63": plain(tensor(), eight, 1 << 63),
        "a header of 2**64-1": plain(tensor(), eight, (1 << 64) - 1),
        "a header that is cut": plain(tensor(), eight, 10),
        "spaces behind": plain(json.dumps(tensor()).encode() + b"   ", eight),
        "spaces before": plain(b"   " + json.dumps(tensor()).encode(), eight),
        "zeros behind": plain(json.dumps(tensor()).encode() + b"\0\0", eight),
        "a byte order mark": plain(b"\xef\xbb\xbf" + json.dumps(tensor()).encode(), eight),
        "no UTF-8": plain(b'{"\xff": {"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', eight),
        "UTF-16": plain(json.dumps(tensor()).encode("utf-16"), eight),
        "other letters": plain(json.dumps({"\u00e4\u65e5": F32}, ensure_ascii=False).encode(), eight),
        "an escape": plain(b'{"\\u00e4": {"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', eight),
        "half a surrogate": plain(b'{"\\ud800": {"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', eight),
        "a list": plain([], b""), "a number": plain(b"1"), "null": plain(b"null"), "text": plain(b'"a"'), "not JSON": plain(b"{a}"), "an empty header": plain(b""),
        "a comma too many": plain(b'{"a": {"dtype":"F32","shape":[2],"data_offsets":[0,8]},}', eight),
        "twice the same name": plain(b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}', b"ab"),
        "metadata": plain({"__metadata__": {"format": "pt"}, **tensor()}, eight),
        "metadata alone": plain({"__metadata__": {"format": "pt"}}),
        "empty metadata": plain({"__metadata__": {}, **tensor()}, eight),
        "null metadata": plain({"__metadata__": None, **tensor()}, eight),
        "metadata of numbers": plain({"__metadata__": {"a": 1}, **tensor()}, eight),
        "metadata that is text": plain({"__metadata__": "pt", **tensor()}, eight),
        "metadata behind": plain({**tensor(), "__metadata__": {"format": "pt"}}, eight),
        "a key more": plain(tensor(x=1), eight),
        "offsets that are text": plain(tensor(data_offsets=["0", "8"]), eight),
        "fractions": plain(tensor(data_offsets=[0.0, 8.0]), eight),
        "negative": plain(tensor(data_offsets=[-8, 0])),
        "backwards": plain(tensor(data_offsets=[8, 0])),
        "one offset": plain(tensor(data_offsets=[8]), eight),
        "three offsets": plain(tensor(data_offsets=[0, 8, 8]), eight),
        "no offsets": plain({"a": {"dtype": "F32", "shape": [2]}}, eight),
        "null for offsets": plain(tensor(data_offsets=None), eight),
        "large": plain(tensor(data_offsets=[0, 1 << 64]), eight),
        "huge": plain(tensor(shape=[1 << 62], data_offsets=[0, 1 << 64]), eight),
        "a shape of more": plain(tensor(shape=[3]), eight),
        "a shape of less": plain(tensor(shape=[1]), eight),
        "a shape that wraps around": plain(tensor(shape=[1 << 62, 4, 2]), eight),
        "a negative shape": plain(tensor(shape=[-2]), eight),
        "no shape": plain({"a": {"dtype": "F32", "data_offsets": [0, 8]}}, eight),
        "a scalar": plain(tensor(shape=[], data_offsets=[0, 4]), bytes(4)),
        "an empty tensor": plain(tensor(shape=[0], data_offsets=[0, 0])),
        "an unknown kind": plain(tensor(dtype="X9"), eight),
        "a small letter": plain(tensor(dtype="f32"), eight),
        "no kind": plain({"a": {"shape": [2], "data_offsets": [0, 8]}}, eight),
        "a tensor that is null": plain({"a": None}), "a tensor that is a list": plain({"a": []}), "a tensor that is a number": plain({"a": 1}), "a tensor that is empty": plain({"a": {}}),
        "a hole before": plain(tensor(data_offsets=[8, 16]), bytes(16)),
        "a hole between": plain({"a": F32, "b": {**F32, "data_offsets": [16, 24]}}, bytes(24)),
        "two": plain({"a": F32, "b": {**F32, "data_offsets": [8, 16]}}, bytes(16)),
        "two the other way": plain({"b": {**F32, "data_offsets": [8, 16]}, "a": F32}, bytes(16)),
        "two at one place": plain({"a": F32, "b": F32}, eight),
        "two that overlap": plain({"a": F32, "b": {**F32, "data_offsets": [4, 12]}}, bytes(12)),
        "half a byte each": plain(tensor(dtype="F4", shape=[4], data_offsets=[0, 2]), bytes(2)),
        "half a byte more": plain(tensor(dtype="F4", shape=[3], data_offsets=[0, 2]), bytes(2)),
        "an empty name": plain({"": F32}, eight),
        "nested deep": plain(b"[" * 5000),
        "nested deep in a key": plain(b'{"a":' + b"[" * 5000),
        "not a number": plain(b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":NaN}}', eight),
    }
    for kind, size in {"BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "F8_E8M0": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2, "I32": 4, "U32": 4, "F32": 4, "F64": 8, "I64": 8, "U64": 8, "C64": 8}.items():
        files[f"of {kind}"] = plain(tensor(dtype=kind, shape=[1], data_offsets=[0, size]), bytes(size))
        files[f"cut, of {kind}"] = plain(tensor(dtype=kind, shape=[2], data_offsets=[0, 2 * size]), bytes(2 * size - 1))
    return files


def reads_safetensors(data):
    try:
        deserialize(data)
    except SafetensorError:
        return False
    return True


def text(name, order="<"):
    name = name if isinstance(name, bytes) else name.encode()
    return struct.pack(order + "Q", len(name)) + name


def of_gguf(values=(), tensors=(), data=b"", magic=b"GGUF", version=3, counts=None, order="<", alignment=32):
    tensor_count, value_count = counts or (len(tensors), len(values))
    out = magic + struct.pack(order + "IQQ", version, tensor_count, value_count)
    for name, kind, value in values:
        out += text(name, order) + struct.pack(order + "I", kind) + value
    for name, shape, kind, offset in tensors:
        out += text(name, order) + struct.pack(order + "I", len(shape))
        out += b"".join(struct.pack(order + "Q", size) for size in shape) + struct.pack(order + "IQ", kind, offset)
    return out + (bytes(-len(out) % alignment) + data if tensors else b"")


def ggufs():
    one = [("a", [4], 0, 0)]
    u32 = lambda value: struct.pack("<I", value)
    array = lambda kind, count, data: struct.pack("<IQ", kind, count) + data
    align = lambda value: [("general.alignment", 4, u32(value))]
    files = {
        "nothing": b"", "a magic": b"GGUF", "no magic": b"GGML" + bytes(40), "a start": of_gguf()[:20], "no tensors": of_gguf(),
        "whole": of_gguf((), one, bytes(16)), "a byte more": of_gguf((), one, bytes(17)), "padded": of_gguf((), one, bytes(32)), "a byte less": of_gguf((), one, bytes(15)), "no data": of_gguf((), one),
        "version 0": of_gguf((), one, bytes(16), version=0), "version 1": of_gguf((), one, bytes(16), version=1), "version 2": of_gguf((), one, bytes(16), version=2), "version 4": of_gguf((), one, bytes(16), version=4),
        "the other order": of_gguf((), one, bytes(16), order=">"), "the other order, cut": of_gguf((), one, bytes(15), order=">"),
        "one tensor too many": of_gguf((), one, bytes(16), counts=(2, 0)), "one value too many": of_gguf((), one, bytes(16), counts=(1, 1)), "tensors without end": of_gguf((), one, bytes(16), counts=(1 << 63, 0)),
        "not at a place": of_gguf((), [("a", [4], 0, 1)], bytes(17)), "at the next": of_gguf((), [("a", [4], 0, 32)], bytes(48)),
        "two": of_gguf((), [("a", [4], 0, 0), ("b", [4], 0, 32)], bytes(48)), "two, cut": of_gguf((), [("a", [4], 0, 0), ("b", [4], 0, 32)], bytes(47)), "two at one place": of_gguf((), [("a", [4], 0, 0), ("b", [4], 0, 0)], bytes(16)), "two of one name": of_gguf((), [("a", [4], 0, 0), ("a", [4], 0, 32)], bytes(48)), "two the other way": of_gguf((), [("a", [4], 0, 32), ("b", [4], 0, 0)], bytes(48)),
        "half a block": of_gguf((), [("a", [16], 2, 0)], bytes(18)), "of no dimension": of_gguf((), [("a", [], 0, 0)], bytes(4)), "of no size": of_gguf((), [("a", [0], 0, 0)], b""), "of four dimensions": of_gguf((), [("a", [2, 1, 2, 1], 0, 0)], bytes(16)), "of nine dimensions": of_gguf((), [("a", [1] * 9, 0, 0)], bytes(4)), "huge": of_gguf((), [("a", [1 << 40], 0, 0)], bytes(16)), "wraps around": of_gguf((), [("a", [1 << 62, 4], 0, 0)], bytes(16)), "an offset that wraps": of_gguf((), [("a", [4], 0, (1 << 64) - 32)], bytes(16)),
        "an unknown kind": of_gguf((), [("a", [4], 999, 0)], bytes(16)), "a removed kind": of_gguf((), [("a", [32], 4, 0)], bytes(64)),
        "no UTF-8": of_gguf((), [(b"\xff", [4], 0, 0)], bytes(16)), "an empty name": of_gguf((), [("", [4], 0, 0)], bytes(16)), "a long name": of_gguf((), [("a" * 100, [4], 0, 0)], bytes(16)),
        "aligned to 8": of_gguf(align(8), one, bytes(16), alignment=8), "aligned to 64": of_gguf(align(64), one, bytes(16), alignment=64), "aligned to 1": of_gguf(align(1), one, bytes(16), alignment=1), "aligned to 12": of_gguf(align(12), one, bytes(16), alignment=12), "aligned to 0": of_gguf(align(0), one, bytes(16)), "aligned to text": of_gguf([("general.alignment", 8, text("32"))], one, bytes(16)), "aligned to 64 bits": of_gguf([("general.alignment", 10, struct.pack("<Q", 32))], one, bytes(16)), "aligned to 8, cut": of_gguf(align(8), one, bytes(15), alignment=8),
        "text": of_gguf([("a", 8, text("b"))], one, bytes(16)), "text of bytes": of_gguf([("a", 8, text(b"\xff"))], one, bytes(16)), "text without end": of_gguf([("a", 8, struct.pack("<Q", 1 << 40))], one, bytes(16)), "a kind of values that is unknown": of_gguf([("a", 13, b"")], one, bytes(16)), "a value twice": of_gguf([("a", 4, u32(1)), ("a", 4, u32(2))], one, bytes(16)),
        "texts": of_gguf([("a", 9, array(8, 2, text("b") + text("")))], one, bytes(16)), "no texts": of_gguf([("a", 9, array(8, 0, b""))], one, bytes(16)), "numbers without end": of_gguf([("a", 9, array(4, 1 << 40, b""))], one, bytes(16)), "texts that are cut": of_gguf([("a", 9, array(8, 9, text("b")))], one, bytes(16)), "an array in an array": of_gguf([("a", 9, array(9, 1, array(4, 1, u32(1))))], one, bytes(16)), "arrays of nothing known": of_gguf([("a", 9, array(13, 1, b"x"))], one, bytes(16)),
    }  # fmt: skip
    for kind, (_, letter) in enumerate([(0, "B"), (1, "b"), (2, "H"), (3, "h"), (4, "I"), (5, "i"), (6, "f"), (7, "?")]):
        files[f"a value of kind {kind}"] = of_gguf([("v", kind, struct.pack("<" + letter, 1))], one, bytes(16))
        files[f"values of kind {kind}"] = of_gguf([("v", 9, array(kind, 3, struct.pack("<3" + letter, 1, 0, 1)))], one, bytes(16))
    for kind, letter in {10: "Q", 11: "q", 12: "d"}.items():
        files[f"a value of kind {kind}"] = of_gguf([("v", kind, struct.pack("<" + letter, 1))], one, bytes(16))
    for kind, (weights, width) in sorted(gguf.GGML_QUANT_SIZES.items()):
        for less, name in ((0, ""), (1, ", cut")):
            files[f"weights of {kind.name}{name}"] = of_gguf((), [("a", [weights, 2], int(kind), 0)], bytes(2 * width - less))
    return files


def reads_gguf(data):
    with tempfile.NamedTemporaryFile(suffix=".gguf", delete=False) as file:
        file.write(data)
    try:
        gguf.GGUFReader(file.name)
    except Exception:  # it has no errors of its own: what fails in it, whatever way, is refused
        return False
    finally:
        os.unlink(file.name)
    return True


def vectors():
    of = lambda files, reads: [[[name, base64.b64encode(data).decode()], reads(data)] for name, data in files.items()]
    return {"safetensors": of(safetensors(), reads_safetensors), "gguf": of(ggufs(), reads_gguf)}
