"""Questions answered from passages: windows, what is learned, and what models of other libraries say."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch

import attendo
from attendo.attention import Layout
from attendo.data import Answer, Question
from attendo.errors import ConfigError, DataError, ModelFolderError
from attendo.tasks import (
    Answerer,
    AnswerProblem,
    AnswerSettings,
    Base,
    ModelSettings,
    OverlapReader,
    build_answerer,
    build_answerer_on_base,
    learned_questions,
)
from attendo.tasks.answering.scoring import Targets, chosen_spans, score_windows, span_loss
from attendo.tasks.answering.signs import SIGNS, WordNumbers, read_text, shown_signs

CPU = torch.device("cpu")
TINY = ModelSettings(size="tiny")
LONG = "a b c good bad film very not dull . " * 7


def read(write_questions, path, **how):
    from attendo.data import read_questions

    return read_questions(write_questions(path, **how)).questions


@pytest.fixture(scope="module")
def questions(write_questions, tmp_path_factory):
    return read(write_questions, tmp_path_factory.mktemp("questions") / "train.json", count=13, impossible=True)


@pytest.fixture(scope="module")
def scratch(questions):
    torch.manual_seed(3)
    model = build_answerer(questions, AnswerSettings(model=TINY, window=17, stride=5))
    with torch.no_grad():
        model.network.head.output.weight.normal_()
    model.rule.max_tokens = 7
    return model


@pytest.fixture(scope="module")
def foreign(make_base, tmp_path_factory):
    folder = tmp_path_factory.mktemp("foreign") / "bert"
    return folder, make_base(folder, architecture="BertForQuestionAnswering")


def test_windows_cover_the_passage_and_hold_the_whole_question(foreign):
    folder, _ = foreign
    model = attendo.load(folder)
    asked = [Question("what film ?", LONG), Question("a", "b")]
    inputs = model.encoder.encode_questions(asked)
    words = model.encoder.pieces.tokenizer
    whole = words.encode_batch([LONG])[0].ids[1:-1]
    covered = set()
    for part, encoding, first in zip(inputs.parts, inputs.texts.encodings, inputs.firsts, strict=True):
        pair = words.encode(asked[part.owner].question, "x")
        lead = len(pair) - 2
        assert len(encoding) <= 29
        assert first == lead
        assert encoding.ids[:lead].tolist() == pair.ids[:lead].tolist()
        if part.owner == 0:
            assert encoding.ids[lead:-1].tolist() == whole[part.start : part.end].tolist()
            covered |= set(range(part.start, part.end))
    assert covered == set(range(len(whole)))
    assert len(inputs.windows[0]) > 3
    assert len(inputs.windows[1]) == 1


@pytest.mark.parametrize("family", ["bert", "roberta", "electra"])
def test_a_row_is_what_the_tokenizer_makes_of_the_pair(family, make_base, tmp_path):
    names = {"bert": "BertModel", "roberta": "RobertaModel", "electra": "ElectraModel"}
    make_base(tmp_path / "base", family, names[family])
    model, _ = build_answerer_on_base(Base.read(tmp_path / "base"), (), AnswerSettings(window=29))
    pairs = [("good film ?", "not very dull , a film ."), ("a b", "电影很好看")]
    inputs = model.encoder.encode_questions([Question(*pair) for pair in pairs])
    expected = model.encoder.pieces.tokenizer.encode_batch(*map(list, zip(*pairs, strict=True)))
    for ours, theirs, bounds, first in zip(inputs.texts.encodings, expected, inputs.bounds, inputs.firsts, strict=True):
        assert ours.ids.tolist() == theirs.ids.tolist()
        assert ours.segments.tolist() == theirs.segments.tolist()
        inside = slice(first, first + len(bounds))
        assert bounds[:, 0].tolist() == theirs.starts[inside].tolist()
        assert bounds[:, 1].tolist() == theirs.ends[inside].tolist()


def test_a_foreign_folder_gives_the_answers_of_its_library(foreign):
    folder, theirs = foreign
    transformers = pytest.importorskip("transformers")
    words = transformers.AutoTokenizer.from_pretrained(folder)
    model = attendo.load(folder)
    assert isinstance(model, Answerer)
    question, passage = "what film ?", "a very good film , not dull ."
    encoded = words(question, passage, return_tensors="pt", return_offsets_mapping=True)
    places = encoded.pop("offset_mapping")[0].tolist()
    inside = [place for place, number in enumerate(encoded.sequence_ids(0)) if number == 1]
    with torch.inference_mode():
        out = theirs(**encoded)
    start, end = (each[0].double().numpy() for each in (out.start_logits, out.end_logits))
    pairs = {(s, e): start[s] + end[e] for s in inside for e in inside if s <= e}
    total = sum(map(math.exp, pairs.values()))
    ranked = sorted(pairs, key=pairs.get, reverse=True)[:5]
    found = model.predict(question, passage)[0]
    for (first, last), ours in zip(ranked, found.best, strict=True):
        assert (ours.start, ours.end) == (places[first][0], places[last][1])
        assert ours.text == passage[ours.start : ours.end]
        assert ours.probability == pytest.approx(math.exp(pairs[first, last]) / total, rel=1e-4)
    assert (found.text, found.start, found.end) == (found.best[0].text, found.best[0].start, found.best[0].end)
    assert found.no_answer_probability is None


def test_a_saved_folder_loads_there_and_here_with_equal_answers(make_base, questions, tmp_path):
    transformers = pytest.importorskip("transformers")
    make_base(tmp_path / "base")
    model, new = build_answerer_on_base(Base.read(tmp_path / "base"), questions, AnswerSettings(max_answer=5))
    assert len(new) == 2
    with torch.no_grad():
        model.network.head.output.weight.normal_()
    model.rule.threshold = 0.75
    model.save(tmp_path / "saved")
    again = attendo.load(tmp_path / "saved")
    texts = (["what film ?", "a ?", "dull ?"], [LONG, "电影很好看", "not good ."])
    assert model.predict(*texts) == again.predict(*texts)
    assert again.rule == model.rule
    theirs = transformers.BertForQuestionAnswering.from_pretrained(tmp_path / "saved").eval()
    words = transformers.AutoTokenizer.from_pretrained(tmp_path / "saved")
    with torch.inference_mode():
        out = theirs(**words("a ?", "not good .", return_tensors="pt"))
    inputs = again.encoder.encode_questions([Question("a ?", "not good .")])
    ours = score_windows(again.network, inputs)[0]
    torch.testing.assert_close(ours, torch.stack([out.start_logits[0], out.end_logits[0]], 1), rtol=1e-4, atol=1e-5)


def test_the_loss_is_one_choice_over_all_windows_of_a_question(scratch, questions):
    learned = learned_questions(scratch.encoder, questions)
    problem = AnswerProblem(
        scratch.network.eval(), learned, (questions, scratch.encoder.encode_questions(questions)), scratch.rule
    )
    assert max(map(len, learned.windows)) > 1
    indices = list(range(0, len(learned.windows), 3))
    assert any(learned.impossible[index] for index in indices)
    batch = problem.batch(indices, CPU)
    with torch.no_grad():
        loss = problem.loss(batch)
    expected = 0.0
    for index in indices:
        rows = [scratch.network(learned.inputs.texts.batch([window])) for window in learned.windows[index]]
        for side in (0, 1):
            inside, right, none = [], [], []
            for window, row, places in zip(learned.windows[index], rows, learned.places[index], strict=True):
                own = row[:, side].detach().double().numpy()
                inside += own[int(learned.inputs.firsts[window]) :].tolist()
                right += [own[each[side]] for each in places]
                none.append(own[0])
            right = [min(none)] if learned.impossible[index] else right
            every = [*inside, min(none)]
            expected += (np.logaddexp.reduce(every) - np.logaddexp.reduce(right)) / 2
    assert float(loss.total) == pytest.approx(expected, rel=1e-4)
    assert loss.weight == len(indices)


def test_of_several_right_places_it_counts_how_likely_they_are_together():
    from attendo.tasks.answering.inputs import SpanBatch

    scores = torch.randn(11, 2, dtype=torch.float64)
    one, two = torch.tensor([2, 1]), torch.tensor([7, 3])
    batch = SpanBatch(None, Layout((7, 4)), one, two, torch.tensor([0, 1]))
    targets = Targets(*(torch.tensor(each) for each in ([3, 5, 8], [4, 6, 9], [0, 0, 1], [False, False])))
    start, end = scores.T
    expected = (
        start[2:7].logsumexp(0) - start[[3, 5]].logsumexp(0) + end[2:7].logsumexp(0) - end[[4, 6]].logsumexp(0)
        + start[8:10].logsumexp(0) - start[8] + end[8:10].logsumexp(0) - end[9]
    ) / 2  # fmt: skip
    torch.testing.assert_close(span_loss(scores, batch, targets, no_answer=False), expected)


def test_signs_say_what_question_and_passage_share():
    number = WordNumbers()

    def of(text):
        words = text.split()
        return read_text(words, [word.lower() for word in words], np.full(len(words), 0.5, np.float32), number)

    asked, shown = shown_signs(of("Who built Bern castle ?"), of("Peter lives . Hans built Bern in 1193 ."))
    column = {name: shown[:, place].tolist() for place, name in enumerate(SIGNS)}
    assert column["shared"] == [0, 0, 0, 0, 1, 1, 0, 0, 0]
    assert column["shared pair"] == [0, 0, 0, 0, 1, 1, 0, 0, 0]
    assert column["shared triple"] == [0] * 9
    assert column["best sentence"] == [0, 0, 0, 1, 1, 1, 1, 1, 1]
    assert column["sentence shares"][3:] == pytest.approx([0.5] * 6)
    assert column["four digits"] == [0, 0, 0, 0, 0, 0, 0, 1, 0]
    assert column["mark"] == [0, 0, 1, 0, 0, 0, 0, 0, 1]
    assert column["right 0.5"][3] == pytest.approx((1 + 0.5) / 2)  # two words that count 1 each, of a question of 2
    assert column["right 0.5"][2] == pytest.approx((0.5 + 0.25) / 2)
    assert column["left 0.8"][6] == pytest.approx((1 + 0.8) / 2)
    assert column["left 0.95"][8] > 0 == column["left 0.95"][0]
    assert asked[:, SIGNS.index("asked")].tolist() == [1] * 5
    assert asked[:, SIGNS.index("shared")].tolist() == [0, 1, 1, 0, 0]


def test_prediction_is_the_same_alone_and_among_others(scratch, questions):
    together = list(scratch.predict_examples(questions))
    for question, expected in list(zip(questions, together, strict=True))[::7]:
        alone = next(iter(scratch.predict_examples([question])))
        assert alone.text == expected.text
        assert alone.probability == pytest.approx(expected.probability, rel=1e-4)
        if alone.text:
            assert question.context[alone.start : alone.end] == alone.text


def test_a_model_from_scratch_is_saved_and_loaded(scratch, questions, tmp_path):
    scratch.save(tmp_path / "model")
    again = attendo.load(tmp_path / "model")
    assert list(again.predict_examples(questions)) == list(scratch.predict_examples(questions))
    (tmp_path / "model" / "features.safetensors").unlink()
    with pytest.raises(ModelFolderError, match=r"features\.safetensors"):
        attendo.load(tmp_path / "model")


def test_long_passages_and_long_questions(scratch):
    long = "Ada lives in Bern . " * 501
    found = scratch.predict(["Where does Ada live ?", "where " * 97], [long, "Bo is a pilot ."])
    assert all(each.best and each.passage[each.best[0].start : each.best[0].end] == each.best[0].text for each in found)


def test_passages_without_spaces_or_words(scratch, foreign):
    for model in (scratch, attendo.load(foreign[0])):
        found = model.predict(["Ada住在哪里？", "a ?"], ["Ada住在Bern，是baker。", "\u200b\u200d"])
        assert found[0].best[0].text in "Ada住在Bern，是baker。"
        assert len(found) == 2


def test_one_passage_for_many_questions(scratch):
    passage = "Ada lives in Bern ."
    assert scratch.predict(["Where ?", "Who ?"], passage) == scratch.predict(["Where ?", "Who ?"], [passage] * 2)


@pytest.mark.parametrize(
    ("asked", "passages", "says"),
    [
        ("a", " ", "Question 1: its passage is empty"),
        ("", "b", "Question 1: its question is empty"),
        (["a", "b"], ["c"], "2 questions but 1 passages"),
        ("a", None, "There are no passages"),
        (None, "b", "There are no questions"),
        ("a", 3, "`passages` must be a text or several, but is int"),
        (["a", None], "c", "Question 2: its question must be a text, but is NoneType"),
    ],
)
def test_bad_input_is_told(asked, passages, says, scratch):
    with pytest.raises(DataError, match=says):
        scratch.predict(asked, passages)


def test_a_question_needs_a_passage_and_room_for_an_answer(scratch):
    with pytest.raises(DataError, match="There are no passages"):
        scratch.predict("Who ?")
    with pytest.raises(ConfigError, match="`best` must be at least 1, but is 0"):
        scratch.predict("Who ?", "Ada .", best=0)


def test_no_answer_is_given_above_the_threshold(scratch, questions):
    rule = scratch.rule
    assert rule.no_answer
    for threshold in (0.0, 1.0):
        rule.threshold = threshold
        found = list(scratch.predict_examples(questions))
        assert [bool(each.text) for each in found] == [threshold == 1.0] * len(found)
        assert all(0 < each.no_answer_probability < 1 for each in found)
        total = [each.no_answer_probability + sum(one.probability for one in each.best) for each in found]
        assert max(total) < 1 + 1e-9
    rule.threshold = 0.5


def test_answers_without_a_place_are_not_learned_from(scratch):
    asked = [
        Question("Who ?", "Ada lives in Bern .", (Answer("Bo", -1),)),
        Question("Who ?", "Ada lives in Bern .", (Answer("Ada", 0),)),
    ]
    learned = learned_questions(scratch.encoder, asked)
    assert len(learned.windows) == 1
    assert learned.longest_answer() == 1


def test_of_a_very_long_passage_the_windows_with_the_answer_are_read(scratch):
    passage = "Bo is a pilot . " * 101 + "Ada lives in Bern . " + "Bo is a pilot . " * 101
    asked = [Question("Where does Ada live ?", passage, (Answer("Bern", passage.index("Bern")),))]
    learned = learned_questions(scratch.encoder, asked)
    assert len(learned.inputs.parts) > 50
    assert len(learned.windows[0]) <= 8
    assert any(learned.places[0])


def test_the_simplest_reader_takes_the_words_nearest_to_the_question():
    passage = "Zurich is large. In 1291 the famous treaty of Rutli was signed by Walter Stauffacher. It rained."
    others = [Question("x", f"the is in of by was it {word}. It is in the {word}.") for word in "abcdefgh"]
    reader = OverlapReader.of(others)
    assert reader.answer(Question("Who signed the famous treaty of Rutli?", passage)) == "Walter Stauffacher"
    assert reader.answer(Question("When was the treaty of Rutli signed?", passage)) == "1291"
    assert reader.answer(Question("Who?", "!")) != "Who"


def test_predictions_come_in_the_order_of_a_stream(scratch):
    asked = (Question("Who ?", f"Ada lives in Bern {number} ." * (number % 5 + 1)) for number in range(23))
    found = list(scratch.predict_examples(asked))
    assert [f"Bern {number} " in each.passage for number, each in enumerate(found)] == [True] * 23


def test_the_card_holds_the_rule(scratch, tmp_path):
    scratch.save(tmp_path / "model")
    card = json.loads((tmp_path / "model" / "attendo.json").read_text(encoding="utf-8"))
    assert card["task"] == "answer"
    assert card["answers"] == {"max_tokens": 7, "no_answer": True, "threshold": scratch.rule.threshold}


def test_windows_that_hold_the_same_words_give_one_answer(foreign):
    model = attendo.load(foreign[0])
    inputs = model.encoder.encode_questions([Question("a ?", LONG)])
    choice = chosen_spans(score_windows(model.network, inputs), inputs, model.rule, count=11)[0]
    assert len({span[:2] for span in choice.spans}) == 11
