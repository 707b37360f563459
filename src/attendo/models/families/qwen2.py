"""Qwen2 (arXiv 2407.10671): Llama's blocks with biases, and in upper layers, if asked for, a window."""

from __future__ import annotations

from dataclasses import dataclass, replace

from attendo.attention import Causal, Mask, Window
from attendo.models.encoder import TokenModel
from attendo.models.families import llama
from attendo.models.naming import KeyTable
from attendo.models.shapes import Count
from attendo.nn import Heads


@dataclass(frozen=True, kw_only=True)
class Shape(llama.Shape):
    """The numbers in config.json, by their names there."""

    vocab_size: Count = 151936
    intermediate_size: Count = 22016
    num_key_value_heads: Count | None = 32
    use_sliding_window: bool = False
    sliding_window: Count | None = 4096
    max_window_layers: int = 28
    layer_types: tuple[str, ...] | None = None

    def heads(self) -> Heads:
        """The heads of every layer: queries, keys and values have a bias."""
        return replace(super().heads(), biases=(True, False))

    def mask(self, layer: int) -> Mask:
        """What a layer may look at: all that came before, or the last of it."""
        near = layer >= self.max_window_layers if self.layer_types is None else "sliding" in self.layer_types[layer]
        if not (self.use_sliding_window and self.sliding_window and near):
            return Causal()
        return Window(self.sliding_window - 1, 0)


def build(shape: Shape, head: str) -> TokenModel:
    """A model without weights that mean anything yet."""
    return llama.build(shape, head)


def keys(shape: Shape, head: str) -> KeyTable:
    """What a checkpoint calls the weights."""
    return llama.keys(shape, head)


HEADS = llama.heads("Qwen2")
