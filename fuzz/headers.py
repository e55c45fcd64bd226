"""Changes GGUF and safetensors files at random, and lets the proof's programs read them.

headers.py [SECONDS [SEED]]: anything but a refusal in the programs' own words is a crash,
as is the want of more than 200 MB of memory.
"""

import json
import os
import random
import resource
import struct
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../src/graph/verify"))
import modelcache_files  # noqa: E402

MEMORY = 200 << 20
LARGEST_KEPT = 4096  # bytes
NUMBERS = [0, 1, 7, 8, 9, 32, 255, 1 << 16, 1 << 31, (1 << 32) - 1, 1 << 63, (1 << 64) - 1]


def text(words):
    return struct.pack("<Q", len(words)) + words


def seeds():
    header = json.dumps({"__metadata__": {"a": "b"}, "w": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}})
    yield ".safetensors", struct.pack("<Q", len(header)) + header.encode() + b"\0"
    words = struct.pack("<IIQ", 9, 8, 2) + text(b"a") + text(b"b")
    arrays = struct.pack("<IIQIQ", 9, 9, 1, 4, 2) + bytes(8)
    values = text(b"general.name") + struct.pack("<I", 8) + text(b"tiny")
    values += text(b"words") + words + text(b"deep") + arrays
    values += text(b"general.alignment") + struct.pack("<II", 4, 32)
    tensor = text(b"w") + struct.pack("<IQQIQ", 2, 8, 2, 0, 0)
    file = b"GGUF" + struct.pack("<IQQ", 3, 1, 4) + values + tensor
    yield ".gguf", file + bytes(-len(file) % 32 + 64)


def changed(data, chance):
    data = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at, kind = chance.randrange(len(data) + 1), chance.randrange(6)
        if kind == 0:
            data[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == 1:
            data[at : at + 8] = struct.pack("<Q", chance.choice(NUMBERS))
        elif kind == 2:
            data[at : at + 4] = struct.pack("<I", chance.choice(NUMBERS) & 0xFFFFFFFF)
        elif kind == 3:
            del data[at : at + chance.randint(1, 16)]
        elif kind == 4:
            begin = chance.randrange(len(data) + 1)
            data[at:at] = data[begin : begin + chance.randint(1, 64)] * chance.choice([1, 2, 100, 5000])
        else:
            data[at:at] = chance.choice([b"[", b"{", b'"', b"-1", b"1e999", b"null", b"[]"]) * chance.choice([1, 3, 2000])
        if len(data) > 1 << 20:
            break
    return bytes(data)


def main(seconds=600, seed=1):
    chance = random.Random(int(seed))
    pool = {suffix: [data] for suffix, data in seeds()}
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    end = time.monotonic() + float(seconds)
    tried, read, crashes, slowest = 0, 0, 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end:
            suffix = chance.choice(sorted(pool))
            data = changed(chance.choice(pool[suffix]), chance)
            with open(os.path.join(folder, "file" + suffix), "wb") as file:
                file.write(data)
            began = time.monotonic()
            try:
                problems = modelcache_files.weights("file" + suffix, folder)
            except Exception as error:
                crashes += 1
                kept = os.path.join(tempfile.gettempdir(), f"headers-{seed}-{tried}{suffix}")
                with open(kept, "wb") as file:
                    file.write(data)
                print(f"crash: {type(error).__name__}: {error}: {kept}", flush=True)
                if crashes == 20:
                    break
            else:
                if not problems:
                    read += 1
                    # Small ones are worth more changes; the first is always there.
                    if len(data) <= LARGEST_KEPT:
                        pool[suffix] = [pool[suffix][0], *pool[suffix][1:][-200:], data]
            took = time.monotonic() - began
            slowest = max(slowest, took)
            tried += 1
    print(f"{tried} tried, {read} of them read, {crashes} crashes, slowest {slowest * 1000:.0f} ms")
    return 1 if crashes else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
