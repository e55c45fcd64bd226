"""Says what is in the model's weights, with nothing but the standard library."""

import json
import os
import pathlib
import struct

MODEL = "sentence-transformers/all-MiniLM-L6-v2"

# A stable path to every model, for programs that don't know the hub's cache.
weights = pathlib.Path(os.environ["HF_HOME"]).parent / "models" / MODEL / "model.safetensors"
with weights.open("rb") as file:
    (length,) = struct.unpack("<Q", file.read(8))
    header = json.loads(file.read(length))

tensors = {name: entry for name, entry in header.items() if name != "__metadata__"}
hidden = tensors["embeddings.word_embeddings.weight"]["shape"][1]
print(f"{MODEL}: {len(tensors)} tensors, hidden size {hidden}")
