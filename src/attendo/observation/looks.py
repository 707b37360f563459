"""What one attention of a model looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from attendo.attention import Observed

Kind: TypeAlias = Literal["self", "cross"]


class Glance(NamedTuple):
    """What one call of an attention looked at in one text.

    Attributes:
        call: which call it was, counted from 0; `text` likewise, within the call.
        observed: without leading axes: (H, T), (H, S), ...; tokens of padding are left out.
    """

    call: int
    text: int
    observed: Observed


@dataclass(eq=False)
class Look:
    """What one attention looked at.

    Attributes:
        name: the path of its module.
        kind: whether texts look at themselves, or at others.
        heads: the heads that were watched, by their numbers.
    """

    name: str
    kind: Kind
    heads: tuple[int, ...]
    glances: list[Glance] = field(default_factory=list)

    @property
    def calls(self) -> int:
        """How often it was called."""
        return self.glances[-1].call + 1 if self.glances else 0

    @property
    def texts(self) -> list[Observed]:
        """What was observed of each text, call after call."""
        return [glance.observed for glance in self.glances]

    def __repr__(self) -> str:
        return f"Look({self.name!r}, {self.kind}, {len(self.heads)} heads, {self.calls} calls)"
