"""Tables in the terminal: within 80 columns, complete, and safe whatever the labels are."""

from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from attendo.metrics import ClassificationScores, score_regression
from attendo.report import Story, System, class_table, comparison_table, confusion_table, scores_table
from attendo.report.measures import all_measures, main_measures
from attendo.report.words import Words

KINDS = [
    *("English", "Chinese", "several labels", "Chinese, several labels", "no test set", "a hundred classes"),
    *("one text in each set", "two classes, no errors"),
]


def lines(table: RenderableType, width: int = 80) -> list[str]:
    """What a pipe would get."""
    console = Console(width=width, color_system=None, force_terminal=False, legacy_windows=False)
    with console.capture() as captured:
        console.print(table)
    return [line.rstrip() for line in captured.get().splitlines()]


@pytest.mark.parametrize("kind", KINDS)
def test_systems_stand_side_by_side(kind: str, stories: dict[str, Story]) -> None:
    story = stories[kind]
    words, shown = Words(story.language), lines(comparison_table(story))
    assert max(map(cell_len, shown)) <= 80
    assert shown[0] == story.title
    assert all(words.name(system.name) in shown[2] for system in story.systems)
    whole = "\n".join(shown)
    for system in story.systems:
        for name, scores in system.scores.items():
            assert words.counted(scores.num_examples, name) in whole
            for measure in main_measures(scores):
                assert measure.between("{value} ({low}–{high})") in whole
    assert "4 min 11 s" in whole or "4 分 11 秒" in whole


@pytest.mark.parametrize("size", [1.0, 10.0, 1000.0])
def test_names_of_scores_are_never_broken_inside_of_words(size: float, story: Story) -> None:
    gold = [size * number for number in range(31)]
    scores = [
        score_regression(gold, [each + size * miss * (-1) ** number for number, each in enumerate(gold)], resamples=31)
        for miss in (3, 2, 1)
    ]
    names = ("mean", "ridge regression", "attendo")
    systems = [System(name=name, scores={"dev": each}, seconds=1.0) for name, each in zip(names, scores, strict=True)]
    shown = lines(comparison_table(replace(story, systems=tuple(systems))))
    assert max(map(cell_len, shown)) <= 80
    words = {word for line in shown for word in line.split()}
    assert words >= {"Pearson", "Spearman", "squared", "absolute", "error"}
    for measure in main_measures(scores[-1]):
        assert measure.value in words
        assert size == 1000 or measure.between("{value} ({low}–{high})") in "\n".join(shown)
    for measure in main_measures(scores[0]):
        assert measure.value in words


def test_ranges_are_shown_where_there_is_room(story: Story) -> None:
    shown = "\n".join(lines(comparison_table(story, width=200), 200))
    narrow = "\n".join(lines(comparison_table(story, width=40), 40))
    for number, system in enumerate(story.systems):
        for measure in main_measures(system.scores["test"]):
            assert measure.between("{value} ({low}–{high})") in shown
            assert number == 2 or measure.between("({low}–{high})") not in narrow


@pytest.mark.parametrize("kind", KINDS)
def test_all_scores_of_one_system(kind: str, stories: dict[str, Story]) -> None:
    story = stories[kind]
    words, scores = Words(story.language), story.systems[-1].scores["dev"]
    shown = lines(scores_table(scores, "model [bold]x on dev.csv", language=story.language))
    assert max(map(cell_len, shown)) <= 80
    assert shown[0].startswith("model [bold]x on dev.csv")
    for measure in all_measures(scores):
        (line,) = (line for line in shown if line.startswith(words.name(measure.key) + " "))
        assert measure.value in line
        assert measure.between(words.range) in line


@pytest.mark.parametrize("kind", KINDS)
def test_every_class_has_its_line(kind: str, stories: dict[str, Story]) -> None:
    story = stories[kind]
    scores = story.systems[-1].scores["dev"]
    shown = lines(class_table(scores, language=story.language))
    assert max(map(cell_len, shown)) <= 80
    assert len(shown) == 2 + len(scores.classes)
    for line, each in zip(shown[2:], scores.classes, strict=True):
        assert line.startswith(each.label)
        assert {f"{each.support:,}", f"{100 * each.f1:.1f}%", f"{100 * each.recall:.1f}%"} <= set(line.split())


def test_a_confusion_matrix_with_names_with_numbers_or_not_at_all(story: Story, stories: dict[str, Story]) -> None:
    scores = story.systems[-1].scores["test"]
    assert isinstance(scores, ClassificationScores)
    named, numbered = confusion_table(scores), confusion_table(scores, width=27)
    assert named is not None
    assert numbered is not None
    assert lines(named)[0].split() == ["is", "↓", "said", "→", "bad", "fair", "good", "<&>"]
    assert lines(numbered)[0].split() == ["is", "↓", "said", "→", "1", "2", "3"]
    assert max(map(cell_len, lines(numbered, 27))) <= 27
    for table, heads in ((named, ("bad", "fair", "good <&>")), (numbered, ("1 bad", "2 fair", "3 good <&>"))):
        for line, head, row in zip(lines(table)[2:], heads, scores.confusion, strict=True):
            assert line.startswith(head)
            assert line.removeprefix(head).split() == list(map(str, row))
    assert confusion_table(scores, width=20) is None
    assert confusion_table(stories["a hundred classes"].systems[-1].scores["test"]) is None
    assert confusion_table(stories["several labels"].systems[-1].scores["test"]) is None


def test_labels_are_no_markup_and_cannot_move_the_cursor(make_story) -> None:
    nasty = ("[red]x[/red]", "\x1b[31mred", "两\n行", "x" * 97)
    story = make_story(labels=nasty, sizes=(41, 43, 47))
    scores = story.systems[-1].scores["test"]
    shown = lines(class_table(scores))
    assert max(map(cell_len, shown)) <= 80
    whole = "\n".join(shown)
    assert "[red]x[/red]" in whole
    assert "\x1b" not in whole
    assert "两\N{REPLACEMENT CHARACTER}行" in whole
    assert whole.count("x") >= 97 + 1
    assert "\x1b" not in "\n".join(lines(comparison_table(replace(story, title="\x1b]0;gone\x07"))))
