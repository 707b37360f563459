"""Training language models on the user's own texts, from scratch and on a base, and what other libraries read of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from attendo.api import train
from attendo.data import RunningText
from attendo.errors import DataError, UnsupportedError
from attendo.models import load_model
from attendo.report import main_scores, verdict
from attendo.tasks import Generator, TextModel, WriteSettings, load, load_text_model
from attendo.training import Note

TRAINING = {"epochs": 2, "threads": 1, "precision": "float32", "device": "cpu", "batch_tokens": 331}
TASK = {"max_length": 31, "model": {"width": 16, "layers": 2, "heads": 2}}
VERSE = "".join(f"First:\nline {number % 13} of 唐詩 and {number % 7}\n\n" for number in range(97))


@pytest.fixture(scope="module")
def verse(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("verse") / "verse.txt"
    path.write_text(VERSE, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def told() -> list:
    return []


@pytest.fixture(scope="module")
def trained(tmp_path_factory, verse, told):
    """A model of two epochs."""
    out = tmp_path_factory.mktemp("trained") / "model"
    return train("generate", verse, out=out, settings={"training": TRAINING, "task": TASK}, tell=told.append)


def test_a_run_is_told_measured_and_saved(trained, told):
    notes = [each.text for each in told if isinstance(each, Note)]
    assert any(note.startswith("Tokens: characters") for note in notes)
    assert any("2 layers of width 16" in note for note in notes)
    assert [system.name for system in trained.story.systems] == ["counted n-grams", "attendo"]
    counted, ours = (main_scores(system.scores["dev"]) for system in trained.story.systems)
    assert list(counted) == ["bits_per_character", "perplexity", "bits_per_byte", "nats_per_token"]
    assert trained.story.against.difference == pytest.approx(
        ours["bits_per_character"]["value"] - counted["bits_per_character"]["value"]
    )
    assert "use counted n-grams" in verdict(trained.story)  # after two epochs
    assert trained.story.samples
    assert all(sample.text for sample in trained.story.samples)
    page = (trained.folder / "report.html").read_text(encoding="utf-8")
    assert "What it writes" in page
    assert "There are no errors" not in page


def test_the_folder_is_read_again_and_by_the_reference_library(trained):
    transformers = pytest.importorskip("transformers")
    again = load(trained.folder)
    assert isinstance(again, Generator)
    assert not again.ends_texts  # the end of a text that was cut is none
    asked = WriteSettings(method="greedy", max_new=13)
    assert again.generate("line 5", asked) == trained.model.generate("line 5", asked)
    theirs = transformers.AutoModelForCausalLM.from_pretrained(trained.folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(trained.folder)
    ids = tokenizer("line 5\n")["input_ids"]
    assert tuple(ids) == again.prompt_ids("line 5\n")
    with torch.inference_mode():
        logs = theirs(torch.tensor([ids])).logits[0].log_softmax(-1)
    (found,) = again.score("line 5\n")
    expected = [float(logs[place, token]) for place, token in enumerate(ids[1:])]
    assert found.log_probabilities.tolist() == pytest.approx(expected, abs=1e-4)


def test_a_run_goes_on_where_it_was_stopped(trained, verse, stopped, tmp_path):
    settings = {"training": TRAINING | {"checkpoint_seconds": 1e-9}, "task": TASK}
    stopped("generate", verse, out=tmp_path / "model", settings=settings)
    again = train("generate", verse, out=tmp_path / "model", settings=settings)
    weights = [load_model(each).network.state_dict() for each in (trained.folder, again.folder)]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_a_base_is_trained_on(trained, verse, tmp_path):
    tuned = train(
        "generate",
        verse,
        out=tmp_path / "tuned",
        base=trained.folder,
        settings={"training": TRAINING | {"epochs": 1}, "task": {"max_length": 23}},
    )
    before, after = (each.story.systems[-1].scores["dev"].nats_per_token.value for each in (trained, tuned))
    assert after < before
    assert tuned.model.window == 23
    assert any("The head is the base's own, which writes on" in note for note in tuned.story.notes)


def test_documents_that_end_are_learned_to_end(tmp_path):
    path = tmp_path / "lines.txt"
    path.write_text("".join(f"line {number}\n" for number in range(97)), encoding="utf-8")
    settings = {"training": TRAINING | {"epochs": 1}, "task": TASK, "data": {"documents": "lines"}}
    result = train("generate", path, out=tmp_path / "model", settings=settings)
    assert result.model.ends_texts
    streams = result.model.streams([RunningText("a"), RunningText("b", ends=False)])
    assert streams.ids.tolist()[1] == result.model.ends[0]
    assert len(streams.ids) == 3


def test_gpt2_of_another_library_writes_on(tmp_path, make_base):
    make_base(tmp_path / "gpt2", "gpt2", "GPT2LMHeadModel")
    model = load(tmp_path / "gpt2")
    assert isinstance(model, Generator)
    assert model.generate("good film", WriteSettings(max_new=5)).ids
    assert model.score("good film")[0].log_probabilities.size
    assert isinstance(load_text_model(tmp_path / "gpt2"), TextModel)
    (tmp_path / "gpt2" / "generation_config.json").write_text('{"eos_token_id": [3, 5]}')
    model = load(tmp_path / "gpt2")
    assert model.ends == (3, 5)
    model.save(tmp_path / "again")
    assert load(tmp_path / "again").ends == (3, 5)


def test_what_cannot_be_learned_is_said(tmp_path, make_base, verse):
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="it holds no text"):
        train("generate", tmp_path / "empty.txt", out=tmp_path / "model")
    make_base(tmp_path / "bert")
    with pytest.raises(UnsupportedError):
        train("generate", verse, out=tmp_path / "model", base=tmp_path / "bert")
