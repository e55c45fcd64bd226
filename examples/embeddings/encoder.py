"""A sentence encoder in numpy: the MiniLM network from its published weights.

It shows that the files are the genuine ones without a gigabyte of torch. The
model is asked for by its id, as any library does; where the files come from is
the image's business.
"""

import json
import math

import numpy as np
from huggingface_hub import hf_hub_download
from safetensors.numpy import load_file
from tokenizers import Tokenizer

_erf = np.vectorize(math.erf, otypes=[np.float32])


class Encoder:
    """Turns sentences into vectors of length one."""

    def __init__(self, model: str):
        with open(hf_hub_download(model, "config.json"), encoding="utf-8") as file:
            self.config = json.load(file)
        self.weights = load_file(hf_hub_download(model, "model.safetensors"))
        self.tokenizer = Tokenizer.from_pretrained(model)
        self.tokenizer.no_padding()

    def encode(self, sentence: str) -> np.ndarray:
        """Returns the mean of the last layer's token vectors, normalised."""
        tokens = np.array(self.tokenizer.encode(sentence).ids)
        hidden = (
            self.weights["embeddings.word_embeddings.weight"][tokens]
            + self.weights["embeddings.position_embeddings.weight"][: len(tokens)]
            + self.weights["embeddings.token_type_embeddings.weight"][0]
        )
        hidden = self._norm(hidden, "embeddings.LayerNorm")
        for layer in range(self.config["num_hidden_layers"]):
            hidden = self._layer(hidden, f"encoder.layer.{layer}")
        mean = hidden.mean(axis=0)
        return mean / np.linalg.norm(mean)

    def _layer(self, hidden: np.ndarray, name: str) -> np.ndarray:
        attended = self._linear(self._attention(hidden, name), f"{name}.attention.output.dense")
        hidden = self._norm(hidden + attended, f"{name}.attention.output.LayerNorm")
        inner = self._linear(hidden, f"{name}.intermediate.dense")
        inner = inner * 0.5 * (1 + _erf(inner / math.sqrt(2)))
        inner = self._linear(inner, f"{name}.output.dense")
        return self._norm(hidden + inner, f"{name}.output.LayerNorm")

    def _attention(self, hidden: np.ndarray, name: str) -> np.ndarray:
        heads = self.config["num_attention_heads"]

        def split(part: str) -> np.ndarray:
            projected = self._linear(hidden, f"{name}.attention.self.{part}")
            return projected.reshape(len(hidden), heads, -1).transpose(1, 0, 2)

        query, key, value = split("query"), split("key"), split("value")
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(query.shape[-1])
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        return (scores @ value).transpose(1, 0, 2).reshape(len(hidden), -1)

    def _linear(self, values: np.ndarray, name: str) -> np.ndarray:
        return values @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def _norm(self, values: np.ndarray, name: str) -> np.ndarray:
        centred = values - values.mean(axis=-1, keepdims=True)
        scale = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + self.config["layer_norm_eps"])
        return centred / scale * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]
