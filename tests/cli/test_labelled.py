"""Labelled texts as lines, JSON Lines and tables."""

import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st

from attendo.cli.tasks.labelled import WRITERS
from attendo.data import Example
from attendo.tasks import LabelSet, Prediction

LABELS = LabelSet(("negative", "中立", "positive"))
SEVERAL = LabelSet(("acting", "剧情"), several=True)
texts = st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda text: bool(text.strip()))


class Ascii(io.StringIO):
    encoding = "ascii"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def predicted(labels: LabelSet, *chances: float) -> Prediction:
    probabilities = dict(zip(labels.names, chances, strict=True))
    best = max(probabilities, key=lambda name: probabilities[name])
    chosen = tuple(name for name in labels.names if probabilities[name] >= 0.5) if labels.several else (best,)
    return Prediction(chosen, probabilities[best], probabilities)


def written(format: str, labelled, labels=LABELS, everything=False, file=None) -> str:
    file = file or io.StringIO()
    WRITERS[format](labelled, file, labels, everything)
    return file.getvalue()


@given(st.lists(st.tuples(texts, st.none() | texts)))
def test_json_lines_hold_the_texts_exactly(pairs):
    labelled = [(Example(text, pair), predicted(LABELS, 0.125, 0.25, 0.625)) for text, pair in pairs]
    for file in (io.StringIO(), Ascii()):
        lines = written("jsonl", labelled, file=file).split("\n")[:-1]
        records = [json.loads(line) for line in lines]
        assert [(record["text"], record.get("pair")) for record in records] == pairs
        assert all(record["label"] == "positive" and record["probability"] == 0.625 for record in records)
        assert all(
            record["probabilities"] == {"negative": 0.125, "中立": 0.25, "positive": 0.625} for record in records
        )


@given(st.lists(st.tuples(texts, texts), min_size=1))
def test_tables_hold_the_texts_exactly(pairs):
    labelled = [(Example(text, pair), predicted(LABELS, 0.125, 0.25, 0.625)) for text, pair in pairs]
    table = written("tsv", labelled, everything=True)
    head, *rows = csv.reader(io.StringIO(table, newline=""), delimiter="\t")
    assert head == ["label", "probability", "P(negative)", "P(中立)", "P(positive)", "text", "pair"]
    assert rows == [["positive", "0.625000", "0.125000", "0.250000", "0.625000", *pair] for pair in pairs]


def test_table_without_all_has_label_probability_and_text():
    labelled = [(Example("好"), predicted(LABELS, 0.0, 0.25, 0.75))]
    assert written("tsv", labelled) == "label\tprobability\ttext\npositive\t0.750000\t好\n"


def test_json_of_a_model_with_several_labels_is_a_list():
    labelled = [(Example("a"), predicted(SEVERAL, 0.75, 0.5)), (Example("b"), predicted(SEVERAL, 0.25, 0.125))]
    records = [json.loads(line) for line in written("jsonl", labelled, SEVERAL).splitlines()]
    assert [record["label"] for record in records] == [["acting", "剧情"], []]
    assert [record["probability"] for record in records] == [0.75, 0.25]


def test_lines_are_cut_to_the_terminal_and_hold_no_control_characters(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    labelled = [
        (Example("这家餐厅的面条一点也不好吃，服务员也非常冷淡。"), predicted(LABELS, 0.9, 0.06, 0.04)),
        (Example("a\tb\n\x1b[2Jc [red]d[/red]"), predicted(LABELS, 0.1, 0.3, 0.6)),
    ]
    first, second = written("lines", labelled).splitlines()
    assert first.startswith("negative   90.0%  这家餐厅的面")
    assert first.endswith("…")
    assert second == "positive   60.0%  a b [2Jc [red]d[/red]"


def test_lines_show_all_probabilities_the_largest_first(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = written("lines", [(Example("a"), predicted(LABELS, 0.1, 0.3, 0.6))], everything=True).splitlines()
    assert lines[1].strip() == "positive 60.0%, 中立 30.0%, negative 10.0%"


def test_lines_name_an_empty_answer():
    line = written("lines", [(Example("a", "b"), predicted(SEVERAL, 0.25, 0.125))], SEVERAL)
    assert line == "none     25.0%  a | b\n"


def test_lines_are_coloured_on_a_terminal_only(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    labelled = [(Example("a"), predicted(LABELS, 0.1, 0.3, 0.6))]
    assert "\x1b[1;32mpositive" in written("lines", labelled, file=Terminal())
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[1;32m" not in written("lines", labelled, file=Terminal())
