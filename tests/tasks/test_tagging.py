"""Taggers: what they learn from, what they find, and what other libraries make of their folders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import attendo
from attendo.data import TaggedText
from attendo.errors import DataError, ModelFolderError
from attendo.spans import LabelledSpan
from attendo.tasks import (
    Base,
    NameList,
    Tagger,
    TagModelSettings,
    TagSet,
    TagSettings,
    build_tagger,
    build_tagger_on_base,
    untagged,
)

transformers = pytest.importorskip("transformers", reason="transformers is not installed")

TINY = TagSettings(model=TagModelSettings(size="tiny"))
WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "ada",
    "lives",
    "in",
    "rome",
    "张",
    "三",
    "北",
    "京",
    "##ly",
    ".",
]


def tagged(text: str, *names: tuple[str, str]) -> TaggedText:
    """A text with the first occurrence of each name tagged."""
    found = untagged(text)
    tags = ["O"] * len(found.words)
    for name, label in names:
        start = text.index(name)
        inside = [n for n, (first, last) in enumerate(found.words) if start <= first and last <= start + len(name)]
        for number in inside:
            tags[number] = f"{'B' if number == inside[0] else 'I'}-{label}"
    return replace(found, tags=tuple(tags))


TEXTS = [
    tagged("Ada lives in Rome.", ("Ada", "PER"), ("Rome", "LOC")),
    tagged("张三在北京。", ("张三", "人"), ("北京", "LOC")),
    tagged("Nobody lives in New York City", ("New York City", "LOC")),
    tagged("", *()),
] * 2


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    torch.manual_seed(3)
    model = build_tagger(TEXTS, TagSet.of(TEXTS, "BIOES"), TINY)
    with torch.no_grad():
        for parameter in model.tagger.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return model


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "base"
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
    torch.manual_seed(1)
    numbers = {"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 17}
    config = transformers.BertConfig(vocab_size=len(WORDS), max_position_embeddings=19, **numbers)
    transformers.BertModel(config).save_pretrained(folder)
    transformers.BertTokenizer.from_pretrained(folder, model_max_length=19).save_pretrained(folder)
    return folder


def test_tags_are_those_of_the_labels_in_the_scheme():
    tags = TagSet.of(TEXTS, "BIOES")
    assert tags.labels == ("LOC", "PER", "人")
    assert len(tags.names) == 1 + 4 * 3
    assert tags.names[0] == "O"
    (ids, *_) = tags.encode(TEXTS)
    assert [tags.names[number] for number in ids] == ["S-PER", "O", "O", "S-LOC", "O"]
    assert tags.spans(ids) == (LabelledSpan(0, 1, "PER"), LabelledSpan(3, 4, "LOC"))
    with pytest.raises(DataError, match=r"does not know these tags: `S-ORG` .*It knows: LOC, PER, 人"):
        tags.encode([tagged("Ada", ("Ada", "ORG"))])


def test_plain_labels_stay_as_they_are():
    text = TaggedText("a dog", ((0, 1), (2, 5)), ("DET", "NOUN"), scheme="plain")
    tags = TagSet.of([text], "BIOES")
    assert tags.names == ("DET", "NOUN")
    assert tags.is_plain
    model = build_tagger([text] * 2, tags, TINY)
    (answer,) = model.predict("a dog")
    assert [(span.start, span.end) for span in answer.spans] == [(0, 1), (2, 5)]
    assert model.evaluate([text]).num_examples == 1


def test_known_names_are_found_again_the_longest_first():
    names = NameList.of(TEXTS)
    assert names.find(untagged("New York City lives in 北京")) == (LabelledSpan(0, 3, "LOC"), LabelledSpan(5, 7, "LOC"))
    assert names.find(untagged("York")) == ()


def test_places_are_those_of_the_text_as_it_was_given(tagger):
    texts = ["  Ada\tlives in Rome. ", "张三在北京。", "", "🙂 New York"]
    for text, answer in zip(texts, tagger.predict(texts), strict=True):
        assert answer.text == text
        ends = 0
        for span in answer.spans:
            assert text[span.start : span.end] == span.text
            assert ends <= span.start < span.end
            assert 0 < span.probability <= 1
            ends = span.end


def test_texts_are_answered_alike_alone_and_together(tagger):
    texts = ["Ada lives in Rome.", "张三在北京。", "Nobody", "in New York City " * 9]
    for text, together in zip(texts, tagger.predict(texts), strict=True):
        (alone,) = tagger.predict(text)
        assert [s[:] for s in map(places, alone.spans)] == [s[:] for s in map(places, together.spans)]
        for one, other in zip(alone.spans, together.spans, strict=True):
            assert one.probability == pytest.approx(other.probability, abs=1e-5)


def places(span) -> tuple[int, int, str]:
    return span.start, span.end, span.label


def test_long_texts_are_read_whole(tagger):
    short = replace_max_words(tagger, 17)
    text = "Ada lives in Rome and " * 23
    assert len(untagged(text).words) > 5 * 17
    scores = short._decoded([untagged(text)])[1][0]
    assert len(scores) == len(untagged(text).words)
    whole = tagger._decoded([untagged(text)])[1][0]
    assert (whole - scores).abs().median() < (whole - whole.mean(0)).abs().median()


def replace_max_words(tagger: Tagger, words: int) -> Tagger:
    rows = replace(tagger.encoder.rows, max_words=words)
    return replace(tagger, encoder=replace(tagger.encoder, rows=rows))


def test_a_saved_tagger_answers_as_before(tagger, tmp_path):
    tagger.save(tmp_path / "model")
    again = attendo.load(tmp_path / "model")
    texts = ["Ada lives in Rome.", "张三在北京。"]
    assert again.predict(texts) == tagger.predict(texts)
    assert again.tags == tagger.tags
    (tmp_path / "model" / "chain.safetensors").write_bytes(b"no")
    with pytest.raises(ModelFolderError, match=r"chain\.safetensors was changed or cut short"):
        attendo.load(tmp_path / "model")


def test_only_what_the_scheme_allows_is_chosen(tagger):
    tagger.evaluate(TEXTS)
    tags, _ = tagger._decoded([untagged("Ada lives in New York City " * 5)])
    starts, pairs, ends = tagger.tags.allowed
    chosen = tags[0]
    assert starts[chosen[0]]
    assert ends[chosen[-1]]
    assert pairs[chosen[:-1], chosen[1:]].all()


def test_what_is_no_text_is_told(tagger):
    with pytest.raises(DataError, match="Every text must be a string, but one is int"):
        tagger.predict([3])  # type: ignore[list-item]
    with pytest.raises(DataError, match="There are no texts to evaluate"):
        tagger.evaluate([])


@pytest.mark.parametrize("decoding", ["constrained", "crf"])
def test_a_tagger_on_a_base_is_read_by_the_reference_library(base, tmp_path, decoding):
    texts = TEXTS[:2] * 2
    model, new = build_tagger_on_base(Base.read(base), TagSet.of(texts, "BIO"), TagSettings(decoding=decoding))
    assert set(new) == {"classifier.weight", "classifier.bias"}
    model.save(tmp_path / "model")
    assert attendo.load(tmp_path / "model").predict("Ada lives in Rome.") == model.predict("Ada lives in Rome.")
    theirs = transformers.BertForTokenClassification.from_pretrained(tmp_path / "model").eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "model")
    assert theirs.config.id2label == dict(enumerate(model.tags.names))
    with torch.inference_mode():
        scores = theirs(**tokenizer("ada lives in rome .", return_tensors="pt")).logits[0, 1:-1]
    ours = model._decoded([untagged("Ada lives in Rome.")])[1][0]
    np.testing.assert_allclose(ours.numpy(), scores.numpy(), atol=1e-5)


def test_a_foreign_tagger_is_read(base, tmp_path):
    config = transformers.BertConfig.from_pretrained(base, id2label={0: "O", 1: "B-LOC", 2: "I-LOC"})
    torch.manual_seed(2)
    theirs = transformers.BertForTokenClassification(config).eval()
    theirs.save_pretrained(tmp_path / "theirs")
    transformers.AutoTokenizer.from_pretrained(base).save_pretrained(tmp_path / "theirs")
    model = attendo.load(tmp_path / "theirs")
    assert isinstance(model, Tagger)
    assert model.tags == TagSet(("O", "B-LOC", "I-LOC"), "BIO")
    assert model.decoding == "constrained"
    long = "Ada lives in Rome. " * 13  # longer than the base reads
    (answer,) = model.predict(long)
    assert all(long[span.start : span.end] == span.text for span in answer.spans)
    assert len(model._decoded([untagged(long)])[1][0]) == 5 * 13
