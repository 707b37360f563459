"""What is good for training on from weights that are there, where the settings are open."""

from __future__ import annotations

import math
from collections.abc import Sequence

from attendo.training.settings import Habits, Rates, TrainingSettings

WIDTH, RATE = 768, 4e-5
"""A base as wide as BERT's, and the learning rate of its head; the rate falls as the width grows."""
LOWEST, HIGHEST = 1e-5, 1e-3
"""The learning rate's bounds for very wide and for tiny bases."""
EXAMPLES = 24_000
"""Examples to learn from at least: small data is seen more often."""
EPOCHS = (2, 8)
BATCH_TEXTS = 32


TAGGED_EXAMPLES, TAGGED_EPOCHS = 80_000, (8, 30)
"""Tagged texts to learn from at least: a label for each word is learned more slowly than one for a text."""


def habits_of_tagging(texts: int) -> Habits:
    """Small steps and many passes, for tagging from scratch.

    Args:
        texts: how many there are to learn from.
    """
    least, most = TAGGED_EPOCHS
    epochs = min(max(round(TAGGED_EXAMPLES / max(texts, 1)), least), most)
    return Habits(epochs=epochs, batch_texts=BATCH_TEXTS)


ASKED_EXAMPLES, ASKED_EPOCHS = 400_000, (4, 12)
"""Questions about predicates and their roles to learn from at least."""
MANY_ASKED = 20_000
"""From so many on, a step takes twice as many."""


def habits_of_roles(questions: int) -> Habits:
    """Small steps and many passes, for roles from scratch.

    Args:
        questions: how many there are to learn from: one for each sentence, and one for each predicate.
    """
    least, most = ASKED_EPOCHS
    epochs = min(max(round(ASKED_EXAMPLES / max(questions, 1)), least), most)
    return Habits(epochs=epochs, batch_texts=BATCH_TEXTS * (2 if questions >= MANY_ASKED else 1))


LEARNED_TOKENS, LANGUAGE_EPOCHS = 10_000_000, (1, 40)
"""Tokens that a language model learns from at least: little text is read often."""
STEPS_OF_EPOCH, STEP_TOKENS = 1_000, (1024, 8192)
"""Steps are small while the text is: many of them teach a new model more than large ones."""
LARGEST_RATE, RATE_TIMES_WIDTH = 2e-3, 0.256
"""The learning rate of narrow language models; divided by the width for wide ones."""


def habits_of_language(width: int, lengths: Sequence[int]) -> Habits:
    """Small steps at a high rate, for language models from scratch.

    Args:
        width: of the model's vectors.
        lengths: tokens of each window that is learned from.
    """
    tokens = max(sum(lengths), 1)
    (least, most), (fewest, largest) = LANGUAGE_EPOCHS, STEP_TOKENS
    rate = float(f"{min(LARGEST_RATE, RATE_TIMES_WIDTH / width):.2g}")
    step = min(max(tokens // STEPS_OF_EPOCH, fewest), largest)
    return Habits(
        rates=Rates(learning_rate=rate),
        epochs=min(max(round(LEARNED_TOKENS / tokens), least), most),
        batch_texts=max(1, round(step * len(lengths) / tokens)),
        reasons=(f"Learning rate {rate:g}: the model is {width:,} wide.",),
    )


REWRITTEN_TOKENS, REWRITE_EPOCHS = 30_000_000, (4, 60)
"""Tokens of both sides that a model learns from at least that writes a text from another."""
REWRITE_STEP, REWRITE_STEPS = (1024, 4096), 400
"""Bounds of the tokens of a step, and how many steps an epoch has between them."""
REWRITE_RATE, REWRITE_WIDTH = 3e-3, 128
"""The learning rate of a narrow model; it falls with the root of the width."""


def habits_of_rewriting(width: int, lengths: Sequence[int]) -> Habits:
    """A high rate and many passes, for models from scratch that write a text from another.

    Args:
        width: of the model's vectors.
        lengths: tokens of each pair.
    """
    tokens = max(sum(lengths), 1)
    (least, most), (smallest, largest) = REWRITE_EPOCHS, REWRITE_STEP
    rate = float(f"{REWRITE_RATE * math.sqrt(REWRITE_WIDTH / max(width, REWRITE_WIDTH)):.2g}")
    step = min(max(tokens // REWRITE_STEPS, smallest), largest)
    return Habits(
        rates=Rates(learning_rate=rate, weight_decay=0.01),
        epochs=min(max(round(REWRITTEN_TOKENS / tokens), least), most),
        batch_texts=max(1, round(step * len(lengths) / tokens)),
        reasons=(f"Learning rate {rate:g}: the model is {width:,} wide.",),
    )


def habits_on_base(width: int, texts: int, settings: TrainingSettings) -> Habits:
    """Gentle steps, few passes, and lower layers that move less (arXiv 1801.06146; 2003.10555, appendix B).

    Args:
        width: of the base's vectors.
        texts: how many there are to learn from.
        settings: what they ask for needs no reason.
    """
    rate = float(f"{min(max(RATE * WIDTH / width, LOWEST), HIGHEST):.2g}")
    rates = Rates(learning_rate=rate, layer_decay=0.9, weight_decay=0.01, warmup=0.1)
    used, reasons = rates.under(settings), []
    if settings.learning_rate is None:
        reasons.append(f"Learning rate {rate:g}: the base is {width:,} wide.")
    if settings.layer_decay is None:
        reasons.append(f"Each layer learns at {used.layer_decay:g} times the rate of the one above it.")
    epochs = min(max(math.ceil(EXAMPLES / max(texts, 1)), EPOCHS[0]), EPOCHS[1])
    return Habits(rates=rates, epochs=epochs, batch_texts=BATCH_TEXTS, reasons=tuple(reasons))
