"""Qwen3 (arXiv 2505.09388): Qwen2 without biases, but with a norm on each query and each key."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from attendo.models.families import llama, qwen2
from attendo.models.shapes import Count
from attendo.nn import Heads


@dataclass(frozen=True, kw_only=True)
class Shape(qwen2.Shape):
    """The numbers in config.json, by their names there."""

    head_dim: Count = 128

    def heads(self) -> Heads:
        """The heads of every layer."""
        return llama.Shape.heads(self)

    def norms(self) -> tuple[nn.Module, nn.Module]:
        """A norm over each head."""
        return nn.RMSNorm(self.head_dim, eps=self.rms_norm_eps), nn.RMSNorm(self.head_dim, eps=self.rms_norm_eps)


build, keys = llama.build, llama.keys
HEADS = llama.heads("Qwen3")
