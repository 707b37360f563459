"""Texts written from settings: alone and together, streamed and scored, of forms, on models of both kinds."""

from __future__ import annotations

import itertools
import json
import re

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attendo.decoding import Writer
from attendo.errors import ConfigError, InputError
from attendo.models import new_model
from attendo.tasks.writing import Request, TextWriter, WriteSettings, Written, planning, ranked_by_agreement
from attendo.text import train_tokenizer

TEXTS = [
    "good film , very good film : don't see \"it\" { [ 0 1 2 3 4 5 6 7 8 9 ] } \\ true false null .",
    "电影很好看，不错的电影。 房间 {\"a\": 1, \"b\": [true, null]}",
] * 5  # fmt: skip
END, NEW = 3, 11
SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "integer"}, "b": {"type": "array", "items": {"type": "boolean"}}},
    "required": ["a"],
}
METHODS = {
    "greedy": {"method": "greedy"},
    "beam": {"beams": 3, "n_best": 2, "length_penalty": 0.6},
    "sample": {"temperature": 1.5, "top_k": 50, "top_p": 0.95, "seed": 5, "n_best": 2},
    "shaped": {"min_p": 0.01, "typical": 0.9},
    "candidates": {"candidates": 3, "n_best": 2},
}
FORMS = {
    "free": {},
    "repeating": {"repetition_penalty": 1.8, "no_repeat_ngram": 2, "min_new": 5},
    "pattern": {"pattern": r"(good|电影|\d)+[.。]?"},
    "schema": {"schema": SCHEMA},
    "words": {"forced": ("电影", "film"), "banned": ("good", "很"), "beginning": "0"},
    "stops": {"stop": ("1", "film", "很好"), "banned": ("8",)},
}


def shaken(network):
    """Weights that make a model write different texts after different prompts."""
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.25)
    return network


def language_model(kind, **options):
    tokenizer = train_tokenizer(TEXTS, kind=kind, vocab_size=331)
    shape = {"model_type": "gpt2", "vocab_size": tokenizer.vocab_size, "n_positions": 47, "n_embd": 18, "n_layer": 1}
    torch.manual_seed(0)
    network = shaken(new_model(shape | {"n_head": 3}, "causal").network)
    return TextWriter(network, tokenizer, ends=(END,), **{"most": NEW} | options)


def translator(kind):
    tokenizer = train_tokenizer(TEXTS, kind=kind, vocab_size=331)
    torch.manual_seed(0)
    network = new_model(
        {
            "model_type": "bart", "vocab_size": tokenizer.vocab_size, "d_model": 12, "encoder_layers": 1,
            "decoder_layers": 1, "encoder_attention_heads": 3, "decoder_attention_heads": 2, "encoder_ffn_dim": 13,
            "decoder_ffn_dim": 17, "max_position_embeddings": 47,
        },
        "seq2seq",
    ).network  # fmt: skip
    return TextWriter(shaken(network), tokenizer, ends=(END,), method="beam", most=NEW)


@pytest.fixture(scope="module")
def writers():
    """A language model of bytes, one of characters, and a model of pieces that writes from another text."""
    return {"bpe": language_model("bpe"), "char": language_model("char"), "unigram": translator("unigram")}


PROMPTS = ("good film", "don't see it 0 1 电影")


def requests_for(text_writer, prompts=PROMPTS):
    ids = [tuple(text_writer.tokenizer.encode(each).ids.tolist()) for each in prompts]
    if text_writer.method == "beam":
        return [Request(prompt=(2,), source=each) for each in ids]
    return [Request(prompt=each) for each in ids]


KINDS = ("bpe", "char", "unigram")
CASES = [
    (KINDS[(method + form) % 3], list(METHODS)[method], list(FORMS)[form])
    for method, form in itertools.product(range(len(METHODS)), range(len(FORMS)))
]


@pytest.mark.parametrize(("kind", "method", "form"), CASES)
def test_what_is_beside_a_text_makes_no_difference(kind, method, form, writers):
    text_writer, options = writers[kind], WriteSettings(**METHODS[method] | FORMS[form])
    requests = requests_for(text_writer)
    together = text_writer.write(requests, options)
    for request, texts in zip(requests, together, strict=True):
        (alone,) = text_writer.write([request], options)
        assert ids(alone) == ids(texts)
        assert 1 <= len(texts) <= options.n_best
        for each in texts:
            check(each, form, options)


def test_batches_make_no_difference(writers, monkeypatch):
    requests = requests_for(writers["bpe"], PROMPTS * 4)
    options = WriteSettings(beams=2)
    together = writers["bpe"].write(requests, options)
    monkeypatch.setattr(planning, "TOKENS", 131)
    assert [ids(each) for each in writers["bpe"].write(requests, options)] == [ids(each) for each in together]
    monkeypatch.setattr(planning, "CELLS", 331 * 2)  # room for the scores of one request
    assert [ids(each) for each in writers["bpe"].write(requests, options)] == [ids(each) for each in together]


def ids(texts):
    return [each.ids for each in texts]


def check(written, form, options):
    """A text has the form that was asked for, and says why it stopped."""
    text = written.text
    if form == "pattern":
        assert re.fullmatch(options.pattern, text)
    if form == "schema":
        value = json.loads(text)
        assert value.keys() <= {"a", "b"}
        assert isinstance(value["a"], int)
        assert all(isinstance(each, bool) for each in value.get("b", []))
    if form in ("pattern", "schema", "words"):
        assert written.why == "end"
    assert not any(each in text for each in (*options.banned, *options.stop))
    assert all(each in text for each in options.forced)
    assert text.startswith(options.beginning or "")
    assert len(written.ids) <= NEW
    assert len(written.tokens) == len(written.ids)
    assert (written.ids[-1] == END) == (written.why == "end")
    assert (written.why == "length") <= (len(written.ids) == NEW)


@pytest.mark.parametrize(
    ("kind", "method", "form"),
    [case for case in CASES if case[1] in ("greedy", "shaped")] + [("bpe", "shaped", "free")],
)
def test_parts_make_up_the_text(kind, method, form, writers):
    text_writer = writers[kind]
    options = WriteSettings(**METHODS[method] | FORMS[form])
    requests = requests_for(text_writer)
    parts = list(text_writer.stream(requests, options))
    for number, (written,) in enumerate(text_writer.write(requests, options)):
        own = [part for part in parts if part.request == number]
        assert "".join(part.text for part in own) == written.text
        assert [part.written is None for part in own] == [True] * (len(own) - 1) + [False]
        assert own[-1].written.ids == written.ids


def test_batches_are_streamed_one_after_the_other(writers, monkeypatch):
    requests = requests_for(writers["char"], PROMPTS * 2)
    whole = writers["char"].write(requests)
    monkeypatch.setattr(planning, "TOKENS", 67)
    lasts = {part.request: part.written for part in writers["char"].stream(requests) if part.written is not None}
    assert [lasts[number].text for number in range(len(requests))] == [each.text for (each,) in whole]


def test_texts_are_read_as_the_tokenizer_decodes_them(writers):
    for text_writer in writers.values():
        for (written,) in text_writer.write(requests_for(text_writer), WriteSettings(method="greedy")):
            body = written.ids[:-1] if written.why == "end" else written.ids
            assert written.text == text_writer.tokenizer.decode(body)
            names = text_writer.tokenizer.tokens()
            assert written.why != "end" or written.tokens[-1].text == names[END]
            assert written.score == pytest.approx(written.log_probability)


def test_given_texts_are_scored_as_they_were_when_written(writers):
    for text_writer in writers.values():
        requests = requests_for(text_writer)
        texts = [each[0] for each in text_writer.write(requests, WriteSettings(method="sample"))]
        for written, scored in zip(texts, text_writer.score(requests, ids(texts)), strict=True):
            assert (scored.text, scored.why) == (written.text, written.why)
            logs = [token.log_probability for token in written.tokens]
            assert [token.log_probability for token in scored.tokens] == pytest.approx(logs, abs=1e-4)
            assert scored.score == pytest.approx(sum(logs), abs=1e-3)


def test_tokens_are_drawn_as_often_as_they_are_probable(writers):
    text_writer = writers["char"]
    (request,) = requests_for(text_writer, ["电影"])
    plain = Writer(text_writer.network, [request.prompt], rows=1, new=1).begin()[0]
    for options, scores in (
        (WriteSettings(method="sample", max_new=1), plain),
        (WriteSettings(temperature=0.5, top_k=3, max_new=1), kept(plain / 0.5, 3)),
    ):
        requests = [Request(prompt=request.prompt, seed=seed) for seed in range(800)]
        drawn = [written.ids[0] for (written,) in text_writer.write(requests, options)]
        shares = torch.bincount(torch.tensor(drawn), minlength=len(plain)) / len(drawn)
        torch.testing.assert_close(shares, scores.softmax(0), atol=0.06, rtol=0)


def kept(scores, count):
    return scores.masked_fill(scores < scores.topk(count).values[-1], -torch.inf)


def test_seeds_belong_to_texts(writers):
    text_writer = writers["bpe"]
    (request,) = requests_for(text_writer, ["good"])
    again = Request(prompt=request.prompt, seed=1)

    def drawn(*requests, **options):
        return [ids(each) for each in text_writer.write(requests, WriteSettings(method="sample", **options))]

    first, same, other = drawn(request, request, again)
    assert first == same != other
    assert drawn(request, seed=1)[0] != first
    assert drawn(request, n_best=2)[0][0] == first[0] != drawn(request, n_best=2)[0][1]


def test_text_goes_on_with_its_prompt_or_opens_one():
    text_writer = language_model("wordpiece")
    (word,) = text_writer.tokenizer.encode("good").ids.tolist()[1:]
    opening, going_on = Request(prompt=(2,)), Request(prompt=(2, word))
    for request, pattern in ((opening, "good film"), (going_on, " good film")):
        ((written,),) = text_writer.write([request], WriteSettings(pattern=pattern))
        assert written.text == pattern
    with pytest.raises(ConfigError, match="tokenizer cannot write any text"):
        text_writer.write([opening], WriteSettings(pattern=" good film"))


def test_a_stop_string_may_be_spread_over_tokens(writers):
    text_writer = writers["bpe"]
    requests = requests_for(text_writer, ["电影"])
    free = text_writer.write(requests)
    for request, (written,) in zip(requests, free, strict=True):
        for start in range(len(written.text) - 2):
            stop = written.text[start : start + 2]
            if "\ufffd" in stop:
                continue
            ((cut,),) = text_writer.write([request], WriteSettings(stop=(stop,), method="greedy"))
            assert cut.text == written.text[: written.text.index(stop)]
            assert cut.why == "stop"
            assert cut.ids == written.ids[: len(cut.ids)]


@settings(max_examples=25)
@given(st.lists(st.text("ab c电影", max_size=9), min_size=1, max_size=5))
def test_agreement_is_chrf(texts):
    sacrebleu = pytest.importorskip("sacrebleu")
    found = ranked_by_agreement([written_as(text) for text in texts])
    expected = {}
    for number, text in enumerate(texts):
        others = [other for place, other in enumerate(texts) if place != number]
        scores = [sacrebleu.sentence_chrf(text, [other]).score / 100 for other in others]
        expected[text] = sum(scores) / max(len(scores), 1)
    assert {each.text: pytest.approx(each.score, abs=1e-6) for each in found} == expected
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


def written_as(text):
    return Written(text=text, score=0.0, tokens=(), ids=(), why="end")


def test_the_text_most_like_the_others_is_given(writers):
    text_writer, options = writers["char"], WriteSettings(candidates=7, seed=2)
    requests = requests_for(text_writer)
    drawn = text_writer.write(requests, WriteSettings(method="sample", n_best=7, seed=2))
    for texts, (best,) in zip(drawn, text_writer.write(requests, options), strict=True):
        assert best == ranked_by_agreement(texts)[0]


def test_coverage_needs_a_source(writers):
    options = WriteSettings(beams=3, coverage_penalty=0.9)
    texts = writers["unigram"].write(requests_for(writers["unigram"]), options)
    plain = writers["unigram"].write(requests_for(writers["unigram"]), WriteSettings(beams=3))
    assert [each[0].score for each in texts] != [each[0].score for each in plain]
    with pytest.raises(ConfigError, match="`coverage_penalty` is about the text that another is written from"):
        writers["bpe"].write(requests_for(writers["bpe"]), options)


def test_room_is_what_the_model_has_positions_for():
    text_writer = language_model("char", most=40)
    short, long = Request(prompt=(2, 9)), Request(prompt=(2, *[9] * 38))
    options = WriteSettings(method="sample", seed=3, banned=("电",))
    alone = [text_writer.write([each], options)[0] for each in (short, long)]
    assert text_writer.write([short, long], options) == alone
    assert len(alone[1][0].ids) <= 47 - 39
    with pytest.raises(InputError, match="Prompt 1 has 39 tokens, which leaves room for 8 more, but 9 are asked for"):
        text_writer.write([short, long], WriteSettings(max_new=9))
    full = Request(prompt=(2,) * 47)
    with pytest.raises(InputError, match="which leaves room for 0 more, but 1 are asked for"):
        text_writer.write([full])


def test_what_is_too_long_is_a_sentence(writers):
    bytewise, source = writers["bpe"], writers["unigram"]
    with pytest.raises(InputError, match="The source of request 1 has 48 tokens, but the model has positions for 47"):
        source.write([Request(prompt=(2,), source=(9,)), Request(prompt=(2,), source=(9,) * 48)])
    with pytest.raises(InputError, match="Prompt and target 0 have 49 tokens together"):
        bytewise.score([Request(prompt=(2,) * 40)], [(9,) * 9])
    assert len(bytewise.score([Request(prompt=(2,) * 40)], [(9,) * 8])[0].ids) == 8
    with pytest.raises(InputError, match="There are 1 prompts for 2 outputs"):
        bytewise.score([Request(prompt=(2,))], [(9,), (9,)])


def test_some_tokens_are_never_written(writers):
    (request,) = requests_for(writers["bpe"], ["good"])
    for options in (WriteSettings(), WriteSettings(beams=2), WriteSettings(method="sample")):
        ((free,),) = writers["bpe"].write([request], options)
        text_writer = language_model("bpe", never=free.ids[:2])
        ((written,),) = text_writer.write([request], options)
        assert not set(written.ids) & set(free.ids[:2])


def test_what_cannot_be_written_is_a_sentence_before_any_work(writers, monkeypatch):
    monkeypatch.setattr("attendo.tasks.writing.writer.Writer", None)
    bytewise, source = writers["bpe"], writers["unigram"]
    (request,), (from_other,) = requests_for(bytewise, ["good"]), requests_for(source, ["good"])
    for text_writer, requests, options, says in (
        (bytewise, [request, Request(prompt=())], {}, "Prompt 1 has no token"),
        (bytewise, [from_other], {}, "Request 0 has a source, but this model only goes on"),
        (source, [request], {}, "Request 0 has no source, but this model writes from another text"),
        (bytewise, [request], {"schema": SCHEMA, "max_new": 3}, "takes at least . tokens, its end included, but there"),
        (source, [from_other], {"pattern": "[α-ω]+"}, "tokenizer cannot write any text that is what `pattern` asks"),
    ):
        with pytest.raises(InputError, match=says):
            text_writer.write(requests, WriteSettings(**options))
    for options, says in (
        ({"beams": 2}, "With beams nothing is certain before the end"),
        ({"candidates": 2}, "With `candidates` nothing is certain"),
        ({"method": "sample", "n_best": 2}, "With `n_best` nothing is certain"),
    ):
        with pytest.raises(ConfigError, match=says):
            bytewise.stream([request], WriteSettings(**options))
    with pytest.raises(ConfigError, match="With beams nothing is certain"):
        source.stream([from_other])
    endless = TextWriter(bytewise.network, bytewise.tokenizer, ends=())
    with pytest.raises(ConfigError, match="but this model has no token that ends one"):
        endless.write([request], WriteSettings(pattern="a"))


def test_rules_that_leave_nothing_are_a_sentence(writers):
    (request,) = requests_for(writers["char"], ["电影"])
    with pytest.raises(InputError, match="The rules forbid every token"):
        writers["char"].write([request], WriteSettings(pattern="电{9}", no_repeat_ngram=1))


def test_nothing_to_write(writers):
    for text_writer in writers.values():
        assert text_writer.write([]) == []
        assert list(text_writer.stream([], WriteSettings(method="greedy"))) == []
        assert text_writer.score([], []) == []
    (request,) = requests_for(writers["bpe"], ["good"])
    ((empty,),) = writers["bpe"].write([request], WriteSettings(pattern=""))
    assert (empty.text, empty.why) == ("", "end")
