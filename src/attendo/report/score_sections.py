"""Parts of a page that show the scores of one system: those of training and of evaluation reports alike."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

import numpy as np

from attendo.metrics import (
    ClassificationScores,
    MultilabelScores,
    RegressionScores,
    ReliabilityBin,
)
from attendo.page import (
    Axis,
    Bar,
    Column,
    Html,
    Page,
    Series,
    Svg,
    bar_chart,
    element,
    format_number,
    heat_map,
    line_chart,
    marked,
    reliability_diagram,
)
from attendo.report.amounts import percent
from attendo.report.measures import Measure, labelled_noun
from attendo.report.story import HardCase, Sample, SystemScores
from attendo.report.words import Words

FEW_CLASSES = 20
"""More are folded away or cut to those that matter most."""
_MATRIX_CLASSES = 40  # more are not told apart on a screen
_LEGIBLE_CLASSES = 8  # up to so many, the numbers of a matrix are read at a glance
_NARROW_CLASSES = 16  # a larger matrix takes the whole width
_PAIRS = 15
_SHOWN_CHARACTERS = 600
_AS_WRITTEN = "white-space:pre-wrap; overflow-wrap: anywhere"
_SECOND_TEXT = "margin-top:.35em;padding-top:.35em;border-top:1px dotted var(--quiet)"


def add_meanings(page: Page, measures: Sequence[Measure], words: Words) -> None:
    """What each score tells, folded."""
    with page.details(words.meanings):
        rows = [(words.name(measure.key), words.meaning(measure.key)) for measure in measures]
        page.table((words.measure, words.meaning_title), rows, sortable=False)
        page.paragraph(words.about_intervals)


def add_classes(page: Page, scores: SystemScores, set_name: str, words: Words) -> None:
    """Which classes are mixed up, and how well each is found; nothing where no classes are told apart."""
    if not scores.classes:
        return
    page.section(words.classes)
    texts = words.counted(scores.num_examples, set_name)
    if isinstance(scores, ClassificationScores):
        counts, labels = np.array(scores.confusion), [each.label for each in scores.classes]
        _add_confusion(page, counts, labels, texts, words)
    _add_weakest(page, scores, words)
    if isinstance(scores, ClassificationScores):
        _add_mixed_up(page, counts, labels, words)
    _add_class_table(page, scores, words)


def add_confidence(page: Page, systems: Sequence[tuple[str, SystemScores]], words: Words) -> None:
    """Whether probabilities can be taken at their word; the last system is the one that the text is about."""
    ours = systems[-1][1]
    if not isinstance(ours, ClassificationScores | MultilabelScores):
        return
    page.section(words.confidence)
    single = isinstance(ours, ClassificationScores)
    about = words.about_confidence if single else words.about_probabilities
    sure, right = _averages(ours.reliability)
    page.paragraph(about.format(sure=percent(sure), right=percent(right)))
    for name, scores in reversed(systems):
        if not isinstance(scores, ClassificationScores | MultilabelScores):
            continue
        error = Measure(key="calibration_error", interval=scores.calibration_error).value
        title = words.reliability.format(system=name, error=error)
        page.figure(_reliability(scores.reliability, title, single, words), title)


def add_numbers(page: Page, scores: SystemScores, words: Words) -> None:
    """Predicted against true numbers; nothing where labels are predicted."""
    if not isinstance(scores, RegressionScores):
        return
    page.section(words.numbers)
    page.paragraph(words.about_numbers.format(count=len(scores.bins)))
    said = [each.predicted for each in scores.bins]
    series = [
        Series(name=words.true_number, x=said, y=[each.gold for each in scores.bins], dots=True),
        Series(name=words.even_line, x=said, y=said, dots=False),
    ]
    axes = Axis(label=words.predicted_number), Axis(label=words.true_number)
    page.figure(line_chart(series, title=words.numbers, x=axes[0], y=axes[1]), words.numbers)
    rows = [(format_number(each.predicted), format_number(each.gold), each.count) for each in scores.bins]
    page.table((words.predicted_number, words.true_number, words.support), rows, sortable=False)


def add_samples(page: Page, samples: Sequence[Sample], words: Words) -> None:
    """What the model writes, beside what a person wrote; nothing where it writes nothing."""
    if not samples:
        return
    page.section(words.samples)
    page.paragraph(words.about_samples)
    titles = (words.given, words.written, *([words.right_text] if samples[0].right is not None else []))
    rows = [
        tuple(
            element("span", _cut(text), style=_AS_WRITTEN)
            for text in (each.given, each.text, each.right)
            if text is not None
        )
        for each in samples
    ]
    page.table(titles, rows, sortable=False)


def add_hardest(page: Page, hardest: Sequence[HardCase], words: Words) -> None:
    """The texts that were labelled most wrongly."""
    page.section(words.hardest)
    if not hardest:
        page.paragraph(words.no_errors)
        return
    about = words.about_furthest if hardest[0].probability is None else words.about_hardest
    page.paragraph(about if hardest[0].miss is None else words.about_misses)
    if any(case.gold_marks or case.predicted_marks for case in hardest):
        page.table((words.is_label, words.said_label), [_marked_row(case, words) for case in hardest], sortable=False)
        return
    rows = [
        (over(_shown(case), case.place), case.gold, over(case.predicted, _sure(case, words), together=True))
        for case in hardest
    ]
    page.table((words.text, words.is_label, words.said_label), rows)


def _marked_row(case: HardCase, words: Words) -> tuple[Html, Html]:
    """The text twice: with what is right, and with what was found, what is wrong in either being made to show."""
    return (
        over(marked(case.text, case.gold_marks), case.place),
        over(marked(case.text, case.predicted_marks), _sure(case, words)),
    )


def _shown(case: HardCase) -> Html | str:
    """The text, or both texts of a pair under each other."""
    first, *second = map(_cut, case.texts)
    return element("span", first, *(element("div", each, style=_SECOND_TEXT) for each in second)) if second else first


def _sure(case: HardCase, words: Words) -> str:
    if case.miss is not None:
        return words.missed_by.format(miss=format_number(case.miss, digits=3))
    return words.sure.format(share=percent(case.probability)) if case.probability else ""


def _add_confusion(page: Page, counts: np.ndarray, labels: Sequence[str], texts: str, words: Words) -> None:
    """The matrix; of many classes only those that are mixed up most."""
    title = words.confusion.format(texts=texts)
    if len(labels) > _MATRIX_CLASSES:
        errors = counts.sum(0) + counts.sum(1) - 2 * counts.diagonal()
        kept = np.sort(np.argsort(-errors, kind="stable")[:_MATRIX_CLASSES])
        title = words.confusion_part.format(shown=len(kept), all=len(labels))
        counts, labels = counts[np.ix_(kept, kept)], np.array(labels)[kept].tolist()
    chart = heat_map(
        counts,
        title=title,
        row_labels=labels,
        column_labels=labels,
        row_title=words.is_label,
        column_title=words.said_label,
        by_row=True,
    )
    page.figure(chart, title, wide=len(labels) > _NARROW_CLASSES)


def _add_weakest(page: Page, scores: SystemScores, words: Words) -> None:
    """F1 of each class that occurs; of many classes the lowest."""
    found = zip(scores.classes, scores.class_f1, strict=True)
    bars = [
        Bar(label=each.label, value=interval.value, low=interval.low, high=interval.high)
        for each, interval in found
        if each.support
    ]
    title = words.f1_by_class
    if len(bars) > FEW_CLASSES:
        bars = sorted(bars, key=lambda bar: bar.value)[:FEW_CLASSES]
        title = words.lowest_f1.format(shown=len(bars))
    page.figure(bar_chart(bars, title=title, axis=Axis(percent=True)), title)


def _add_mixed_up(page: Page, counts: np.ndarray, labels: Sequence[str], words: Words) -> None:
    """The most frequent errors, where the matrix is too large to be read off."""
    wrong = counts - np.diag(counts.diagonal())
    if len(labels) <= _LEGIBLE_CLASSES or not wrong.any():
        return
    bars = []
    for place in np.argsort(-wrong, axis=None, kind="stable")[:_PAIRS].tolist():
        gold, said = divmod(place, len(labels))
        if wrong[gold, said]:
            bars.append(Bar(label=f"{labels[gold]} → {labels[said]}", value=int(wrong[gold, said])))
    page.figure(bar_chart(bars, title=words.mixed_up), words.mixed_up)


def _add_class_table(page: Page, scores: SystemScores, words: Words) -> None:
    columns = (
        words.label,
        Column(title=Words(words.language, labelled_noun(scores, words.noun)).support, bar=True),
        Column(title=words.precision, percent=True),
        Column(title=words.recall, percent=True),
        Column(title="F1", percent=True),
        words.interval,
    )
    rows = []
    for each, interval in zip(scores.classes, scores.class_f1, strict=True):
        ends = Measure(key="f1", interval=interval).between(words.range)
        rows.append((each.label, each.support, each.precision, each.recall, each.f1, ends))
    with folded_if_long(page, words.per_class.format(count=len(rows)), len(rows)):
        page.table(columns, rows)


def _reliability(bins: Sequence[ReliabilityBin], title: str, single: bool, words: Words) -> Svg:
    return reliability_diagram(
        [each.confidence for each in bins],
        [each.accuracy for each in bins],
        [each.count for each in bins],
        title=title,
        confidence_label=words.sure_axis if single else words.given_axis,
        accuracy_label=words.right_axis if single else words.true_axis,
    )


def _averages(bins: Sequence[ReliabilityBin]) -> tuple[float, float]:
    """Mean confidence and accuracy over all decisions."""
    counts = np.array([each.count for each in bins])
    sure, right = (np.array([getattr(each, name) for each in bins]) for name in ("confidence", "accuracy"))
    return float(sure @ counts / counts.sum()), float(right @ counts / counts.sum())


def folded_if_long(page: Page, summary: str, rows: int) -> AbstractContextManager[None]:
    """Fold what is added within the `with` block if it has many rows."""
    return page.details(summary) if rows > FEW_CLASSES else nullcontext()


def over(text: object, small: str, *, together: bool = False) -> Html:
    """A cell with something in small letters under its text, on one line if it is to stay `together`."""
    style = "display:block;color:var(--quiet)" + ";white-space:nowrap" * together
    return element("span", text, element("small", small, style=style))


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS].rstrip()}…"
