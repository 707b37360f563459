"""Training a model that answers in dialogues, from scratch and on a base, from the command line too."""

from __future__ import annotations

import json

import pytest

from attendo.api import train
from attendo.errors import DataError, UnsupportedError
from attendo.tasks import Chatter, load

TRAINING = {"epochs": 1, "threads": 1, "precision": "float32", "device": "cpu", "batch_tokens": 997}
TASK = {"max_length": 97, "model": {"width": 16, "layers": 1, "heads": 2}, "judged_answers": 5}
SETTINGS = {"training": TRAINING, "task": TASK}


@pytest.fixture(scope="module")
def dialogues(tmp_path_factory):
    path = tmp_path_factory.mktemp("dialogues") / "dialogues.txt"
    path.write_text(
        "".join(
            f"How is {n} ? __eou__ {n} 很好 . __eou__ And {n + 1} ? __eou__ Fine . __eou__\t1\n" for n in range(97)
        ),
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory, dialogues):
    return train("chat", dialogues, out=tmp_path_factory.mktemp("trained") / "model", settings=SETTINGS)


def test_a_run_is_measured_and_saved(trained):
    assert [system.name for system in trained.story.systems] == ["nearest answer, counted n-grams", "attendo"]
    scores = trained.story.systems[-1].scores
    assert set(scores) == {"dev", "test"}
    assert scores["test"].num_answers <= 5
    assert trained.story.noun == "dialogue"
    assert all(sample.right for sample in trained.story.samples)
    assert "by a person" in (trained.folder / "report.html").read_text(encoding="utf-8")
    assert isinstance(load(trained.folder), Chatter)


def test_a_base_with_a_template_is_trained_on(trained, dialogues, tmp_path, make_base):
    tuned = train("chat", dialogues, out=tmp_path / "tuned", base=trained.folder, settings={"training": TRAINING})
    before, after = (each.story.systems[-1].scores["dev"].perplexity.value for each in (trained, tuned))
    assert after < before
    make_base(tmp_path / "gpt2", "gpt2", "GPT2LMHeadModel")
    with pytest.raises(UnsupportedError, match="has no chat template"):
        train("chat", dialogues, out=tmp_path / "other", base=tmp_path / "gpt2")


def test_a_file_without_dialogues_is_named(tmp_path):
    (path := tmp_path / "text.txt").write_text("Prose.\n", encoding="utf-8")
    with pytest.raises(DataError, match="it holds no dialogues"):
        train("chat", path, out=tmp_path / "model")


def test_the_command_line_talks(trained, dialogues, tmp_path, capsys, monkeypatch):
    from attendo.cli import chat
    from attendo.cli.main import run

    model = str(trained.folder)
    assert run(["predict", model, "How is 3 ?", "--max-new", "5"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["messages"] == [{"role": "user", "content": "How is 3 ?"}]
    assert run(["evaluate", model, str(dialogues), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["num_examples"] == 97
    lines = ["Hello", "/reset", "How are you?", "word " * 60, "again", "/quit", "never"]
    monkeypatch.setattr(chat, "typed_lines", lambda mark, hint: iter(lines))
    assert run(["chat", model, "--max-new", "4", "--system", "Be kind."]) == 0
    ended = capsys.readouterr()
    assert ended.out.count("\n") >= 4
    assert "Forgotten." in ended.err
    assert "no longer fit" in ended.err
    assert run(["generate", model]) == 2
    assert "generate needs one that writes on" in capsys.readouterr().err
