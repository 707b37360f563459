"""Which keys each query may look at: a small algebra of structured masks.

A mask is a description, not a matrix. It answers two questions about any rectangle of the score matrix: which of its
cells are allowed (`allowed`), and which keys can be allowed at all for a range of queries (`spans`), so that a backend
never touches what cannot be seen. Masks are joined with `&` and `|`, and compare *positions in the text*, not places in
a row: see `Layout`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from jaxtyping import Bool
from torch import Tensor

from attendo.attention.geometry import Patch, Span, crossed, joined
from attendo.attention.layout import Layout, integers


class Mask:
    """Base of all masks; `True` means *may look*."""

    def allowed(self, patch: Patch) -> Bool[Tensor, "#B #H #T #S"] | None:
        """Which cells of the patch are allowed; `None` means all of them."""
        raise NotImplementedError

    def spans(self, first: int, last: int, num_keys: int) -> list[Span]:
        """Ranges of key positions that hold every key a query position in `first` to `last` may look at, sorted."""
        return [(0, num_keys)]

    def __and__(self, other: Mask) -> Mask:
        return other if isinstance(self, Full) else self if isinstance(other, Full) else Both(self, other)

    def __or__(self, other: Mask) -> Mask:
        return self if isinstance(self, Full) else other if isinstance(other, Full) else Either(self, other)


@dataclass(frozen=True)
class Full(Mask):
    """Every key."""

    def allowed(self, patch: Patch) -> None:
        return None


@dataclass(frozen=True)
class Causal(Mask):
    """Keys up to the query's own position."""

    def allowed(self, patch: Patch) -> Tensor | None:
        return patch.key_positions[:, None, None, :] <= patch.query_positions[:, None, :, None]

    def spans(self, first: int, last: int, num_keys: int) -> list[Span]:
        return crossed([(0, num_keys)], [(0, last + 1)])


@dataclass(frozen=True)
class Window(Mask):
    """Keys at most `before` positions back and `after` positions ahead."""

    before: int
    after: int

    def allowed(self, patch: Patch) -> Tensor | None:
        distance = patch.key_positions[:, None, None, :] - patch.query_positions[:, None, :, None]
        return (distance >= -self.before) & (distance <= self.after)

    def spans(self, first: int, last: int, num_keys: int) -> list[Span]:
        return crossed([(0, num_keys)], [(first - self.before, last + self.after + 1)])


@dataclass(frozen=True)
class Prefix(Mask):
    """The first `length` keys of each text, as in `Causal() | Prefix(n)`; one number, or one for each text."""

    length: int | tuple[int, ...]

    def allowed(self, patch: Patch) -> Tensor | None:
        if isinstance(self.length, int):
            return patch.key_positions[:, None, None, :] < self.length
        assert patch.query_texts is not None, "a call with a prefix for each text knows its texts"
        lengths = torch.tensor(self.length, device=patch.query_texts.device)[patch.query_texts]
        return patch.key_positions[:, None, None, :] < lengths[:, None, :, None]

    def spans(self, first: int, last: int, num_keys: int) -> list[Span]:
        longest = self.length if isinstance(self.length, int) else max(self.length, default=0)
        return crossed([(0, num_keys)], [(0, longest)])


@dataclass(frozen=True)
class Global(Mask):
    """Chosen positions of each text look everywhere and are seen from everywhere (arXiv 2004.05150)."""

    positions: tuple[int, ...] = (0,)

    def allowed(self, patch: Patch) -> Tensor | None:
        chosen = torch.tensor(self.positions, device=patch.key_positions.device)
        seen = torch.isin(patch.key_positions, chosen)[:, None, None, :]
        return seen | torch.isin(patch.query_positions, chosen)[:, None, :, None]

    def spans(self, first: int, last: int, num_keys: int) -> list[Span]:
        if any(first <= position <= last for position in self.positions):
            return [(0, num_keys)]
        return joined([(p, p + 1) for p in self.positions if 0 <= p < num_keys])


@dataclass(frozen=True)
class Segments(Mask):
    """Packed texts: each token sees only its own text. Packing is nothing but this mask."""

    layout: Layout

    def allowed(self, patch: Patch) -> Tensor | None:
        assert patch.query_texts is not None, "a call with Segments knows its texts"
        assert patch.key_texts is not None
        if patch.query_texts is patch.key_texts:
            return None  # every matrix of the patch lies within one text
        return patch.query_texts[:, None, :, None] == patch.key_texts[:, None, None, :]


@dataclass(frozen=True)
class Occupied(Mask):
    """Keys of any text: what is left of `Segments` where packed texts may see each other."""

    def allowed(self, patch: Patch) -> Tensor | None:
        assert patch.key_texts is not None, "a call with Segments knows its texts"
        return patch.key_texts[:, None, None, :] >= 0


@dataclass(frozen=True, init=False)
class Lengths(Mask):
    """Padding of a batch: text b has `lengths[b]` real keys.

    A `Layout` in place of numbers also says where each text's queries stand among its keys (a cache), and gives zeros
    to query places that hold no token.
    """

    key_lengths: tuple[int, ...]
    layout: Layout | None = None

    def __init__(self, lengths: Sequence[int] | Tensor | Layout) -> None:
        layout = lengths if isinstance(lengths, Layout) else None
        keys = lengths.key_lengths if isinstance(lengths, Layout) else integers(lengths)
        object.__setattr__(self, "layout", layout)
        object.__setattr__(self, "key_lengths", keys)

    def allowed(self, patch: Patch) -> Tensor | None:
        texts = patch.query_texts
        assert texts is not None, "a call with Lengths knows its texts"
        keys = torch.tensor(self.key_lengths, device=texts.device)[texts]
        allowed = patch.key_rows[:, None, None, :] < keys[:, None, :, None]
        if self.layout is None:
            return allowed
        queries = torch.tensor(self.layout.query_lengths, device=texts.device)[texts]
        return allowed & (patch.query_rows[:, None, :, None] < queries[:, None, :, None])

    def spans(self, first: int, last: int, num_keys: int) -> list[Span]:
        return crossed([(0, num_keys)], [(0, max(self.key_lengths, default=0))])


@dataclass(frozen=True, eq=False)
class Dense(Mask):
    """Any boolean matrix, broadcast over what it lacks; on a packed row it spans the whole row."""

    matrix: Bool[Tensor, "*#B #T #S"] = field(repr=False)

    def allowed(self, patch: Patch) -> Tensor | None:
        return patch.cut(self.matrix)


@dataclass(frozen=True)
class Both(Mask):
    """What both masks allow."""

    left: Mask
    right: Mask

    def allowed(self, patch: Patch) -> Tensor | None:
        left, right = self.left.allowed(patch), self.right.allowed(patch)
        return right if left is None else left if right is None else left & right

    def spans(self, first: int, last: int, num_keys: int) -> list[Span]:
        return crossed(self.left.spans(first, last, num_keys), self.right.spans(first, last, num_keys))


@dataclass(frozen=True)
class Either(Mask):
    """What at least one of the masks allows."""

    left: Mask
    right: Mask

    def allowed(self, patch: Patch) -> Tensor | None:
        left, right = self.left.allowed(patch), self.right.allowed(patch)
        return None if left is None or right is None else left | right

    def spans(self, first: int, last: int, num_keys: int) -> list[Span]:
        return joined(self.left.spans(first, last, num_keys) + self.right.spans(first, last, num_keys))


def conjuncts(mask: Mask) -> list[Mask]:
    """The masks that must all allow, of which `mask` is made."""
    if isinstance(mask, Both):
        return conjuncts(mask.left) + conjuncts(mask.right)
    return [] if isinstance(mask, Full) else [mask]


def members(mask: Mask) -> list[Mask]:
    """Every mask that `mask` is made of, in either way."""
    if isinstance(mask, Both | Either):
        return members(mask.left) + members(mask.right)
    return [mask]
