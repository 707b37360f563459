"""Texts to learn to write: what a text is, and what of it is held out."""

from __future__ import annotations

import pytest

from attendo.data import RunningTextSettings, load_running_texts, read_running_texts
from attendo.errors import ConfigError, DataError

VERSE = "".join(f"First:\nline {number} of 唐詩\n\n" for number in range(97))


def test_a_file_is_one_text_and_its_end_is_held_out_to_the_letter(tmp_path):
    (path := tmp_path / "verse.txt").write_text(VERSE, encoding="utf-8")
    splits = load_running_texts(path)
    (train,), (dev,) = splits.train, splits.dev
    assert train.text + dev.text == VERSE
    assert len(train.text) == int(0.9 * len(VERSE))
    assert not train.ends
    assert not dev.ends
    assert dev.line == 1 + train.text.count("\n")
    assert splits.notes == (
        f"{path} is one text; `data.documents` may be lines or paragraphs instead.",
        "Held out the text's end: 10% to choose by.",
    )


def test_a_test_set_lies_behind_what_is_chosen_by(tmp_path):
    (path := tmp_path / "verse.txt").write_text(VERSE, encoding="utf-8")
    splits = load_running_texts(path, settings=RunningTextSettings(dev_fraction=0.2, test_fraction=0.3))
    texts = [each.text for part in (splits.train, splits.dev, splits.test) for each in part]
    assert "".join(texts) == VERSE
    assert [round(len(text) / len(VERSE), 2) for text in texts] == [0.5, 0.2, 0.3]
    assert splits.notes[-1] == "Held out the text's end: 20% to choose by, 30% for the test."


@pytest.mark.parametrize(("documents", "count"), [("lines", 194), ("paragraphs", 97)])
def test_many_texts_are_held_out_whole(tmp_path, documents, count):
    (path := tmp_path / "verse.txt").write_text(VERSE, encoding="utf-8")
    splits = load_running_texts(path, settings=RunningTextSettings(documents=documents))
    assert len(splits.train) + len(splits.dev) == count
    assert all(each.ends for each in splits.train + splits.dev)
    assert splits.notes[-1] == f"Held out whole texts: 10% to choose by of {count}."


def test_rows_and_folders_are_read(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "春眠不覺曉\\n處處聞啼鳥"}\n{"text": "two"}\n', encoding="utf-8")
    texts = read_running_texts(tmp_path / "a.jsonl")
    assert [each.text for each in texts] == ["春眠不覺曉\n處處聞啼鳥", "two"]
    (tmp_path / "b.txt").write_text("one\nmore\n", encoding="utf-8")
    assert [each.text for each in read_running_texts(tmp_path)] == ["春眠不覺曉\n處處聞啼鳥", "two", "one\nmore\n"]
    for name in ("train", "dev", "test"):
        (tmp_path / f"{name}.txt").write_text(f"{name} text\n", encoding="utf-8")
    splits = load_running_texts(tmp_path)
    assert [each[0].text for each in (splits.train, splits.dev, splits.test)] == [
        "train text\n",
        "dev text\n",
        "test text\n",
    ]
    assert read_running_texts(tmp_path)[0].text == "test text\n"


def test_what_cannot_be_used_is_said(tmp_path):
    (path := tmp_path / "empty.txt").write_text(" \n\n", encoding="utf-8")
    with pytest.raises(DataError, match="it holds no text"):
        load_running_texts(path)
    path.write_text("x", encoding="utf-8")
    with pytest.raises(DataError, match="there is too little text to hold some out"):
        load_running_texts(path)
    with pytest.raises(ConfigError, match="`documents` is `pages`; it may be auto, lines, paragraphs or file"):
        RunningTextSettings(documents="pages")
    with pytest.raises(ConfigError, match="leave nothing to train on"):
        RunningTextSettings(dev_fraction=0.5, test_fraction=0.5)
