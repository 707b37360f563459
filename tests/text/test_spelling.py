"""What each token adds to a text: all of them together are what the tokenizer decodes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attendo.text import TOKENIZERS, Specials, Tokenizer

IDS = st.lists(st.integers(0, 10**6), max_size=9)


@settings(max_examples=150)
@given(kind=st.sampled_from(sorted(TOKENIZERS)), ids=IDS)
def test_tokens_spell_what_they_decode_to(tokenizers_by_kind, kind, ids):
    tokenizer = tokenizers_by_kind[kind]
    ids = [number % tokenizer.vocab_size for number in ids]
    spelled, read = tokenizer.spelling.joined(ids, opens=True), tokenizer.decode(ids)
    if kind == "characters" and "\ufffd" in read:  # of bytes that are no text each is read as a sign of its own
        assert "\ufffd" in spelled.decode(errors="replace")
    else:
        assert spelled.decode(errors="replace") == read


def test_each_token_alone_as_in_the_tables(tokenizer):
    spelling = tokenizer.spelling
    for number, (later, first) in enumerate(zip(spelling.later, spelling.first, strict=True)):
        assert spelling.piece(number, first=False) == later
        assert spelling.piece(number, first=True) == first
        assert (number in spelling.silent) == (number < 5)
        assert number not in spelling.silent or first == later == b""


def llama():
    """Pieces with blanks, and bytes for what is not among them."""
    import tokenizers
    from tokenizers import decoders, models

    entries = ["<unk>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁", "▁good", "film", "▁film", "电影", "a"]
    backend = tokenizers.Tokenizer(models.BPE({entry: number for number, entry in enumerate(entries)}, []))
    backend.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    backend.add_special_tokens(["<unk>", "</s>"])
    return Tokenizer(backend, Specials(pad=None, unk=0, cls=None, sep=None, mask=None, eos=1))


def test_bytes_and_the_blank_before_a_text():
    tokenizer = llama()
    spelling, number = tokenizer.spelling, tokenizer.tokens().index
    assert spelling.piece(number("▁good"), first=True) == b"good"
    assert spelling.piece(number("▁good"), first=False) == b" good"
    assert spelling.piece(number("<0xE7>"), first=False) == b"\xe7"
    assert number("<0xE7>") in spelling.single_bytes
    ids = [number(each) for each in ("</s>", "▁film", "▁good", "<0xE7>", "<0x94>", "<0xB5>", "film", "▁", "电影")]
    assert spelling.joined(ids, opens=True).decode() == tokenizer.decode(ids) == "film good电film 电影"
    assert spelling.joined(ids, opens=False).decode() == " film good电film 电影"


def test_tokens_that_somebody_added_stand_for_their_characters(tokenizers_by_kind):
    import tokenizers

    backend = tokenizers.Tokenizer.from_str(tokenizers_by_kind["bpe"]._backend.to_str())
    backend.add_tokens(["<想 x>"])
    tokenizer = Tokenizer(backend, Specials())
    assert tokenizer.spelling.piece(tokenizer.vocab_size - 1, first=False).decode() == "<想 x>"


@pytest.mark.parametrize("decoder", ["metaspace", "wordpiece"])
def test_blanks_that_are_cleaned_away(decoder):
    import tokenizers
    from tokenizers import decoders, models

    names = ["a", "▁a", "▁.", "n't", "▁n't", "▁it", "'s"] if decoder == "metaspace" else ["a", "##b", ".", "n't", "'s"]
    backend = tokenizers.Tokenizer(models.WordLevel({name: number for number, name in enumerate(names)}, "a"))
    if decoder == "metaspace":
        steps = [decoders.Fuse(), decoders.Replace(" .", "."), decoders.Replace(" n't", "n't")]
        backend.decoder = decoders.Sequence([decoders.Metaspace(prepend_scheme="always"), *steps])
    else:
        backend.decoder = decoders.WordPiece(prefix="##", cleanup=True)
    tokenizer = Tokenizer(backend, Specials(unk=0))
    assert tokenizer.spelling.cleans
    for number in range(len(names)):
        ids = [0, number, 0]
        assert tokenizer.spelling.joined(ids, opens=True).decode() == tokenizer.decode(ids), names[number]
