"""mBART (arXiv 2001.08210): BART in many languages, pre-norm, with a norm behind the last block of each side."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from attendo.models.families import bart
from attendo.nn import Residual


@dataclass(frozen=True, kw_only=True)
class Shape(bart.Shape):
    """The numbers in config.json, by their names there."""

    decoder_start_token_id: int | None = None

    @property
    def start(self) -> None:
        """A text's last token names its language; it is read first."""
        return None

    def residual(self, part: nn.Module) -> Residual:
        """A part of a block, with its norm before it."""
        return Residual(part, before=self.norm(), dropout=self.dropout)

    def last_norm(self) -> nn.Module:
        """The norm behind the last block."""
        return self.norm()


build, keys = bart.build, bart.keys
HEADS = bart.heads("MBart")
