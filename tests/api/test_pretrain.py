"""`pretrain` from text to a model folder: objectives, languages, bases, going on, and what is refused."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import attendo
from attendo.api import PretrainRunSettings, pretrain
from attendo.attention import Layout
from attendo.configuration import from_mapping
from attendo.data import built_in_corpus, load_documents
from attendo.errors import ConfigError, DataError, InputError, ModelFolderError, StorageError, UnsupportedError
from attendo.models import TokenBatch, load_model
from attendo.tasks import TextModel
from attendo.text import Tokenizer
from attendo.training import Note, Scored

TRAINING = {"epochs": 2, "threads": 1, "precision": "float32", "device": "cpu", "batch_tokens": 331}
SAMPLES = ("The soup was lovely, and nobody said so!", "这家餐厅的汤很好喝，价格也不贵。")
CLASSES = {"masked": "AutoModelForMaskedLM", "replaced": "ElectraForPreTraining", "causal": "AutoModelForCausalLM"}


@pytest.fixture(autouse=True, scope="module")
def small() -> Iterator[None]:
    """New models are smaller than the named sizes."""
    from attendo.tasks.pretraining import settings

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(settings.SIZES, "tiny", {"width": 64, "layers": 2, "heads": 2})
        yield


def quick_settings(training: dict[str, Any] | None = None, **task: Any) -> PretrainRunSettings:
    """Settings of a run of a second."""
    tree = {"task": {"size": "tiny", "max_length": 64} | task, "training": TRAINING | (training or {})}
    return from_mapping(PretrainRunSettings, tree)


def texts_of(language: Any, size: int = 211) -> list[str]:
    return [example.text for example in built_in_corpus(language, size=size).train]


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text file in both languages, one text a line."""
    path = tmp_path_factory.mktemp("notes") / "notes.txt"
    path.write_text("\n".join(texts_of("both")) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, notes: Path) -> dict[str, Path]:
    """A finished run of each objective."""
    folder = tmp_path_factory.mktemp("undisturbed")
    for objective in CLASSES:
        pretrain(notes, out=folder / objective, settings=quick_settings(objective=objective))
    return {objective: folder / objective for objective in CLASSES}


@pytest.mark.parametrize("objective", CLASSES)
def test_the_folder_is_one_of_the_reference_library(objective, undisturbed):
    transformers = pytest.importorskip("transformers")
    folder = undisturbed[objective]
    kind = getattr(transformers, CLASSES[objective])
    theirs, told = kind.from_pretrained(folder, output_loading_info=True)
    assert not any(told.values())
    ours, tokenizer = load_model(folder).network, Tokenizer.load(folder)
    reference = transformers.AutoTokenizer.from_pretrained(folder)
    for text in SAMPLES:
        ids = tokenizer.encode(text).ids.tolist()
        assert reference(text)["input_ids"] == ids
        answer = ours(TokenBatch(layout=Layout((len(ids),)), ids=torch.tensor(ids))).squeeze(-1)
        torch.testing.assert_close(answer, theirs.eval()(torch.tensor([ids])).logits[0], rtol=1e-4, atol=1e-5)


def test_the_generator_is_kept_beside_what_it_taught(undisturbed):
    transformers = pytest.importorskip("transformers")
    folder = undisturbed["replaced"]
    _, told = transformers.ElectraForMaskedLM.from_pretrained(folder / "generator", output_loading_info=True)
    assert not any(told.values())
    words = [load_model(each).network.encoder.embedding.tokens.weight for each in (folder, folder / "generator")]
    assert torch.equal(*words)


@pytest.mark.parametrize(("language", "family", "size"), [("en", "modernbert", 1201), ("zh", "bert", 2003)])
def test_it_learns_more_than_how_often_words_are(language, family, size, tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("\n".join(texts_of(language, size)), encoding="utf-8")
    settings = quick_settings({"epochs": 5, "learning_rate": 3e-3}, family=family)
    result = pretrain(path, out=tmp_path / "model", settings=settings)
    tokenizer = Tokenizer.load(result.folder)
    documents = load_documents(path)
    train, dev = (
        Counter(np.concatenate([tokenizer.encode(each.text).ids[1:] for each in part]).tolist())
        for part in (documents.train, documents.dev)
    )
    chances = {token: (count + 1) / (train.total() + tokenizer.vocab_size) for token, count in train.items()}
    rarest = 1 / (train.total() + tokenizer.vocab_size)
    entropy = -sum(count * math.log(chances.get(token, rarest)) for token, count in dev.items()) / dev.total()
    assert result.scores["loss_dev"] < entropy - 0.5
    losses = [line["loss"] for line in result.history]
    assert losses == sorted(losses, reverse=True)


def scores_of(folder: Path) -> list[dict]:
    lines = (folder / "history.jsonl").read_text(encoding="utf-8").splitlines()
    return [{name: value for name, value in json.loads(line).items() if name != "seconds"} for line in lines]


@pytest.mark.parametrize("objective", CLASSES)
@pytest.mark.parametrize("steps", [1, 3, 13])
def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(
    objective, steps, notes, undisturbed, power_cut, tmp_path
):
    """With a checkpoint after each step, stopped in the first epoch or the second."""
    settings, out, told = quick_settings({"checkpoint_seconds": 1e-9}, objective=objective), tmp_path / "model", []
    with power_cut(steps):
        pretrain(notes, out=out, settings=settings)
    assert not (out / "attendo.json").exists()
    pretrain(notes, out=out, settings=settings, tell=told.append)
    assert any("from a checkpoint" in event.text for event in told if isinstance(event, Note))
    whole = undisturbed[objective]
    assert (out / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()
    assert scores_of(out) == scores_of(whole)
    assert sorted(each.name for each in out.iterdir()) == sorted(each.name for each in whole.iterdir())


def test_the_masks_are_others_in_each_epoch(notes, tmp_path):
    from attendo.tasks import prepare_pretraining

    settings = quick_settings()
    problem = prepare_pretraining(load_documents(notes), settings.task, 0).problem
    seen = []
    for epoch in (0, 1, 0):
        problem.begin_epoch(epoch)
        seen.append(problem.batch(range(17), torch.device("cpu")).texts.ids.tolist())
    assert seen[0] == seen[2] != seen[1]


def test_a_base_goes_on_with_its_own_words_and_weights(notes, undisturbed, tmp_path):
    base, out = undisturbed["masked"], tmp_path / "later"
    before = (base / "model.safetensors").read_bytes()
    result = pretrain(notes, out=out, settings=quick_settings({"epochs": 1}, base=str(base)))
    assert (base / "model.safetensors").read_bytes() == before
    assert (out / "tokenizer.json").read_bytes() == (base / "tokenizer.json").read_bytes()
    first = json.loads((base / "history.jsonl").read_text(encoding="utf-8").splitlines()[-1])["loss_dev"]
    assert result.scores["loss_dev"] < first
    assert json.loads((out / "config.json").read_text()) == json.loads((base / "config.json").read_text())


def test_what_tells_replaced_tokens_is_kept_as_it_was_last(notes, monkeypatch, tmp_path):
    """Its loss says little of it: a poor generator's tokens are easily told."""
    from attendo.tasks.pretraining import ReplacedProblem

    both = ReplacedProblem._both
    monkeypatch.setattr(
        ReplacedProblem, "_both", lambda self, batch: tuple(each * self._epoch for each in both(self, batch))
    )
    settings = quick_settings({"epochs": 7, "batch_tokens": 4096}, objective="replaced")
    result = pretrain(notes, out=tmp_path / "model", settings=settings)
    losses = [line["loss_dev"] for line in result.history]
    assert len(losses) == 7
    assert losses == sorted(losses)
    assert result.scores["loss_dev"] == losses[-1]


def test_a_generator_goes_on_with_its_model(notes, undisturbed, tmp_path):
    settings = quick_settings({"epochs": 1}, objective="replaced", base=str(undisturbed["replaced"]))
    result = pretrain(notes, out=tmp_path / "later", settings=settings)
    before = json.loads((undisturbed["replaced"] / "attendo.json").read_text(encoding="utf-8"))["scores"]
    assert result.scores["loss_generator"] < before["loss_generator"]


@pytest.mark.parametrize(("kind", "objective"), [("BertModel", "masked"), ("GPT2ForSequenceClassification", "causal")])
def test_a_base_of_the_reference_library_gets_the_head_that_it_needs(kind, objective, notes, undisturbed, tmp_path):
    transformers = pytest.importorskip("transformers")
    tokenizer = transformers.AutoTokenizer.from_pretrained(undisturbed["masked"])
    numbers = {"vocab_size": len(tokenizer), "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = transformers.AutoConfig.for_model(
        "bert" if kind == "BertModel" else "gpt2", **numbers, max_position_embeddings=53, bos_token_id=2, eos_token_id=3
    )
    getattr(transformers, kind)(config).save_pretrained(tmp_path / "base")
    tokenizer.save_pretrained(tmp_path / "base")
    settings = quick_settings({"epochs": 1}, objective=objective, base=str(tmp_path / "base"))
    pretrain(notes, out=tmp_path / "model", settings=settings)
    _, told = getattr(transformers, CLASSES[objective]).from_pretrained(tmp_path / "model", output_loading_info=True)
    assert not any(told.values())
    reference = transformers.AutoTokenizer.from_pretrained(tmp_path / "model")
    assert reference(SAMPLES[0])["input_ids"] == tokenizer(SAMPLES[0])["input_ids"]


def test_an_objective_that_the_base_has_no_head_for(notes, undisturbed, tmp_path):
    settings = quick_settings(objective="causal", base=str(undisturbed["masked"]))
    with pytest.raises(UnsupportedError, match=r"no head for `causal`\. It can be trained with: masked\."):
        pretrain(notes, out=tmp_path / "model", settings=settings)
    with pytest.raises(ModelFolderError, match=r"holds no config\.json"):
        pretrain(notes, out=tmp_path / "model", settings=quick_settings(base=str(tmp_path)))
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("task", "sentence"),
    [
        ({"family": "gpt2"}, "`family` must be one of modernbert, bert for masked, but is gpt2"),
        ({"as_mask": 0.7, "as_random": 0.4}, "`as_mask` and `as_random` must come to 1 at most, but are 0.7 and 0.4"),
    ],
)
def test_settings_that_cannot_be(task, sentence):
    with pytest.raises(ConfigError, match=sentence):
        quick_settings(**task)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "it holds no text"),
        (b"\n \n", "it holds no text"),
        (b"Only one line.\n", "there is only one document, so that none can be held out"),
        (b"\x7fELF\x00\x00\x01\x02", "this is not a text file"),
    ],
)
def test_texts_that_cannot_be_learned_from(content, sentence, tmp_path):
    path = tmp_path / "text.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=sentence):
        pretrain(path, out=tmp_path / "model", settings=quick_settings())
    assert not (tmp_path / "model").exists()


def test_a_folder_in_use_or_with_a_model_is_left_alone(notes, undisturbed, tmp_path):
    with pytest.raises(InputError, match="already holds a model"):
        pretrain(notes, out=undisturbed["masked"], settings=quick_settings())
    refused = []

    def begin_another(event):
        if isinstance(event, Scored):
            with pytest.raises(InputError, match="Another run is at work"):
                pretrain(notes, out=tmp_path / "model", settings=quick_settings())
            refused.append(event.epoch)

    pretrain(notes, out=tmp_path / "model", settings=quick_settings(), tell=begin_another)
    assert refused == [1, 2]


def test_a_full_disk_stops_a_run_that_can_go_on(notes, undisturbed, monkeypatch, tmp_path):
    out = tmp_path / "model"
    with monkeypatch.context() as patch:
        patch.setattr("attendo.files.os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
        with pytest.raises(StorageError):
            pretrain(notes, out=out, settings=quick_settings())
    pretrain(notes, out=out, settings=quick_settings())
    assert (out / "model.safetensors").read_bytes() == (undisturbed["masked"] / "model.safetensors").read_bytes()


def test_the_card_tells_sizes_and_scores_but_no_texts(undisturbed, notes):
    text = (undisturbed["masked"] / "attendo.json").read_text(encoding="utf-8")
    card = json.loads(text)
    assert (card["task"], card["objective"], card["family"]) == ("pretrain", "masked", "modernbert")
    assert card["trained_on"]["documents"] + card["trained_on"]["held_out_documents"] == len(texts_of("both"))
    assert card["trained_on"]["tokens"] > 1000
    assert card["scores"]["loss_dev"] > 0
    assert card["cost"]["operations"] > 0
    readme = (undisturbed["masked"] / "README.md").read_text(encoding="utf-8")
    assert "--base" in readme
    for line in texts_of("both"):
        assert line not in text + readme
    model = attendo.load(undisturbed["masked"])
    assert isinstance(model, TextModel)
    (scores,) = model.outputs(SAMPLES[0])
    assert len(scores) == len(model.tokens(SAMPLES[0])[0])


def test_minutes_decide_the_epochs(notes, tmp_path):
    told = []
    settings = quick_settings({"epochs": None, "minutes": 0.02})
    result = pretrain(notes, out=tmp_path / "model", settings=settings, tell=told.append)
    epochs = json.loads((tmp_path / "model" / "attendo.json").read_text(encoding="utf-8"))["plan"]["epochs"]
    assert any(f"{epochs} epochs: a step read" in event.text for event in told if isinstance(event, Note))
    assert len(result.history) <= epochs
