"""The vectorised counts against a slow twin of plain loops and dictionaries."""

from __future__ import annotations

import math
import re
import time
import unicodedata
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendo.errors import ConfigError, DataError, ShapeError
from attendo.text import Bags, NGramHasher, TfIdf
from attendo.text.characters import CJK

EVERY = 2**64
BASE = 0x9E3779B97F4A7C15
texts_of_both = st.text(
    st.one_of(st.sampled_from("ab酒店々 \n\t\u3000,.!'é1_\u0301हि👍️\ud83d"), st.characters()), max_size=31
)
hashers = st.builds(
    NGramHasher,
    characters=st.sampled_from([None, (1, 1), (2, 5), (3, 3), (1, 7)]),
    words=st.sampled_from([(1, 1), (1, 2), (2, 3)]),
    buckets=st.sampled_from([2, 1 << 11, 1 << 30]),
    within_words=st.booleans(),
    sublinear=st.booleans(),
)


def mixed(number: int) -> int:
    number = (number ^ number >> 32) * 0xD6E8FEB86659FD93 % EVERY
    return (number ^ number >> 29) * 0xA0761D6478BD642F % EVERY


def hashed(items: list[int]) -> int:
    return sum(item * BASE**place for place, item in enumerate(items)) % EVERY


def slow_words(text: str) -> list[str]:
    words: list[str] = []
    previous = False
    for character in text:
        alone = re.match(f"[{CJK}]", character) is not None
        mark = unicodedata.category(character)[0] == "M" and not "\ufe00" <= character <= "\ufe0f"
        letter = not alone and ((re.match(r"\w", character) is not None) or (mark and ord(character) < 0x10000))
        if letter and previous:
            words[-1] += character
        elif letter or (alone and (re.match(r"\w", character) or mark)):
            words.append(character)
        previous = letter
    return words


def slow_counts(hasher: NGramHasher, text: str) -> dict[int, float]:
    text = re.sub("[\ud800-\udfff]", "\ufffd", text)
    shift = 64 - (hasher.buckets.bit_length() - 1)
    found: Counter[int] = Counter()
    if hasher.characters:
        seen = f" {text} " if hasher.within_words else text
        white = [re.match(r"[\s\u200b]", character) is not None for character in seen]
        for length in range(hasher.characters[0], hasher.characters[1] + 1):
            for start in range(len(seen) - length + 1):
                inner, all_of_it = white[start + 1 : start + length - 1], white[start : start + length]
                if hasher.within_words and (any(inner) or all(all_of_it)):
                    continue
                gram = seen[start : start + length]
                if hasher.within_words:
                    gram = re.sub(r"[\s\u200b]", " ", gram)
                seed = 0x5851F42D4C957F2D * (2 * length + 1)
                found[mixed((hashed([ord(one) for one in gram]) + seed) % EVERY) >> shift] += 1
    words = [mixed(hashed([ord(one) for one in word])) for word in slow_words(text)]
    for length in range(hasher.words[0], hasher.words[1] + 1) if hasher.words else ():
        for start in range(len(words) - length + 1):
            seed = 0x14057B7EF767814F * (2 * length + 1)
            found[mixed((hashed(words[start : start + length]) + seed) % EVERY) >> shift] += 1
    return {bucket: 1 + math.log(count) if hasher.sublinear else count for bucket, count in sorted(found.items())}


def rows(bags: Bags) -> list[dict[int, float]]:
    bounds = zip(bags.offsets[:-1], bags.offsets[1:], strict=True)
    return [dict(zip(bags.buckets[a:b].tolist(), bags.counts[a:b].tolist(), strict=True)) for a, b in bounds]


@given(texts=st.lists(texts_of_both, max_size=5), hasher=hashers)
def test_counts_are_those_of_the_slow_twin(texts: list[str], hasher: NGramHasher) -> None:
    bags = hasher(texts)
    assert len(bags) == len(texts)
    for found, text in zip(rows(bags), texts, strict=True):
        expected = slow_counts(hasher, text)
        assert list(found) == list(expected)
        assert list(found.values()) == pytest.approx(list(expected.values()))


def test_many_chunks_are_one_by_one() -> None:
    hasher = NGramHasher(sublinear=False)
    texts = ["酒店不错 " * 5_003, *[f"text {number} 房间" for number in range(4_999)], "x" * 40_009, ""]
    bags = hasher(texts)
    assert (bags.offsets.dtype, bags.buckets.dtype, bags.counts.dtype) == (np.int64, np.int32, np.float32)
    assert bags.width == 1 << 20
    found = rows(bags)
    for place in (0, 1, 4_098, 4_999, 5_000, 5_001):
        assert found[place] == rows(hasher([texts[place]]))[0]
    assert found[-1] == {}
    assert found[-2][max(found[-2], key=lambda bucket: found[-2][bucket])] == 40_008


def test_buckets_are_the_same_on_every_machine() -> None:
    assert NGramHasher(characters=None, words=(1, 1))(["hotel 酒"]).buckets.tolist() == [117290, 963569]
    assert NGramHasher(characters=(3, 3), words=None, buckets=1 << 16)(["酒店很好"]).buckets.tolist() == [45536, 48553]


def test_n_grams_that_keep_to_words() -> None:
    def number(text: str) -> int:
        return len(NGramHasher(characters=(3, 3), words=None, within_words=True)([text]).buckets)

    assert number("ab") == 2  # " ab", "ab "
    assert number("ab cde") == 5  # " ab", "ab ", " cd", "cde", "de "
    assert number("a") == 1
    assert number(" \n ") == 0


def test_hashes_spread_evenly() -> None:
    buckets = NGramHasher(characters=None, words=(1, 1), buckets=1 << 8)(
        [f"w{number}" for number in range(25_603)]
    ).buckets
    counts = np.bincount(buckets, minlength=256)
    assert counts.min() > 50
    assert counts.max() < 150


def test_no_text() -> None:
    bags = NGramHasher()([])
    assert (len(bags), bags.offsets.tolist(), len(bags.buckets), len(bags.counts)) == (0, [0], 0, 0)
    assert NGramHasher()([""]).offsets.tolist() == [0, 0]


def test_wrong_settings_and_texts() -> None:
    with pytest.raises(ConfigError) as caught:
        NGramHasher(characters=(3, 2), words=(0, 1), buckets=1000)
    assert [problem.split()[0] for problem in caught.value.problems] == ["`characters`", "`words`", "`buckets`"]
    with pytest.raises(ConfigError, match="both be null"):
        NGramHasher(characters=None, words=None)
    with pytest.raises(DataError, match="one text"):
        NGramHasher()("hotel")


def test_tf_idf_by_hand() -> None:
    hasher = NGramHasher(characters=None, words=(1, 1))
    bags = hasher(["good hotel good", "bad hotel", "酒 店"])
    weights = TfIdf.fit(bags)
    transformed = weights.transform(bags)
    good, hotel, bad = (int(hasher([word]).buckets[0]) for word in ("good", "hotel", "bad"))
    idf = {good: math.log(4 / 2) + 1, hotel: math.log(4 / 3) + 1, bad: math.log(4 / 2) + 1}
    one = {good: (1 + math.log(2)) * idf[good], hotel: idf[hotel]}
    norm = math.hypot(*one.values())
    assert rows(transformed)[0] == pytest.approx({bucket: value / norm for bucket, value in one.items()})
    norms = [math.hypot(*row.values()) for row in rows(transformed)]
    assert norms == pytest.approx([1, 1, 1])
    new = rows(weights.transform(hasher(["never seen", "good thing", ""])))
    assert [sum(row.values()) for row in new] == pytest.approx([0, 1, 0])
    assert weights.idf.dtype == transformed.counts.dtype == np.float32


def test_tf_idf_mistakes() -> None:
    with pytest.raises(DataError, match="no text"):
        TfIdf.fit(NGramHasher()([]))
    weights = TfIdf.fit(NGramHasher(buckets=1 << 9)(["a b"]))
    with pytest.raises(ShapeError, match="1024 buckets, but these weights are for 512"):
        weights.transform(NGramHasher(buckets=1 << 10)(["a b"]))


def test_no_slower_than_a_fraction_of_what_it_should_be() -> None:
    texts = ["the hotel was quite good, but the staff at the desk did not seem to care 酒店不错"] * 997
    NGramHasher()(texts[:3])
    began = time.process_time()
    NGramHasher()(texts)
    assert sum(len(text.encode()) for text in texts) / (time.process_time() - began) > 5e5
