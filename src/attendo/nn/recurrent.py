"""What a stack of blocks is to a Transformer, for recurrent nets: layers between embeddings and what is said of them.

Texts are packed rows. An encoder reads them in both directions; decoders are in `recurrent_decoders`.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from attendo.attention import Layout
from attendo.nn.cells import CELLS, CellName, through
from attendo.nn.contexts import Memory
from attendo.nn.dropout import Dropout
from attendo.nn.steps import Steps, steps_of
from attendo.nn.texts import layout_of
from attendo.nn.written import Written


class Recurrence(nn.Module):
    """Layers that carry a state from token to token; they run in the precision of their weights, as errors add up.

    Args:
        width: of the vectors that come out.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width

    def forward(
        self,
        x: Float[Tensor, "N E"],
        layout: Layout | None = None,
        read: Layout | None = None,
        beyond: Memory | Written | None = None,
    ) -> Float[Tensor, "M F"]:
        """All tokens, or those that are read, as with a `Stack`.

        Args:
            beyond: what a decoder writes from. With texts that are being written, these are their latest tokens.
        """
        layout = layout_of(x, layout)
        with torch.autocast(x.device.type, enabled=False):
            found = self._run(x.to(next(self.parameters()).dtype), layout, beyond)
        return found if read is None else found[read.query_keys(x.device)]

    @property
    def cross_attentions(self) -> list[nn.Module]:
        """What looks at a memory; nothing here."""
        return []

    def at(self, x: Float[Tensor, "N E"], layout: Layout | None, places: Int[Tensor, " M"]) -> Float[Tensor, "M F"]:
        """The vectors at some places only; those of all others are needed for them."""
        return self(x, layout)[places]

    def cache(self, rows: int, capacity: int, texts: int | None = None, memory: Memory | None = None) -> Written:
        """Room for texts that are written token by token, where a recurrence can write."""
        raise NotImplementedError

    def _run(self, x: Tensor, layout: Layout, beyond: Memory | Written | None) -> Tensor:
        raise NotImplementedError


class RecurrentEncoder(Recurrence):
    """Layers that read each text forwards and backwards; both directions lie side by side (arXiv 1409.0473, 3.2).

    Args:
        hidden_size: width of each direction.
        dropout: share taken away between layers.
    """

    def __init__(
        self, d_model: int, hidden_size: int, num_layers: int, *, cell: CellName = "gru", dropout: float = 0.0
    ) -> None:
        super().__init__(2 * hidden_size)
        widths = [d_model, *[self.width] * (num_layers - 1)]
        self.layers = nn.ModuleList(CELLS[cell].layer(width, hidden_size, bidirectional=True) for width in widths)
        self.dropout = Dropout(dropout)

    def _run(self, x: Tensor, layout: Layout, beyond: Memory | Written | None) -> Tensor:
        steps = steps_of(layout, x.device)
        if not len(steps.rows):
            return x.new_zeros(0, self.width)
        found = x.index_select(0, steps.rows)
        for number, layer in enumerate(self.layers):
            found, _ = through(layer, found if number == 0 else self.dropout(found), steps)  # type: ignore[arg-type]
        return in_place(found, steps)


def in_place(found: Float[Tensor, "M E"], steps: Steps) -> Float[Tensor, "M E"]:
    """Vectors in the order of their steps, put where their tokens stand in the row."""
    return torch.empty_like(found).index_copy(0, steps.rows, found)
