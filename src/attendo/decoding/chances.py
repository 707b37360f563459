"""How a next token is drawn: probabilities made flatter or sharper, unlikely tokens left out, a generator a text.

Each of these takes scores (B, V), logarithms of probabilities but for a constant, and gives scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from attendo.errors import ConfigError


class Shaping(Protocol):
    """Changes what tokens are drawn with."""

    def __call__(self, scores: Float[Tensor, "B V"]) -> Float[Tensor, "B V"]: ...


@dataclass(frozen=True)
class Temperature:
    """Below 1 likely tokens become likelier, above 1 less so.

    Raises:
        ConfigError: if it is not above 0.
    """

    value: float

    def __post_init__(self) -> None:
        if not self.value > 0:
            raise ConfigError([f"The temperature must be above 0, but is {self.value}. For none, take the best token."])

    def __call__(self, scores: Float[Tensor, "B V"]) -> Float[Tensor, "B V"]:
        return scores / self.value


@dataclass(frozen=True)
class TopK:
    """The `count` likeliest tokens, and those as likely as the last of them (arXiv 1805.04833, section 5.4)."""

    count: int

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ConfigError([f"Top-k must keep at least 1 token, but `count` is {self.count}."])

    def __call__(self, scores: Float[Tensor, "B V"]) -> Float[Tensor, "B V"]:
        least = scores.topk(min(self.count, scores.shape[1]), 1).values[:, -1:]
        return scores.masked_fill(scores < least, -torch.inf)


@dataclass(frozen=True)
class TopP:
    """The fewest likeliest tokens that have the share `mass` of the probability (arXiv 1904.09751)."""

    mass: float

    def __post_init__(self) -> None:
        _check_share("Top-p", "mass", self.mass)

    def __call__(self, scores: Float[Tensor, "B V"]) -> Float[Tensor, "B V"]:
        return _until(scores, -scores, self.mass)


@dataclass(frozen=True)
class MinP:
    """Tokens at least `share` times as likely as the likeliest (arXiv 2407.01082)."""

    share: float

    def __post_init__(self) -> None:
        _check_share("Min-p", "share", self.share)

    def __call__(self, scores: Float[Tensor, "B V"]) -> Float[Tensor, "B V"]:
        chances = scores.softmax(1)
        return scores.masked_fill(chances < self.share * chances.amax(1, keepdim=True), -torch.inf)


@dataclass(frozen=True)
class Typical:
    """Tokens about as surprising as is to be expected, up to the share `mass` of the probability (arXiv 2202.00666)."""

    mass: float

    def __post_init__(self) -> None:
        _check_share("Typical sampling", "mass", self.mass)

    def __call__(self, scores: Float[Tensor, "B V"]) -> Float[Tensor, "B V"]:
        logs = scores.log_softmax(1)
        expected = -(logs.exp() * logs.masked_fill(logs == -torch.inf, 0.0)).sum(1, keepdim=True)
        return _until(scores, (-logs - expected).abs(), self.mass)


def draw(scores: Float[Tensor, "B V"], generators: Sequence[torch.Generator]) -> list[int]:
    """A token for each text, drawn by a generator of its own: what else is in the batch makes no difference."""
    chances = scores.softmax(1).cpu()
    return [
        int(torch.multinomial(row, 1, generator=generator)) for row, generator in zip(chances, generators, strict=True)
    ]


def _until(scores: Tensor, order: Tensor, mass: float) -> Tensor:
    """The first tokens in an order, up to the one with which they have so much of the probability."""
    if mass >= 1:
        return scores
    places = order.argsort(dim=1, stable=True)
    chances = scores.gather(1, places).softmax(1)
    before = chances.cumsum(1) - chances
    left_out: Bool[Tensor, "B V"] = before >= mass
    left_out[:, 0] = False
    return scores.masked_fill(torch.zeros_like(left_out).scatter(1, places, left_out), -torch.inf)


def _check_share(what: str, name: str, value: float) -> None:
    if not 0 < value <= 1:
        raise ConfigError([f"{what} needs a share above 0 and at most 1, but `{name}` is {value}."])
