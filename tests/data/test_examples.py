"""Rows become examples; what cannot become one is told with file and line, all at once."""

import json
from pathlib import Path

import pytest

from attendo.data import DataSettings, Example, read_examples, read_inputs
from attendo.errors import ConfigError, DataError


def csv_file(folder: Path, *lines: str) -> Path:
    path = folder / "reviews.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def json_file(folder: Path, *records: dict) -> Path:
    path = folder / "reviews.jsonl"
    path.write_text("\n".join(json.dumps(record, ensure_ascii=True) for record in records), encoding="utf-8")
    return path


def test_examples_know_where_they_come_from(tmp_path):
    path = csv_file(tmp_path, "label,review", "1, fine ", "0,很差")
    assert read_examples(path) == [
        Example(" fine ", labels=("1",), path=path, line=2),
        Example("很差", labels=("0",), path=path, line=3),
    ]
    assert read_examples(path)[1].place == "reviews.csv line 3"


@pytest.mark.parametrize(
    ("value", "settings", "labels"),
    [
        (1, {}, ("1",)),
        ("007", {}, ("007",)),
        (1.5, {}, ("1.5",)),
        (True, {}, ("true",)),
        (" good ", {}, ("good",)),
        (["b", "a", "b"], {}, ("b", "a")),
        ([], {}, ()),
        ("a|b", {}, ("a|b",)),
        ("a| b |", {"label_separator": "|"}, ("a", "b")),
        ("", {"label_separator": "|"}, ()),
        ("ENTY:animal", {"label_until": ":"}, ("ENTY",)),
        (["A:1", "A:2", "B"], {"label_until": ":"}, ("A", "B")),
    ],
)
def test_labels_are_text_as_written(tmp_path, value, settings, labels):
    path = json_file(tmp_path, {"text": "很好", "label": value}, {"text": "fine", "label": "x"})
    assert read_examples(path, DataSettings(**settings))[0].labels == labels


def test_all_problems_of_a_file_are_told_at_once(tmp_path):
    path = json_file(
        tmp_path,
        {"text": "fine", "label": "1"},
        {"text": " \u3000\n", "label": "1"},
        {"label": "1"},
        {"text": "很好"},
        {"text": "很好", "label": None},
        {"text": ["很", "好"], "label": "1"},
        {"text": "fine", "label": {"a": 1}},
        {"text": "half \ud800", "label": "1"},
    )
    with pytest.raises(DataError) as caught:
        read_examples(path)
    first, *others = str(caught.value).splitlines()
    assert first == "7 rows cannot be used:"
    assert [other.removeprefix(f"  {path}, ") for other in others] == [
        "line 2: the text in column `text` is empty.",
        "line 3: the key `text` is missing.",
        "line 4: no label in column `label`.",
        "line 5: no label in column `label`.",
        "line 6: column `text` holds list where a text was expected.",
        "line 7: column `label` holds dict where a label was expected.",
        "line 8: the text in column `text` holds half a character (a lone surrogate).",
    ]


def test_only_the_first_twenty_problems_are_listed(tmp_path):
    path = csv_file(tmp_path, "text,label", "fine,1", *["poor,"] * 23)
    with pytest.raises(DataError) as caught:
        read_examples(path)
    lines = str(caught.value).splitlines()
    assert len(lines) == 22
    assert lines[-1] == "  and 3 more"


def test_single_problem_is_one_sentence_with_its_line(tmp_path):
    path = csv_file(tmp_path, "text,label", "fine,1", "poor")
    with pytest.raises(DataError, match=r"reviews\.csv, line 3: 1 field where 2 were expected\.$") as caught:
        read_examples(path)
    assert (caught.value.path, caught.value.line) == (path, 3)


def test_rows_left_out_are_told(tmp_path, caplog):
    caplog.set_level("INFO", logger="attendo.data")
    path = csv_file(tmp_path, "text,label", "fine,1", "poor,0", "odd,-", "none,")
    found = read_examples(path, DataSettings(skip_labels=("-",), unlabelled="skip"))
    assert [example.text for example in found] == ["fine", "poor"]
    assert "left out 1 row labelled `-`." in caplog.text
    assert "left out 1 row without a label." in caplog.text


@pytest.mark.parametrize(
    ("content", "settings", "message"),
    [
        ("", {}, "it is empty"),
        ("text,label\n", {}, "it holds no rows"),
        ("\n \n", {}, "it holds no rows"),
        ("text,label\nfine,\npoor,\n", {}, "no row has a label in column `label`"),
        ("text,label\nfine,-\npoor,-\n", {"skip_labels": ("-",)}, "every row is left out"),
    ],
)
def test_file_without_anything_to_learn_from_is_told(tmp_path, content, settings, message):
    path = tmp_path / "reviews.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_examples(path, DataSettings(**settings))


def test_pairs_need_both_texts(tmp_path):
    path = json_file(
        tmp_path,
        {"sentence1": "天气好", "sentence2": "下雨", "label": "no"},
        {"sentence1": "rain", "sentence2": "", "label": "yes"},
    )
    with pytest.raises(DataError, match="line 2: the text in column `sentence2` is empty"):
        read_examples(path)
    assert read_examples(path, DataSettings(text="sentence1"))[1].pair is None


@pytest.mark.parametrize("spans", [[[0, 4]], [[2, 1]], [[-1, 1]], [[1]], "12", [["a", "b"]], 3])
def test_rationale_must_lie_within_the_text(tmp_path, spans):
    good = {"text": "很好啊", "label": "1", "rationale": [[0, 2], [2, 3]]}
    assert read_examples(json_file(tmp_path, good))[0].rationale == ((0, 2), (2, 3))
    with pytest.raises(DataError, match=r"line 2: `rationale` must be a list of \[begin, end\] within the 3 char"):
        read_examples(json_file(tmp_path, good, {**good, "rationale": spans}))


def test_inputs_need_no_labels_and_are_read_one_by_one(tmp_path):
    stream = read_inputs(csv_file(tmp_path, "id,review", "7,fine", "8,", "9,很好"))
    assert (next(stream).text, stream) == ("fine", stream)
    with pytest.raises(DataError, match="line 3: the text in column `review` is empty"):
        next(stream)


def test_inputs_of_plain_lines(tmp_path):
    path = tmp_path / "texts.txt"
    path.write_text("The day was fine.\n酒店很好\n", encoding="utf-8")
    assert [(example.text, example.labels, example.line) for example in read_inputs(path)] == [
        ("The day was fine.", (), 1),
        ("酒店很好", (), 2),
    ]
    path.write_text("")
    with pytest.raises(DataError, match="it is empty"):
        list(read_inputs(path))


def test_every_mistake_in_settings_is_told_at_once():
    with pytest.raises(ConfigError) as caught:
        DataSettings(
            format="xml",
            delimiter=",,",
            label_until="",
            unlabelled="drop",
            dev_fraction=0,
            test_fraction=1,  # type: ignore
        )
    told = [problem.split("`")[1] for problem in caught.value.problems]
    assert told == ["format", "delimiter", "label_until", "unlabelled", "dev_fraction", "test_fraction", "dev_fraction"]
