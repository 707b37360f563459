"""How well predicted spans match the gold ones: a span counts if its place and its label are right.

The same numbers as seqeval's and as those of `conlleval`, the scorer of CoNLL-2000 and 2003. Undefined ratios count
as 0. Where seqeval is known to differ:

- in its default mode it knows no letters but B, I, E and S, so that of `U-PER U-PER` it makes one span and of BMES tags
  that break the scheme it loses some; write such tags in BIOES first, and it agrees;
- its strict mode for IOB1 begins a span behind a B that it has refused itself; here the whole span is refused;
- its strict mode cuts hyphens off the end of a label, too;
- the macro average over no types at all is no number there, and 0 here;
- it compares flat lists, so that texts of other lengths go unnoticed; here they are refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from attendo.errors import ShapeError
from attendo.metrics.bootstrap import Interval, PairedDifference, intervals, paired_bootstrap
from attendo.metrics.classification import ClassScore, ratio
from attendo.metrics.sums import Floats, of_counts
from attendo.spans import LabelledSpan, read_tags, read_tags_strictly

Spans: TypeAlias = Sequence[LabelledSpan]
Tags: TypeAlias = Sequence[str]


@dataclass(frozen=True, kw_only=True)
class TaggingScores:
    """Scores of labelled spans; precision, recall and F1 are over all spans, `accuracy` is the share of right tags.

    What is per class is in the order of the labels. The macro average is over those that occur, in gold or predicted.
    """

    num_examples: int
    precision: Interval
    recall: Interval
    f1: Interval
    macro_f1: Interval
    accuracy: Interval | None
    """`None` where spans were scored without their tags."""
    class_f1: tuple[Interval, ...]
    classes: tuple[ClassScore, ...]

    def as_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries, lists and numbers, ready for JSON."""
        plain = asdict(self)
        return plain | {name: list(plain[name]) for name in ("class_f1", "classes")}


def score_spans(
    gold: Sequence[Spans],
    predicted: Sequence[Spans],
    labels: Sequence[str] = (),
    *,
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> TaggingScores:
    """Score the spans predicted for each text against the gold ones; they may overlap, and count once each.

    Args:
        labels: which come first in what is per class; others that occur follow in order.
    """
    return _score(
        _Counts(gold, predicted, labels), None, partial(intervals, resamples=resamples, seed=seed, level=level)
    )


def paired_f1(gold: Sequence[Spans], ours: Sequence[Spans], theirs: Sequence[Spans]) -> PairedDifference:
    """By how much the F1 of `ours` is above that of `theirs`, on the same texts."""
    columns = [
        np.array(
            [(len(a & b), len(a), len(b)) for a, b in zip(map(_distinct, found), map(_distinct, gold), strict=True)]
        )
        for found in (ours, theirs)
    ]
    return paired_bootstrap(of_counts(_f1_of_counts), np.zeros(len(gold)), *columns)


def score_tags(
    gold: Sequence[Tags],
    predicted: Sequence[Tags],
    labels: Sequence[str] = (),
    *,
    scheme: str = "BIO",
    strict: bool = False,
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> TaggingScores:
    """Score the tags predicted for each text against the gold ones, as many of them for each text.

    In the scheme `plain`, where each word has a label of its own, every word is a span: precision, recall and F1 over
    all words are the accuracy, and what is per class is per label.

    Args:
        strict: spans whose tags break the scheme are no spans; otherwise they are read as they were meant.
    Raises:
        ShapeError: a text has more or fewer tags than it should.
        DataError: a tag that the scheme does not have.
    """
    right = _right_tags(gold, predicted)
    read: Callable[[Tags], Spans] = partial(read_tags_strictly if strict else _read, scheme=scheme)
    counts = _Counts(list(map(read, gold)), list(map(read, predicted)), labels)
    return _score(counts, right, partial(intervals, resamples=resamples, seed=seed, level=level))


class _Counts:
    """For each text and label, how many spans are right, predicted and gold."""

    def __init__(self, gold: Sequence[Spans], predicted: Sequence[Spans], labels: Sequence[str]) -> None:
        if len(gold) != len(predicted):
            raise ShapeError(f"`gold` has {len(gold)} texts, but `predicted` has {len(predicted)}.")
        occurring = {span[2] for spans in (*gold, *predicted) for span in spans}
        self.labels = [*dict.fromkeys(labels), *sorted(occurring.difference(labels))]
        ids = {label: index for index, label in enumerate(self.labels)}
        table = np.zeros((len(gold), 3, len(ids)))
        for row, truth, guess in zip(table, map(_distinct, gold), map(_distinct, predicted), strict=True):
            for kind, spans in enumerate((truth & guess, guess, truth)):
                for label, count in Counter(span[2] for span in spans).items():
                    row[kind, ids[label]] = count
        self.table = table


def _score(
    counts: _Counts, right: npt.NDArray[np.float64] | None, measure: Callable[..., dict[str, Interval]]
) -> TaggingScores:
    size = len(counts.labels)
    rows = counts.table.reshape(len(counts.table), 3 * size)
    metrics = {name: of_counts(partial(finish, size=size)) for name, finish in _OVERALL.items()}
    by_class = {str(index): of_counts(partial(_f1_of, index=index, size=size)) for index in range(size)}
    found = measure(metrics | by_class, rows)
    return TaggingScores(
        num_examples=len(rows),
        accuracy=None if right is None else measure({"": of_counts(_accuracy)}, right)[""],
        class_f1=tuple(found.pop(name) for name in by_class),
        classes=_class_scores(counts),
        **found,
    )


def _class_scores(counts: _Counts) -> tuple[ClassScore, ...]:
    hits, predicted, gold = counts.table.sum(axis=0)
    parts = ratio(hits, predicted), ratio(hits, gold), ratio(2 * hits, predicted + gold), gold
    columns = zip(counts.labels, *(part.tolist() for part in parts), strict=True)
    return tuple(
        ClassScore(label=label, precision=precision, recall=recall, f1=f1, support=round(support))
        for label, precision, recall, f1, support in columns
    )


def _kinds(sums: Floats, size: int) -> tuple[Floats, Floats, Floats]:
    """Spans that are right, predicted and gold, of each label."""
    table = sums.reshape(*sums.shape[:-1], 3, size)
    return table[..., 0, :], table[..., 1, :], table[..., 2, :]


def _precision(sums: Floats, *, size: int) -> Floats:
    hits, predicted, _ = _kinds(sums, size)
    return ratio(hits.sum(-1), predicted.sum(-1))


def _recall(sums: Floats, *, size: int) -> Floats:
    hits, _, gold = _kinds(sums, size)
    return ratio(hits.sum(-1), gold.sum(-1))


def _f1(sums: Floats, *, size: int) -> Floats:
    hits, predicted, gold = _kinds(sums, size)
    return ratio(2 * hits.sum(-1), predicted.sum(-1) + gold.sum(-1))


def _macro_f1(sums: Floats, *, size: int) -> Floats:
    hits, predicted, gold = _kinds(sums, size)
    return ratio(ratio(2 * hits, predicted + gold).sum(-1), (predicted + gold > 0).sum(-1))


def _f1_of(sums: Floats, *, index: int, size: int) -> Floats:
    hits, predicted, gold = (kind[..., index] for kind in _kinds(sums, size))
    return ratio(2 * hits, predicted + gold)


def _f1_of_counts(sums: Floats) -> Floats:
    return ratio(2 * sums[..., 0], sums[..., 1] + sums[..., 2])


_OVERALL = {"precision": _precision, "recall": _recall, "f1": _f1, "macro_f1": _macro_f1}


def _accuracy(sums: Floats) -> Floats:
    return ratio(sums[..., 0], sums[..., 1])


def _right_tags(gold: Sequence[Tags], predicted: Sequence[Tags]) -> npt.NDArray[np.float64]:
    """How many tags of each text are right, and how many there are."""
    if len(gold) != len(predicted):
        raise ShapeError(f"`gold` has {len(gold)} texts, but `predicted` has {len(predicted)}.")
    rows = np.zeros((len(gold), 2))
    for index, (truth, guess) in enumerate(zip(gold, predicted, strict=True)):
        if len(truth) != len(guess):
            raise ShapeError(f"Text {index + 1} has {len(truth)} gold tags, but {len(guess)} predicted ones.")
        rows[index] = sum(a == b for a, b in zip(truth, guess, strict=True)), len(truth)
    return rows


def _read(tags: Tags, scheme: str) -> Spans:
    return read_tags(tags, scheme)[0]


def _distinct(spans: Spans) -> set[tuple[int, int, str]]:
    return {(start, end, label) for start, end, label in spans}
