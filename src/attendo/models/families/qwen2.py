"""Qwen2 (arXiv 2407.10671): Llama's blocks with biases, and in upper layers, if asked for, a window."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from annotated_types import Ge

from attendo.attention import Causal, Mask, Window
from attendo.models.families import llama
from attendo.models.shapes import FAR, NEAR, Count, layer_kinds
from attendo.nn import Heads


@dataclass(frozen=True, kw_only=True)
class Shape(llama.Shape):
    """The numbers in config.json, by their names there."""

    vocab_size: Count = 151936
    intermediate_size: Count = 22016
    num_key_value_heads: Count | None = 32
    use_sliding_window: bool = False
    sliding_window: Count | None = 4096
    max_window_layers: Annotated[int, Ge(0)] = 28
    layer_types: tuple[Literal["full_attention", "sliding_attention"], ...] | None = None

    def heads(self) -> Heads:
        """The heads of every layer: queries, keys and values have a bias."""
        return replace(super().heads(), biases=(True, False))

    def mask(self, layer: int) -> Mask:
        """What a layer may look at: all that came before, or the last of it."""
        usual = (NEAR if i >= self.max_window_layers else FAR for i in range(self.num_hidden_layers))
        near = layer_kinds(self.layer_types, usual, self.num_hidden_layers)[layer] == NEAR
        if not (self.use_sliding_window and self.sliding_window and near):
            return Causal()
        return Window(self.sliding_window - 1, 0)


build, keys = llama.build, llama.keys
HEADS = llama.heads("Qwen2")
