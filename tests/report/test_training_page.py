"""The training report: everything arrives in it, escaped, and nothing reaches out of it."""

from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from attendo.errors import StorageError, UnsupportedError
from attendo.metrics import ClassificationScores, score_spans
from attendo.page import Stretch
from attendo.report import Story, verdict, write_report
from attendo.report.measures import main_measures
from attendo.report.words import Words
from attendo.spans import LabelledSpan

KINDS = [
    *("English", "Chinese", "several labels", "Chinese, several labels", "no test set", "one epoch"),
    *("a hundred classes", "a model that learned nothing", "one text in each set", "nothing observed"),
    "two classes, no errors",
]


class Reader(HTMLParser):
    """What a browser would make of a page: its texts in order, by element, and all attributes."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and data.strip():
            self.texts.append((self.open[-1], data))

    def of(self, *tags: str) -> list[str]:
        return [text for tag, text in self.texts if tag in tags]

    @property
    def shown(self) -> str:
        """All that can be read, a text to a line."""
        return "\n".join(text for tag, text in self.texts if tag not in ("script", "style"))


@pytest.fixture
def read(tmp_path: Path) -> Callable[[Story], Reader]:
    """Writes a report and reads it again."""

    def written_and_read(story: Story) -> Reader:
        write_report(story, tmp_path / "report.html")
        return Reader((tmp_path / "report.html").read_text(encoding="utf-8"))

    return written_and_read


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_run_gives_a_whole_page_that_fetches_nothing(kind: str, stories, read) -> None:
    page = read(stories[kind])
    assert page.open == []
    names = {name for _, name, _ in page.attributes}
    assert not names & {"src", "srcset", "action", "onclick", "onload", "onerror", "background", "poster"}
    assert all(value.startswith("#") for _, name, value in page.attributes if name == "href")
    assert {value for _, name, value in page.attributes if "http" in value.lower() and name != "title"} <= {
        "http://www.w3.org/2000/svg"
    }
    assert not any(word in text for text in page.of("style", "script") for word in ("http", "url(", "@import"))
    assert sum(text.startswith("//") for text in page.of("script")) == len(page.of("script")) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_all_scores_of_all_systems_arrive(kind: str, stories, read) -> None:
    story, page = stories[kind], read(stories[kind])
    words = Words(story.language)
    values, small = page.of("span", "br", "td", "th"), page.of("small")
    for system in story.systems:
        assert words.name(system.name) in page.of("th")
        for scores in system.scores.values():
            for measure in main_measures(scores):
                assert measure.value in values
                assert measure.between(words.range) in small
    last = story.systems[-1].scores[story.last_set]
    for each in last.classes:
        assert each.label in page.of("th")
        for share in (each.precision, each.recall, each.f1):
            assert f"{100 * share:.1f}%" in page.of("td")


@pytest.mark.parametrize("kind", KINDS)
def test_the_verdict_comes_before_everything_else(kind: str, stories, read) -> None:
    story = stories[kind]
    page = read(story)
    main = page.shown.split("\n")
    heading = main.index(
        Words(story.language).answer, main.index(Words(story.language).answer) + 1
    )  # after the contents
    assert main[heading + 1] == verdict(story)


def test_texts_of_strangers_are_shown_as_they_are(story: Story, read) -> None:
    page = read(story)
    assert page.of("h1") == ["classify: hotel reviews <2>"]
    assert any("<script>alert('1 & 2')</script> \"quoted\"" in text for text in page.of("span"))
    assert "good <&>" in page.of("td")
    assert "<b>" in page.of("text")
    for case in story.hardest:
        assert case.text in page.of("span")
        assert case.place in page.of("small")
        assert f"{100 * case.probability:.1f}% sure" in page.of("small")


def test_what_was_missed_was_not_said_with_any_certainty(story: Story, read) -> None:
    missed = replace(story.hardest[0], probability=0.0, gold_marks=(Stretch(start=0, end=3, label="PER", right=False),))
    shown = read(replace(story, hardest=(missed,))).shown
    assert "PER" in shown
    assert "sure" not in shown.partition("The mistakes of which it was surest.")[2].partition("attention")[0]


def test_classes_of_spans_count_spans(story: Story, read) -> None:
    spans = [
        [LabelledSpan(0, 1, "PER"), LabelledSpan(1, 2, "PER"), LabelledSpan(2, 3, "PER"), LabelledSpan(3, 4, "LOC")]
    ]
    scores = score_spans(spans, spans, resamples=7)
    systems = tuple(replace(system, scores={"test": scores}) for system in story.systems)
    counts = {"train": {"PER": 3, "LOC": 1}}
    page = read(replace(story, systems=systems, sizes={"train": 1}, class_counts=counts, hardest=()))
    assert "spans" in page.of("th", "button")
    assert {"75.0%", "25.0%"} <= set(page.of("td"))
    assert "300.0%" not in page.of("td")


def test_a_long_text_is_cut(story: Story, read) -> None:
    long = replace(story.hardest[0], text="字" * 1_000_003)
    shown = read(replace(story, hardest=(long,))).shown
    assert "字" * 600 + "…" in shown
    assert "字" * 601 not in shown


def test_learning_curves_mark_the_best_epoch(story: Story, read) -> None:
    page = read(story)
    assert "best: epoch 5" in page.of("text")
    assert {"training texts", "dev texts", "accuracy", "macro F1", "deep path alone"} <= set(page.of("text"))
    assert "The weights after epoch 5 were kept, the best of 7 on the dev texts." in page.of("p")
    assert any("weights 0.83 and 0.41" in text for text in page.of("p"))


def test_with_several_labels_curves_and_tables_use_the_same_words(stories, read) -> None:
    page = read(stories["several labels"])
    assert "all labels right" in page.of("text")
    assert "all labels right" in page.of("th")
    assert "accuracy" not in page.of("text", "th")


def test_a_small_confusion_matrix_shows_every_count(story: Story, read) -> None:
    page = read(story)
    scores = story.systems[-1].scores["test"]
    assert isinstance(scores, ClassificationScores)
    for row in scores.confusion:
        assert set(map(str, row)) <= set(page.of("text"))


def test_attention_of_each_head_is_shown_against_an_even_spread(story: Story, read) -> None:
    page = read(story)
    for look in story.attention:
        assert {f"{100 * share:.0f}" for share in look.entropy} <= set(page.of("text"))
        assert {f"{far:.1f}" for far in look.distance} <= set(page.of("text"))
        assert f"layer {look.layer + 1}" in page.of("text")
        assert {each.word for each in look.received} <= set(page.of("text"))
        assert {f"{each.received:.2f}" for each in look.received} <= set(page.of("text"))
    assert "Distance in words; even spread: 7.6" in page.of("figcaption")


def test_data_decisions_settings_cost_and_versions_are_there(story: Story, read) -> None:
    page = read(story)
    assert {"997", "307", "211", "4 min 24 s", "8 min 11 s", "1.23 GB"} <= set(page.of("dd"))
    assert {str(count) for count in story.class_counts["dev"].values()} <= set(page.of("td"))
    assert set(story.plan["reasons"]) <= set(page.of("th"))
    assert {"training.learning_rate", "data.label", "precision"} <= set(page.of("th"))
    assert {"0.0013", "stars", "null", "bfloat16", "4,196,353"} <= set(page.of("td"))
    assert "Training read 1,409,557 tokens and took about 3.2 × 10¹³ floating-point operations." in page.of("p")
    assert "Made with attendo 0.1.0, python 3.11.2, torch 2.13.0." in page.of("p")


def test_warnings_stand_above_the_scores_and_nothing_is_said_twice(story: Story, read) -> None:
    shown = read(story).shown
    assert shown.index("7 texts of test are also in train.") < shown.index("calibration error")
    assert shown.count("Device cpu: the best at hand.") == 1
    assert "hotel.csv: the column `stars` is taken as the label." in shown


def test_settings_are_folded_and_many_classes_too(stories, tmp_path: Path) -> None:
    write_report(stories["a hundred classes"], tmp_path / "report.html")
    markup = (tmp_path / "report.html").read_text(encoding="utf-8")
    for summary in ("All settings", "Scores of the 100 classes", "Balance of the 100 classes"):
        assert f"<details><summary>{summary}</summary>" in markup
    assert "the 40 of 100 classes that are mixed up most" in markup
    assert "The 20 classes with the lowest F1" in markup
    assert len(markup) < 300_000


def test_what_was_not_recorded_has_no_section(stories, read) -> None:
    headings = read(stories["nothing observed"]).of("h2")
    assert headings == [
        *("Was it worth it?", "Class by class", "How sure it is, and how right", "Hardest errors", "Data"),
        *("What was decided, and why", "Cost"),
    ]


def test_no_errors_are_said_in_words(stories, read) -> None:
    assert "There are no errors." in read(stories["two classes, no errors"]).of("p")


@pytest.mark.parametrize("kind", ["Chinese", "Chinese, several labels"])
def test_a_chinese_report_has_no_english_headings(kind: str, stories, read) -> None:
    page = read(stories[kind])
    texts = [*page.of("h1", "h2", "figcaption", "summary", "caption", "dt"), *page.of("p")[1:]]
    assert len(texts) > 30
    known = {*stories[kind].warnings, *stories[kind].notes}
    assert [text for text in texts if text not in known and not any("一" <= c <= "鿿" for c in text)] == []
    assert ("html", "lang", "zh-Hans") in page.attributes


def test_layers_may_have_different_numbers_of_heads(story: Story, read) -> None:
    first, second = story.attention
    few = replace(second, entropy=second.entropy[:3], distance=second.distance[:3], received=())
    page = read(replace(story, attention=(first, few)))
    assert "head 4" in page.of("text")
    assert "40" not in page.of("text")


def test_an_unknown_language_is_refused(story: Story, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="'en' or 'zh', but not in 'tlh'"):
        write_report(replace(story, language="tlh"), tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_is_an_error_of_the_disk(story: Story, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="could not be written"):
        write_report(story, tmp_path / "file" / "report.html")
