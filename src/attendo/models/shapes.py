"""What the numbers of a config.json may be.

A family's shape is a frozen dataclass whose annotations say what is read. What config.json may ask for and the family
does not do stands there too, as a field with a single value: whoever asks for another is told, never ignored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from annotated_types import Ge, Gt, Le, Lt, MaxLen

from attendo.errors import ConfigError, UnsupportedError
from attendo.models.annotated import read_numbers
from attendo.nn import Rotary, Stretch

Count = Annotated[int, Ge(1), Le(2**28)]
"""How many or how wide; far more than any machine holds is a slip."""
Size = Annotated[int, Ge(0), Le(2**28)]
"""The same where there may be none."""
Depth = Annotated[int, Ge(1), Le(2**12)]
"""How many layers."""
Share = Annotated[float, Ge(0), Lt(1)]
Positive = Annotated[float, Gt(0)]
Little = Annotated[float, Ge(0), Lt(1)]
"""What keeps a norm from dividing by zero."""
Undivided = Annotated[float, Ge(1), Le(1)]
"""The whole, where others may take a share."""
Unquantized = Annotated[None, "Save the model with plain weights where it comes from."]
FAR, NEAR = "full_attention", "sliding_attention"
"""What config.json calls layers that look at the whole text, and at neighbours only."""
Shape = TypeVar("Shape")


@dataclass(frozen=True, kw_only=True)
class Plain:
    """What config.json of any family may ask for, and no family here does."""

    ALSO: ClassVar[Mapping[str, str]] = {}
    """Other names that config.json may have for a field."""

    quantization_config: Unquantized = None
    is_encoder_decoder: Literal[False] = False
    pruned_heads: Annotated[dict[str, Any], MaxLen(0)] | None = None


def read_shape(kind: type[Shape], config: Mapping[str, Any]) -> Shape:
    """The numbers that a family takes from a config.json.

    Raises:
        ConfigError: naming every number that cannot be.
    """
    also: Mapping[str, str] = getattr(kind, "ALSO", {})
    known = {also[name]: value for name, value in config.items() if name in also} | dict(config)
    if config.get("id2label") is not None:
        if not isinstance(config["id2label"], Mapping):
            raise ConfigError("`id2label` must be names with values: each label's number, and the label.")
        known["num_labels"] = len(config["id2label"])
    return read_numbers(kind, known)


def layer_kinds(named: Sequence[str] | None, usual: Iterable[str], count: int) -> tuple[str, ...]:
    """Which layers look far, and which near by: as config.json names them, or as is usual.

    Raises:
        ConfigError: if not every layer is named.
    """
    if named is not None and len(named) != count:
        raise ConfigError(f"`layer_types` must name every layer, of which there are {count}, but names {len(named)}.")
    return tuple(usual) if named is None else tuple(named)


def rotary(width: int, base: float, asked: Mapping[str, Any] | None, where: str = "rope_parameters.") -> Rotary:
    """Rotary positions as config.json describes them, in its older and its newer words.

    Raises:
        UnsupportedError: for a way to stretch positions that is not known.
        ConfigError: if a number is missing or cannot be.
    """
    asked = asked or {}
    name = asked.get("rope_type", asked.get("type", "default"))
    if not (isinstance(name, str) and name in STRETCHES):
        raise UnsupportedError(f"Rotary positions of the kind `{name}` are not known. Known: {', '.join(STRETCHES)}.")
    numbers = read_numbers(STRETCHES[name], asked, where)
    return Rotary(width, base if numbers.rope_theta is None else numbers.rope_theta, numbers.stretch())


@dataclass(frozen=True, kw_only=True)
class Unstretched:
    """Positions as they were trained."""

    rope_theta: Positive | None = None
    partial_rotary_factor: Undivided | None = None

    def stretch(self) -> Stretch | None:
        """What slows the turns."""
        return None


@dataclass(frozen=True, kw_only=True)
class Linear(Unstretched):
    """All turns slower by one factor."""

    factor: Positive

    def stretch(self) -> Stretch:
        """What slows the turns."""
        return Stretch(factor=self.factor)


@dataclass(frozen=True, kw_only=True)
class Llama3(Linear):
    """Slow turns slower, fast ones as they were."""

    low_freq_factor: Positive
    high_freq_factor: Positive
    original_max_position_embeddings: Count

    def stretch(self) -> Stretch:
        """What slows the turns."""
        if self.high_freq_factor <= self.low_freq_factor:
            raise ConfigError(
                f"`high_freq_factor` must be above `low_freq_factor` ({self.low_freq_factor:g}), but is "
                f"{self.high_freq_factor:g}."
            )
        length = self.original_max_position_embeddings
        return Stretch(factor=self.factor, kept=self.high_freq_factor / length, stretched=self.low_freq_factor / length)


STRETCHES: dict[str, type[Unstretched]] = {"default": Unstretched, "linear": Linear, "llama3": Llama3}
"""What config.json calls a way to reach further than a model was trained for."""
