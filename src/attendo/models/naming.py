"""Names of weights, both ways: ours on the left, a checkpoint's on the right.

A family lists keys. A key speaks of a weight, or of a module with all its weights, and `*` stands for the number of a
layer. Where several tensors of a checkpoint are one of ours (queries, keys and values are projected at once), they are
stacked; where a checkpoint keeps a matrix the other way round, it is turned.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor


@dataclass(frozen=True)
class Key:
    """One line of a table.

    Args:
        ours: a weight or a module of the model.
        theirs: the same in the checkpoint; several are stacked along the first axis.
        parts: how the rows of ours are shared among several of theirs; equally by default.
        turned: whether the checkpoint keeps matrices as (inputs, outputs).
        also: another name for the very same tensor; checkpoints hold one of the two, or both.
        older: a name under which some checkpoints hold it instead; it is read, never written.
        otherwise: what it is filled with where a checkpoint lacks it; None if it must be there.
    """

    ours: str
    theirs: str | tuple[str, ...]
    parts: tuple[int, ...] = ()
    turned: bool = False
    also: str = ""
    older: str = ""
    otherwise: float | None = None

    def names(self, name: str) -> tuple[str, ...] | None:
        """What the checkpoint calls one of our weights, or None if this key does not speak of it."""
        found = self._pattern.fullmatch(name)
        if found is None:
            return None
        *layers, leaf = found.groups()
        several = (self.theirs,) if isinstance(self.theirs, str) else self.theirs
        return tuple(_numbered(theirs, layers) + (leaf or "") for theirs in several)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(re.escape(self.ours).replace(r"\*", r"(\d+)") + r"(\..+)?")

    def turn(self, tensor: Tensor) -> Tensor:
        """The other side's view of a tensor: of theirs ours, and of ours theirs."""
        return tensor.mT if self.turned and tensor.ndim == 2 else tensor

    def split(self, tensor: Tensor) -> tuple[Tensor, ...]:
        """Their tensors as views of ours."""
        several = 1 if isinstance(self.theirs, str) else len(self.theirs)
        parts = self.parts or (1,) * several
        pieces = tensor.split([len(tensor) * part // sum(parts) for part in parts]) if several > 1 else (tensor,)
        return tuple(self.turn(piece) for piece in pieces)


@dataclass(frozen=True, kw_only=True)
class KeyTable:
    """All keys of a model.

    Attributes:
        base: keys of the encoder or decoder itself, without `prefix`; none where all names are the same.
        head: keys of what stands on it.
        prefix: what checkpoints with a head put before the base's names.
        ignored: names of a checkpoint that hold nothing to learn, as patterns with `*`.
    """

    base: tuple[Key, ...]
    head: tuple[Key, ...] = ()
    prefix: str = ""
    ignored: tuple[str, ...] = ()

    def find(self, name: str) -> tuple[Key, tuple[str, ...]]:
        """The key for one of our weights, and what a checkpoint calls it, without the prefix.

        Raises:
            LookupError: if no key speaks of it, which is a mistake in the family's table.
        """
        for key in (*self.head, *self.base):
            names = key.names(name)
            if names is not None:
                return key, names
        if not self.base:
            return Key(name, name), (name,)
        raise LookupError(f"The table of weight names has no key for `{name}`.")

    def plain(self, name: str) -> str:
        """A checkpoint's name as this table spells it: without prefix, and with today's names of a norm's weights."""
        name = name.removeprefix(self.prefix)
        if name.endswith(("LayerNorm.gamma", "LayerNorm.beta")):
            return name.removesuffix("gamma").removesuffix("beta") + ("weight" if name.endswith("gamma") else "bias")
        return name

    def ignores(self, name: str) -> bool:
        """Whether a checkpoint's (plain) name holds nothing to learn."""
        return any(re.fullmatch(re.escape(each).replace(r"\*", ".*"), name) for each in self.ignored)

    def export(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """A checkpoint's tensors from ours."""
        found: dict[str, Tensor] = {}
        for name, tensor in weights.items():
            key, names = self.find(name)
            prefix = self.prefix if self.head and key in self.base else ""
            theirs = (each.contiguous() for each in key.split(tensor))
            found |= zip((prefix + each for each in names), theirs, strict=True)
            if key.also:
                found[prefix + key.also] = found[prefix + names[0]].clone()
        return found


SAME = KeyTable(base=())
"""The table of models that are saved under their own names."""


def _numbered(pattern: str, layers: Sequence[str]) -> str:
    """The numbers of the layers put where the stars are."""
    numbers = iter(layers)
    return re.sub(r"\*", lambda _: next(numbers), pattern)
