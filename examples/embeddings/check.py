"""Proves that the model is in the image: loads it by its id and uses it."""

import os

from encoder import Encoder

MODEL = "sentence-transformers/all-MiniLM-L6-v2"

encoder = Encoder(MODEL)
parameters = sum(tensor.size for tensor in encoder.weights.values())
near = float(encoder.encode("A man is eating food.") @ encoder.encode("A man is eating a meal."))
far = float(encoder.encode("A man is eating food.") @ encoder.encode("The sky is very blue."))

print(f"uid {os.getuid()}, HF_HUB_OFFLINE={os.environ.get('HF_HUB_OFFLINE')}")
print(f"{MODEL}: {len(encoder.weights)} tensors, {parameters:,} parameters")
print(f"vectors of {encoder.encode('one').size} numbers")
print(f"food and meal {near:.4f}, food and sky {far:.4f}")
