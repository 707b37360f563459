from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attendo.errors import ConfigError, DataError, ModelFolderError, StorageError, UnsupportedError
from attendo.text import SPECIAL_TOKENS, Encoding, Normalisation, Specials, Tokenizer, split_words, train_tokenizer

AWKWARD = (
    "ㅎㅏㄴﾡￂ"
    "the hotel room's ßÉcafe\u0301\u0323 ᄒ\u1161\u11ab각ＷｉＦｉ，３ｶﾞが"
    " 酒店房间很好。👍🏽👨\u200d👩❤️🇨🇳 ﬁ½㎡…\t\n\u3000\u200b\ufeff\u00ad\x00’!?[]#_1.5हि"
)
awkward_texts = st.text(st.one_of(st.sampled_from(AWKWARD), st.characters(max_codepoint=0x3FF)), max_size=29)
any_fixture = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def surface(token: str) -> str:
    """What a token of the vocabulary spells, without the marks of its kind."""
    return token.removeprefix("##").replace("\u2581", " ").strip(" ")


def pieces(tokenizer: Tokenizer, text: str) -> list[tuple[str, str, int]]:
    """Token, its part of the text, and its word, without special tokens."""
    encoding, names = tokenizer.encode(text), tokenizer.tokens()
    rows = zip(encoding.ids, encoding.starts, encoding.ends, encoding.words, strict=True)
    return [(names[token], text[start:end], int(word)) for token, start, end, word in rows][1:]


def same(one: Encoding, two: Encoding) -> bool:
    names = ("ids", "starts", "ends", "words", "segments")
    return one.truncated == two.truncated and all(np.array_equal(getattr(one, n), getattr(two, n)) for n in names)


@any_fixture
@given(text=awkward_texts)
def test_the_part_of_the_text_that_a_token_points_to_spells_the_token(tokenizer: Tokenizer, text: str) -> None:
    normalise = Normalisation()
    encoding, names = tokenizer.encode(text), tokenizer.tokens()
    own = slice(1, None)
    bounds = list(zip(encoding.starts[own].tolist(), encoding.ends[own].tolist(), strict=True))
    for number, (start, end) in enumerate(bounds):
        token = names[encoding.ids[own][number]]
        assert 0 <= start < end <= len(text)
        if token == "[UNK]" or tokenizer.kind in ("bpe", "bytes") or token.startswith("<0x"):
            continue
        found = normalise(text[start:end]).strip(" ")
        shared = sum(one < end and start < two for one, two in bounds) > 1  # one character may become several tokens
        assert surface(token) in found if shared else surface(token) == found
    assert bounds == sorted(bounds)


@given(text=awkward_texts)
def test_bytes_of_one_character_all_point_to_the_whole_of_it(
    text: str, tokenizers_by_kind: dict[str, Tokenizer]
) -> None:
    tokenizer, normalise = tokenizers_by_kind["bpe"], Normalisation()
    encoding = tokenizer.encode(text)
    parts: dict[tuple[int, int], list[int]] = {}
    for token, start, end in zip(encoding.ids[1:], encoding.starts[1:], encoding.ends[1:], strict=True):
        parts.setdefault((int(start), int(end)), []).append(token)
    for (start, end), ids in parts.items():
        spelled = tokenizer.decode(ids).strip(" ")
        overlapping = any((one, two) != (start, end) and one < end and start < two for one, two in parts)
        if not overlapping:
            assert normalise(text[start:end]).strip(" ") == spelled


@given(text=awkward_texts)
def test_byte_level_pieces_lose_nothing(text: str, tokenizers_by_kind: dict[str, Tokenizer]) -> None:
    tokenizer = tokenizers_by_kind["bpe"]
    assert tokenizer.decode(tokenizer.encode(text).ids) == Normalisation()(text)


@any_fixture
@given(text=awkward_texts)
def test_each_token_knows_its_word(tokenizer: Tokenizer, text: str) -> None:
    words = split_words(text)
    encoding = tokenizer.encode(text)
    assert encoding.words[0] == -1
    for start, word in zip(encoding.starts[1:], encoding.words[1:], strict=True):
        inside = [number for number, span in enumerate(words) if span.start <= start < span.end]
        assert inside == ([word] if word >= 0 else [])


@settings(any_fixture, max_examples=31)
@given(texts=st.lists(awkward_texts, max_size=5), limit=st.integers(3, 17))
def test_a_batch_is_the_texts_one_by_one(tokenizer: Tokenizer, texts: list[str], limit: int) -> None:
    batch = tokenizer.encode_batch(texts, max_tokens=limit)
    assert all(same(one, tokenizer.encode(text, max_tokens=limit)) for one, text in zip(batch, texts, strict=True))
    pairs = tokenizer.encode_batch(texts, texts[::-1], max_tokens=limit)
    for one, text, pair in zip(pairs, texts, texts[::-1], strict=True):
        assert same(one, tokenizer.encode(text, pair, max_tokens=limit))


def test_a_text_and_a_pair(tokenizer: Tokenizer) -> None:
    first, second = "The room", "酒店"
    marks = tokenizer.specials
    one, two = tokenizer.encode(first), tokenizer.encode(second)
    assert one.ids[0] == marks.cls
    assert marks.sep not in one.ids
    pair = tokenizer.encode(first, second)
    assert pair.ids.tolist() == [*one.ids, marks.sep, *two.ids[1:], marks.sep]
    assert pair.segments.tolist() == [0] * (len(one) + 1) + [1] * len(two)
    assert pair.starts.tolist() == [*one.starts, 0, *two.starts[1:], 0]
    assert pair.ends.tolist() == [*one.ends, 0, *two.ends[1:], 0]
    assert pair.words.tolist() == [*one.words, -1, *two.words[1:], -1]
    arrays = [getattr(pair, name) for name in ("ids", "starts", "ends", "words", "segments")]
    assert all(array.dtype == np.int32 and array.flags.c_contiguous for array in arrays)
    assert pair.truncated == 0


def test_what_every_vocabulary_begins_with(tokenizer: Tokenizer) -> None:
    assert tuple(tokenizer.tokens()[:5]) == SPECIAL_TOKENS
    assert tokenizer.specials == Specials(pad=0, unk=1, cls=2, sep=3, mask=4)
    assert len(tokenizer.tokens()) == len(set(tokenizer.tokens())) == tokenizer.vocab_size <= 449
    assert repr(tokenizer) == f"Tokenizer(kind='{tokenizer.kind}', vocab_size={tokenizer.vocab_size})"


def test_exact_places_in_a_mixed_text(tokenizers_by_kind: dict[str, Tokenizer]) -> None:
    text = "Ｔhe hotel’s cafe\u0301，房间３.５👍🏽"
    assert pieces(tokenizers_by_kind["word"], text) == [
        ("the", "Ｔhe", 0),
        ("hotel's", "hotel’s", 1),
        ("café", "cafe\u0301", 2),
        (",", "，", 3),
        ("房", "房", 4),
        ("间", "间", 5),
        ("3.5", "３.５", 6),
        ("👍", "👍", 7),
        ("🏽", "🏽", 7),
    ]


def test_every_character(tokenizers_by_kind: dict[str, Tokenizer]) -> None:
    assert [token for token, *_ in pieces(tokenizers_by_kind["char"], "The  房间")] == ["t", "h", "e", " ", "房", "间"]


def test_decode(tokenizers_by_kind: dict[str, Tokenizer]) -> None:
    text = "the room, 房间很干净。"
    decoded = {kind: one.decode(one.encode(text, text).ids) for kind, one in tokenizers_by_kind.items()}
    assert decoded["char"] == decoded["bpe"] == decoded["unigram"] == f"{text}{text}"
    assert decoded["word"] == decoded["wordpiece"] == "the room,房间很干净。 the room,房间很干净。"


def test_cutting_keeps_the_start_and_takes_from_the_longer_one(tokenizers_by_kind: dict[str, Tokenizer]) -> None:
    tokenizer = tokenizers_by_kind["char"]
    long, short = "roomhotelcafe", "酒店"

    def kept(first: str, second: str, limit: int) -> tuple[str, int]:
        encoding = tokenizer.encode(first, second, max_tokens=limit)
        assert len(encoding) <= limit
        names = tokenizer.tokens()
        return "".join(names[token].replace("[SEP]", "|") for token in encoding.ids[1:]), encoding.truncated

    single = tokenizer.encode(long, max_tokens=5)
    assert (single.ends.tolist(), single.truncated) == ([0, 1, 2, 3, 4], 9)
    assert kept(long, short, 10) == ("roomh|酒店|", 8)
    assert kept(short, long, 10) == ("酒店|roomh|", 8)
    assert kept(long, long, 10) == ("room|roo|", 19)
    assert kept(long, short, 5) == ("r|酒|", 13)
    assert kept(long, short, 3) == ("||", 15)
    assert kept(long, short, 18) == ("roomhotelcafe|酒店|", 0)


def test_a_limit_with_no_room(tokenizer: Tokenizer) -> None:
    with pytest.raises(ConfigError, match="3 special tokens, but is 2"):
        tokenizer.encode("a", "b", max_tokens=2)
    with pytest.raises(ConfigError, match="but is 0"):
        tokenizer.encode("a", max_tokens=0)
    assert tokenizer.encode("room", max_tokens=1).ids.tolist() == [2]


def test_texts_without_a_token(tokenizers_by_kind: dict[str, Tokenizer]) -> None:
    for text in ("", "\u200e\ufeff\x00"):
        for tokenizer in tokenizers_by_kind.values():
            encoding = tokenizer.encode(text)
            assert (encoding.ids.tolist(), encoding.words.tolist()) == ([2], [-1])
            assert tokenizer.encode(text, text, max_tokens=3).ids.tolist() == [2, 3, 3]
    assert tokenizers_by_kind["wordpiece"].encode(" \n\u3000").ids.tolist() == [2]
    assert tokenizers_by_kind["char"].encode_batch([]) == []


def test_special_tokens_in_a_text_are_plain_text(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode("[MASK] [SEP][CLS]").ids[1:]
    assert not {0, 2, 3, 4} & set(ids.tolist())


def test_lone_surrogates_keep_their_place(tokenizer: Tokenizer) -> None:
    text = "room\ud83d 酒\udc00店"
    encoding = tokenizer.encode(text)
    assert encoding.ends[-1] == len(text)
    assert encoding.words[-1] == len(split_words(text)) - 1


@pytest.mark.parametrize(("character", "kind"), [("中", "wordpiece"), ("é", "bpe"), ("a", "unigram"), ("'", "char")])
def test_a_very_long_text(character: str, kind: str, tokenizers_by_kind: dict[str, Tokenizer]) -> None:
    length = 1_000_003 if kind == "wordpiece" else 100_003
    encoding = tokenizers_by_kind[kind].encode(character * length, max_tokens=61)
    assert len(encoding) == 61
    assert encoding.truncated > length / 30


def test_texts_that_are_none(tokenizer: Tokenizer) -> None:
    with pytest.raises(DataError, match="number 2 is nan"):
        tokenizer.encode_batch(["a", float("nan")])  # pyright: ignore[reportArgumentType]
    with pytest.raises(DataError, match="one text"):
        tokenizer.encode_batch("room")
    with pytest.raises(DataError, match=r"as many as `texts` \(2\), but are 1"):
        tokenizer.encode_batch(["a", "b"], ["c"])


def test_saved_and_loaded_it_is_the_same(tokenizer: Tokenizer, tmp_path: Path, corpus: list[str]) -> None:
    tokenizer.save(tmp_path / "new")
    files = sorted(file.name for file in (tmp_path / "new").iterdir())
    assert files == ["special_tokens_map.json", "tokenizer.json", "tokenizer_config.json"]
    texts = [*corpus, AWKWARD, "[SEP]"]
    expected = tokenizer.encode_batch(texts, texts, max_tokens=31)
    for other in (
        Tokenizer.load(tmp_path / "new"),
        Tokenizer.load(tmp_path / "new" / "tokenizer.json"),
        pickle.loads(pickle.dumps(tokenizer)),
    ):
        assert (other.kind, other.specials, other.tokens()) == (tokenizer.kind, tokenizer.specials, tokenizer.tokens())
        found = other.encode_batch(texts, texts, max_tokens=31)
        assert all(same(one, two) for one, two in zip(found, expected, strict=True))
        assert other.decode(found[0].ids) == tokenizer.decode(expected[0].ids)


def test_a_full_disk_leaves_the_old_tokenizer(
    tokenizers_by_kind: dict[str, Tokenizer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizers_by_kind["char"].save(tmp_path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        tokenizers_by_kind["word"].save(tmp_path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_folders_that_are_no_tokenizer(tokenizers_by_kind: dict[str, Tokenizer], tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match=r"There is no tokenizer in .*none of tokenizer.json, vocab.txt"):
        Tokenizer.load(tmp_path)
    tokenizers_by_kind["char"].save(tmp_path)
    file = tmp_path / "tokenizer.json"
    whole = file.read_text(encoding="utf-8")
    (tmp_path / "special_tokens_map.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelFolderError, match="special_tokens_map"):
        Tokenizer.load(tmp_path)
    (tmp_path / "special_tokens_map.json").unlink()
    file.write_text(whole.replace("[MASK]", "[GUESS]"), encoding="utf-8")
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"mask_token": None}), encoding="utf-8")
    unmasked = Tokenizer.load(tmp_path).specials
    assert (unmasked.mask, unmasked.need("sep")) == (None, 3)
    with pytest.raises(UnsupportedError, match=r"no special token for mask \(such as \[MASK\]"):
        unmasked.need("mask")
    (tmp_path / "tokenizer_config.json").write_text(
        json.dumps({"mask_token": {"content": "[GUESS]"}}), encoding="utf-8"
    )
    assert Tokenizer.load(tmp_path).specials.mask == 4
    for broken in (whole[:-31], "", "[]", whole.encode()[:97].decode(errors="replace")):
        file.write_text(broken, encoding="utf-8")
        with pytest.raises(ModelFolderError, match="not a tokenizer"):
            Tokenizer.load(tmp_path)
    file.write_bytes(b"\xff\xfe{")
    with pytest.raises(ModelFolderError, match="not a tokenizer"):
        Tokenizer.load(tmp_path)


def test_tokenizers_of_others_keep_their_template(tmp_path: Path, corpus: list[str]) -> None:
    import tokenizers
    from tokenizers import models, pre_tokenizers, processors, trainers

    names = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    other = tokenizers.Tokenizer(models.Unigram())
    other.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    other.train_from_iterator(
        corpus, trainers.UnigramTrainer(vocab_size=211, special_tokens=names, unk_token="<unk>", show_progress=False)
    )
    other.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    other.enable_truncation(7)
    other.enable_padding(length=97)
    other.save(str(tmp_path / "tokenizer.json"))
    tokenizer = Tokenizer.load(tmp_path)
    assert tokenizer.specials == Specials(pad=1, unk=3, cls=0, sep=2, mask=4)
    text = "房间 hotel"
    encoding = tokenizer.encode(text, "room")
    assert [encoding.ids[0], encoding.ids[-1]] == [0, 2]
    assert encoding.ids.tolist().count(2) == 3
    shown = [text[start:end] for start, end in zip(encoding.starts, encoding.ends, strict=True)][1:]
    assert "".join(shown).startswith("房间hotel")
    assert tokenizer.encode(text, "room", max_tokens=6).ids.tolist().count(2) == 3


def test_hugging_face_tools_read_the_folder(tokenizers_by_kind: dict[str, Tokenizer], tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers", reason="compared with the reference library")
    for kind in ("wordpiece", "bpe"):
        tokenizers_by_kind[kind].save(tmp_path / kind)
        theirs = transformers.PreTrainedTokenizerFast.from_pretrained(tmp_path / kind)
        text = "The hotel’s ＷｉＦｉ，房间很干净 👍🏽"
        assert theirs(text, "酒店")["input_ids"] == tokenizers_by_kind[kind].encode(text, "酒店").ids.tolist()
        assert (theirs.pad_token_id, theirs.mask_token) == (0, "[MASK]")


def test_the_word_piece_of_a_word_too_long_is_unknown() -> None:
    tokenizer = train_tokenizer(["ab ab"], vocab_size=19)
    assert pieces(tokenizer, "ab " + "ab" * 101) == [("ab", "ab", 0), ("[UNK]", "ab" * 101, 1)]


def test_more_special_tokens_come_last_and_texts_may_be_closed(
    corpus: list[str], tokenizers_by_kind: dict[str, Tokenizer], tmp_path: Path
) -> None:
    marks = [f"<extra_id_{number}>" for number in reversed(range(7))]
    for kind, plain in tokenizers_by_kind.items():
        size = plain.vocab_size
        found = train_tokenizer(corpus, kind=kind, vocab_size=size, single="$A [SEP]", marks=marks)
        assert found.tokens()[-7:] == marks
        assert found.vocab_size <= size + 7
        assert found.frame == ([], [3])
        found.save(tmp_path / kind)
        for each in (found, Tokenizer.load(tmp_path / kind)):
            text = "A <extra_id_2> hotel。"
            inside = each.encode(text).ids.tolist()
            assert inside[-1] == 3
            assert max(inside) < found.vocab_size - 7, "marks are never read out of a text"
            pair = each.encode(text, text)
            assert pair.ids.tolist() == inside + inside
            assert pair.segments.tolist() == [0] * len(inside) + [1] * len(inside)
