"""What was seen of each attention of a model."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from attendo.attention import Observed
from attendo.errors import InputError

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


class Seen(Mapping[str, Look]):
    """The attentions of a model by the paths of their modules, in the order in which they were first called."""

    def __init__(self) -> None:
        self._looks: dict[str, Look] = {}

    def __getitem__(self, name: str) -> Look:
        if name in self._looks:
            return self._looks[name]
        if not self._looks:
            raise InputError("Nothing has been seen yet: run the model inside the `with` block.")
        near = difflib.get_close_matches(name, self._looks, 1, 0.0)[0]
        raise InputError(f"No attention `{name}` was seen. Seen were {len(self._looks)}, such as `{near}`.")

    def __iter__(self) -> Iterator[str]:
        return iter(self._looks)

    def __len__(self) -> int:
        return len(self._looks)

    def of(self, kind: Kind) -> list[Look]:
        """Those in which texts look at themselves (`self`), or at others (`cross`)."""
        return [look for look in self._looks.values() if look.kind == kind]

    def look(self, name: str, kind: Kind, heads: tuple[int, ...]) -> Look:
        """Where to write what is seen of an attention."""
        return self._looks.setdefault(name, Look(name, kind, heads))

    def __repr__(self) -> str:
        return f"Seen({', '.join(map(repr, self._looks.values()))})"
