"""What the models of each task read, and how each of their tokens is written."""

import pytest
import torch

from attendo.data import Frame, FramedSentence, Question, Role, TextPair
from attendo.tasks import (
    AnswerSettings,
    Base,
    EmbedSettings,
    FeatureSettings,
    ModelSettings,
    RoleSettings,
    TagModelSettings,
    TagSet,
    TagSettings,
    build_answerer,
    build_answerer_on_base,
    build_embedder,
    build_embedder_on_base,
    build_labeller,
    build_labeller_on_base,
    build_tagger,
    build_tagger_on_base,
    look,
    role_tags,
    untagged,
)
from attendo.tasks.framing.settings import FrameFeatures
from attendo.text import split_words

TINY = ModelSettings(size="tiny")
TEXT, LONG = "Very GOOD film .", "a b c good bad film very not dull . " * 7
PAIRS = [TextPair(TEXT, "a dull film", 1.0), TextPair("bad film", LONG, 0.0)]
QUESTIONS = [Question("What FILM ?", TEXT), Question("a", LONG)]
CUT = FeatureSettings(max_words=11)
BASES = [("bert", "BertModel"), ("distilbert", "DistilBertModel")]


def framed(text, predicate):
    words = tuple((span.start, span.end) for span in split_words(text))
    return FramedSentence(text, words, (Frame(predicate, None, (Role(0, 1, "ARG0"),)),))


SENTENCES = [framed(TEXT, 2), framed(LONG, 40)]


def columns(sentences):
    return [each.text for each in sentences], [each.words for each in sentences]


def looked_at(network, view):
    """What is spelled, after the model has run over all of it."""
    layers = look(network, view, most_words=1000)
    assert layers
    assert all(0 <= share <= 1 for layer in layers for share in layer.entropy)
    for row, tokens in zip(view.rows, view.spelled, strict=True):
        assert view.texts.lengths[row] == len(tokens)
    return [list(tokens) for tokens in view.spelled]


@pytest.fixture(params=BASES, ids=lambda each: each[0])
def base(request, make_base, tmp_path):
    torch.manual_seed(3)
    make_base(tmp_path / "base", *request.param)
    return Base.read(tmp_path / "base"), request.param[0]


def test_words_of_texts_to_be_tagged():
    texts = [untagged(text) for text in (LONG, "", TEXT)]
    tags = TagSet.of([untagged(TEXT)], "BIO")
    model = build_tagger(texts, tags, TagSettings(model=TagModelSettings(size="tiny"), features=CUT))
    assert looked_at(model.network, model.encoder.view(*columns(texts))) == [["very", "good", "film", "."]]


def test_pieces_of_texts_to_be_tagged(base):
    model, _ = build_tagger_on_base(base[0], TagSet.of([untagged(TEXT)], "BIO"), TagSettings())
    (found,) = looked_at(model.network, model.encoder.view(*columns([untagged(text) for text in (LONG, "", TEXT)])))
    assert (found[0], found[-1], "".join(found[1:-1])) == ("[CLS]", "[SEP]", "verygoodfilm.")


def test_words_of_questions_about_roles():
    settings = RoleSettings(model=TINY, features=FrameFeatures(max_words=11))
    model = build_labeller(SENTENCES, role_tags(SENTENCES, 0)[0], settings)
    whole, part = looked_at(model.network, model.encoder.view(*columns(SENTENCES), [2, 40]))
    assert whole == ["very", "good", "film", "."]
    assert part == LONG.split()[35:46]


def test_pieces_of_questions_about_roles(base):
    model, _ = build_labeller_on_base(base[0], SENTENCES, role_tags(SENTENCES, 0)[0], RoleSettings())
    whole, part = looked_at(model.network, model.encoder.view(*columns(SENTENCES), [2, 40]))
    asked = "film" if base[1] == "bert" else "goodfilm."  # without segments a predicate comes with its neighbours
    assert (whole[0], whole[-1]) == ("[CLS]", "[SEP]")
    assert "".join(whole[1:-1]) == f"verygoodfilm.[SEP]{asked}"
    assert LONG.split()[40] in part
    assert len(part) <= 29


def test_words_of_questions_and_passages():
    settings = AnswerSettings(model=TINY, window=17, stride=5)
    model = build_answerer(QUESTIONS, settings)
    one, other = looked_at(model.network, model.encoder.view(QUESTIONS))
    assert one == ["[start]", "what", "film", "?", "very", "good", "film", "."]
    assert other == ["[start]", "a", *LONG.split()[:15]]


def test_pieces_of_questions_and_passages(base):
    model, _ = build_answerer_on_base(base[0], (), AnswerSettings(window=23))
    one, other = looked_at(model.network, model.encoder.view(QUESTIONS))
    assert (one[0], one[-1], "".join(one[1:-1])) == ("[CLS]", "[SEP]", "whatfilm?[SEP]verygoodfilm.")
    assert len(other) == 23
    assert other[:5] == ["[CLS]", "a", "[SEP]", "a", "b"]


def test_words_of_texts_that_get_vectors():
    model = build_embedder(PAIRS, EmbedSettings(model=TINY, features=CUT))
    view = model.encoder.view([TEXT, LONG, "", "Bad film"])
    assert looked_at(model.model.network, view) == [["very", "good", "film", "."], ["bad", "film"]]


def test_pieces_of_texts_that_get_vectors(base):
    model, _ = build_embedder_on_base(base[0], EmbedSettings())
    (found,) = looked_at(model.model.network, model.encoder.view([LONG, TEXT]))
    assert (found[0], found[-1], "".join(found[1:-1])) == ("[CLS]", "[SEP]", "verygoodfilm.")
