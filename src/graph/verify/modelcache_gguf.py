"""The structure of a GGUF file: what it says of itself, to its last tensor's end."""

import math
import os
import struct

VERSIONS = (2, 3)  # of one layout; nothing reads the first any more
ALIGNMENT = "general.alignment"
MOST_DIMENSIONS = 8
MOST_NESTED = 8  # arrays in arrays; no tool writes any
LONGEST_NAME = 1 << 16  # bytes; the format's own limit

# Kinds of values: those of a fixed size, by `struct`'s letter.
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
STRING, ARRAY = 8, 9

# Kinds of tensors: weights in a block, and its bytes. Of others, only the start is checked.
BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110),
    22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8),
    29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
}  # fmt: skip


class Reader:
    """Takes value after value, none of which may be longer than the file."""

    def __init__(self, file, size):
        self.file, self.size, self.order = file, size, "<"

    def check(self, count):
        if count > self.size - self.file.tell():
            raise ValueError(f"it is cut within its metadata, at byte {self.size}")

    def take(self, count):
        self.check(count)
        return self.file.read(count)

    def skip(self, count):
        """What nothing depends on isn't read: a file may have gigabytes of it."""
        self.check(count)
        self.file.seek(count, os.SEEK_CUR)

    def number(self, letter):
        return struct.unpack(self.order + letter, self.take(struct.calcsize("=" + letter)))[0]

    def name(self):
        length = self.number("Q")
        self.check(length)
        if length > LONGEST_NAME:
            raise ValueError(f"a name in it has {length} bytes")
        return self.take(length).decode(errors="replace")

    def value(self, kind, depth=0):
        """Returns a number; of all else nothing, as nothing here depends on it."""
        if kind in SCALARS:
            return self.number(SCALARS[kind])
        if kind == STRING:
            return self.skip(self.number("Q"))
        if kind != ARRAY:
            raise ValueError(f"its metadata has a value of the unknown kind {kind}")
        if depth == MOST_NESTED:
            raise ValueError(f"its metadata has arrays in each other more than {MOST_NESTED} deep")
        kind, count = self.number("I"), self.number("Q")
        if kind in SCALARS:
            return self.skip(count * struct.calcsize("=" + SCALARS[kind]))
        for _ in range(count):
            self.value(kind, depth + 1)
        return None


def check(path):
    """Raises ValueError for what is no GGUF file, or not all of one."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        reader = Reader(file, size)
        if reader.take(min(4, size)) != b"GGUF":
            raise ValueError("it does not begin with `GGUF`")
        version = reader.number("I")
        if version & 0xFFFF == 0:  # written for the other order of bytes
            reader.order, version = ">", int.from_bytes(version.to_bytes(4, "little"), "big")
        if version not in VERSIONS:
            raise ValueError(f"its version is {version}; known are {VERSIONS[0]} and {VERSIONS[1]}")
        tensors, values = reader.number("Q"), reader.number("Q")
        alignment = 32
        for _ in range(values):
            name = reader.name()
            value = reader.value(reader.number("I"))
            alignment = value if name == ALIGNMENT else alignment
        if not isinstance(alignment, int) or alignment < 1:
            raise ValueError(f"its alignment is {alignment}")
        last, end = "", 0
        for _ in range(tensors):
            name, offset, length = tensor(reader)
            if offset % alignment:
                raise ValueError(f"its tensor `{name}` begins between two places, at {offset}")
            if offset + length > end:
                last, end = name, offset + length
        start = -(-file.tell() // alignment) * alignment
    if end and start + end > size:
        raise ValueError(f"its tensor `{last}` ends at byte {start + end}, and the file at {size}")


def tensor(reader):
    """Returns a tensor's name, where it begins among the tensors, and its bytes."""
    name, dimensions = reader.name(), reader.number("I")
    if dimensions > MOST_DIMENSIONS:
        raise ValueError(f"its tensor `{name}` has {dimensions} dimensions")
    shape = [reader.number("Q") for _ in range(dimensions)]
    kind, offset = reader.number("I"), reader.number("Q")
    weights, width = BLOCKS.get(kind, (1, 0))
    if shape and shape[0] % weights:
        raise ValueError(f"its tensor `{name}` has rows of {shape[0]}, and blocks of {weights}")
    return name, offset, math.prod(shape) // weights * width
