from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors

from attendo.errors import ModelFolderError, UnsupportedError
from attendo.text import Specials, Tokenizer

WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "the",
    "room",
    "Room",
    "caf",
    "##e",
    "##é",
    ",",
    "酒",
    "店",
    "。",
]
MERGES = ["#version: 0.2", "Ġ t", "h e", "Ġt he", "r o", "o m", "Ġ Ġ"]
FAIRSEQ = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
MIXED = " the room\t\tcafe\u0301, 酒店。 👍🏽\n the "


def write(folder: Path, **files: Any) -> None:
    """Write files of settings."""
    for name, values in files.items():
        (folder / f"{name}.json").write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")


def write_words(folder: Path, words: list[str] = WORDS) -> None:
    (folder / "vocab.txt").write_bytes("".join(f"{word}\n" for word in words).encode())


def write_merges(folder: Path, marks: list[str]) -> dict[str, int]:
    joined = [line.replace(" ", "") for line in MERGES[1:]]
    tokens = [*marks, *sorted(pre_tokenizers.ByteLevel.alphabet()), *joined]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    write(folder, vocab=vocabulary)
    (folder / "merges.txt").write_bytes("".join(f"{line}\n" for line in MERGES).encode())
    return vocabulary


def shown(tokenizer: Tokenizer, text: str, pair: str | None = None) -> list[tuple[str, str, int]]:
    """Token, its part of its own text, and which text that is."""
    encoding, names = tokenizer.encode(text, pair), tokenizer.tokens()
    rows = zip(encoding.ids, encoding.starts, encoding.ends, encoding.segments, strict=True)
    return [(names[token], (pair if side and pair else text)[start:end], int(side)) for token, start, end, side in rows]


def opened(tokenizer: Tokenizer, text: str, pair: str | None = None) -> str:
    return " ".join(name for name, *_ in shown(tokenizer, text, pair))


def test_a_list_of_words(tmp_path: Path) -> None:
    write_words(tmp_path)
    tokenizer = Tokenizer.load(tmp_path)
    assert (tokenizer.kind, tokenizer.specials, tokenizer.tokens()) == ("wordpiece", Specials(), WORDS)
    assert shown(tokenizer, "The  Room，cafe\u0301,", "酒 店。") == [
        ("[CLS]", "", 0),
        ("the", "The", 0),
        ("room", "Room", 0),
        ("[UNK]", "，", 0),
        ("caf", "caf", 0),
        ("##e", "e", 0),
        (",", ",", 0),
        ("[SEP]", "", 0),
        ("酒", "酒", 1),
        ("店", "店", 1),
        ("。", "。", 1),
        ("[SEP]", "", 1),
    ]
    assert tokenizer.decode(tokenizer.encode("The cafe, 酒店").ids) == "the cafe, 酒 店"


def test_settings_of_a_list_of_words(tmp_path: Path) -> None:
    write_words(tmp_path, ["<p>", "<u>", *WORDS[5:]])
    marks = {"pad_token": "<p>", "unk_token": {"content": "<u>"}, "cls_token": "<c>", "sep_token": "<s>"}
    write(tmp_path, tokenizer_config={**marks, "mask_token": None, "do_lower_case": False, "strip_accents": False})
    tokenizer = Tokenizer.load(tmp_path)
    assert tokenizer.specials == Specials(pad=0, unk=1, cls=13, sep=12, mask=None)
    assert opened(tokenizer, "the Room The café") == "<c> the Room <u> caf ##é <s>"
    write(tmp_path, tokenizer_config={**marks, "tokenize_chinese_chars": False})
    assert opened(Tokenizer.load(tmp_path), "酒店 酒 Room") == "<c> <u> 酒 room <s>"


def test_added_tokens_keep_their_numbers(tmp_path: Path) -> None:
    write_words(tmp_path, [*WORDS[:4], *WORDS[5:]])
    write(tmp_path, added_tokens={"wifi": 15, "[MASK]": 14, "房间": 16}, special_tokens_map={"mask_token": "[MASK]"})
    tokenizer = Tokenizer.load(tmp_path)
    assert tokenizer.specials.mask == 14
    assert tokenizer.encode("the wifi房间[MASK]").ids.tolist() == [2, 4, 15, 16, 1, 1, 1, 3]
    write(tmp_path, added_tokens={"wifi": 17})
    with pytest.raises(ModelFolderError, match=r"give 'wifi' the number 17, but its vocabulary leads to 14"):
        Tokenizer.load(tmp_path)
    write(tmp_path, tokenizer_config={"added_tokens_decoder": {"14": "wifi"}})
    with pytest.raises(ModelFolderError, match="must each have a number and a text"):
        Tokenizer.load(tmp_path)


@pytest.mark.parametrize(
    ("named", "marks", "single", "pair"),
    [
        ({"model_type": "roberta"}, FAIRSEQ, "<s> the </s>", "<s> the </s> </s> h o </s>"),
        ({"model_type": "gpt2"}, ["<|endoftext|>"], "the", "the h o"),
        ({"tokenizer_class": "GPT2Tokenizer"}, ["<|endoftext|>"], "the", "the h o"),
        ({"model_type": "qwen3"}, ["<|endoftext|>"], "the", "the h o"),
    ],
)
def test_templates_of_byte_pairs(
    tmp_path: Path, named: dict[str, str], marks: list[str], single: str, pair: str
) -> None:
    write_merges(tmp_path, marks)
    write(tmp_path, config=named)
    tokenizer = Tokenizer.load(tmp_path)
    assert tokenizer.kind == "bpe"
    assert opened(tokenizer, "the").replace("t he", "the") == single
    assert opened(tokenizer, "the", "ho").replace("t he", "the") == pair


def test_a_mark_that_the_settings_want(tmp_path: Path) -> None:
    write_merges(tmp_path, ["<|endoftext|>"])
    write(tmp_path, tokenizer_config={"tokenizer_class": "GPT2TokenizerFast", "add_bos_token": True})
    assert opened(Tokenizer.load(tmp_path), "h", "o") == "<|endoftext|> h <|endoftext|> o"


def test_byte_pairs_that_cut_differently(tmp_path: Path) -> None:
    write_merges(tmp_path, ["<|endoftext|>"])
    write(tmp_path, config={"model_type": "qwen2"})
    assert opened(Tokenizer.load(tmp_path), "e\u0301 12\n") == opened(Tokenizer.load(tmp_path), "é 12\n")
    write(tmp_path, config={"model_type": "gpt2"})
    assert opened(Tokenizer.load(tmp_path), "e\u0301 12\n") != opened(Tokenizer.load(tmp_path), "é 12\n")


@pytest.mark.parametrize("prefix", [False, True])
def test_places_of_byte_pairs(tmp_path: Path, prefix: bool) -> None:
    write_merges(tmp_path, FAIRSEQ)
    write(tmp_path, tokenizer_config={"tokenizer_class": "RobertaTokenizer", "add_prefix_space": prefix})
    tokenizer = Tokenizer.load(tmp_path)
    first = [("Ġ", "", 0)] if prefix else []
    assert shown(tokenizer, "酒 the  the")[1:-1] == [
        *first,
        *((piece, "酒", 0) for piece in "éħĴ"),
        ("Ġthe", "the", 0),
        ("Ġ", " ", 0),
        ("Ġthe", "the", 0),
    ]


@pytest.mark.parametrize(
    "framing",
    [
        processors.ByteLevel(trim_offsets=True),
        processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True),
        processors.Sequence([processors.ByteLevel(trim_offsets=True), processors.ByteLevel(trim_offsets=True)]),
    ],
)
def test_places_of_blanks_that_the_file_would_trim(tmp_path: Path, framing: Any) -> None:
    write_merges(tmp_path, FAIRSEQ)
    backend = tokenizers.Tokenizer(models.BPE.from_file(str(tmp_path / "vocab.json"), str(tmp_path / "merges.txt")))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.post_processor = framing
    backend.save(str(tmp_path / "tokenizer.json"))
    places = [entry for entry in shown(Tokenizer.load(tmp_path), "the  the ") if entry[0] not in FAIRSEQ]
    assert places[1:] == [("he", "he", 0), ("Ġ", " ", 0), ("Ġthe", "the", 0), ("Ġ", " ", 0)]


def test_special_tokens_that_are_missing(tmp_path: Path) -> None:
    write_merges(tmp_path, ["<|endoftext|>"])
    write(tmp_path, config={"model_type": "gpt2"})
    specials = Tokenizer.load(tmp_path).specials
    assert specials == Specials(pad=None, unk=0, cls=None, sep=None, mask=None, bos=0, eos=0)
    assert specials.need("unk") == 0
    with pytest.raises(UnsupportedError, match=r"no special token for pad \(such as \[PAD\] or <pad>\)"):
        specials.need("pad")


def opens_with_a_blank(folder: Path) -> tokenizers.Tokenizer:
    """As Llama's first files: bytes for what is unknown, and a blank in front of every text."""
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁", "a", "▁a", "e", "\u0301"]
    model = models.BPE(
        {token: number for number, token in enumerate(tokens)}, [("▁", "a")], byte_fallback=True, unk_token="<unk>"
    )
    backend = tokenizers.Tokenizer(model)
    backend.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    backend.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    backend.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    backend.save(str(folder / "tokenizer.json"))
    return backend


def test_a_blank_that_the_tokenizer_puts_first(tmp_path: Path) -> None:
    opens_with_a_blank(tmp_path)
    tokenizer = Tokenizer.load(tmp_path)
    assert tokenizer.specials == Specials(pad=None, unk=0, cls=1, sep=2, mask=None)
    assert shown(tokenizer, "e\u0301 a酒")[1:] == [
        ("▁", "", 0),
        ("e", "e", 0),
        ("\u0301", "\u0301", 0),
        ("▁a", "a", 0),
        *((f"<0x{byte:02X}>", "酒", 0) for byte in "酒".encode()),
    ]


def field(number: int, value: bytes) -> bytes:
    size = len(value)
    return bytes([number << 3 | 2, *([size & 0x7F | 0x80, size >> 7] if size > 0x7F else [size])]) + value


def sentencepiece(pieces: list[tuple[str, float]], kind: int = 1) -> bytes:
    rows = [field(1, field(1, piece.encode()) + b"\x15" + struct.pack("<f", score)) for piece, score in pieces]
    return b"".join(rows) + field(2, bytes([3 << 3, kind])) + field(3, field(1, b"identity"))


PIECES = [
    ("<unk>", 0.0),
    ("<s>", 0.0),
    ("</s>", 0.0),
    ("▁", -3.0),
    ("▁the", -1.0),
    ("酒店", -2.0),
    ("酒", -2.5),
    ("店", -2.5),
]


def test_a_sentencepiece_file(tmp_path: Path) -> None:
    (tmp_path / "sentencepiece.bpe.model").write_bytes(sentencepiece(PIECES))
    tokenizer = Tokenizer.load(tmp_path)
    assert (tokenizer.kind, tokenizer.specials) == (
        "unigram",
        Specials(pad=1, unk=3, cls=0, sep=2, mask=9, bos=0, eos=2),
    )
    assert shown(tokenizer, "酒店 the", "店☃")[:-1] == [
        ("<s>", "", 0),
        ("▁", "", 0),
        ("酒店", "酒店", 0),
        ("▁the", "the", 0),
        ("</s>", "", 0),
        ("</s>", "", 0),
        ("▁", "", 0),
        ("店", "酒", 0),  # in the pair, though all segments of this family are 0
        ("<unk>", "店", 0),
    ]
    (tmp_path / "sentencepiece.bpe.model").write_bytes(sentencepiece(PIECES, kind=2))
    with pytest.raises(UnsupportedError, match="not a unigram model"):
        Tokenizer.load(tmp_path)
    (tmp_path / "sentencepiece.bpe.model").rename(tmp_path / "other.model")
    with pytest.raises(UnsupportedError, match=r"only as other\.model, which cannot be read"):
        Tokenizer.load(tmp_path)


@settings(max_examples=31, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.one_of(st.binary(max_size=41), st.integers(0, 97).map(lambda size: sentencepiece(PIECES)[:size])))
def test_a_damaged_sentencepiece_file(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "sentencepiece.bpe.model").write_bytes(data)
    with pytest.raises(ModelFolderError, match=r"sentencepiece\.bpe\.model (is not|lacks the end of) a SentencePiece"):
        Tokenizer.load(tmp_path)


FOLDERS: dict[str, Callable[[Path], object]] = {
    "bert": write_words,
    "roberta": lambda folder: (write_merges(folder, FAIRSEQ), write(folder, config={"model_type": "roberta"})),
    "gpt2": lambda folder: (write_merges(folder, []), write(folder, config={"model_type": "gpt2"})),
    "qwen2": lambda folder: (write_merges(folder, []), write(folder, config={"model_type": "qwen2"})),
    "llama": opens_with_a_blank,
    "xlm-roberta": lambda folder: (folder / "sentencepiece.bpe.model").write_bytes(sentencepiece(PIECES)),
}


@pytest.fixture(scope="module", params=sorted(FOLDERS))
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    folder = tmp_path_factory.mktemp(request.param)
    FOLDERS[request.param](folder)
    return Tokenizer.load(folder)


@settings(max_examples=23, deadline=None)
@given(text=st.text(st.one_of(st.sampled_from(MIXED), st.characters(max_codepoint=0x3FF)), max_size=23))
def test_places_are_in_order_and_cover_all_ink(loaded: Tokenizer, text: str) -> None:
    encoding = loaded.encode(text)
    own = [(start, end) for start, end in zip(encoding.starts, encoding.ends, strict=True) if start < end]
    assert own == sorted(own)
    covered = {place for start, end in own for place in range(start, end)}
    assert all(0 <= place < len(text) for place in covered)
    if loaded.kind == "bpe":
        assert covered >= {place for place, character in enumerate(text) if not character.isspace()}


def test_saved_as_tokenizer_json_it_is_the_same(loaded: Tokenizer, tmp_path: Path) -> None:
    loaded.save(tmp_path)
    again = Tokenizer.load(tmp_path)
    assert (again.specials, again.tokens()) == (loaded.specials, loaded.tokens())
    assert shown(again, MIXED, "酒店") == shown(loaded, MIXED, "酒店")


def test_the_first_kind_of_file_counts(tmp_path: Path) -> None:
    opens_with_a_blank(tmp_path)
    write_words(tmp_path)
    assert Tokenizer.load(tmp_path).kind == "bpe"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"[PAD]\n[UNK]\n\nthe\n", "vocab.txt, line 3 is empty"),
        (b"[PAD]\n[UNK]\nthe\r\nroom\nthe \n", "vocab.txt, line 5 repeats the token 'the' of line 3"),
        ("[PAD]\n[UNK]\n酒店".encode()[:-1], "vocab.txt, line 3 is not UTF-8 text"),
        (b"[PAD]\nthe\n", r"vocab.txt has no line with the unknown token \(\[UNK\]\)"),
        (b"", "vocab.txt has no line with the unknown token"),
    ],
)
def test_a_damaged_list_of_words(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "vocab.txt").write_bytes(data)
    with pytest.raises(ModelFolderError, match=message):
        Tokenizer.load(tmp_path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ('{"a": 0,\n"b"', "vocab.json, line 2 is not JSON"),
        ("[]", "vocab.json must hold tokens with their numbers"),
        ('{"a": 0, "酒": true}', "vocab.json must give '酒' a whole number, but gives True"),
        ('{"a": 0, "b": 2}', "hole: no token has the number 1"),
        ('{"a": 0, "b": 1, "c": 1}', "hole: two tokens have the number 1"),
        ('{"a": -1}', "vocab.json"),
    ],
)
def test_damaged_numbers(tmp_path: Path, data: str, message: str) -> None:
    (tmp_path / "vocab.json").write_text(data, encoding="utf-8")
    (tmp_path / "merges.txt").write_bytes(b"")
    write(tmp_path, config={"model_type": "gpt2"})
    with pytest.raises(ModelFolderError, match=message):
        Tokenizer.load(tmp_path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"a", "merges.txt, line 2 must be two tokens with a blank between, but is 'a'"),
        (b"a b c", "line 2 must be two tokens"),
        (b"", "line 2 must be two tokens"),
        (b"h z", "line 2 needs the token 'hz', which vocab.json lacks"),
        (b"h \xe9", "line 2 is not UTF-8"),
    ],
)
def test_damaged_merges(tmp_path: Path, line: bytes, message: str) -> None:
    write_merges(tmp_path, [])
    (tmp_path / "merges.txt").write_bytes(b"#version: 0.2\n" + line + b"\nh e\n")
    write(tmp_path, config={"model_type": "gpt2"})
    with pytest.raises(ModelFolderError, match=message):
        Tokenizer.load(tmp_path)


def test_folders_that_say_too_little(tmp_path: Path) -> None:
    write_merges(tmp_path, [])
    with pytest.raises(
        UnsupportedError, match="for roberta, gpt2, qwen2, but the settings beside name no `tokenizer_c"
    ):
        Tokenizer.load(tmp_path)
    write(tmp_path, config={"model_type": "deberta"})
    with pytest.raises(UnsupportedError, match="name deberta"):
        Tokenizer.load(tmp_path)
    (tmp_path / "merges.txt").unlink()
    with pytest.raises(ModelFolderError, match=r"has vocab.json, but no merges.txt"):
        Tokenizer.load(tmp_path)
    with pytest.raises(ModelFolderError, match=r"none of tokenizer.json, vocab.txt, source.spm with vocab.json"):
        Tokenizer.load(tmp_path / "missing")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"do_lower_case": "yes"}, "`do_lower_case` in tokenizer_config.json must be true or false, but is 'yes'"),
        ([1], "tokenizer_config.json must hold names with values"),
        ({"added_tokens_decoder": {"x": {"content": "a"}}}, "must each have a number and a text"),
        ({"added_tokens_decoder": ["a"]}, "must each have a number and a text"),
        ({"added_tokens_decoder": {"15": {"content": "a", "lstrip": "yes"}}}, "is not a tokenizer"),
        ({"extra_special_tokens": 3}, "is not a tokenizer"),
    ],
)
def test_damaged_settings(tmp_path: Path, values: Any, message: str) -> None:
    write_words(tmp_path)
    write(tmp_path, tokenizer_config=values)
    with pytest.raises(ModelFolderError, match=message):
        Tokenizer.load(tmp_path)


def test_a_hole_in_a_tokenizer_json(tmp_path: Path) -> None:
    backend = tokenizers.Tokenizer(models.WordLevel({"the": 0, "酒店": 2}, unk_token="the"))
    backend.save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(ModelFolderError, match="hole: no token has the number 1"):
        Tokenizer.load(tmp_path)
