"""What blocks look at where each text that is being written has one new token, understood once for all of them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor

from attendo.nn.contexts import KeyValues


class Single:
    """One new token of each text, in the order of the rows of a cache. Rows that are free go along, as long as the
    longest text; nobody reads what is made of them.

    Args:
        own: the room of each block, (2 * G, all rows * capacity, D), keys before values; and the same as views of the
            rows that go along, (R, G, capacity, D).
        places: the row of each text.
        lengths: tokens of each text, the new one included.
        remembered: what each block keeps of the texts that they are written from, (n, G, S, D).
        hidden: what is added to scores of these, (n, 1, 1, S); None where all are of one length.
    Attributes:
        positions: of the new tokens: (R,), or (1,) where all have the same.
        longest: tokens of the longest text.
        mask: what is added to scores, (R, 1, 1, longest); None where all texts are of one length.
        texts: rows for each text that they are written from.
    """

    def __init__(
        self,
        own: tuple[Sequence[Tensor], Sequence[KeyValues]],
        places: Sequence[int],
        lengths: Sequence[int],
        remembered: Sequence[KeyValues],
        hidden: Tensor | None,
    ) -> None:
        self._rooms, self._rows = own
        self._remembered, self._hidden = remembered, hidden
        self.texts = len(own[1][0].keys) // len(remembered[0].keys) if remembered else 1
        keys = self._rows[0].keys
        self._count, capacity, device = len(keys), keys.shape[2], keys.device
        self._order = None if places == list(range(self._count)) else torch.tensor(places, device=device)
        self.longest, self.mask = max(lengths), None
        held = [self.longest] * (1 if min(lengths) == self.longest else self._count)
        if len(held) > 1:
            for place, length in zip(places, lengths, strict=True):
                held[place] = length
        self.positions = torch.tensor(held, device=device).sub_(1)
        self._at = torch.arange(0, self._count * capacity, capacity, device=device).add_(self.positions)
        if len(held) > 1:
            behind = torch.arange(self.longest, device=device) > self.positions[:, None]
            mask = torch.zeros(behind.shape, device=device, dtype=keys.dtype).masked_fill_(behind, -torch.inf)
            self.mask = mask[:, None, None]

    def rowed(self, ids: Int[Tensor, " B"]) -> Int[Tensor, " R"]:
        """The new tokens in the order of rows."""
        return ids if self._order is None else ids.new_zeros(self._count).index_copy_(0, self._order, ids)

    def unrowed(self, x: Shaped[Tensor, "R E"]) -> Shaped[Tensor, "B E"]:
        """What was made of them, in the order of texts."""
        return x if self._order is None else x.index_select(0, self._order)

    def joined(self, block: int, new: Float[Tensor, "R G2 D"]) -> tuple[Tensor, Tensor]:
        """All keys and values of a block's texts so far, (R, G, longest, D), the new ones among them.

        Args:
            new: keys and values of the new tokens, side by side.
        """
        self._rooms[block].index_copy_(1, self._at, new.transpose(0, 1))
        rows = self._rows[block]
        return rows.keys.narrow(2, 0, self.longest), rows.values.narrow(2, 0, self.longest)

    def memory(self, block: int) -> tuple[Tensor, Tensor, Tensor | None]:
        """Keys and values of the sources, (n, G, S, D), and what is added to scores; R / n rows belong to each."""
        rows = self._remembered[block]
        return rows.keys, rows.values, self._hidden
