from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from attendo.errors import ConfigError, DataError
from attendo.text import TOKENIZERS, Normalisation, Tokenizer, choose_tokenizer, train_tokenizer

SCRIPT = """
import hashlib, json, random
from attendo.text import TOKENIZERS, train_tokenizer
letters = random.Random(7)
texts = ["".join(letters.choice("abcdefgh' 酒店房间好差,") for _ in range(29)) for _ in range(97)]
found = {}
for kind in TOKENIZERS:
    tokenizer = train_tokenizer(texts, kind=kind, vocab_size=389, min_frequency=1)
    found[kind] = [tokenizer.tokens(), hashlib.sha256(tokenizer._backend.to_str().encode()).hexdigest()]
print(json.dumps(found))
"""


def vocabularies(hash_seed: str, threads: str) -> dict[str, list]:
    settings = {
        **os.environ,
        "PYTHONHASHSEED": hash_seed,
        "RAYON_NUM_THREADS": threads,
        "TOKENIZERS_PARALLELISM": "true",
    }
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=settings, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_the_same_texts_give_the_same_vocabulary_in_every_process() -> None:
    one, two = vocabularies("1", "1"), vocabularies("2", "3")
    for kind in TOKENIZERS:
        assert one[kind] == two[kind], kind
        assert len(one[kind][0]) > 20


@pytest.mark.parametrize("texts", [["hahaha ahah hah"] * 3, ["哈哈哈 啊哈 哈啊"] * 3, ["zxyw qk"] * 2 + ["vbmn"] * 2])
def test_ties_are_settled(texts: list[str]) -> None:
    for kind in TOKENIZERS:
        found = {tuple(train_tokenizer(texts, kind=kind, vocab_size=283).tokens()) for _ in range(5)}
        assert len(found) == 1, kind


def test_what_is_too_rare_is_unknown() -> None:
    for kind in ("wordpiece", "char", "word", "unigram"):
        tokenizer = train_tokenizer(["酒店好 ok ok", "酒店差 ok"], kind=kind, vocab_size=31)
        tokens = set("".join(tokenizer.tokens()[5:]).replace("#", ""))
        assert {"酒", "店", "o", "k"} <= tokens
        assert not {"好", "差"} & tokens
        assert tokenizer.specials.unk in tokenizer.encode("好").ids


def test_a_vocabulary_too_small_for_all_characters_keeps_the_frequent_ones() -> None:
    texts = ["一一一一一二二二二三三三"] * 2
    for kind in ("wordpiece", "char", "word", "unigram"):
        tokens = train_tokenizer(texts, kind=kind, vocab_size=8).tokens()
        assert {"一", "二"} <= set(tokens), kind
        assert len(tokens) <= 8


def test_chinese_characters_stand_alone(tokenizers_by_kind: dict[str, Tokenizer]) -> None:
    for kind in ("wordpiece", "word", "char"):
        chinese = [token for token in tokenizers_by_kind[kind].tokens() if "\u4e00" <= token[-1] <= "\u9fff"]
        assert "酒" in chinese
        assert all(len(token) == 1 for token in chinese)
    assert "酒店" in tokenizers_by_kind["unigram"].tokens()


def test_an_unknown_emoji_does_not_hide_the_word_beside_it(tokenizers_by_kind: dict[str, Tokenizer]) -> None:
    tokenizer = tokenizers_by_kind["wordpiece"]
    names = [tokenizer.tokens()[token] for token in tokenizer.encode("hotel🦖🦖room").ids]
    assert names == ["[CLS]", "hotel", "[UNK]", "[UNK]", "room"]


def test_normalisation_is_part_of_the_tokenizer() -> None:
    kept = train_tokenizer(["Room room ROOM"] * 2, kind="word", normalisation=Normalisation(lower=False))
    assert {"Room", "room", "ROOM"} <= set(kept.tokens())
    assert "room" in train_tokenizer(["Room ROOM"], kind="word").tokens()


def test_all_wrong_settings_are_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        train_tokenizer(["a"], kind="letters", vocab_size=5, min_frequency=0)
    assert [problem.split()[0] for problem in caught.value.problems] == ["`kind`", "`vocab_size`", "`min_frequency`"]
    with pytest.raises(ConfigError, match="at least 261"):
        train_tokenizer(["a"], kind="bpe", vocab_size=260)


@pytest.mark.parametrize("kind", sorted(TOKENIZERS))
def test_nothing_to_learn_from(kind: str) -> None:
    for texts in ([], ["", " \n"]):
        with pytest.raises(DataError, match="every text is empty"):
            train_tokenizer(texts, kind=kind)
    with pytest.raises(DataError, match="number 1 is None"):
        train_tokenizer([None], kind=kind)  # pyright: ignore[reportArgumentType]
    with pytest.raises(DataError, match="one text"):
        train_tokenizer("room", kind=kind)
    if kind not in ("bpe", "bytes", "characters"):  # which know bytes from the start
        with pytest.raises(DataError, match="occurs 3 times"):
            train_tokenizer(["ab", "酒"], kind=kind, min_frequency=3)


def test_every_kind_says_what_it_is() -> None:
    assert set(TOKENIZERS) == {"wordpiece", "bpe", "unigram", "char", "characters", "bytes", "word"}
    assert all(0 < len(kind.description) < 80 for kind in TOKENIZERS.values())


def test_choosing_for_chinese() -> None:
    choice = choose_tokenizer(["酒店房间很干净，价格388元，用iPhone拍的。"] * 2)
    assert (choice.kind, choice.vocab_size) == ("wordpiece", 1000)
    assert "Chinese" in choice.why
    assert "each character is a token" in choice.why


def test_choosing_for_english_grows_with_the_root_of_the_words() -> None:
    sample = ["the quick brown fox jumps over a lazy dog"] * 7
    sizes = [choose_tokenizer(sample, num_texts=number).vocab_size for number in (10, 10_000, 40_000, 10_000_000)]
    assert sizes == [1000, 4300, 8500, 32_000]
    why = choose_tokenizer(sample, num_texts=10_000).why
    assert "90,000 words" in why
    assert why.startswith("Only 0%")
    assert choose_tokenizer([]).vocab_size == 1000


AS_IT_IS = Normalisation(form=None, lower=False, half_width=False, clean=False)


@pytest.mark.parametrize("kind", ["characters", "bytes"])
@pytest.mark.parametrize("text", ["Ｗｉｄｅ\r\n\tＡ  b\x00", "𝔘nseen 龘字", "", " \n", "<0x41>[CLS]"])
def test_nothing_is_lost_where_texts_are_taken_as_they_are(kind, text, tmp_path) -> None:
    tokenizer = train_tokenizer(["some  text\n", "a text 天"] * 2, kind=kind, normalisation=AS_IT_IS)
    tokenizer.save(tmp_path)
    for each in (tokenizer, Tokenizer.load(tmp_path)):
        assert each.kind == kind
        found = each.encode(text)
        assert each.decode(found.ids) == text
        unknown = each.specials.unk
        assert unknown not in found.ids.tolist()
        assert [text[start] for start in dict.fromkeys(found.starts[1:].tolist())] == list(text)


def test_characters_that_are_rare_are_spelled_in_bytes() -> None:
    tokenizer = train_tokenizer(["天天 b"], kind="characters", normalisation=AS_IT_IS)
    assert [len(tokenizer.encode(each)) - 1 for each in ("天", "b", "地")] == [1, 1, 3]
    assert tokenizer.vocab_size == 5 + 256 + 2  # the blank is always there
    few = train_tokenizer(["天天地地地"], kind="characters", vocab_size=262, normalisation=AS_IT_IS)
    assert [len(few.encode(each)) - 1 for each in ("天", "地")] == [3, 1]
