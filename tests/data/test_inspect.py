"""The report on a user's data: numbers that can be counted by hand, and errors listed instead of raised."""

import json
from pathlib import Path

import pytest

from attendo.data import DataSettings, Example, inspect_data
from attendo.data.signs import count_units, script_shares, suspicions


def saved(path: Path, *records: tuple[str, str]) -> Path:
    lines = [json.dumps({"text": text, "label": label}, ensure_ascii=False) for text, label in records]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def labelled(*texts: str, label: str = "x") -> list[Example]:
    return [Example(text, labels=(label,), path=Path("a.csv"), line=line) for line, text in enumerate(texts, 2)]


def test_numbers_of_a_small_file(tmp_path):
    path = saved(tmp_path / "a.jsonl", ("好的", "1"), ("a bc", "1"), ("好的", "1"), ("好的", "0"), ("it's", "0"))
    report = inspect_data(path)
    assert (report.classes, report.shares, report.imbalance) == ({"1": 3, "0": 2}, {"1": 0.6, "0": 0.4}, 1.5)
    assert (report.characters.median, report.characters.longest) == (2, 4)  # type: ignore[union-attr]
    assert (report.units.median, report.units.longest) == (2, 2)  # type: ignore[union-attr]
    assert report.scripts == {"Chinese": 0.5, "Latin": 0.5}
    assert (report.duplicates, report.conflicts) == (2, 1)
    one = report.sets[0]
    assert (one.name, one.format, one.encoding, one.rows, one.examples) == ("train", "jsonl", "utf-8", 5, 5)
    assert one.columns is not None
    assert one.columns.text == "text"
    assert report.problems == ()


def test_sets_of_a_folder(tmp_path):
    saved(tmp_path / "train.jsonl", ("a", "1"), ("b", "0"), ("c", "1"), ("d", "0"))
    saved(tmp_path / "test.jsonl", ("a", "1"), ("e", "-"))
    report = inspect_data(tmp_path, DataSettings(skip_labels=("-",)))
    assert [(one.name, one.rows, one.examples, one.skipped) for one in report.sets] == [
        ("train", 4, 4, 0),
        ("test", 2, 1, 1),
    ]
    assert any(warning.startswith("test: texts that stand in train too: 1 of 1") for warning in report.warnings)


def test_errors_are_listed(tmp_path):
    saved(tmp_path / "train.jsonl", ("a", "1"), (" ", "0"), ("c", ""), ("d", "1"))
    (tmp_path / "dev.jsonl").write_bytes(b'{"text": "\xff"}\n')
    report = inspect_data(tmp_path, DataSettings(encoding="utf-8"))
    one = report.sets[0]
    assert (one.rows, one.examples, one.empty, one.unlabelled) == (4, 2, 1, 1)
    assert [problem.split(": ", 1)[1][:25] for problem in report.problems] == [
        "the text in column `text`",
        "no label in column `label",
        "all 2 rows have the label",
        "the bytes here are not UT",
    ]


@pytest.mark.parametrize("name", ["missing.csv", "empty.csv", "unknown.dat", "folder", "columns.csv"])
def test_report_on_what_cannot_be_read_is_empty_but_for_the_problem(tmp_path, name):
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "unknown.dat").write_text("x")
    (tmp_path / "columns.csv").write_text("fine day\npoor night\n")
    (tmp_path / "folder").mkdir()
    report = inspect_data(tmp_path / name)
    assert len(report.problems) == 1
    assert (report.classes, report.characters, report.scripts, report.imbalance) == ({}, None, {}, 1.0)


@pytest.mark.parametrize(
    ("text", "units"),
    [("", 0), ("so-called it's 3.5", 4), ("味道很好，下次还来！", 8), ("iPhone很快 OK", 4), ("Ünïcödé", 1)],
)
def test_units_are_words_and_chinese_characters(text, units):
    assert count_units(text) == units


def test_scripts_are_shares_of_letters():
    assert script_shares(["好好 ok, 12", "да"]) == {"Chinese": 1 / 3, "Latin": 1 / 3, "Cyrillic": 1 / 3}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("one<br />two", "HTML"),
        ("A &amp; B", "HTML"),
        ("it #39;s fine", "HTML"),
        ("cafÃ© trÃ¨s bon", "wrong encoding"),
        ("he said \ufffd", "wrong encoding"),
        ("锟斤拷", "wrong encoding"),
        ("味道很好，下次还来".encode().decode("gb18030", "replace"), "wrong encoding"),
        ("好" * 5001, "longer than 5,000"),
    ],
)
def test_suspicious_text_is_told_with_its_place(text, sentence):
    (found,) = suspicions(labelled("普通 fine", text))
    assert sentence in found
    assert found.startswith("1 of 2 texts")
    assert "a.csv line 3" in found


def test_ordinary_text_is_not_suspicious():
    assert suspicions(labelled("a < b and c > d", "AT&T; R&D", "café, naïve, Ärger", "rated #1", "2 <3 好")) == []


def test_common_beginning_is_told():
    (found,) = suspicions(labelled(*(f"Review: text {index}" for index in range(13))))
    assert "13 of 13 texts begin with `Review: text `" in found
    assert suspicions(labelled(*(f"Review: text {index}" for index in range(7)))) == []


def test_label_written_in_its_texts_is_told():
    good = labelled(*(f"[Good] 第{index}条" for index in range(11)), label="good")
    bad = labelled(*(f"第{index}条 goodness" for index in range(11)), label="bad")
    (found,) = suspicions(good + bad)
    assert found == "100% of the texts labelled `good` hold the label itself, 0% of others."
    assert suspicions(labelled(*(f"a {index}" for index in range(11)), label="a") + bad) == []


def test_unlike_class_sizes_are_told(tmp_path):
    path = saved(tmp_path / "a.jsonl", *((f"t{index}", "rare" if index < 2 else "usual") for index in range(22)))
    assert (
        "The classes are of unlike size: 20 examples are labelled `usual` and 2 `rare`." in inspect_data(path).warnings
    )
