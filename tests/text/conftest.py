"""A small bilingual corpus, and one tokenizer of each kind trained on it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np
import pytest

from attendo.text import TOKENIZERS, Tokenizer, train_tokenizer
from attendo.text.patterns import Automaton

ENGLISH = [
    "The hotel's staff didn't care, and the room was dirty.",
    "A lovely hotel: quiet room, lovely staff, and 3.5 stars!",
    "the room cost $1,200 — don't go there 👎",
    "loved it!!! 👍🏽 would stay again at the hotel",
    "Café was closed; the cafe\u0301 next door wasn’t.",
]
CHINESE = [
    "酒店房间很干净，服务也不错。",
    "房间太小，服务员态度很差！",
    "这家酒店的ＷｉＦｉ不好，房间也不干净",
    "价格３８８元，性价比不错👍🏽，下次还来这家酒店。",
    "早餐很差，　服务不好，不会再来",
]


@pytest.fixture(scope="session")
def corpus() -> list[str]:
    return [*ENGLISH, *CHINESE] * 3


@pytest.fixture(scope="session")
def tokenizers_by_kind(corpus: list[str]) -> dict[str, Tokenizer]:
    return {kind: train_tokenizer(corpus, kind=kind, vocab_size=449) for kind in TOKENIZERS}


@pytest.fixture(params=sorted(TOKENIZERS))
def tokenizer(request: pytest.FixtureRequest, tokenizers_by_kind: dict[str, Tokenizer]) -> Tokenizer:
    return tokenizers_by_kind[request.param]


@pytest.fixture(scope="session")
def walked() -> Callable[[Automaton, Random, int], str | None]:
    """Finds a text that a machine accepts by walking at random; None where it has not come to an end in time."""

    def walk(machine: Automaton, random: Random, most: int) -> str | None:
        if machine.is_empty:
            return None
        state, text = 0, ""
        for _ in range(most):
            if machine.accepting[state] and random.random() < 0.3:
                return text
            ways = np.flatnonzero(machine.table[state] >= 0).tolist()
            if not ways:
                break
            number = random.choice(ways)
            text += chr(machine.alphabet.smallest[number])
            state = int(machine.table[state, number])
        return text if machine.accepting[state] else None

    return walk
