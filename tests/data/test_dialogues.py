"""Dialogues out of files of several kinds, and what is said of those that are none."""

from __future__ import annotations

import json

import pytest

from attendo.data import Dialogue, DialogueDataSettings, Turn, read_dialogue_inputs, read_dialogues
from attendo.errors import ConfigError, DataError

ASKED = [("system", "Be kind."), ("user", "Hello!"), ("assistant", "你好。"), ("user", "Bye."), ("assistant", "再见。")]
MESSAGES = {"messages": [{"role": role, "content": said} for role, said in ASKED]}
SHARED = {
    "system": "Be kind.",
    "conversations": [{"from": {"user": "human", "assistant": "gpt"}[role], "value": said} for role, said in ASKED[1:]],
}


def written(path, *objects):
    path.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in objects), encoding="utf-8")
    return path


@pytest.mark.parametrize("value", [MESSAGES, SHARED])
def test_named_sides_are_read_and_their_answers_known(tmp_path, value):
    (dialogue,) = read_dialogues(written(tmp_path / "d.jsonl", value)).sound()
    assert dialogue.turns == tuple(Turn(*each) for each in ASKED)
    assert dialogue.answers == (2, 4)
    assert not dialogue.plain
    assert (dialogue.noun, dialogue.place, dialogue.labels) == ("dialogue", "d.jsonl line 1", ())


def test_without_names_the_sides_take_turns(tmp_path):
    reading = read_dialogues(written(tmp_path / "d.jsonl", {"turns": ["a", "b", "c"]}, {"turns": ["alone"]}))
    (dialogue,) = reading.sound()
    assert [turn.role for turn in dialogue.turns] == ["user", "assistant", "user"]
    assert dialogue.answers == (1, 2)
    path = tmp_path / "d.jsonl"
    assert reading.notes(path) == [
        f"{path}: 1 dialogues with 2 answers.",
        f"{path}: nobody says who is who, so every turn that answers another is learned.",
        f"{path}: left out 1 dialogues in which nothing is answered.",
    ]


@pytest.mark.parametrize(
    "line", ["Hi . __eou__ 你好 __eou__\t1\t2 3\t0 0", "Hi .__eou__你好__eou__", "Hi . __eou__ 你好"]
)
def test_lines_with_marks_between_turns(tmp_path, line):
    (path := tmp_path / "d.txt").write_text(f"{line}\n\n", encoding="utf-8")
    (dialogue,) = read_dialogues(path).sound()
    assert [turn.content for turn in dialogue.turns] == ["Hi .", "你好"]


def test_one_document_with_topics_or_a_list(tmp_path):
    document = {"greetings": [["Hello", "Hi"], ["Bye", "再见", "!"]], "more": [["a", "b"]]}
    (path := tmp_path / "d.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
    assert [len(each.turns) for each in read_dialogues(path).sound()] == [2, 3, 2]
    path.write_text(json.dumps(document), encoding="utf-8")  # on one line
    assert [len(each.turns) for each in read_dialogues(path).sound()] == [2, 3, 2]
    path.write_text(json.dumps([MESSAGES, SHARED], indent=1), encoding="utf-8")
    assert [each.answers for each in read_dialogues(path).sound()] == [(2, 4), (2, 4)]


def test_inputs_need_no_answer(tmp_path):
    path = written(tmp_path / "d.jsonl", {"turns": ["alone"]}, MESSAGES)
    assert [len(each.turns) for each in read_dialogue_inputs(path)] == [1, 5]
    (path := tmp_path / "d.txt").write_text("Hello!\n你好\n", encoding="utf-8")
    assert [each.turns[0].content for each in read_dialogue_inputs(path)] == ["Hello!", "你好"]


def test_what_is_wrong_is_said_with_its_line(tmp_path):
    path = written(
        tmp_path / "d.jsonl",
        MESSAGES,
        {"messages": [{"role": "pirate", "content": "x"}]},
        {"turns": ["a", " "]},
        {"turns": []},
        {"turns": [3, "a"]},
        {"text": "x"},
    )
    with path.open("a", encoding="utf-8") as file:
        file.write("{\n")
    with pytest.raises(DataError) as caught:
        read_dialogues(path).sound()
    said = str(caught.value)
    assert "6 rows cannot be used" in said
    for sentence in (
        "line 2: turn 1 is by `pirate`, but a side is called system, user (or human) or assistant (or gpt)",
        "line 3: turn 2 of the dialogue is empty",
        "line 4: the dialogue has no turns",
        "line 5: a turn is neither a text nor an object with `role` and `content`",
        "line 6: an object such as",
        "line 7: not valid JSON",
    ):
        assert sentence in said


def test_files_without_dialogues_are_named(tmp_path):
    (path := tmp_path / "d.txt").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="it is empty"):
        read_dialogues(path)
    path.write_text("Just a text.\n", encoding="utf-8")
    with pytest.raises(DataError, match="it holds no dialogues"):
        read_dialogues(path)
    with pytest.raises(DataError, match="in none of its dialogues anything is answered"):
        read_dialogues(written(tmp_path / "d.jsonl", {"turns": ["alone"]}))
    with pytest.raises(ConfigError, match="`format` is `xml`; it may be jsonl, turns, topics"):
        DialogueDataSettings(format="xml")


def test_equal_dialogues_stay_together():
    one, other = (Dialogue((Turn("user", "a "), Turn("assistant", said))) for said in ("b", "c"))
    assert one.group != other.group
    assert one.group == Dialogue((Turn("user", "a"), Turn("assistant", " b"))).group
