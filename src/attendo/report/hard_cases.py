"""The texts that a model got most wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from attendo.data import Example, Frame, FramedSentence, Question, SourceTarget, TaggedText
from attendo.errors import ShapeError
from attendo.metrics import answer_f1, text_chrf
from attendo.page import Stretch
from attendo.report.story import BETWEEN, HardCase
from attendo.tasks import FoundAnswer, FoundFrame, Framing, Judged, Tagging

_NO_LABEL = "–"
_THRESHOLD = 0.5
_PREDICATE = "V"
_CONTEXT = 120
"""Characters of a passage that are shown on either side of answers."""


def hardest_cases(
    examples: Sequence[Example],
    gold: npt.ArrayLike,
    chances: npt.ArrayLike,
    label_names: Sequence[str],
    most: int = 20,
) -> tuple[HardCase, ...]:
    """The wrongly labelled texts, the surest mistakes first.

    Args:
        gold: a label id per text, or a multi-hot row per text where texts may have several labels.
        chances: probabilities (texts, labels); with several labels, 0.5 and above is predicted, and how sure the model
            was is told of the label that it misjudged most.
    Raises:
        ShapeError: if these do not fit together.
    """
    truth, likely = np.asarray(gold), np.asarray(chances, dtype=np.float64)
    several = truth.ndim == 2
    if likely.shape != (len(examples), len(label_names)) or truth.shape != likely.shape[: truth.ndim]:
        raise ShapeError(
            f"{len(examples)} texts and {len(label_names)} labels need as many rows and columns, but the gold labels "
            f"have shape {truth.shape} and the probabilities {likely.shape}."
        )
    if not several:
        truth = np.eye(len(label_names), dtype=np.int64)[truth]
    guess = likely >= _THRESHOLD if several else np.eye(len(label_names), dtype=bool)[likely.argmax(1)]
    mistaken = guess != truth.astype(bool)
    # Of a label that is missing the model was as sure as it thought the label unlikely.
    sure = np.where(guess, likely, 1 - likely if several else 0.0) * mistaken
    wrong = np.flatnonzero(mistaken.any(1))
    order = wrong[np.argsort(-sure[wrong].max(1), kind="stable")]
    return tuple(
        HardCase(
            text=_whole(examples[index]),
            gold=_named(truth[index], label_names),
            predicted=_named(guess[index], label_names),
            probability=float(sure[index].max()),
            place=examples[index].place,
            pair=examples[index].pair,
        )
        for index in order[:most].tolist()
    )


def hardest_ratings(
    examples: Sequence[Example], gold: npt.ArrayLike, predicted: npt.ArrayLike, most: int = 20
) -> tuple[HardCase, ...]:
    """The texts whose numbers are missed by most.

    Raises:
        ShapeError: if there is not one number of either kind for each text.
    """
    truth, guess = np.asarray(gold, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    if truth.shape != (len(examples),) or guess.shape != truth.shape:
        raise ShapeError(f"{len(examples)} texts need as many numbers, but there are {truth.shape} and {guess.shape}.")
    misses = np.abs(truth - guess)
    order = np.argsort(-misses, kind="stable")[:most]
    return tuple(
        HardCase(
            text=_whole(examples[index]),
            gold=f"{truth[index]:.4g}",
            predicted=f"{guess[index]:.4g}",
            probability=0.0,
            place=examples[index].place,
            pair=examples[index].pair,
            miss=float(misses[index]),
        )
        for index in order.tolist()
        if misses[index] > 0
    )


def _whole(example: Example) -> str:
    return example.text if example.pair is None else f"{example.text}{BETWEEN}{example.pair}"


def _named(chosen: npt.NDArray[np.generic], names: Sequence[str]) -> str:
    return ", ".join(names[index] for index in np.flatnonzero(chosen).tolist()) or _NO_LABEL


def hardest_taggings(texts: Sequence[TaggedText], taggings: Iterable[Tagging], most: int = 20) -> tuple[HardCase, ...]:
    """The texts in which spans are wrong or missing, the surest mistakes first."""
    cases = []
    for text, tagging in zip(texts, taggings, strict=True):
        gold, found = set(text.spans), {(span.start, span.end, span.label) for span in tagging.spans}
        wrong = [span.probability for span in tagging.spans if (span.start, span.end, span.label) not in gold]
        if gold == found:
            continue
        cases.append(
            HardCase(
                text=text.text,
                gold="",
                predicted="",
                probability=max(wrong, default=0.0),
                place=text.place,
                gold_marks=tuple(_stretch(span, span in found) for span in text.spans),
                predicted_marks=tuple(
                    _stretch(each, each in gold) for each in ((s.start, s.end, s.label) for s in tagging.spans)
                ),
            )
        )
    return tuple(sorted(cases, key=lambda case: -(case.probability or 0.0))[:most])


def hardest_framings(
    sentences: Sequence[FramedSentence], framings: Iterable[Framing], most: int = 20
) -> tuple[HardCase, ...]:
    """The predicates of which roles are wrong or missing, the surest mistakes first."""
    cases = []
    for sentence, framing in zip(sentences, framings, strict=True):
        found = {frame.predicate.start: frame for frame in framing.frames}
        for frame in sentence.frames:
            each = found.get(sentence.words[frame.predicate][0])
            case = None if each is None else _hard_frame(sentence, frame, each)
            cases += [] if case is None else [case]
    return tuple(sorted(cases, key=lambda case: -case.probability)[:most])


def _hard_frame(sentence: FramedSentence, frame: Frame, found: FoundFrame) -> HardCase | None:
    """One predicate with its roles, if they are not as they should be; the predicate is marked by a name alone."""
    words = sentence.words
    gold = [(words[role.start][0], words[role.end - 1][1], role.label) for role in frame.roles]
    guess = {(role.start, role.end, role.label): role.probability for role in found.roles}
    if set(gold) == set(guess):
        return None
    predicate = _stretch((found.predicate.start, found.predicate.end, _PREDICATE), True)
    return HardCase(
        text=sentence.text,
        gold="",
        predicted="",
        probability=max((chance for span, chance in guess.items() if span not in gold), default=0.0),
        place=sentence.place,
        gold_marks=(predicate, *(_stretch(span, span in guess) for span in gold)),
        predicted_marks=(predicate, *(_stretch(span, span in gold) for span in guess)),
    )


def _stretch(span: tuple[int, int, str], right: bool) -> Stretch:
    start, end, label = span
    return Stretch(start=start, end=end, label=label, right=right)


def hardest_likenesses(judged: Judged, most: int = 20) -> tuple[HardCase, ...]:
    """The pairs that stand furthest from their place in the order of the numbers; or whose partner is found last."""
    if judged.ranks is not None:
        wrong = np.flatnonzero(judged.ranks > 1)
        order = wrong[np.argsort(-judged.ranks[wrong], kind="stable")]
        said = [f"{rank}.: {text}" for rank, text in zip(judged.ranks.tolist(), judged.nearest, strict=True)]
        gold = [each.pair or "" for each in judged.pairs]
        texts, pairs = [each.text for each in judged.pairs], [None] * len(judged.pairs)
    else:
        distance = np.abs(_places(judged.values) - _places(judged.cosines))
        order = np.argsort(-distance, kind="stable")
        said = [f"{cosine:.2f}" for cosine in judged.cosines.tolist()]
        gold = [f"{value:g}" for value in judged.values.tolist()]
        texts = [f"{each.text}{BETWEEN}{each.pair}" for each in judged.pairs]
        pairs = [each.pair for each in judged.pairs]
    return tuple(
        HardCase(
            text=texts[index],
            gold=gold[index],
            predicted=said[index],
            probability=None,
            place=judged.pairs[index].place,
            pair=pairs[index],
        )
        for index in order[:most].tolist()
    )


def hardest_writings(pairs: Sequence[SourceTarget], written: Sequence[str], most: int = 20) -> tuple[HardCase, ...]:
    """The sources from which was written what shares least with their targets; none that were met to the letter."""
    scores = np.array(text_chrf(written, [pair.target for pair in pairs]))
    order = [index for index in map(int, np.argsort(scores, kind="stable")) if written[index] != pairs[index].target]
    return tuple(
        HardCase(
            text=pairs[index].text,
            gold=pairs[index].target,
            predicted=written[index],
            probability=None,
            place=pairs[index].place,
        )
        for index in order[:most]
    )


def _places(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Where each number stands among all, equals sharing their mean place."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[which] / len(values)


def hardest_answers(
    questions: Sequence[Question], found: Iterable[FoundAnswer], most: int = 20, *, language: str | None = None
) -> tuple[HardCase, ...]:
    """The questions whose answers share nothing with the right ones, the surest mistakes first."""
    answers = list(found)
    golds = [[answer.text for answer in question.answers] for question in questions]
    shared = answer_f1([answer.text for answer in answers], golds, language=language)
    wrong = sorted(np.flatnonzero(shared == 0).tolist(), key=lambda place: -answers[place].probability)
    return tuple(_hard_answer(questions[place], answers[place]) for place in wrong[:most])


def _hard_answer(question: Question, found: FoundAnswer) -> HardCase:
    """The question, and the part of the passage around what is right and what was said."""
    right = [(answer.start, answer.start + len(answer.text)) for answer in question.placed[:1]]
    said = [(found.start, found.end)] if found.text else []
    text, shift = _around(question.context, right + said)
    before = f"{question.question}{BETWEEN}"
    shift += len(before)
    return HardCase(
        text=before + text,
        gold="",
        predicted="",
        probability=found.probability,
        place=question.place,
        gold_marks=tuple(Stretch(start=s + shift, end=e + shift, label="", right=False) for s, e in right),
        predicted_marks=tuple(Stretch(start=s + shift, end=e + shift, label="", right=False) for s, e in said),
    )


def _around(text: str, parts: Sequence[tuple[int, int]]) -> tuple[str, int]:
    """The text around some parts of it, and by how much places move."""
    start = max(0, min((start for start, _ in parts), default=0) - _CONTEXT)
    end = max((end for _, end in parts), default=0) + _CONTEXT
    before, behind = "…" * (start > 0), "…" * (end < len(text))
    return before + text[start:end] + behind, len(before) - start
