"""`pretrain` by taking parts out of texts: folders that other libraries load, and that tasks begin with."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import attendo
from attendo.api import PretrainRunSettings, pretrain, train
from attendo.api.kinds import KINDS
from attendo.attention import Layout
from attendo.configuration import from_mapping
from attendo.data import built_in_corpus
from attendo.errors import ConfigError, DataError, UnsupportedError
from attendo.models import Seq2SeqBatch, TokenBatch, load_model, new_model, one_later
from attendo.tasks import Classifier, Translator, load_text_model, settle_objective
from attendo.tasks.pretraining import PretrainSettings, find_sentinels, made_config, sentinel_names
from attendo.text import Tokenizer, train_tokenizer
from attendo.training import Note

TRAINING = {"epochs": 2, "threads": 1, "precision": "float32", "device": "cpu", "batch_tokens": 331}
CLASSES = {
    "bart": "BartForConditionalGeneration",
    "mbart": "MBartForConditionalGeneration",
    "t5": "T5ForConditionalGeneration",
    "mt5": "MT5ForConditionalGeneration",
}
OBJECTIVE = {"bart": "infilling", "mbart": "infilling", "t5": "spans", "mt5": "spans"}
SAMPLES = ("The soup was lovely, and nobody said so!", "这家餐厅的汤很好喝，价格也不贵。")


@pytest.fixture(autouse=True, scope="module")
def small() -> Any:
    """New models are much smaller than the named sizes."""
    from attendo.tasks.pretraining import settings

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(settings.SIZES, "tiny", {"width": 32, "layers": 2, "heads": 2})
        yield


def quick_settings(family: str | None = None, training: dict[str, Any] | None = None, **task: Any) -> Any:
    """Settings of a run of a second."""
    named = {} if family is None else {"family": family, "objective": OBJECTIVE[family]}
    tree = {"task": {"size": "tiny", "max_length": 37} | named | task, "training": TRAINING | (training or {})}
    return from_mapping(PretrainRunSettings, tree)


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text file in both languages, one text a line."""
    path = tmp_path_factory.mktemp("notes") / "notes.txt"
    texts = [example.text for example in built_in_corpus("both", size=53).train]
    path.write_text("\n".join([*texts, "One"]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, notes: Path) -> dict[str, Path]:
    """A finished run of each family."""
    folder = tmp_path_factory.mktemp("undisturbed")
    for family in CLASSES:
        pretrain(notes, out=folder / family, settings=quick_settings(family))
    return {family: folder / family for family in CLASSES}


@pytest.mark.parametrize("family", CLASSES)
def test_the_folder_is_one_of_the_reference_library(family, undisturbed):
    transformers = pytest.importorskip("transformers")
    folder = undisturbed[family]
    theirs, told = getattr(transformers, CLASSES[family]).from_pretrained(folder, output_loading_info=True)
    assert not any(told.values())
    model, tokenizer = load_model(folder), Tokenizer.load(folder)
    reference = transformers.AutoTokenizer.from_pretrained(folder)
    for text in SAMPLES:
        ids = tokenizer.encode(text).ids.tolist()
        assert reference(text)["input_ids"] == ids
        source = TokenBatch(layout=Layout((len(ids),)), ids=torch.tensor(ids))
        moved = one_later(source.ids, source.layout, model.shape.decoder_start_token_id)
        target = TokenBatch(layout=source.layout, ids=moved)
        scores = model.network(Seq2SeqBatch(source=source, target=target))
        expected = theirs.eval()(input_ids=source.ids[None], labels=source.ids[None]).logits[0]
        torch.testing.assert_close(scores, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("family", ["t5", "mt5"])
def test_sentinels_are_where_the_reference_library_has_them(family, undisturbed):
    transformers = pytest.importorskip("transformers")
    reference = transformers.AutoTokenizer.from_pretrained(undisturbed[family])
    names = [f"<extra_id_{number}>" for number in range(100)]
    ids = reference.convert_tokens_to_ids(names)
    assert ids == list(range(len(reference) - 1, len(reference) - 101, -1))
    assert find_sentinels(Tokenizer.load(undisturbed[family])).tolist() == ids
    assert ids[3] in reference("The <extra_id_3> was lovely")["input_ids"]
    assert load_model(undisturbed[family]).config["vocab_size"] == len(reference)


def test_it_is_no_translator_yet_and_says_what_to_do(undisturbed):
    for family, folder in undisturbed.items():
        with pytest.raises(UnsupportedError, match=f"a {CLASSES[family]} that was pretrained.*train translate DATA"):
            attendo.load(folder)
        with pytest.raises(UnsupportedError, match="writes a text from another, and says nothing of single tokens"):
            load_text_model(folder)
        card = json.loads((folder / "attendo.json").read_text(encoding="utf-8"))
        assert (card["task"], card["objective"], card["family"]) == ("pretrain", OBJECTIVE[family], family)
        assert "attendo train summarize DATA --base" in (folder / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("family", ["bart", "t5"])
@pytest.mark.parametrize("steps", [1, 5])
def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(family, steps, notes, undisturbed, power_cut, tmp_path):
    settings, out, told = quick_settings(family, {"checkpoint_seconds": 1e-9}), tmp_path / "model", []
    with power_cut(steps):
        pretrain(notes, out=out, settings=settings)
    pretrain(notes, out=out, settings=settings, tell=told.append)
    assert any("from a checkpoint" in event.text for event in told if isinstance(event, Note))
    assert (out / "model.safetensors").read_bytes() == (undisturbed[family] / "model.safetensors").read_bytes()


@pytest.mark.parametrize(("family", "language"), [("bart", "en"), ("t5", "zh")])
def test_it_learns_to_mend_texts(family, language, tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("\n".join(each.text for each in built_in_corpus(language, size=101).train), encoding="utf-8")
    training = {"epochs": 5, "batch_tokens": 331, "learning_rate": 1e-2}
    result = pretrain(path, out=tmp_path / "model", settings=quick_settings(family, training))
    losses = [line["loss_dev"] for line in result.history]
    entries = load_model(result.folder).config["vocab_size"]
    assert losses[-1] < losses[0] < np.log(entries)
    assert result.scores["loss_dev"] < 0.85 * np.log(entries)
    assert result.scores["perplexity"] == pytest.approx(np.exp(result.scores["loss_dev"]))
    assert 0.1 < result.scores["accuracy"] < 1


@pytest.mark.parametrize("family", CLASSES)
def test_a_base_goes_on_with_its_own_objective(family, notes, undisturbed, tmp_path):
    base, out = undisturbed[family], tmp_path / "later"
    result = pretrain(notes, out=out, settings=quick_settings(None, {"epochs": 1}, base=str(base)))
    assert result.objective == OBJECTIVE[family]
    assert (out / "tokenizer.json").read_bytes() == (base / "tokenizer.json").read_bytes()
    first = json.loads((base / "history.jsonl").read_text(encoding="utf-8").splitlines()[-1])["loss_dev"]
    assert result.scores["loss_dev"] < first
    assert json.loads((out / "config.json").read_text()) == json.loads((base / "config.json").read_text())


@pytest.mark.parametrize(
    ("kind", "objective"),
    [
        *(("BartModel", "infilling"), ("BartForSequenceClassification", "infilling"), ("T5Model", "spans")),
        *(("BertForMaskedLM", "masked"), ("BertModel", "masked"), ("GPT2ForSequenceClassification", "causal")),
        *(("ElectraForPreTraining", "replaced"), ("ElectraForMaskedLM", "masked"), ("Qwen2ForCausalLM", "causal")),
    ],
)
def test_the_objective_follows_from_the_base(kind, objective, tmp_path):
    name = re.split(r"For|Model", kind)[0].lower()
    (tmp_path / "config.json").write_text(json.dumps({"model_type": name, "architectures": [kind]}))
    assert settle_objective(PretrainSettings(base=str(tmp_path))).learned == objective


def test_a_base_of_the_reference_library_without_its_head(notes, undisturbed, tmp_path):
    transformers = pytest.importorskip("transformers")
    tokenizer = transformers.AutoTokenizer.from_pretrained(undisturbed["bart"])
    config = transformers.AutoConfig.from_pretrained(undisturbed["bart"])
    transformers.BartModel(config).save_pretrained(tmp_path / "base")
    tokenizer.save_pretrained(tmp_path / "base")
    settings = quick_settings(None, {"epochs": 1}, base=str(tmp_path / "base"))
    pretrain(notes, out=tmp_path / "model", settings=settings)
    kind = transformers.BartForConditionalGeneration
    _, told = kind.from_pretrained(tmp_path / "model", output_loading_info=True)
    assert not any(told.values())


LABELLED = "".join(f"{'good' if number % 2 else 'bad'} food number {number},{number % 2}\n" for number in range(31))
PAIRS = "".join(f"soup number {number}\tsuppe nummer {number}\n" for number in range(31))


@pytest.mark.parametrize("family", ["bart", "t5"])
def test_tasks_begin_with_it(family, undisturbed, tmp_path):
    labelled, pairs = tmp_path / "labelled.csv", tmp_path / "pairs.tsv"
    labelled.write_text("text,label\n" + LABELLED, encoding="utf-8")
    pairs.write_text("en\tde\n" + PAIRS, encoding="utf-8")
    training = {"epochs": 1, "threads": 1, "device": "cpu", "precision": "float32"}
    for task, data, kind in (("classify", labelled, Classifier), ("translate", pairs, Translator)):
        short = {"max_length": 11} if task == "translate" else {}
        settings = from_mapping(KINDS[task].settings, {"task": short, "training": training})
        train(task, data, out=tmp_path / task, base=undisturbed[family], settings=settings)
        model = attendo.load(tmp_path / task)
        assert isinstance(model, kind)
        assert model.model.config["model_type"] == family


def test_sentences_may_be_shown_in_another_order(notes, undisturbed, tmp_path):
    path = tmp_path / "texts.txt"
    lines = notes.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(f"{a} {b} {c}" for a, b, c in zip(*[iter(lines)] * 3, strict=False)), encoding="utf-8")
    settings = quick_settings("bart", {"epochs": 1}, permute_sentences=True, span_length=2.0, max_length=127)
    result = pretrain(path, out=tmp_path / "model", settings=settings)
    assert result.scores["loss_dev"] > 0


def test_what_a_base_lacks(notes, undisturbed, tmp_path):
    settings = quick_settings(objective="spans", base=str(undisturbed["bart"]))
    with pytest.raises(UnsupportedError, match=r"has 0 of the tokens <extra_id_0>.*or the objective infilling"):
        pretrain(notes, out=tmp_path / "model", settings=settings)
    settings = quick_settings(objective="masked", base=str(undisturbed["t5"]))
    with pytest.raises(UnsupportedError, match=r"no head for `masked`\. It can be trained with: infilling, spans"):
        pretrain(notes, out=tmp_path / "model", settings=settings)
    base = without_mask(undisturbed["t5"], tmp_path / "base")
    settings = quick_settings(objective="infilling", base=str(base))
    with pytest.raises(UnsupportedError, match="no special token for mask"):
        pretrain(notes, out=tmp_path / "model", settings=settings)


def without_mask(folder: Path, copy: Path) -> Path:
    """The folder's model, with a tokenizer that names no mask."""
    copy.mkdir()
    for each in folder.iterdir():
        if each.is_file():
            (copy / each.name).write_bytes(each.read_bytes().replace(b"[MASK]", b"[NONE]"))
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        tree = json.loads((copy / name).read_text())
        (copy / name).write_text(json.dumps({key: value for key, value in tree.items() if key != "mask_token"}))
    return copy


def test_a_vector_for_each_sentinel_is_needed(notes, tmp_path):
    texts = notes.read_text(encoding="utf-8").splitlines()
    tokenizer = train_tokenizer(texts, kind="bpe", vocab_size=401, single="$A [SEP]", marks=sentinel_names(5))
    numbers = {"width": 32, "layers": 1, "heads": 2, "dropout": 0.0, "length": 37}
    model = new_model(made_config("t5", tokenizer, **numbers) | {"vocab_size": tokenizer.vocab_size - 1}, "seq2seq")
    model.save(tmp_path / "base")
    tokenizer.save(tmp_path / "base")
    with pytest.raises(UnsupportedError, match=r"taken out is number 40\d, but the model has vectors for 40\d"):
        pretrain(notes, out=tmp_path / "model", settings=quick_settings(base=str(tmp_path / "base")))


def test_settings_and_texts_that_cannot_be(tmp_path):
    with pytest.raises(ConfigError, match=r"one of bart, mbart for infilling, but is t5\. Its objective is spans\."):
        PretrainSettings(objective="infilling", family="t5")
    path = tmp_path / "text.txt"
    path.write_text("a\nb\nc\nd\n" * 11, encoding="utf-8")
    with pytest.raises(DataError, match="No piece of the texts to learn from has two words"):
        pretrain(path, out=tmp_path / "model", settings=quick_settings("bart"))
