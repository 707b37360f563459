"""What blocks look at where each text that is being written has one new token, understood once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from attendo.attention import Layout
from attendo.nn.contexts import KeyValues


@dataclass(frozen=True, eq=False)
class Chosen:
    """Keys and values of the texts of a memory that are looked at, side by side, filled up to the longest.

    Attributes:
        sources: the text of the memory that each text is written from.
        rows: of each block, (n, G, S, D) each.
        mask: what is added to scores, (n, 1, 1, S): -inf behind the end of a text; None where all are of one length.
    """

    sources: list[int]
    rows: Sequence[KeyValues]
    mask: Tensor | None

    @classmethod
    def of(cls, sources: Sequence[int], layout: Layout, projected: Sequence[KeyValues]) -> Chosen:
        """Several texts share the keys of a source where all sources have as many texts, which are neighbours."""
        own = list(dict.fromkeys(sources))
        share = len(sources) // len(own)
        own = own if list(sources) == [each for each in own for _ in range(share)] else list(sources)
        device = projected[0].keys.device
        lengths = torch.tensor([layout.query_lengths[each] for each in own], device=device)
        starts = torch.tensor([layout.query_starts[each] for each in own], device=device)
        within = torch.arange(int(lengths.max()), device=device)
        behind = within >= lengths[:, None]  # (n, S)
        places = (starts[:, None] + within).masked_fill(behind, 0)
        rows = [
            KeyValues(*(tensor[:, places].transpose(0, 1) for tensor in (each.keys, each.values))) for each in projected
        ]
        mask = torch.zeros(behind.shape, device=device, dtype=rows[0].keys.dtype).masked_fill_(behind, -torch.inf)
        return cls(list(sources), rows, mask[:, None, None] if bool(behind.any()) else None)


class Single:
    """One new token of each text, understood once for all blocks.

    Args:
        own: the room of each block.
        rows: texts that there is room for.
        places: the row of each text.
        lengths: tokens of each text, the new one included.
        chosen: what they are written from.
    """

    def __init__(
        self,
        own: Sequence[KeyValues],
        rows: int,
        places: Sequence[int],
        lengths: Sequence[int],
        chosen: Chosen | None,
    ) -> None:
        device, self._own, self._chosen = own[0].keys.device, own, chosen
        self._capacity, self._longest = own[0].keys.shape[1] // rows, max(lengths)
        self._count, self._ordered = max(places) + 1, list(places) == list(range(len(places)))
        self._places, held = torch.tensor([places, lengths], device=device)
        self.positions = held - 1
        self._at = self._places * self._capacity + self.positions
        self.mask = self._mask(held, own[0].keys.dtype)

    def joined(self, block: int, key: Float[Tensor, "B G D"], value: Float[Tensor, "B G D"]) -> tuple[Tensor, Tensor]:
        """All keys and values of a block's texts so far, (R, G, S, D), the new ones among them."""
        room = self._own[block]
        room.keys.index_copy_(1, self._at, key.transpose(0, 1))
        room.values.index_copy_(1, self._at, value.transpose(0, 1))
        return self._rows(room.keys), self._rows(room.values)

    def memory(self, block: int) -> tuple[Tensor, Tensor, Tensor | None]:
        """Keys and values of the sources, and their mask."""
        assert self._chosen is not None, "a block that looks at a memory is given one"
        return self._chosen.rows[block].keys, self._chosen.rows[block].values, self._chosen.mask

    def rowed(self, x: Float[Tensor, "B H D"]) -> Float[Tensor, "R H D"]:
        """The queries of texts in the rows of the room; zeros where a row is free."""
        return x if self._ordered else x.new_zeros(self._count, *x.shape[1:]).index_copy_(0, self._places, x)

    def unrowed(self, x: Float[Tensor, "R E"]) -> Float[Tensor, "B E"]:
        """What was found for them."""
        return x if self._ordered else x.index_select(0, self._places)

    def _rows(self, room: Tensor) -> Tensor:
        return room.unflatten(1, (-1, self._capacity))[:, : self._count, : self._longest].transpose(0, 1)

    def _mask(self, held: Tensor, dtype: torch.dtype) -> Tensor | None:
        """Hides what lies behind a text; a free row sees its first place, and nobody reads what it finds."""
        if self._ordered and bool((held == self._longest).all()):
            return None
        lengths = held.new_ones(self._count).index_copy_(0, self._places, held)
        behind = torch.arange(self._longest, device=held.device) >= lengths[:, None]
        return torch.zeros(behind.shape, device=held.device, dtype=dtype).masked_fill_(behind, -torch.inf)[
            :, None, None
        ]
