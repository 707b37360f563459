"""Language models: windows that lie elsewhere in each epoch, tokens judged once, counts that are probabilities."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attendo.data import RunningText
from attendo.errors import ConfigError, DataError, InputError
from attendo.models import TokenModel
from attendo.tasks import (
    CountingModel,
    GenerateSettings,
    Generator,
    LanguageModelSettings,
    LanguageProblem,
    TokenStreams,
    Windows,
    WriteSettings,
    build_language_model,
    in_blocks,
    load,
    trained_tokenizer,
)
from attendo.tasks.generating import chosen_size, foretell, stream_texts
from attendo.tasks.generating import streams as streaming
from attendo.text import SPECIAL_TOKENS

TEXTS = ["To be, or not to be:\nthat is the question.\n", "白日依山盡，黃河入海流。\n欲窮千里目，更上一層樓。\n", "𝔘?"]
SMALL = LanguageModelSettings(width=16, layers=2, heads=2)


def streams_of(sizes: list[int], before: tuple[int, ...] = (2,), asked: list[bool] | None = None) -> TokenStreams:
    """Texts of so many tokens, each another number."""
    total = sum(sizes)
    ids = np.arange(5, 5 + total, dtype=np.int32)
    flags = None if asked is None else np.array(asked)
    return TokenStreams(before, ids, np.cumsum([0, *sizes]), np.zeros(total, np.int32), flags)


@pytest.fixture(scope="module")
def model() -> Generator:
    torch.manual_seed(0)
    options = GenerateSettings(max_length=11, model=SMALL)
    tokenizer, _ = trained_tokenizer(TEXTS, options)
    return build_language_model(Generator, tokenizer, options, "tiny", ends_texts=True)


@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=5),
    st.integers(4, 13),
    st.integers(0, 9),
    st.sampled_from([(), (2,)]),
)
@settings(deadline=None, max_examples=60)
def test_windows_are_full_stay_in_their_text_and_ask_what_follows(sizes, length, epoch, before):
    streams = streams_of(sizes, before)
    windows = Windows(streams, length, seed=7)
    windows.begin_epoch(epoch)
    batch = windows.batch(range(len(windows)))
    assert batch.texts.layout.query_lengths == tuple(windows.lengths)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    ids = batch.texts.ids.split(windows.lengths)
    for window in ids:
        own = window[len(before) :].tolist()
        assert own == list(range(own[0], own[0] + len(own)))  # neighbours in the stream
        assert len({owner[number - 5] for number in own}) == 1
    assert batch.targets.tolist() == [number for window in ids for number in window.tolist()[max(len(before), 1) :]]
    assert batch.texts.ids[batch.places + 1].tolist() == batch.targets.tolist()
    longest = max(windows.lengths, default=0)
    assert longest <= length
    long = [size - (not before) for size in sizes if size - (not before) > length - max(len(before), 1)]
    assert sum(each == length for each in windows.lengths) >= sum(size // (length - 1) for size in long)


def test_windows_lie_elsewhere_in_each_epoch_and_the_same_in_a_repeated_one():
    windows = Windows(streams_of([103]), 11, seed=3)
    seen = []
    for epoch in (0, 1, 2, 1):
        windows.begin_epoch(epoch)
        seen.append(windows.starts.tolist())
    assert seen[1] == seen[3]
    assert len({tuple(each) for each in seen[:3]}) == 3
    assert all(each[0] == 0 for each in seen)


def test_only_what_is_asked_about_is_learned():
    windows = Windows(streams_of([5], asked=[False, True, False, False, True]), 7, seed=0)
    assert windows.batch([0]).targets.tolist() == [6, 9]


@pytest.mark.parametrize("judged_anew", [0.2, 0.5, 1.0])
@pytest.mark.parametrize("texts", [TEXTS, TEXTS[:1]])
def test_every_token_is_judged_once_with_enough_before_it(model, texts, judged_anew):
    streams = stream_texts(model.encoder.tokenizer, texts, end=3)
    found = foretell(model.writes, streams, 11, judged_anew=judged_anew).tolist()
    room, step = 10, max(1, round(10 * judged_anew))
    for start, stop in zip(streams.starts, streams.starts[1:], strict=False):
        own = streams.ids[start:stop].tolist()
        for place in range(len(own)):  # each token by itself, in the first window that holds it
            end = min(len(own), room if place < room else room + step * -(-(place + 1 - room) // step))
            window = [2, *own[max(0, end - room) : end]]
            logs = scored(model.writes, window)
            inside = place - max(0, end - room)
            assert found[start + place] == pytest.approx(-float(logs[inside, own[place]]), abs=1e-4)


def scored(network: TokenModel, ids: list[int]) -> torch.Tensor:
    """Log-probabilities of what follows each token of one text."""
    from attendo.decoding.writers import packed_ids

    with torch.inference_mode():
        return network(packed_ids([ids], torch.device("cpu"))).log_softmax(-1)


def test_judging_may_stop_early(model):
    streams = stream_texts(model.encoder.tokenizer, TEXTS)
    nats = foretell(model.writes, streams, 11, most=13)
    assert 13 <= int((~nats.isnan()).sum()) < 24


def test_long_texts_are_cut_into_tokens_in_parts(model, monkeypatch):
    whole = stream_texts(model.encoder.tokenizer, TEXTS)
    monkeypatch.setattr(streaming, "PART", 7)
    again = stream_texts(model.encoder.tokenizer, TEXTS)
    assert whole.ids.tolist() == again.ids.tolist()
    assert whole.characters.tolist() == again.characters.tolist()


def test_blocks_have_the_characters_and_bytes_of_what_is_judged(model):
    streams = stream_texts(model.encoder.tokenizer, TEXTS, end=3)
    found = in_blocks(streams, TEXTS, np.ones(len(streams.ids)))
    assert found.tokens.sum() == len(streams.ids)
    assert found.characters.tolist() == [len(text) for text in TEXTS]
    assert found.num_bytes.tolist() == [len(text.encode()) for text in TEXTS]
    some = np.full(len(streams.ids), np.nan)
    some[3:7] = 1.0
    part = in_blocks(streams, TEXTS, some)
    assert (part.tokens.tolist(), part.characters.tolist()) == ([4], [4])
    scores = found.scores()
    assert scores.num_examples == len(TEXTS)
    assert scores.bits_per_byte is not None
    assert scores.bits_per_byte.value == pytest.approx(len(streams.ids) / math.log(2) / sum(found.num_bytes))


@given(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=9), min_size=1, max_size=4), st.integers(1, 4))
@settings(deadline=None, max_examples=40)
def test_counted_chances_of_all_tokens_come_to_one(texts, order):
    def stream(lists: list[list[int]]) -> TokenStreams:
        ids = np.array([number for each in lists for number in each], np.int32)
        return TokenStreams((9,), ids, np.cumsum([0, *map(len, lists)]), np.zeros(len(ids), np.int32))

    counted = CountingModel(stream(texts), 4, longest=order)
    assert counted.foretell(stream(texts)).shape == (sum(map(len, texts)),)
    context = texts[0][: len(texts[0]) // 2]
    chances = [np.exp(-counted.foretell(stream([[*context, token]]))[-1]) for token in range(4)]
    assert sum(chances) == pytest.approx(1)


def test_counted_n_grams_know_what_they_have_seen(model):
    train = stream_texts(model.encoder.tokenizer, TEXTS * 3)
    counted = CountingModel(train, model.encoder.tokenizer.vocab_size)
    counted.choose_order(stream_texts(model.encoder.tokenizer, TEXTS))
    assert counted.order > 3
    seen, new = (counted.foretell(stream_texts(model.encoder.tokenizer, [text])) for text in (TEXTS[0], "zqxjk"))
    assert seen.mean() < 1 < new.mean()


def test_a_problem_learns_a_text_by_heart(model):
    torch.manual_seed(1)
    options = GenerateSettings(max_length=19, model=SMALL)
    tokenizer, _ = trained_tokenizer(TEXTS, options)
    pupil = build_language_model(Generator, tokenizer, options, "tiny", ends_texts=True)
    streams = pupil.streams([RunningText(text) for text in TEXTS])
    problem = LanguageProblem(pupil.writes, Windows(streams, 19, 0), streams, 19, 0.5)
    before = problem.scores()["loss_dev"]
    optimiser = torch.optim.AdamW(pupil.network.parameters(), lr=1e-2)
    pupil.network.train()
    for epoch in range(60):
        problem.begin_epoch(epoch)
        loss = problem.loss(problem.batch(range(len(problem.lengths)), torch.device("cpu")))
        (loss.total / loss.weight).backward()
        optimiser.step()
        optimiser.zero_grad()
    pupil.network.eval()
    after = problem.scores()
    assert after["loss_dev"] < 0.3 * before
    assert after["score"] == -after["loss_dev"]


def test_a_model_goes_on_beyond_its_window_streams_and_scores(model, tmp_path):
    asked = WriteSettings(max_new=37, temperature=0.7)
    whole = model.generate("To be", asked)
    assert len(whole.ids) == 37 or whole.why == "end"
    parts = list(model.stream("To be", asked))
    assert "".join(part.text for part in parts) == whole.text
    several = model.predict(["To be", "or", "To be"], WriteSettings(max_new=5))
    assert several[0].ids == model.generate("To be", WriteSettings(max_new=5)).ids
    drawn = list(model.predict_examples(map(RunningText, ["To be", "or", "To be"]), WriteSettings(max_new=5)))
    assert drawn == several
    assert drawn[0].ids != drawn[2].ids  # the same prompt is gone on with anew
    (found,) = model.score("To be𝔘")
    assert len(found.log_probabilities) == len(found.places) == 9  # the last character is four bytes
    assert found.log_probability == pytest.approx(float(found.log_probabilities.sum()))
    model.save(tmp_path / "saved")
    again = load(tmp_path / "saved")
    assert isinstance(again, Generator)
    assert (again.window, again.ends_texts) == (11, True)
    assert again.generate("To be", asked) == whole
    assert again.evaluate([RunningText(TEXTS[0])]).as_dict() == model.evaluate([RunningText(TEXTS[0])]).as_dict()
    assert model.generate("", WriteSettings(max_new=1)).ids  # what stands before every text is enough to begin with


def test_bad_prompts_and_texts_are_named(model):
    with pytest.raises(DataError, match="Every prompt must be a string, but one is int"):
        model.generate(["a", 3])
    with pytest.raises(DataError, match="Every text must be a string, but one is bytes"):
        model.score([b"a"])
    with pytest.raises(DataError, match="There is no text to evaluate"):
        model.evaluate([])


def test_a_prompt_without_a_token_is_named_where_nothing_stands_before_it(model, monkeypatch):
    class Bare:
        frame: tuple[list[int], list[int]] = ([], [])

        def encode(self, text: str) -> object:
            return type("Found", (), {"ids": np.zeros(0, np.int32), "__len__": lambda self: 0})()

    encoder = type("Encoder", (), {"tokenizer": Bare()})()
    bare = Generator(model=model.model, encoder=encoder, window=11)
    with pytest.raises(InputError, match="The prompt has no token"):
        bare.prompt_ids("")


def test_tokens_and_sizes_are_chosen_by_looking():
    english = ["a few words, many times. " * 40]
    assert trained_tokenizer(english, GenerateSettings())[0].kind == "characters"
    assert "Tokens: characters" in trained_tokenizer(english, GenerateSettings())[1]
    assert trained_tokenizer(english, GenerateSettings(tokenizer="bpe"))[0].kind == "bpe"
    assert "(as asked)" in trained_tokenizer(english, GenerateSettings(tokenizer="bytes"))[1]
    assert [
        chosen_size(GenerateSettings(), size, minutes) for size, minutes in ((9, None), (10**7, 3), (10**7, None))
    ] == [
        "tiny",
        "tiny",
        "small",
    ]
    assert len(SPECIAL_TOKENS) + 256 < trained_tokenizer(english, GenerateSettings())[0].vocab_size


def test_impossible_settings_are_named():
    with pytest.raises(ConfigError, match="`family` must be one of gpt2, llama, but is bert"):
        LanguageModelSettings(family="bert")
    with pytest.raises(ConfigError, match=r"`heads` must divide `width` \(128\) into even parts, but is 3. Take 2."):
        LanguageModelSettings(heads=3).numbers("tiny")
