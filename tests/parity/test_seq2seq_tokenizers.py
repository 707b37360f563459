"""Tokenizers of T5, mT5, Marian, mBART, BART and Llama give the ids, places and texts of the reference libraries."""

from __future__ import annotations

import io
import json
import random
import unicodedata
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Regex, decoders, models, normalizers, pre_tokenizers, processors, trainers
from tokenizers import Tokenizer as Library

from attendo.text import Tokenizer
from attendo.text.sentencepieces import read_piece_table

transformers = pytest.importorskip("transformers", minversion="5", reason="compared with the reference library")
sentencepiece = pytest.importorskip("sentencepiece", reason="writes the files")

CORPUS = [
    "The hotel's staff didn't care, and the room was dirty. I'll never go there again!",
    "A lovely hotel: quiet room, lovely staff, and 3.5 stars; the cafe\u0301 and the café were closed",
    "酒店房间很干净，服务也不错。下次还来这家酒店，价格３８８元。",
    "房间太小，服务员态度很差！早餐很差，　服务不好 👍🏽 ﬁne",
    "x = y     + 1;;;; ==== ----",
]
HARD = [
    "",
    " ",
    "   ",
    "The hotel's staff DIDN'T care — and I'LL go!",
    " leading, trailing and   many blanks ",
    "酒店房间很干净，服务也不错。",
    "The酒店room房间wifi很quiet 3楼 no.5",
    "👨\u200d👩\u200d👧\u200d👦 👍🏽 🇨🇳 ❤️ 1\ufe0f\u20e3 loved",
    "cafe\u0301 caf\u00e9 A\u030aÅ Å n\u0303 \u0301alone e\u0323\u0302 हिन्दी ᄒ\u1161\u11ab각 ﷺ",
    "nul\x00 bell\x07 del\x7f esc\x1b[0m shy\u00ad bom\ufeff repl\ufffd",
    "ＴｈｅＷｉＦｉ３８８，ｶﾞが，ﬁne ½ ① ㎡ …",
    "tab\tline\nreturn\r\nvt\x0bff\x0c nbsp\u00a0 em\u2003 thin\u2009 zw\u200b\u200c ls\u2028 wide\u3000 end\n\n ",
    "_under_score_ a__b don’t 'quoted' ''s 've 3,141.59 #tag @me http://a.b/c?d=e&f=%20",
    "\U0001d54f\U00020000\U0010ffff ﾠ ㅎㅏㄴ",
    "room</s>room <s> <unk> <pad><mask> <extra_id_0>. en_XX zh_CN <0x41> [INST]",
]
PIECES = [
    *"aTé'’ \t\n\u3000\x00.,!３½Ａ酒店，。👍🏽❤️\u200d\u0301ßﬁ",
    "room",
    " the ",
    "房间",
    "'s",
    "  ",
    ">>fra<<",
    ">>x",
    "<<",
]
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.characters(exclude_characters="\x85▁")), max_size=23).map(
    "".join
)
LONG = ("The hotel’s cafe\u0301 房间很干净，ＷｉＦｉ 👍🏽 \t " * 3_400)[:100_003]
FUZZED = settings(
    max_examples=31,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def trained(file: Path, corpus: list[str] = CORPUS, **options: Any) -> None:
    """A SentencePiece file."""
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus * 3),
        model_writer=written,
        hard_vocab_limit=False,
        minloglevel=2,
        **{"vocab_size": 191, "character_coverage": 0.99} | options,
    )
    file.write_bytes(written.getvalue())


def settings_file(folder: Path, name: str, **values: Any) -> None:
    (folder / f"{name}.json").write_text(json.dumps(values), encoding="utf-8")


def t5_pieces(folder: Path, **options: Any) -> None:
    trained(folder / "spiece.model", pad_id=0, eos_id=1, unk_id=2, bos_id=-1, **options)


def t5(folder: Path) -> Any:
    t5_pieces(folder)
    settings_file(folder, "config", model_type="t5")
    return transformers.AutoTokenizer.from_pretrained(folder)


def t5_with_settings(folder: Path) -> Any:
    t5_pieces(folder)
    settings_file(
        folder, "tokenizer_config", tokenizer_class="T5Tokenizer", extra_ids=7, clean_up_tokenization_spaces=True
    )
    return transformers.AutoTokenizer.from_pretrained(folder)


def mt5_without_marks(folder: Path) -> Any:
    t5_pieces(folder)
    settings_file(folder, "config", model_type="mt5")
    settings_file(folder, "tokenizer_config", tokenizer_class="MT5Tokenizer", extra_ids=0)
    return transformers.T5Tokenizer.from_pretrained(folder, extra_ids=0)


def bart(folder: Path) -> Any:
    learner = Library(models.BPE())
    learner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    marks = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    learner.train_from_iterator(
        CORPUS,
        trainers.BpeTrainer(vocab_size=431, special_tokens=marks, initial_alphabet=alphabet, show_progress=False),
    )
    learner.model.save(str(folder))
    settings_file(folder, "config", model_type="bart")
    return transformers.AutoTokenizer.from_pretrained(folder)


def mbart(folder: Path) -> Any:
    trained(folder / "sentencepiece.bpe.model")
    settings_file(folder, "config", model_type="mbart")
    settings_file(folder, "tokenizer_config", tokenizer_class="MBartTokenizer", src_lang="zh_CN", tgt_lang="de_DE")
    return mended(transformers.AutoTokenizer.from_pretrained(folder), folder)


def mbart50(folder: Path) -> Any:
    trained(folder / "sentencepiece.bpe.model")
    settings_file(folder, "config", model_type="mbart")
    settings_file(folder, "tokenizer_config", tokenizer_class="MBart50Tokenizer", src_lang="zh_CN", tgt_lang="sl_SI")
    return mended(transformers.AutoTokenizer.from_pretrained(folder), folder)


def mended(theirs: Any, folder: Path) -> Any:
    """With the table of characters and the handling of blanks of the file, which the reference library drops."""
    table = read_piece_table(folder / "sentencepiece.bpe.model")
    theirs._tokenizer.normalizer = normalizers.Precompiled(table.characters)
    theirs._tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")]
    )
    return theirs


def marian(folder: Path, *, one: bool = False, **values: Any) -> Any:
    trained(folder / "source.spm")
    if one:
        (folder / "target.spm").write_bytes((folder / "source.spm").read_bytes())
    else:
        trained(folder / "target.spm", [text.upper() for text in CORPUS], vocab_size=211)
    tables = [read_piece_table(folder / f"{side}.spm") for side in ("source", "target")]
    pieces = sorted({piece.text for table in tables for piece in table.pieces[3:]} - {"▁the", "房间", "s"})
    tokens = list(dict.fromkeys(["</s>", "<unk>", *pieces, "é", "👍", "हि", ">>fra<<", ">>zho<<", "<pad>"]))
    settings_file(folder, "vocab", **{token: number for number, token in enumerate(tokens)})
    if values.get("separate_vocabs"):
        turned = [*tokens[:2], *tokens[-2:1:-1], tokens[-1]]  # special tokens keep their numbers
        settings_file(folder, "target_vocab", **{token: number for number, token in enumerate(turned)})
    settings_file(folder, "config", model_type="marian")
    settings_file(folder, "tokenizer_config", tokenizer_class="MarianTokenizer", **values)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return transformers.AutoTokenizer.from_pretrained(folder)


def marian_with_one_file(folder: Path) -> Any:
    return marian(folder, one=True, clean_up_tokenization_spaces=True)


def marian_with_two_vocabularies(folder: Path) -> Any:
    return marian(folder, separate_vocabs=True)


def llama_pieces(folder: Path, **options: Any) -> None:
    trained(
        folder / "tokenizer.model",
        model_type="bpe",
        byte_fallback=True,
        vocab_size=443,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        **options,
    )


def llama(folder: Path) -> Any:
    llama_pieces(folder)
    settings_file(folder, "tokenizer_config", tokenizer_class="LlamaTokenizer", add_bos_token=True, legacy=False)
    theirs = transformers.AutoTokenizer.from_pretrained(folder)
    theirs._tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    theirs._tokenizer.pre_tokenizer = None
    return theirs


def llama_that_ends(folder: Path) -> Any:
    theirs = llama(folder)
    settings_file(folder, "tokenizer_config", tokenizer_class="LlamaTokenizer", add_bos_token=False, add_eos_token=True)
    theirs.add_bos_token, theirs.add_eos_token = False, True
    return theirs


def llama3(folder: Path) -> Any:
    """Byte pairs whose whole words need no pairs, and numbers of three digits."""
    bart(folder)
    backend = Library(models.BPE.from_file(str(folder / "vocab.json"), str(folder / "merges.txt"), ignore_merges=True))
    parts = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+"
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(parts), "isolated"), pre_tokenizers.ByteLevel(False, use_regex=False)]
    )
    backend.decoder = decoders.ByteLevel()
    marks = ["<|begin_of_text|>", "<|end_of_text|>"]
    backend.add_special_tokens(marks)
    opened = processors.TemplateProcessing(
        single=f"{marks[0]} $A",
        pair=f"{marks[0]} $A {marks[0]}:1 $B:1",
        special_tokens=[(marks[0], backend.token_to_id(marks[0]))],
    )
    backend.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), opened])
    for file in folder.iterdir():
        file.unlink()
    backend.save(str(folder / "tokenizer.json"))
    settings_file(folder, "config", model_type="llama")
    named = {"bos_token": marks[0], "eos_token": marks[1]}
    settings_file(
        folder,
        "tokenizer_config",
        tokenizer_class="PreTrainedTokenizerFast",
        clean_up_tokenization_spaces=True,
        **named,
    )
    theirs = transformers.AutoTokenizer.from_pretrained(folder)
    settings_file(folder, "tokenizer_config", clean_up_tokenization_spaces=True, **named)  # ours finds llama itself
    return theirs


def saved_again(build: Callable[[Path], Any]) -> Callable[[Path], Any]:
    """The same tokenizer with nothing but a tokenizer.json and its settings."""

    def build_json(folder: Path) -> Any:
        (folder / "raw").mkdir()
        theirs = build(folder / "raw")
        theirs.save_pretrained(folder)
        assert {file.name for file in folder.iterdir()} <= {"raw", "tokenizer.json", "tokenizer_config.json"}
        return theirs

    return build_json


FAMILIES: dict[str, Callable[[Path], Any]] = {
    build.__name__: build
    for build in (
        t5,
        t5_with_settings,
        mt5_without_marks,
        bart,
        mbart,
        mbart50,
        marian,
        marian_with_one_file,
        marian_with_two_vocabularies,
        llama,
        llama_that_ends,
        llama3,
    )
} | {f"{build.__name__}_json": saved_again(build) for build in (t5, t5_with_settings, bart, mbart, mbart50, llama)}


@dataclass(frozen=True, kw_only=True)
class Both:
    """One folder, read by both."""

    name: str
    folder: Path
    ours: Tokenizer = field(repr=False)
    target: Tokenizer = field(repr=False)
    theirs: Any = field(repr=False)


@pytest.fixture(scope="module", params=sorted(FAMILIES))
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Both:
    """Our tokenizer and theirs, from one folder."""
    folder = tmp_path_factory.mktemp(request.param)
    theirs = FAMILIES[request.param](folder)
    return Both(
        name=request.param,
        folder=folder,
        ours=Tokenizer.load(folder),
        target=Tokenizer.load(folder, side="target"),
        theirs=theirs,
    )


def check(both: Both, text: str, pair: str | None = None) -> None:
    theirs = both.theirs(text, pair, split_special_tokens=True)["input_ids"]
    found = both.ours.encode(text, pair).ids.tolist()
    assert both.theirs.convert_ids_to_tokens(found) == both.theirs.convert_ids_to_tokens(theirs)
    assert found == theirs
    if pair is None:
        text = both.theirs.decode(found, skip_special_tokens=True)
        assert both.target.decode(found) == text
        assert both.ours.decode(found) == text or both.name == "marian_with_two_vocabularies"  # theirs is the target's


def test_hard_texts(both: Both) -> None:
    for text in HARD[:-1]:
        check(both, text)
        check(both, text, "The 房间 ")


@FUZZED
@given(text=TEXTS)
def test_fuzzed_texts(both: Both, text: str) -> None:
    check(both, text)


def test_a_long_text(both: Both) -> None:
    check(both, LONG)


def check_target(both: Both, text: str) -> None:
    theirs = both.theirs(text_target=text, split_special_tokens=True)["input_ids"]
    found = both.target.encode(text).ids.tolist()
    assert found == theirs
    assert both.target.decode(found) == both.theirs.decode(theirs, skip_special_tokens=True)


@FUZZED
@given(text=TEXTS)
def test_texts_to_be_written(both: Both, text: str) -> None:
    check_target(both, text)
    check_target(both, text.upper())


@FUZZED
@given(ids=st.lists(st.integers(0, 88), max_size=17))
def test_any_ids_decoded(both: Both, ids: list[int]) -> None:
    assert both.target.decode(ids) == both.theirs.decode(ids, skip_special_tokens=True)


def test_special_tokens_by_their_roles(both: Both) -> None:
    for role in ("pad", "unk", "cls", "sep", "mask", "bos", "eos"):
        expected = getattr(both.theirs, f"{role}_token_id")
        if f"{role}_token" in both.theirs.special_tokens_map:
            assert getattr(both.ours.specials, role) == expected, role


def test_places(both: Both) -> None:
    """Theirs count the blank before a word as part of it, and give blanks that are tokens any place."""
    if not both.theirs.is_fast:
        pytest.skip("the reference library gives no places for this family")
    names = both.ours.tokens()
    for text in (HARD[3], HARD[4], HARD[5], HARD[6], HARD[12], "👍🏽 loved"):
        rows = both.theirs(text, split_special_tokens=True, return_offsets_mapping=True)["offset_mapping"]
        found = both.ours.encode(text)
        places = zip(found.ids, rows, found.starts.tolist(), found.ends.tolist(), strict=True)
        compared = [
            (text[first:last].lstrip(), text[start:end])
            for token, (first, last), start, end in places
            if names[token].strip("▁Ġ")
        ]
        assert [ours for _, ours in compared] == [theirs for theirs, _ in compared]


SENTENCEPIECE = {
    "t5": (t5_pieces, "spiece.model", {"model_type": "t5"}, lambda ids: [*ids, 1]),
    "mt5": (
        lambda folder: t5_pieces(folder, byte_fallback=True, vocab_size=443),
        "spiece.model",
        {"model_type": "mt5"},
        lambda ids: [*ids, 1],
    ),
    "mbart": (
        lambda folder: trained(folder / "sentencepiece.bpe.model"),
        "sentencepiece.bpe.model",
        {"model_type": "mbart"},
        lambda ids: [*(number + 1 if number else 3 for number in ids), 2],
    ),
    "llama": (llama_pieces, "tokenizer.model", {"model_type": "llama"}, lambda ids: [1, *ids]),
}


@pytest.fixture(scope="module", params=sorted(SENTENCEPIECE))
def cutters(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Tokenizer, Any]:
    """Our tokenizer, and what SentencePiece itself gives for the same file."""
    folder = tmp_path_factory.mktemp(request.param)
    build, name, config, numbered = SENTENCEPIECE[request.param]
    build(folder)
    settings_file(folder, "config", **config)
    processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / name))
    return Tokenizer.load(folder), lambda text: numbered(processor.encode(text))


def same(cutters: tuple[Tokenizer, Any], text: str) -> None:
    """Composed beforehand: of several marks on one letter the `tokenizers` library composes only some."""
    ours, theirs = cutters
    text = unicodedata.normalize("NFKC", text)
    expected = theirs(text)
    assert ours.encode(text).ids.tolist()[: len(expected)] == expected


def test_hard_texts_against_sentencepiece(cutters: tuple[Tokenizer, Any]) -> None:
    for text in HARD[:-1]:
        same(cutters, text)


def test_special_tokens_are_not_read_out_of_texts(cutters: tuple[Tokenizer, Any]) -> None:
    for text in ("room</s>room", "<s>", "a <unk> <pad><mask> </s></s> 房间", "</s>", "the ＜/s＞ room"):
        same(cutters, text)


@FUZZED
@given(text=TEXTS)
def test_fuzzed_texts_against_sentencepiece(cutters: tuple[Tokenizer, Any], text: str) -> None:
    same(cutters, text)


@pytest.fixture(scope="module")
def mt5_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that spells unknown characters in bytes."""
    folder = tmp_path_factory.mktemp("mt5")
    t5_pieces(folder, byte_fallback=True, vocab_size=443)
    settings_file(folder, "config", model_type="mt5")
    return folder


def test_bytes_are_characters_again(mt5_folder: Path) -> None:
    """The reference library spells them out."""
    ours = Tokenizer.load(mt5_folder)
    processor = sentencepiece.SentencePieceProcessor(model_file=str(mt5_folder / "spiece.model"))

    @FUZZED
    @given(text=TEXTS)
    def compare(text: str) -> None:
        ids = processor.encode(text)
        assert ours.decode(ids) == processor.decode(ids)

    compare()
    assert ours.decode(processor.encode("the 龍")) == "the 龍"


def test_a_long_text_against_sentencepiece(cutters: tuple[Tokenizer, Any]) -> None:
    same(cutters, LONG)


def test_files_of_llama_as_they_were_first_published(tmp_path: Path) -> None:
    """Their normaliser puts a blank before every text, also before one that begins with a blank, as SentencePiece does.

    The reference library's class of today puts one only where there is none. Models were trained with SentencePiece.
    """
    llama_pieces(tmp_path)
    settings_file(tmp_path, "config", model_type="llama")
    Tokenizer.load(tmp_path).save(tmp_path / "json")  # written in the old way
    spec = json.loads((tmp_path / "json" / "tokenizer.json").read_text(encoding="utf-8"))
    assert spec["pre_tokenizer"] is None
    assert [step["type"] for step in spec["normalizer"]["normalizers"]] == ["Prepend", "Replace"]
    settings_file(tmp_path / "json", "tokenizer_config", tokenizer_class="LlamaTokenizer", add_bos_token=True)
    processor = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / "tokenizer.model"))
    ours = Tokenizer.load(tmp_path / "json")
    library = Library.from_file(str(tmp_path / "json" / "tokenizer.json"))
    theirs = transformers.AutoTokenizer.from_pretrained(tmp_path / "json")
    for text in ("room", " room", "  room", "\nroom", " 酒店"):
        expected = [1, *processor.encode(text)]
        assert ours.encode(text).ids.tolist() == library.encode(text).ids == expected
        assert (theirs(text)["input_ids"] == expected) is (not text.startswith(" "))


def words(count: int, blank: str) -> str:
    """A text that is not the same over and over."""
    chance = random.Random(3)
    parts = ["ho", "tel", "the", "room", "st", "aff", "房", "间", "酒店", "很", "不", "e", "l", "ly"]
    return blank.join("".join(chance.choices(parts, k=chance.randint(1, 5))) for _ in range(count))


@pytest.mark.parametrize("blank", [" ", ""])
def test_long_texts_of_marian_are_summed_as_sentencepiece_does(tmp_path: Path, blank: str) -> None:
    theirs = marian(tmp_path)
    text = words(30_011, blank)[:100_003]
    assert Tokenizer.load(tmp_path).encode(text).ids.tolist() == theirs(text)["input_ids"]


def test_places_of_marian(tmp_path: Path) -> None:
    marian(tmp_path)
    ours = Tokenizer.load(tmp_path)
    text = ">>fra<< The  hotel，ＷｉＦｉ 酒店 👍🏽 cafe\u0301"
    found = ours.encode(text)
    names = ours.tokens()
    parts = [
        (names[token], text[start:end]) for token, start, end in zip(found.ids, found.starts, found.ends, strict=True)
    ]
    assert parts[0] == (">>fra<<", ">>fra<<")
    assert parts[-1] == ("</s>", "")
    assert "".join(part for _, part in parts).replace(" ", "") == text.replace(" ", "")
    assert all(name.replace("▁", "") == part.strip() for name, part in parts[1:5])
