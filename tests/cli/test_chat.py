"""`train chat`, answers to what stands on the command line and in files, and dialogues that are typed."""

from __future__ import annotations

import json

import pytest

TURNS = ("Hello.", "Hi there.", "你好吗？", "我很好。", "Bye.", "See you.")
TINY = ("--set", "task.model.width=16", "--set", "task.model.layers=1", "--set", "task.max_length=61")


@pytest.fixture(scope="module")
def talker(tmp_path_factory, process):
    """A model that answers, and what was said when it was trained."""
    folder = tmp_path_factory.mktemp("talker")
    lines = (" __eou__ ".join(TURNS[number % 3 :]) + " __eou__" for number in range(41))
    (folder / "talk.txt").write_text("\n".join(lines), encoding="utf-8")
    quick = ("--epochs", "1", "--set", "training.threads=1", "--set", "training.precision=float32")
    ended = process("train", "chat", folder / "talk.txt", "--out", folder / "model", *quick, *TINY)
    assert ended.returncode == 0, ended.stderr
    assert f"Use it: attendo chat {folder / 'model'}" in ended.stderr.decode()
    return folder


def test_as_many_answers_as_are_asked_for(talker, cli):
    words = ("predict", talker / "model", "Hello.", "你好吗？", "--n-best", "3", "--max-new", "5", "--method", "beam")
    records = [json.loads(line) for line in cli(*words).out.splitlines()]
    assert [record["messages"][-1]["content"] for record in records] == ["Hello.", "你好吗？"]
    assert [len(record["others"]) for record in records] == [2, 2]
    assert list(records[0]["others"][0]) == ["answer", "why", "log_probability"]
    shown = cli(*words, "--format", "lines").out
    assert [line for line in shown.splitlines() if not line.startswith("  ")] == ["Hello.", "你好吗？"]
    assert "others" not in cli("predict", talker / "model", "Hello.", "--max-new", "5").out


def test_empty_lines_of_a_typed_dialogue_say_nothing(talker, process):
    words = ("chat", talker / "model", "--max-new", "5", "--method", "greedy")
    plain = process(*words, stdin="Hello.\n你好吗？\n".encode())
    gaps = process(*words, stdin="\nHello.\n\n  \n你好吗？\n\n".encode())
    assert (plain.returncode, gaps.returncode) == (0, 0)
    assert plain.stdout
    assert plain.stdout == gaps.stdout
