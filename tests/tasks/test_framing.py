"""Models of semantic roles: what they are asked, what they find, and what other libraries make of their folders."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

import attendo
from attendo.data import Frame, FramedSentence, Role
from attendo.errors import DataError, ModelFolderError
from attendo.metrics import paired_roles, score_frames
from attendo.tasks import (
    Base,
    ModelSettings,
    RoleLabeller,
    RoleSettings,
    UsualRoles,
    build_labeller,
    build_labeller_on_base,
    encode_framed,
    role_tags,
)
from attendo.tasks.framing.cutting import WordCutter
from attendo.tasks.framing.questions import Question, window_around
from attendo.text import split_words

transformers = pytest.importorskip("transformers", reason="transformers is not installed")

TINY = RoleSettings(model=ModelSettings(size="tiny"))


def unframed(text: str) -> FramedSentence:
    return FramedSentence(text, tuple((span.start, span.end) for span in split_words(text)))


def framed(text: str, *frames: tuple[int, list[tuple[int, int, str]]]) -> FramedSentence:
    return replace(
        unframed(text),
        frames=tuple(Frame(place, "give.01", tuple(Role(*role) for role in roles)) for place, roles in frames),
    )


SENTENCES = [
    framed("Ada gave Alan a book", (1, [(0, 1, "ARG0"), (2, 3, "ARG2"), (3, 5, "ARG1")])),
    framed("Nobody wept , said Ada", (1, [(0, 1, "ARG0")]), (3, [(0, 2, "ARG1"), (4, 5, "ARG0")])),
    framed("张三给李四书", (2, [(0, 2, "ARG0"), (3, 5, "ARG2"), (5, 6, "ARG1")])),
    framed("What a day !"),
    framed(""),
]


@pytest.fixture(scope="module")
def labeller() -> RoleLabeller:
    torch.manual_seed(3)
    model = build_labeller(SENTENCES, role_tags(SENTENCES, 0)[0], TINY)
    with torch.no_grad():
        for parameter in model.finder.scorer.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return model


@pytest.fixture(params=["bert", "distilbert"])
def base(request, make_base, tmp_path):
    architecture = {"bert": "BertModel", "distilbert": "DistilBertModel"}[request.param]
    make_base(tmp_path / "base", request.param, architecture)
    return Base.read(tmp_path / "base")


def test_rare_roles_are_left_out_and_counted():
    tags, rare = role_tags(SENTENCES, 0.3)
    assert tags.names == ("O", "B-ARG0", "I-ARG0", "B-ARG1", "I-ARG1")
    assert rare == {"ARG2": 2}
    assert role_tags(SENTENCES, 0)[1] == {}


@pytest.mark.parametrize(
    ("word", "room", "start", "end"), [(0, 3, 0, 3), (9, 3, 7, 10), (5, 3, 4, 7), (5, 1, 5, 6), (5, None, 0, 10)]
)
def test_a_window_holds_as_many_words_around_the_predicate_as_fit(word, room, start, end):
    assert window_around([1] * 10, word, room)[:2] == (start, end)


def test_a_window_counts_the_pieces_of_words():
    assert window_around([5, 1, 1, 5], 1, 4)[:2] == (1, 3)
    assert window_around([5, 9, 1], 1, 4)[:2] == (1, 2)


def test_questions_are_one_for_each_sentence_and_one_for_each_predicate(labeller):
    encoded = encode_framed(labeller.encoder, labeller.finder.tags, SENTENCES)
    assert encoded.about_roles.tolist() == [False, True, False, True, True, False, True, False]
    assert encoded.answers[0].tolist() == [0, 1, 0, 0, 0]
    names = [labeller.finder.tags.names[number] for number in encoded.answers[1]]
    assert names == ["B-ARG0", "O", "B-ARG2", "B-ARG1", "I-ARG1"]
    batch = encoded.batch([1, 0, 4])
    assert len(batch.answers) == sum(batch.words.layout.query_lengths)
    scorer = labeller.finder.scorer.eval()
    with torch.inference_mode():
        together = float(scorer.loss(*batch))
        alone = [float(scorer.loss(*encoded.batch([number]))) for number in (1, 0, 4)]
    assert together == pytest.approx(sum(alone), rel=1e-4)


def test_places_are_those_of_the_text_as_it_was_given(labeller):
    texts = ["  Ada\tgave Alan a book. ", "张三给李四书。", "", "🙂 wept", "\n"]
    answers = labeller.predict(texts)
    assert [answer.text for answer in answers] == texts
    found = [part for answer in answers for frame in answer.frames for part in (frame.predicate, *frame.roles)]
    assert len(found) > 3
    for answer in answers:
        for frame in answer.frames:
            for part in (frame.predicate, *frame.roles):
                assert answer.text[part.start : part.end] == part.text
                assert 0 < part.probability <= 1
            assert frame.predicate.probability >= 0.5


def test_given_predicates_are_asked_about_and_no_others(labeller):
    words = ["Ada", "gave", "Alan", "a", "book"]
    one, other = labeller.predict_frames([(words, [1, 3]), ("Ada gave Alan a book", [1])])
    assert [frame.predicate.text for frame in one.frames] == ["gave", "a"]
    assert [frame.predicate.text for frame in other.frames] == ["gave"]
    assert one.frames[0].roles == other.frames[0].roles
    assert one.frames[0].predicate.sense == "give.01"
    assert one.frames[1].predicate.sense is None
    (none,) = labeller.predict_frames([("Ada gave", [])])
    assert none.frames == ()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("Ada gave", [2]), "Word 2 cannot be a predicate of `Ada gave`: words are counted from 0 to 1"),
        (("Ada gave", [-1]), "Word -1 cannot be a predicate"),
        (("", [0]), "it has none"),
        ((["Ada", ""], [0]), "must be a string, or its words"),
        (("Ada", ["gave"]), "must be numbers of words"),
        (("Ada", [True]), "must be numbers of words"),
        ((3, [0]), "A sentence must be a string"),
    ],
)
def test_what_cannot_be_asked_is_told(labeller, asked, said):
    with pytest.raises(DataError, match=said):
        labeller.predict_frames([asked])


def test_what_is_no_text_is_told(labeller):
    with pytest.raises(DataError, match="Every text must be a string, but one is int"):
        labeller.predict([3])
    with pytest.raises(DataError, match="There are no sentences to evaluate"):
        labeller.evaluate([])
    wrong = FramedSentence("Ada", ((0, 3),), (Frame(5),))
    with pytest.raises(DataError, match="Word 5 cannot be a predicate"):
        labeller.evaluate([wrong])


def test_sentences_are_answered_alike_alone_and_together(labeller):
    asked = [("Ada gave Alan a book", [1]), ("张三给李四书", [2]), ("Nobody wept , said Ada", [1, 3])]
    for each, together in zip(asked, labeller.predict_frames(asked), strict=True):
        (alone,) = labeller.predict_frames([each])
        for one, other in zip(alone.frames, together.frames, strict=True):
            for mine, theirs in zip(one.roles, other.roles, strict=True):
                assert (mine.start, mine.end, mine.label) == (theirs.start, theirs.end, theirs.label)
                assert mine.probability == pytest.approx(theirs.probability, abs=1e-4)


def test_long_sentences_are_read_in_windows(labeller):
    short = replace(labeller, encoder=replace(labeller.encoder, max_words=17))
    text = "Ada gave Alan a book and " * 23
    sentence = unframed(text)
    chances = short._asked([sentence], given=False)[2][0]
    assert len(chances) == len(sentence.words) == 6 * 23
    (answer,) = short.predict_frames([(text, [1, 70, 137])])
    first, middle, last = (frame.roles for frame in answer.frames)
    bounds = sentence.words
    for roles, low, high in ((first, 0, 16), (middle, 62, 78), (last, 121, 137)):
        assert all(bounds[low][0] <= role.start and role.end <= bounds[high][1] for role in roles)
        assert all(text[role.start : role.end] == role.text for role in roles)


def test_a_saved_model_answers_as_before(labeller, tmp_path):
    labeller.save(tmp_path / "model")
    again = attendo.load(tmp_path / "model")
    assert isinstance(again, RoleLabeller)
    texts = ["Ada gave Alan a book", "张三给李四书。"]
    assert again.predict(texts) == labeller.predict(texts)
    assert again.senses == labeller.senses
    assert "ARG0" in (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    (tmp_path / "model" / "senses.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelFolderError, match=r"senses\.json was changed or cut short"):
        attendo.load(tmp_path / "model")


def test_scores_are_those_of_the_frames(labeller):
    scores = labeller.evaluate(SENTENCES)
    gold = [each.frames for each in SENTENCES]
    for ours, given in ((scores.given, True), (scores.found, False)):
        expected = score_frames(gold, labeller.found(SENTENCES, given=given))
        assert ours.f1 == expected.f1
        assert ours.predicate_f1 == expected.predicate_f1
    assert scores.given.predicate_f1.value == 1
    assert set(scores.as_dict()) == {"given", "found"}
    assert scores.f1 == scores.given.f1
    assert scores.found_f1 == scores.found.f1


def test_only_what_the_scheme_allows_is_chosen(labeller):
    read = labeller.encoder.read(["Ada gave Alan a book " * 9], [unframed("Ada gave Alan a book " * 9).words])
    (roles,) = labeller.finder.roles(read, [Question(0, 7)])
    assert all(one.end <= other.start for one, other in pairwise(roles))
    assert {role.label for role in roles} <= {"ARG0", "ARG1", "ARG2"}


def test_usual_roles_are_found_again():
    usual = UsualRoles.of(SENTENCES * 3)
    (found,) = usual.find(SENTENCES[0], given=False)
    assert found == SENTENCES[0].frames[0]
    assert usual.find(SENTENCES[3], given=False) == []
    assert [frame.predicate for frame in usual.find(framed("Ada gave", (0, [])), given=True)] == [0]


def test_differences_are_those_of_arguments():
    gold = [each.frames for each in SENTENCES]
    nothing = [[Frame(frame.predicate) for frame in each] for each in gold]
    difference = paired_roles(gold, gold, nothing)
    assert difference.difference == 1
    assert paired_roles(gold, gold, gold).difference == 0


def test_a_model_on_a_base_is_read_by_the_reference_library(base, tmp_path):
    tags, _ = role_tags(SENTENCES[:2], 0)
    model, new = build_labeller_on_base(base, SENTENCES[:2], tags, TINY)
    assert any("classifier" in name for name in new)
    model.save(tmp_path / "model")
    again = attendo.load(tmp_path / "model")
    texts = ["Ada gave Alan a book", "book " * 37]  # the second is longer than the base reads
    assert again.predict(texts) == model.predict(texts)
    asked = [(texts[0], [1, 3]), (texts[1], [0, 30])]
    assert again.predict_frames(asked) == model.predict_frames(asked)
    theirs = transformers.AutoModelForTokenClassification.from_pretrained(tmp_path / "model").eval()
    assert theirs.config.id2label == dict(enumerate((*tags.names, "PREDICATE")))
    sentence = unframed("a film")
    inputs = model.encoder.read([sentence.text], [sentence.words]).ask([Question(0, 1)])
    model.network.eval()
    with torch.inference_mode():
        batch = inputs.batch([0])
        ids, segments = batch.texts.ids[None], batch.texts.segments[None]
        read = {"token_type_ids": segments} if model.encoder.segments else {}
        expected = theirs(input_ids=ids, **read).logits[0]
        ours = model.finder.scorer(batch)
    np.testing.assert_allclose(ours.numpy(), expected[batch.places].numpy(), atol=1e-5)


def test_the_predicate_is_the_second_text_and_marked_in_the_first(base):
    model, _ = build_labeller_on_base(base, SENTENCES[:1], role_tags(SENTENCES[:1], 0)[0], TINY)
    text = "a film and a film"
    sentence = unframed(text)
    read = model.encoder.read([text], [sentence.words])
    first, other = (read.ask([Question(0, place)]).texts.encodings[0] for place in (4, 1))
    marked = model.encoder.segments
    assert marked == (base.config["model_type"] == "bert")
    if marked:
        assert first.ids.tolist() == other.ids.tolist()
        assert first.segments.tolist() != other.segments.tolist()
    else:
        assert first.ids.tolist() != other.ids.tolist()
    plain = read.ask([Question(0)]).texts.encodings[0]
    assert len(plain) < len(first)


def words_of(cutter: WordCutter, text: str) -> list[str]:
    return [text[start:end] for start, end in cutter.cut(text)]


def test_what_was_one_word_is_put_together_again():
    seen = [
        FramedSentence("我們喜歡北京大學", ((0, 2), (2, 4), (4, 8))),
        FramedSentence("北京的大學生", ((0, 2), (2, 3), (3, 6))),
        FramedSentence("U.S. wins", ((0, 4), (5, 9))),
    ]
    cutter = WordCutter.of(seen)
    for sentence in seen:
        assert cutter.cut(sentence.text) == sentence.words
    assert words_of(cutter, "大學生喜歡 我們。") == ["大學生", "喜歡", "我們", "。"]
    assert words_of(cutter, "北 京") == ["北", "京"]  # a blank parts words
    assert words_of(cutter, "never seen") == ["never", "seen"]
    assert cutter.cut("") == ()
    assert WordCutter.from_counts(cutter.counts) == cutter
    assert "wins" not in cutter.counts


def test_words_of_raw_text_are_those_of_training(tmp_path):
    sentence = FramedSentence("張三喜歡北京", ((0, 2), (2, 4), (4, 6)), (Frame(1, None, (Role(0, 1, "A0"),)),))
    model = build_labeller([sentence] * 3, role_tags([sentence], 0)[0], TINY)
    assert model.sentence("北京喜歡張三").words == ((0, 2), (2, 4), (4, 6))
    (answer,) = model.predict_frames([("北京喜歡張三", [1])])
    assert answer.frames[0].predicate.text == "喜歡"
    model.save(tmp_path / "model")
    assert attendo.load(tmp_path / "model").cutter == model.cutter
