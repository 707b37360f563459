"""What was seen of all attentions of a model."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path

from attendo.errors import InputError
from attendo.observation.looks import Kind, Look
from attendo.observation.stored import load_looks, save_looks


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

    def save(self, folder: Path | str) -> None:
        """Write all of it into a folder that is new or empty: seen.safetensors, and seen.json that says what is what.

        Raises:
            InputError: if the folder holds anything.
            StorageError: if the disk refuses a file.
        """
        save_looks(list(self._looks.values()), folder)

    @classmethod
    def load(cls, folder: Path | str) -> Seen:
        """Read what `save` has written.

        Raises:
            InputError: if the folder does not hold that.
        """
        seen = cls()
        seen._looks = {look.name: look for look in load_looks(folder)}
        return seen

    def look(self, name: str, kind: Kind, heads: tuple[int, ...]) -> Look:
        """Where to write what is seen of an attention."""
        return self._looks.setdefault(name, Look(name, kind, heads))

    def __repr__(self) -> str:
        return f"Seen({', '.join(map(repr, self._looks.values()))})"
