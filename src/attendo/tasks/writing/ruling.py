"""Settings as what decoding knows: rules about what has been written, and shapings of what is drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attendo.decoding import (
    AtLeast,
    Banned,
    Constraint,
    Hurried,
    MinP,
    NoRepeat,
    RepetitionPenalty,
    Rule,
    Shaping,
    Temperature,
    TopK,
    TopP,
    Typical,
)
from attendo.errors import ConfigError
from attendo.tasks.writing.forms import Form
from attendo.tasks.writing.settings import Method, WriteSettings
from attendo.text.patterns import Steering

Longs = NDArray[np.int64]

_SHAPINGS = {"temperature": Temperature, "top_k": TopK, "top_p": TopP, "min_p": MinP, "typical": Typical}


def shapings(settings: WriteSettings) -> list[Shaping]:
    """What is done to probabilities before a token is drawn, in this order."""
    return [_SHAPINGS[name](getattr(settings, name)) for name in settings.given(*_SHAPINGS)]


def usual_rules(settings: WriteSettings, ends: Sequence[int], never: Sequence[int]) -> list[Rule]:
    """Rules that need to know tokens only.

    Args:
        ends: ids that end a text.
        never: ids that are never written.
    """
    rules: list[Rule] = [Banned(tuple((each,) for each in never))] if never else []
    if settings.repetition_penalty != 1:
        rules.append(RepetitionPenalty(settings.repetition_penalty))
    if settings.no_repeat_ngram is not None:
        rules.append(NoRepeat(settings.no_repeat_ngram))
    if settings.min_new:
        rules.append(AtLeast(settings.min_new, tuple(ends)))
    return rules


@dataclass(frozen=True)
class Steered:
    """Makes texts of a form, the last token of which comes in time.

    Args:
        new: tokens of a text at most.
        opens: whether what is written is the beginning of a text, and not the rest of one.
    Raises:
        ConfigError: if no such text can be written.
    """

    steering: Steering
    form: Form
    new: int
    opens: bool

    def __post_init__(self) -> None:
        asked = " and ".join(f"`{name}`" for name in self.form.asked)
        if not self.steering.ends and (self.form.pattern is not None or self.form.schema is not None):
            raise ConfigError(f"{asked} says where a text ends, but this model has no token that ends one.")
        fewest = self.steering.fewest(opens=self.opens)
        if fewest is None:
            raise ConfigError(
                f"This model's tokenizer cannot write any text that is what {asked} asks for: it spells blanks, "
                "capitals or characters otherwise, or not at all. Ask for a text as it writes them."
            )
        if fewest > self.new:
            raise ConfigError(
                f"A text that is what {asked} asks for takes at least {fewest:,} tokens, its end included, but there "
                f"is room for {self.new:,}. Raise `max_new`, or ask for less."
            )

    def rules(self, method: Method) -> list[Rule]:
        """Only tokens that lead to such a text are allowed; where one text is followed and strings must occur in it,
        they are not put off beyond its natural end. Beams try them at every step."""
        held = Constraint(lambda ids: self.steering.allowed(ids, new=self.new, opens=self.opens))
        return [Hurried(self, self.steering.ends), held] if self.form.forced and method != "beam" else [held]

    def missing(self, ids: Sequence[int]) -> int:
        """How many tokens such a text needs at least to come about."""
        return self.steering.missing(ids, opens=self.opens)

    def nearing(self, ids: Sequence[int]) -> Longs:
        """The tokens that make these fewer."""
        return self.steering.nearing(ids, opens=self.opens)
