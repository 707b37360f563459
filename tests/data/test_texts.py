"""Documents out of files: what is one, what is held out, and what is left alone."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from attendo.data import TextSettings, load_documents
from attendo.errors import ConfigError, DataError


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def texts(path, **settings) -> list[str]:
    """All documents, those held out too."""
    found = load_documents(path, settings=TextSettings(**settings))
    return sorted(example.text for example in (*found.train, *found.dev))


def test_a_line_is_a_document(tmp_path):
    path = written(tmp_path / "a.txt", "one, two\n第二行。\n\tthree\n")
    assert texts(path) == ["\tthree", "one, two", "第二行。"]


def test_a_paragraph_is_one_where_blank_lines_part_them(tmp_path):
    path = written(tmp_path / "a.txt", "first line\nsecond line\n\n \nthird\n\n第四段\n还是第四段\n")
    expected = ["first line\nsecond line", "third", "第四段\n还是第四段"]
    assert texts(path) == texts(path, documents="paragraphs") == expected
    assert len(texts(path, documents="lines")) == 5


def test_a_few_blank_lines_part_nothing(tmp_path):
    lines = [f"text {number}" for number in range(101)]
    path = written(tmp_path / "a.txt", "\n".join([*lines[:50], "", *lines[50:]]) + "\n\n")
    assert texts(path) == sorted(lines)


def test_places_are_those_in_the_file(tmp_path):
    path = written(tmp_path / "a.txt", "\nfirst\nsecond\n\nthird\n")
    found = load_documents(path)
    assert {(each.text, each.line) for each in (*found.train, *found.dev)} == {("first\nsecond", 2), ("third", 5)}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'label,review\n1,"good, it was"\n0,bad\n1,\n'),
        ("a.tsv", "review\tstars\ngood, it was\t5\nbad\t1\n"),
        ("a.jsonl", '{"review": "good, it was", "n": 3}\n{"review": "bad", "n": 4}\n{"review": null, "n": 4}\n'),
    ],
)
def test_a_row_of_a_table_is_one_and_labels_are_none(name, content, tmp_path):
    assert texts(written(tmp_path / name, content)) == ["bad", "good, it was"]


def test_the_column_may_be_named(tmp_path):
    path = written(tmp_path / "a.csv", "title,review\nt1,r1\nt2,r2\n")
    assert texts(path, text="title") == ["t1", "t2"]
    with pytest.raises(ConfigError, match="did you mean `title`"):
        load_documents(path, settings=TextSettings(text="titel"))


def test_both_texts_of_a_pair_are_documents(tmp_path):
    rows = [{"premise": f"p{number}", "hypothesis": f"h{number}"} for number in range(3)]
    path = written(tmp_path / "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert texts(path) == ["h0", "h1", "h2", "p0", "p1", "p2"]


def test_several_files_and_a_folder_of_them(tmp_path):
    one, two = written(tmp_path / "b" / "one.txt", "1\n2\n"), written(tmp_path / "b" / "deep" / "two.txt", "3\n")
    written(tmp_path / "b" / ".hidden" / "x.txt", "no\n")
    written(tmp_path / "b" / "image.png", "no\n")
    with gzip.open(tmp_path / "b" / "three.txt.gz", "wt", encoding="utf-8") as file:
        file.write("4\n")
    assert texts([one, two]) == ["1", "2", "3"]
    assert texts(tmp_path / "b") == texts([tmp_path / "b"]) == ["1", "2", "3", "4"]


def test_of_a_folder_with_sets_the_test_set_is_left_alone(tmp_path):
    for name in ("train", "dev", "test"):
        written(tmp_path / f"{name}.csv", f"label,text\n1,{name} one\n0,{name} two\n")
    found = load_documents(tmp_path)
    assert [example.text for example in found.train] == ["train one", "train two"]
    assert [example.text for example in found.dev] == ["dev one", "dev two"]


def test_the_same_documents_are_held_out_and_equal_ones_stay_together(tmp_path):
    lines = [f"text {number % 61}" for number in range(101)]
    first = load_documents(written(tmp_path / "a.txt", "\n".join(lines)), settings=TextSettings(dev_fraction=0.2))
    again = load_documents(written(tmp_path / "b.txt", "\n".join(lines[::-1])), settings=TextSettings(dev_fraction=0.2))
    held_out = {example.text for example in first.dev}
    assert held_out == {example.text for example in again.dev}
    assert not held_out & {example.text for example in first.train}
    assert len(held_out) == 13
    assert "Held out" in first.notes[-1]


def test_a_held_out_file_may_be_given(tmp_path):
    path, dev = written(tmp_path / "a.txt", "only one\n"), written(tmp_path / "b.txt", "other\n")
    found = load_documents(path, dev=dev)
    assert ([each.text for each in found.train], [each.text for each in found.dev]) == (["only one"], ["other"])


def test_what_cannot_be_read(tmp_path):
    with pytest.raises(DataError, match="no file that can be read"):
        load_documents(tmp_path)
    with pytest.raises(DataError, match="there is no such file"):
        load_documents(tmp_path / "a.txt")
    with pytest.raises(DataError, match="none of 2 files holds any text"):
        load_documents([written(tmp_path / "a.txt", ""), written(tmp_path / "b.txt", "\n")])
    with pytest.raises(DataError, match="There is no file"):
        load_documents([])
    with pytest.raises(ConfigError, match="`documents` is `pages`"):
        TextSettings(documents="pages")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="`dev_fraction` must lie between"):
        TextSettings(dev_fraction=1.5)
