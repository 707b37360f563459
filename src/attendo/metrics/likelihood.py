"""How well a model of language foresees texts, from what their tokens cost it: negative log-likelihoods in nats."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from attendo.errors import InputError, ShapeError
from attendo.metrics.bootstrap import Interval, PairedDifference, intervals, paired_bootstrap
from attendo.metrics.classification import ClassScore
from attendo.metrics.sums import Floats, SumMetric, as_columns, of_counts


@dataclass(frozen=True, kw_only=True)
class LikelihoodScores:
    """What texts cost a model; less is better. Bits for each character or byte compare models of other tokens."""

    num_examples: int
    perplexity: Interval
    """e to the nats for each token."""
    nats_per_token: Interval
    bits_per_character: Interval | None = None
    bits_per_byte: Interval | None = None
    classes: ClassVar[tuple[ClassScore, ...]] = ()
    """Texts are of no classes here."""
    class_f1: ClassVar[tuple[Interval, ...]] = ()

    def as_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries and numbers, ready for JSON; what is not known is left out."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def score_likelihood(
    nats: npt.ArrayLike,
    tokens: npt.ArrayLike,
    *,
    characters: npt.ArrayLike | None = None,
    num_bytes: npt.ArrayLike | None = None,
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> LikelihoodScores:
    """Score what all tokens of each text cost together.

    Args:
        nats: the negative log-likelihood of each text, summed over its tokens.
        tokens: how many tokens were foreseen in it.
        characters, num_bytes: how many of them the same tokens stand for.

    Raises:
        ShapeError: if the columns differ in length.
        InputError: if there is no text, or a column holds what cannot be, or nothing but zeros.
    """
    named = {"nats": nats, "tokens": tokens, "characters": characters, "num_bytes": num_bytes}
    given = {name: values for name, values in named.items() if values is not None}
    table = np.stack([_amounts(name, each) for name, each in _columns(given).items()], axis=1)
    places = {name: place for place, name in enumerate(given)}
    metrics = {"nats_per_token": _ratio(1, np.asarray)}
    metrics |= {
        score: _ratio(places[name], _in_bits)
        for score, name in (("bits_per_character", "characters"), ("bits_per_byte", "num_bytes"))
        if name in places
    }
    found = intervals(metrics, table, resamples=resamples, seed=seed, level=level)
    return LikelihoodScores(num_examples=len(table), perplexity=_exponential(found["nats_per_token"]), **found)


def paired_bits(
    ours: npt.ArrayLike, theirs: npt.ArrayLike, units: npt.ArrayLike, *, resamples: int = 1000, seed: int = 0
) -> PairedDifference:
    """How many more bits our model needs than another for each unit of the same texts; below 0 ours is better.

    Args:
        ours, theirs: the negative log-likelihoods of each text in nats.
        units: how many characters or bytes each text has.
    """
    columns = _columns({"ours": ours, "theirs": theirs, "units": units})
    checked = {name: _amounts(name, each) for name, each in columns.items()}
    metric = SumMetric(_beside, lambda sums: _in_bits(_quotient(sums, 1)))
    return paired_bootstrap(
        metric, checked["units"], checked["ours"], checked["theirs"], resamples=resamples, seed=seed
    )


def _columns(given: dict[str, npt.ArrayLike]) -> dict[str, np.ndarray]:
    return dict(zip(given, as_columns(list(given.values())), strict=True))


def _amounts(name: str, values: np.ndarray) -> Floats:
    if values.ndim != 1:
        raise ShapeError(f"`{name}` must hold one number for each text, but is of shape {values.shape}.")
    wrong = next((place for place, value in enumerate(values.tolist()) if not (value >= 0 and value < math.inf)), None)
    if wrong is not None:
        raise InputError(f"`{name}` must hold finite numbers from 0, but text {wrong + 1} has {values[wrong]}.")
    if name != "nats" and not values.any():
        raise InputError(f"`{name}` is 0 for every text, so that nothing can be said for each of them.")
    return values.astype(np.float64)


def _ratio(place: int, finish: Any) -> SumMetric[Any]:
    def value(sums: Floats) -> Floats:
        """The nats for each of something."""
        return finish(_quotient(sums, place))

    return of_counts(value)


def _exponential(nats: Interval) -> Interval:
    """Which keeps the order, so that it may be taken of the ends; a model that knows nothing has no end of it."""
    with np.errstate(over="ignore"):
        value, low, high = np.exp([nats.value, nats.low, nats.high]).tolist()
    return Interval(value=value, low=low, high=high)


def _quotient(sums: Floats, place: int) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):  # a resample of empty texts has no value
        return np.where(sums[..., place] > 0, sums[..., 0] / sums[..., place], np.nan)


def _in_bits(nats: Floats) -> Floats:
    return nats / math.log(2)


def _beside(units: Floats, nats: Floats) -> Floats:
    return np.stack([nats, units], axis=1)
