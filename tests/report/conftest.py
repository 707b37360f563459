"""Stories of runs that never took place, with scores computed from made-up probabilities."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from attendo.data import Example
from attendo.metrics import accuracy, paired_bootstrap, score_classification, score_multilabel
from attendo.report import Cost, Story, System, hardest_cases
from attendo.tasks import LayerLook, WordReceived

RESAMPLES = 67
NASTY = "<script>alert('1 & 2')</script> \"quoted\""
TEXTS = {
    "en": ("The room was clean", "never again", "breakfast came late, twice", f"see http://example.org {NASTY}"),
    "zh": ("房间很干净", "再也不会来了", "早餐来得太晚，等了两次", f"请看 http://example.org {NASTY}"),
}
LABELS = {"en": ("bad", "fair", "good <&>"), "zh": ("差评", "中评", "好评 <&>")}


def build_story(
    language: str = "en",
    *,
    labels: tuple[str, ...] | None = None,
    sizes: tuple[int, int, int] = (997, 211, 307),
    epochs: int = 7,
    several: bool = False,
    skill: float = 2.5,
    linear_skill: float = 1.9,
    seed: int = 3,
) -> Story:
    """A run with as many texts, labels and epochs as wanted; a size of 0 leaves the test set out."""
    labels = labels or LABELS[language]
    names = [name for name, size in zip(("dev", "test"), sizes[1:], strict=True) if size]
    systems = tuple(
        System(name=name, scores={}, seconds=seconds)
        for name, seconds in (("majority class", 0.0), ("linear n-grams", 2.34), ("attendo", 251.0))
    )
    against, hardest, class_counts = None, (), {}
    for name, size in zip(names, sizes[1:], strict=False):
        random = np.random.default_rng([seed, size])
        gold = draw_gold(random, size, len(labels), several)
        found = [draw_chances(random, gold, len(labels), each, several) for each in (0.0, linear_skill, skill)]
        score = score_multilabel if several else score_classification
        for system, chances in zip(systems, found, strict=True):
            system.scores[name] = score(gold, chances, labels, resamples=RESAMPLES)
        guesses = [(each >= 0.5).astype(int) if several else each.argmax(1) for each in found]
        against = paired_bootstrap(accuracy, gold, guesses[2], guesses[1], resamples=RESAMPLES)
        hardest = hardest_cases(examples(size, language), gold, found[2], labels)
        class_counts[name] = count_labels(gold, labels)
    train = count_labels(draw_gold(np.random.default_rng(seed), sizes[0], len(labels), several), labels)
    return Story(
        title="classify: hotel reviews <2>" if language == "en" else "分类：酒店评论 <2>",
        labels=labels,
        sizes={"train": sizes[0]} | dict(zip(names, sizes[1:], strict=False)),
        class_counts={"train": train} | class_counts,
        systems=systems,
        against=against,
        history=tuple(history_line(epoch) for epoch in range(1, epochs + 1)),
        best_epoch=max(1, epochs - 2),
        hardest=hardest,
        attention=looks(language),
        shares=(0.83, 0.41),
        parameters={"deep path": 4_196_353, "linear path": 131_071},
        settings={"data": {"text": None, "label": "stars"}, "training": {"epochs": None, "learning_rate": 0.0013}},
        plan={
            "epochs": epochs,
            "precision": "bfloat16",
            "threads": 2,
            "settings": {"epochs": None},
            "reasons": ("Device cpu: the best at hand.", "Batches of 1,409 tokens: about 64 texts of 22 tokens."),
        },
        notes=("hotel.csv: the column `stars` is taken as the label.", "Device cpu: the best at hand."),
        cost=Cost(seconds=263.9, cpu_seconds=491.3, operations=3.17e13, tokens=1_409_557, peak_memory=1_234_567_890),
        versions={"attendo": "0.1.0", "python": "3.11.2", "torch": "2.13.0"},
        warnings=("7 texts of test are also in train.",),
        language=language,
    )


def draw_gold(random: np.random.Generator, size: int, count: int, several: bool) -> np.ndarray:
    """Label ids, the first labels more often than the last; or multi-hot rows."""
    often = 1 / np.arange(2, count + 2)
    if several:
        return (random.random((size, count)) < often).astype(int)
    return random.choice(count, size=size, p=often / often.sum())


def count_labels(gold: np.ndarray, labels: tuple[str, ...]) -> dict[str, int]:
    """How many texts have each label."""
    hot = gold if gold.ndim == 2 else np.eye(len(labels), dtype=int)[gold]
    return dict(zip(labels, hot.sum(0).tolist(), strict=True))


def draw_chances(random: np.random.Generator, gold: np.ndarray, count: int, skill: float, several: bool) -> np.ndarray:
    """Probabilities that favour the gold labels by `skill`; without any, the same for every text."""
    if skill == 0:
        often = 1 / np.arange(2, count + 2)
        return np.tile(often if several else often / often.sum(), (len(gold), 1))
    hot = gold if several else np.eye(count)[gold]
    scores = random.normal(size=(len(gold), count)) * 1.2 + skill * (2 * hot - 1 if several else hot)
    if several:
        return 1 / (1 + np.exp(-scores))
    powers = np.exp(scores)
    return powers / powers.sum(1, keepdims=True)


def examples(size: int, language: str) -> list[Example]:
    """Texts with numbers, so that each is a different one."""
    texts = TEXTS[language]
    return [
        Example(text=f"{texts[number % len(texts)]} {number}", path=Path("hotel.csv"), line=number + 2)
        for number in range(size)
    ]


def history_line(epoch: int) -> dict[str, float]:
    """What history.jsonl would hold."""
    loss = 0.35 + 0.9 / epoch
    dev = 0.45 + 0.5 / epoch + 0.01 * epoch
    scores = {"score": -dev, "loss_dev": dev, "accuracy": 0.91 - 0.2 / epoch, "macro_f1": 0.89 - 0.25 / epoch}
    return {
        "epoch": epoch,
        "step": 97 * epoch,
        "tokens": 20_011 * epoch,
        "loss": loss,
        **scores,
        "accuracy_deep": 0.88 - 0.3 / epoch,
        "loss_deep": dev + 0.1,
        "seconds": 31.7 * epoch,
    }


def looks(language: str) -> tuple[LayerLook, ...]:
    """Two layers of four heads."""
    words = (
        ("not", "clean", "late", ".", "<b>", "again") if language == "en" else ("不", "干净", "晚", "。", "<b>", "再")
    )
    return tuple(
        LayerLook(
            layer=layer,
            entropy=tuple(0.93 - 0.2 * layer - 0.11 * head for head in range(4)),
            distance=tuple(7.3 - 1.3 * layer - 1.1 * head for head in range(4)),
            even_distance=7.61,
            received=tuple(
                WordReceived(word=word, times=17 + place, received=3.7 / (1 + place) + 0.2 * layer)
                for place, word in enumerate(words)
            ),
        )
        for layer in range(2)
    )


@pytest.fixture(scope="session")
def make_story() -> Callable[..., Story]:
    """Builds a story."""
    return build_story


@pytest.fixture(scope="session")
def story() -> Story:
    """An ordinary run on English texts."""
    return build_story()


@pytest.fixture(scope="session")
def stories(story: Story) -> dict[str, Story]:
    """All kinds of runs that a report must do with."""
    hundred = tuple(f"class {number}" for number in range(100))
    chinese = build_story("zh")
    return {
        "English": story,
        "Chinese": chinese,
        "several labels": build_story(several=True, labels=("food", "room", "staff", "price", "place")),
        "Chinese, several labels": build_story("zh", several=True),
        "no test set": build_story(sizes=(997, 211, 0)),
        "one epoch": build_story(epochs=1),
        "a hundred classes": build_story(labels=hundred, sizes=(4001, 503, 701), skill=4.0, linear_skill=3.0),
        "a model that learned nothing": build_story(skill=0.01, linear_skill=2.5),
        "one text in each set": build_story(sizes=(2, 1, 1)),
        "nothing observed": replace(story, attention=(), history=(), best_epoch=-1, warnings=(), notes=(), versions={}),
        "two classes, no errors": build_story(labels=("no", "yes"), skill=40.0),
    }
