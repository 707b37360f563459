"""What is certain of a text that is being written: the beginning of whatever it becomes, on every kind of decoder."""

from __future__ import annotations

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import decoders, models

from attendo.tasks.writing.texts import Reading
from attendo.text import Specials, Tokenizer
from attendo.text.marian import CLEANED

MARKS = ["<unk>", "</s>"]
PIECES = [*MARKS, "▁", "▁a", "b", "▁n", "'t", "▁n't", "▁.", "▁'", "▁'s", "m", "电", "▁电影", ".", "▁,", "s"]


def made(names, decoder):
    backend = tokenizers.Tokenizer(models.WordLevel({name: number for number, name in enumerate(names)}, "<unk>"))
    backend.decoder = decoder
    backend.add_special_tokens(MARKS)
    return Tokenizer(backend, Specials(pad=None, unk=0, cls=None, sep=None, mask=None, eos=1))


TOKENIZERS = {
    "cleaning": made(
        PIECES,
        decoders.Sequence(
            [
                decoders.Metaspace(prepend_scheme="always"),
                decoders.Fuse(),
                *(decoders.Replace(spelled, meant) for spelled, meant in CLEANED.items()),
            ]
        ),
    ),
    "pieces of bytes": made(
        [*MARKS, *(f"<0x{byte:02X}>" for byte in "电é".encode()), "▁", "▁a", "b", "电"],
        decoders.Sequence(
            [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
        ),
    ),
    "bytes": made([*MARKS, "a", "Ġ", "Ġb", "ç", "Ķ", "µ", "çĶ", "µa", "Ã", "©"], decoders.ByteLevel()),
    "words": made([*MARKS, "a", "##b", ".", "'", "n't", "电"], decoders.WordPiece(prefix="##", cleanup=True)),
}


@pytest.mark.parametrize("name", TOKENIZERS)
@settings(max_examples=150)
@given(
    numbers=st.lists(st.integers(0, 10**6), min_size=1, max_size=12), opens=st.booleans(), exact=st.booleans(),
    stops=st.lists(st.sampled_from(["a.", "b", "电", "éa", " a a", "n't"]), max_size=2, unique=True),
)  # fmt: skip
def test_what_is_certain_stays(name, numbers, opens, exact, stops):
    tokenizer = TOKENIZERS[name]
    reading = Reading(tokenizer=tokenizer, opens=opens, exact=exact, stops=tuple(stops))
    ids, before = [], ""
    for number in numbers:
        ids.append(number % tokenizer.vocab_size)
        stopped = reading.stopped(ids)
        assert stopped == any(stop.encode() in tokenizer.spelling.joined(ids, opens=opens) for stop in stops)
        if stopped:
            break
        certain = reading.certain(ids)
        assert certain.startswith(before)
        assert stops or not certain.endswith("\ufffd")
        before = certain
    assert reading.text(ids).startswith(before)
    assert not any(stop in reading.text(ids) for stop in stops)
    if opens and not exact and not stops:
        assert reading.text(ids) == tokenizer.decode(ids)


def test_a_text_is_handed_on_soon():
    tokenizer = TOKENIZERS["bytes"]
    reading = Reading(tokenizer=tokenizer, opens=True, exact=False, stops=("ab b",))
    ids = tokenizer.tokens().index
    written = [ids(each) for each in ("a", "çĶ", "µa", "Ġb", "a", "Ġ")]
    found = [reading.certain(written[: size + 1]) for size in range(len(written))]
    assert found == ["", "", "a电", "a电a b", "a电a b", "a电a ba "]


def test_each_token_with_what_it_adds():
    tokenizer = TOKENIZERS["bytes"]
    names, ids = tokenizer.tokens(), [2, 8, 5, 6, 7, 1]
    reading = Reading(tokenizer=tokenizer, opens=True, exact=False)
    pieces = reading.pieces(ids, [-1.0] * 6, names)
    assert [piece.text for piece in pieces] == ["a", "\ufffd", "\ufffd", "\ufffd", "\ufffd", "</s>"]
    assert {piece.log_probability for piece in pieces} == {-1.0}
