"""Training models that write a text from another: what is told, saved, gone on with, and trained on."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from attendo.api import export, train
from attendo.data import SourceTarget
from attendo.errors import ConfigError, InputError, UnsupportedError
from attendo.models import load_model
from attendo.report import main_scores
from attendo.tasks import Summarizer, Translator, WriteSettings, load
from attendo.training import Note

TRAINING = {"epochs": 2, "threads": 1, "precision": "float32", "device": "cpu", "batch_tokens": 331}
MODEL = {"d_model": 16, "num_layers": 1, "num_heads": 2, "d_ff": 19}
TASK = {"max_length": 31, "model": MODEL, "vocabulary": {"size": 300}}
WORDS = {"red": "红", "cat": "猫", "dog": "狗", "runs": "跑", "here": "这"}
QUICK = {"training": TRAINING, "task": TASK}


def write_pairs(path: Path, count: int = 97, extra: str = "") -> Path:
    draw = random.Random(0)
    rows = []
    for number in range(count):
        words = [draw.choice(list(WORDS)) for _ in range(draw.randint(1, 5))]
        span = extra.format(number)
        row = {"en": " ".join([*words, f"{number}", span]).strip(), "zh": "".join(WORDS[each] for each in words)}
        rows.append(row | {"zh": f"{row['zh']}{number}{span}", "document_id": f"d{number // 5}"})
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def pairs(tmp_path_factory) -> Path:
    return write_pairs(tmp_path_factory.mktemp("pairs") / "pairs.jsonl")


@pytest.fixture(scope="module")
def told() -> list:
    return []


@pytest.fixture(scope="module")
def trained(tmp_path_factory, pairs, told):
    """A translator of two epochs."""
    out = tmp_path_factory.mktemp("trained") / "model"
    return train("translate", pairs, out=out, settings=QUICK, tell=told.append)


def test_a_run_is_told_measured_and_saved(trained, told):
    assert isinstance(trained.model, Translator)
    notes = [each.text for each in told if isinstance(each, Note)]
    assert any(note.startswith("Vocabularies: bpe, ") for note in notes)
    assert any("Model: marian, 1 layer a side, words 16 wide" in note for note in notes)
    assert [system.name for system in trained.story.systems] == ["most alike", "attendo"]
    assert {"bleu", "chrf"} <= set(main_scores(trained.story.systems[-1].scores["dev"]))
    assert trained.story.samples
    assert (trained.model.sides.source, trained.model.sides.target) == ("en", "zh")
    page = (trained.folder / "report.html").read_text(encoding="utf-8")
    assert "What it writes" in page
    again = load(trained.folder)
    assert isinstance(again, Translator)
    assert again.translate("red cat 5") == trained.model.translate("red cat 5")


def test_a_run_goes_on_where_it_was_stopped(trained, pairs, stopped, tmp_path):
    settings = {"training": TRAINING | {"checkpoint_seconds": 1e-9}, "task": TASK}
    stopped("translate", pairs, out=tmp_path / "model", settings=settings)
    again = train("translate", pairs, out=tmp_path / "model", settings=settings)
    weights = [load_model(each).network.state_dict() for each in (trained.folder, again.folder)]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    for name in ("tokenizer.json", "target/tokenizer.json", "generation_config.json", "config.json"):
        assert (trained.folder / name).read_bytes() == (again.folder / name).read_bytes()


def test_both_tokenizers_are_handed_on(trained, tmp_path):
    assert "target" in export(trained.folder, "hf", out=tmp_path / "out")
    transformers = pytest.importorskip("transformers")
    theirs = transformers.AutoTokenizer.from_pretrained(tmp_path / "out" / "target")
    target = trained.model.encoder.target
    assert theirs("红猫")["input_ids"] == target.encode("红猫").ids.tolist()
    again = load(tmp_path / "out")
    assert isinstance(again, Translator)
    endless = replace(trained.model, reach=None)  # which other libraries have no file for
    (found,), (ours,) = again.predict("red cat"), endless.predict("red cat")
    assert found.text == ours.text
    assert again.usual == trained.model.usual


def test_a_base_of_ones_own_is_trained_on(trained, pairs, tmp_path):
    settings = {"training": TRAINING | {"epochs": 1}, "task": {"max_length": 23}}
    tuned = train("translate", pairs, out=tmp_path / "tuned", base=trained.folder, settings=settings)
    assert tuned.model.max_length == 23
    assert tuned.model.encoder.apart
    again = load(tuned.folder)
    assert isinstance(again, Translator)
    texts = ["red cat 5", "dog"]
    assert [each.text for each in again.predict(texts)] == [each.text for each in tuned.model.predict(texts)]


@pytest.mark.parametrize(
    ("family", "architecture"), [("bart", "BartForConditionalGeneration"), ("t5", "T5ForConditionalGeneration")]
)
def test_a_base_of_another_library_is_trained_on_and_read_there(
    family, architecture, pairs, make_base, stopped, tmp_path
):
    transformers = pytest.importorskip("transformers")
    make_base(tmp_path / "base", family, architecture)
    path = tmp_path / "base" / "generation_config.json"
    usual = json.loads(path.read_text(encoding="utf-8")) | {"max_length": 13}  # it has not learned when to end
    path.write_text(json.dumps(usual), encoding="utf-8")
    settings = {"training": TRAINING | {"checkpoint_seconds": 1e-9}, "task": {"max_length": 23}}
    tuned = train("summarize", pairs, out=tmp_path / "tuned", base=tmp_path / "base", settings=settings)
    stopped("summarize", pairs, out=tmp_path / "again", base=tmp_path / "base", settings=settings)
    again = train("summarize", pairs, out=tmp_path / "again", base=tmp_path / "base", settings=settings)
    weights = [load_model(each).network.state_dict() for each in (tuned.folder, again.folder)]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    model = load(tuned.folder)
    assert isinstance(model, Summarizer)
    theirs = transformers.AutoModelForSeq2SeqLM.from_pretrained(tuned.folder).eval()
    (found,) = model.predict("very good film 5", WriteSettings(method="greedy", max_new=7))
    ids = torch.tensor([model.encoder.encode(["very good film 5"]).encodings[0].ids.tolist()])
    with torch.inference_mode():
        options = {"num_beams": 1, "do_sample": False, "max_new_tokens": 7}
        written = theirs.generate(ids, attention_mask=torch.ones_like(ids), **options)[0].tolist()
    assert list(found.written[0].ids) == written[1:]
    assert (tmp_path / "base" / "config.json").exists()


def test_what_is_copied_comes_over_to_the_letter(tmp_path):
    data = write_pairs(tmp_path / "pairs.jsonl", 331, extra="{{name{}}}")
    notes: list = []
    settings = {"training": TRAINING | {"epochs": 1}, "task": TASK}
    result = train("translate", data, out=tmp_path / "model", settings=settings, tell=notes.append)
    said = [each.text for each in notes if isinstance(each, Note)]
    assert any(note.startswith("Copied to the letter: tags, placeholders, addresses and codes, as 2") for note in said)
    model = load(tmp_path / "model")
    assert isinstance(model, Translator)
    assert model.encoder.copies
    mark = "\ue000"
    (found,) = model.predict("red cat {somebody}", WriteSettings(forced=(mark,), max_new=9))
    assert (found.text.count("{somebody}") >= 1, found.missing) == (True, ())
    (lost,) = model.predict("red cat {somebody}", WriteSettings(banned=(mark,), max_new=9))
    assert lost.missing == ("{somebody}",)
    assert mark not in lost.text
    settings["task"] = TASK | {"copy": False}
    without = train("translate", data, out=tmp_path / "without", settings=settings)
    assert not without.model.encoder.copies
    assert without.model.predict("red {somebody}")[0].missing == ()
    assert result.model.encoder.copies


def test_copying_is_taught_where_pairs_do_not_show_it(pairs, tmp_path):
    notes: list = []
    settings = {"training": TRAINING | {"epochs": 1}, "task": TASK | {"copy": True}}
    result = train("translate", pairs, out=tmp_path / "model", settings=settings, tell=notes.append)
    (said,) = [each.text for each in notes if isinstance(each, Note) and each.text.startswith("Copied")]
    assert int(said.split("as ")[1].split()[0]) > 3
    assert result.model.predict("red {somebody} cat", WriteSettings(banned=("\ue000",)))[0].missing == ("{somebody}",)


def test_what_stands_before_a_text_is_read_with_it(pairs, tmp_path):
    settings = {"training": TRAINING | {"epochs": 1}, "task": TASK | {"context": 2}}
    result = train("translate", pairs, out=tmp_path / "model", settings=settings)
    model = load(result.folder)
    assert isinstance(model, Translator)
    assert model.encoder.context == 2
    text = "red cat"
    before = SourceTarget("dog runs", document="d")
    alone, same, other = (
        list(model.predict_examples([before, SourceTarget(text, document=document)], WriteSettings(max_new=7)))[1]
        for document in (None, "d", "e")
    )
    assert alone.written == other.written
    assert alone.score != same.score
    ids = model.encoder.encode([text], ["dog runs"]).encodings[0].ids.tolist()
    assert ids == model.encoder.source.tokenizer.encode("dog runs", text).ids.tolist()
    assert model.encoder.encode([text], ["dog runs " * 19]).encodings[0].ids.tolist() == (
        model.encoder.encode([text]).encodings[0].ids.tolist()
    )


def test_what_the_tokenizer_of_a_base_has_no_marks_for_is_refused(tmp_path, pairs, make_base):
    from tokenizers import Tokenizer
    from tokenizers.processors import TemplateProcessing

    make_base(tmp_path / "base", "t5", "T5ForConditionalGeneration")
    path = tmp_path / "base" / "tokenizer.json"
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.post_processor = TemplateProcessing(
        single="$A [SEP]", pair="$A $B [SEP]", special_tokens=[("[SEP]", tokenizer.token_to_id("[SEP]"))]
    )
    tokenizer.save(str(path))
    settings = {"training": TRAINING, "task": {"max_length": 23, "copy": True}}
    with pytest.raises(UnsupportedError, match="cannot spell the marks for what is copied"):
        train("translate", pairs, out=tmp_path / "model", base=tmp_path / "base", settings=settings)
    settings = {"training": TRAINING, "task": {"max_length": 23, "context": 1}}
    with pytest.raises(UnsupportedError, match="puts no mark between two texts, so"):
        train("translate", pairs, out=tmp_path / "model", base=tmp_path / "base", settings=settings)


def test_what_cannot_be_trained_on_is_said(tmp_path, pairs, make_base):
    make_base(tmp_path / "bert")
    with pytest.raises(UnsupportedError, match="holds no model that writes a text from another"):
        train("translate", pairs, out=tmp_path / "model", base=tmp_path / "bert")
    with pytest.raises((ConfigError, InputError), match="family"):
        train("translate", pairs, out=tmp_path / "m", settings={"task": {"model": {"family": "gpt2"}}})
