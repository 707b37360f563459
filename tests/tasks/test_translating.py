"""Models that write a text from another: what they learn, what they write, and what a saved folder holds."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from attendo.data import Sides, SourceTarget
from attendo.errors import DataError, ModelFolderError, UnsupportedError
from attendo.models import one_later
from attendo.tasks import (
    RewriteProblem,
    RewriteSettings,
    Summarizer,
    SummarizeSettings,
    TranslateSettings,
    Translator,
    WriteSettings,
    build_rewriter,
    load,
)
from attendo.tasks.translating.settings import VocabularySettings, WriterModelSettings
from attendo.tasks.writing import Written

SMALL = WriterModelSettings(d_model=32, num_layers=1, num_heads=4, d_ff=61, dropout=0.0)
WORDS = {"red": "红", "blue": "蓝", "cat": "猫", "dog": "狗", "runs": "跑", "sits": "坐", "here": "这", "there": "那"}
EN_ZH = Sides(source="en", target="zh", source_language="en", target_language="zh")


def made_pairs(count: int, seed: int = 0) -> list[SourceTarget]:
    """Sentences of a few words, and the same in Chinese."""
    draw = random.Random(seed)
    chosen = [[draw.choice(list(WORDS)) for _ in range(draw.randint(1, 5))] for _ in range(count)]
    return [SourceTarget(" ".join(words) + ".", "".join(WORDS[word] for word in words) + "。") for words in chosen]


def taught(problem: RewriteProblem, steps: int, texts: int, rate: float = 5e-3) -> None:
    """Some steps of training."""
    torch.manual_seed(0)
    draw = random.Random(0)
    optimiser = torch.optim.Adam(problem.model.parameters(), lr=rate)
    problem.model.train()
    for _ in range(steps):
        batch = problem.batch(draw.sample(range(len(problem.lengths)), texts), torch.device("cpu"))
        loss = problem.loss(batch)
        optimiser.zero_grad()
        (loss.total / loss.weight).backward()
        optimiser.step()
    problem.model.eval()


@pytest.fixture(scope="module")
def learned() -> tuple[Translator, RewriteProblem]:
    """A model with vocabularies of its own for both sides that has learned the words."""
    torch.manual_seed(0)
    vocabulary = VocabularySettings(size=300)
    settings = TranslateSettings(max_length=23, model=SMALL, label_smoothing=0.0, vocabulary=vocabulary)
    train, dev = made_pairs(499), made_pairs(31, seed=1)
    model, notes = build_rewriter(Translator, train, EN_ZH, settings)
    assert notes[0].startswith("Vocabularies: bpe")
    problem = RewriteProblem(model, train, dev, smoothing=0.0, max_length=23)
    before = problem.scores()
    taught(problem, 200, 32)
    after = problem.scores()
    assert after["loss_dev"] < 0.3 * before["loss_dev"]
    assert after["perplexity"] == pytest.approx(np.exp(after["loss_dev"]))
    assert after["chrf"] > before["chrf"]
    return model, problem


def test_a_tiny_model_learns_to_translate(learned):
    model, _ = learned
    pairs = made_pairs(29, seed=2)
    scores = model.evaluate(pairs)
    assert scores.chrf.value > 50
    assert model.translate("red cat.").text == model.translate(["red cat."])[0].text
    assert len(model.predict("red cat.", WriteSettings(n_best=3))[0].written) == 3


@torch.no_grad()
def test_loss_is_cross_entropy_on_padded_rows(learned):
    model, problem = learned
    smoothed = RewriteProblem(model, made_pairs(7), made_pairs(3), smoothing=0.1, max_length=23)
    network = model.writes
    for each, smoothing in ((problem, 0.0), (smoothed, 0.1)):
        indices = [4, 1, 5]
        found = each.loss(each.batch(indices, torch.device("cpu")))
        total, count = 0.0, 0
        for index in indices:
            batch = each.pairs.batch([index])
            length = len(each.pairs.targets[index])
            scores = network(batch.texts)[:length]
            right = torch.from_numpy(each.pairs.targets[index])
            loss = cross_entropy(scores, right, reduction="sum", label_smoothing=smoothing)
            total, count = total + float(loss), count + length
        assert float(found.total) == pytest.approx(total, rel=1e-4)
        assert found.weight == count


def test_what_fills_rows_up_changes_nothing(learned):
    model, problem = learned
    batch = problem.pairs.batch([3])
    own = len(problem.pairs.targets[3])
    alone = batch.texts.target.ids[:own]
    assert torch.equal(alone[1:], torch.from_numpy(problem.pairs.targets[3])[:-1])
    layout = batch.texts.target.layout
    assert torch.equal(one_later(batch.right.clamp(min=0), layout, 2)[:own], alone)
    other = problem.pairs.batch([3, 5])
    first, second = (model.writes(each.texts)[:own] for each in (batch, other))
    assert torch.allclose(first, second, atol=1e-5)


def test_saved_and_loaded_it_writes_the_same(learned, tmp_path):
    model, _ = learned
    model.save(tmp_path / "model")
    again = load(tmp_path / "model")
    assert isinstance(again, Translator)
    assert again.sides == EN_ZH
    assert again.encoder.apart
    assert (again.encoder.marks, again.max_length) == (model.encoder.marks, 23)
    texts = [pair.text for pair in made_pairs(11, seed=3)]
    assert again.predict(texts) == model.predict(texts)
    assert again.usual.width == model.usual.width
    (tmp_path / "model" / "target" / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelFolderError, match=r"target/tokenizer\.json was changed"):
        load(tmp_path / "model")


@pytest.mark.parametrize("kind", ["apart", "shared", "bart", "mbart"])
def test_the_reference_library_reads_the_folder_and_writes_the_same(kind, learned, tmp_path):
    transformers = pytest.importorskip("transformers")
    if kind == "apart":
        model, target = learned[0], tmp_path / "model" / "target"
    else:
        family = "marian" if kind == "shared" else kind
        options = WriterModelSettings(family=family, d_model=16, num_layers=1, num_heads=2, d_ff=19)
        settings = RewriteSettings(max_length=23, model=options, vocabulary=VocabularySettings(shared=True, size=300))
        pairs = made_pairs(97)
        model, _ = build_rewriter(Translator, pairs, EN_ZH, settings)
        problem = RewriteProblem(model, pairs, pairs[:5], smoothing=0.1, max_length=23)
        taught(problem, 20, 31)
        assert problem.scores()["loss_dev"] > 0  # texts are written as far as there are positions
        target = tmp_path / "model"
    model.save(tmp_path / "model")
    theirs = transformers.AutoModelForSeq2SeqLM.from_pretrained(tmp_path / "model").eval()
    reader = transformers.AutoTokenizer.from_pretrained(tmp_path / "model")
    writer = transformers.AutoTokenizer.from_pretrained(target)
    for pair in made_pairs(5, seed=4):
        given = reader(pair.text, return_tensors="pt")
        given.pop("token_type_ids", None)
        assert given["input_ids"][0].tolist() == model.encoder.encode([pair.text]).encodings[0].ids.tolist()
        with torch.inference_mode():
            ids = theirs.generate(**given, num_beams=1, do_sample=False, max_new_tokens=13)[0].tolist()
        (found,) = model.predict(pair.text, WriteSettings(method="greedy", max_new=13))
        assert list(found.written[0].ids) == ids[1:]
        assert writer.decode(ids, skip_special_tokens=True) == found.text


def test_blank_sources_give_nothing(learned):
    model, _ = learned
    found = model.predict(["", "red cat.", " \t"])
    assert [(each.text, each.score, each.written) for each in found[::2]] == [("", None, ())] * 2
    assert found[1].score is not None
    assert found[1].text
    assert model.predict([]) == []


def test_what_is_written_does_not_depend_on_what_else_is_asked(learned):
    model, _ = learned
    texts = [pair.text for pair in made_pairs(7, seed=5)]
    together, alone = model.predict(texts), [model.predict(text)[0] for text in texts]
    assert [each.text for each in together] == [each.text for each in alone]
    assert [each.score for each in together] == pytest.approx([each.score for each in alone], abs=1e-4)
    drawn = WriteSettings(temperature=2.0, seed=1)
    examples = [SourceTarget(text) for text in texts]
    whole = list(model.predict_examples(examples, drawn))
    rest = list(model.predict_examples(examples[3:], drawn, first=3))
    assert [each.text for each in whole[3:]] == [each.text for each in rest]


def test_a_text_that_is_too_long_is_translated_in_parts(learned):
    model, _ = learned
    sentences = [pair.text for pair in made_pairs(13, seed=6)]
    (whole,) = model.predict(" ".join(sentences), WriteSettings(method="greedy"))
    assert not whole.cut
    assert whole.text.count("。") >= 2
    assert " " not in whole.text  # Chinese has none
    (lines,) = model.predict("\n".join(sentences), WriteSettings(method="greedy"))
    assert "\n" in lines.text
    assert len(whole.written[0].tokens) == len(whole.written[0].ids)
    best = model.predict(" ".join(sentences), WriteSettings(n_best=2))[0]
    assert len(best.written) == 2
    (formed,) = model.predict(" ".join(sentences), WriteSettings(beginning="猫", max_new=9))
    assert formed.text.startswith("猫")  # which is said of a text, not of its parts
    assert formed.cut


def test_a_summary_is_of_the_beginning(learned):
    model, _ = learned
    summariser = Summarizer(model=model.model, encoder=model.encoder, max_length=23, sides=EN_ZH)
    long = " ".join(pair.text for pair in made_pairs(13, seed=6))
    found = summariser.summarize([long, "red cat."], WriteSettings(method="greedy"))
    assert isinstance(found, list)
    assert [each.cut for each in found] == [True, False]
    scores = summariser.evaluate(made_pairs(7))
    assert scores.num_examples == 7
    assert summariser.summary() == "Writes the zh of a en."


def test_texts_are_strings(learned):
    with pytest.raises(DataError, match="Every text must be a string, but one is int"):
        learned[0].predict(["a", 3])


def test_two_vocabularies_need_a_family_that_has_two():
    settings = SummarizeSettings(model=WriterModelSettings(family="bart", d_model=16, num_heads=2))
    with pytest.raises(UnsupportedError, match="of the family bart has one vocabulary for both sides"):
        build_rewriter(Translator, made_pairs(31), EN_ZH, settings)


def test_a_file_says_how_texts_are_usually_written(learned, tmp_path):
    model, _ = learned
    model.save(tmp_path / "model")
    path = tmp_path / "model" / "generation_config.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    assert said["num_beams"] == 5
    (tmp_path / "model" / "attendo.json").unlink()  # a folder of another library
    said |= {"num_beams": 3, "length_penalty": 0.6, "no_repeat_ngram_size": 3, "max_length": 9, "min_length": 4}
    path.write_text(json.dumps(said), encoding="utf-8")
    again = load(tmp_path / "model")
    assert isinstance(again, Translator)
    wanted = WriteSettings(method="beam", beams=3, length_penalty=0.6, no_repeat_ngram=3, max_new=8, min_new=3)
    assert again.usual == wanted
    assert model.usual.max_new == 23
    again.save(tmp_path / "again")
    kept = json.loads((tmp_path / "again" / "generation_config.json").read_text(encoding="utf-8"))
    assert kept == said


def test_one_written_text_stays_as_it_is():
    from attendo.tasks.translating.sources import Part, Sources

    one = Written(text="a", score=-1.0, tokens=(), ids=(5, 3), why="end")
    two = Written(text="b", score=-4.0, tokens=(), ids=(6,), why="length")
    sources = Sources([Part(0, (1,)), Part(2, (1,)), Part(2, (1,), gap=" ")], [False, False, True])
    found = list(sources.collected([[one], [one, two], [two]]))
    assert found[0] == ((one,), ())
    assert found[1] == ((), ())
    best, second = found[2][0]
    assert (best.text, best.score, best.ids, best.why) == ("a b", -2.0, (5, 3, 6), "length")
    assert second.text == "b b"
