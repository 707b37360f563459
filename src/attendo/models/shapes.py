"""What the numbers of a config.json may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Annotated, Any, TypeVar

from annotated_types import Ge, Lt

from attendo.configuration import from_mapping
from attendo.errors import ConfigError, UnsupportedError
from attendo.nn import Rotary, Stretch

Count = Annotated[int, Ge(1)]
Share = Annotated[float, Ge(0), Lt(1)]
Shape = TypeVar("Shape")


def read_shape(kind: type[Shape], config: Mapping[str, Any]) -> Shape:
    """The numbers that a family takes from a config.json.

    Raises:
        ConfigError: naming every number that cannot be.
    """
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    known = {name: value for name, value in config.items() if name in names}
    if "num_labels" in names and "id2label" in config:
        known["num_labels"] = len(config["id2label"])
    return from_mapping(kind, known)


def rotary(width: int, base: float, asked: Mapping[str, Any] | None) -> Rotary:
    """Rotary positions as config.json describes them, in its older and its newer words.

    Raises:
        UnsupportedError: for a way to stretch positions that is not known.
        ConfigError: if a number is missing.
    """
    asked = asked or {}
    kind = asked.get("rope_type", asked.get("type", "default"))
    if kind not in STRETCHES:
        raise UnsupportedError(f"Rotary positions of the kind `{kind}` are not known. Known: {', '.join(STRETCHES)}.")
    try:
        return Rotary(width, asked.get("rope_theta", base), STRETCHES[kind](asked))
    except KeyError as error:
        raise ConfigError(f"Rotary positions of the kind `{kind}` need a {error}.") from None


STRETCHES: dict[str, Callable[[Mapping[str, Any]], Stretch | None]] = {
    "default": lambda asked: None,
    "linear": lambda asked: Stretch(factor=asked["factor"]),
    "llama3": lambda asked: Stretch(
        factor=asked["factor"],
        kept=asked["high_freq_factor"] / asked["original_max_position_embeddings"],
        stretched=asked["low_freq_factor"] / asked["original_max_position_embeddings"],
    ),
}
"""What config.json calls a way to reach further than a model was trained for."""
