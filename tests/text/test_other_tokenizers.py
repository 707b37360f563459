"""Tokenizers of translation models and of Llama from their folders: sides, languages, settings, damage."""

from __future__ import annotations

import contextlib
import io
import json
import pickle
import shutil
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import pre_tokenizers

from attendo.errors import InputError, ModelFolderError, UnsupportedError
from attendo.text import Tokenizer, write_portable

CORPUS = [
    "The hotel's staff didn't care, and the room was dirty. I'll never go there again!",
    "酒店房间很干净，服务也不错。下次还来这家酒店，价格３８８元。",
    "A lovely hotel: quiet room, lovely staff, and 3.5 stars",
]
TEXTS = [
    "",
    " ",
    "The room，ＷｉＦｉ 酒店 👍🏽 cafe\u0301",
    ">>fra<< the room",
    "</s> <s> <unk> <0x41>",
    "a\x00\x85\t\n",
]


def write(folder: Path, name: str, **values: Any) -> None:
    (folder / f"{name}.json").write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")


def pieces(file: Path, **options: Any) -> list[str]:
    """Train a SentencePiece file."""
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS * 3),
        model_writer=written,
        hard_vocab_limit=False,
        minloglevel=2,
        **{"vocab_size": 151} | options,
    )
    file.write_bytes(written.getvalue())
    processor = sentencepiece.SentencePieceProcessor(model_proto=written.getvalue())
    return [processor.id_to_piece(number) for number in range(processor.get_piece_size())]


def marian(folder: Path, **values: Any) -> None:
    found = pieces(folder / "source.spm")
    shutil.copy(folder / "source.spm", folder / "target.spm")
    tokens = ["</s>", "<unk>", *found[3:], ">>fra<<", "<pad>"]
    write(folder, "vocab", **{token: number for number, token in enumerate(tokens)})
    write(folder, "tokenizer_config", tokenizer_class="MarianTokenizer", **values)


def mbart(folder: Path, **values: Any) -> None:
    pieces(folder / "sentencepiece.bpe.model")
    write(folder, "tokenizer_config", tokenizer_class="MBartTokenizer", **values)


def mbart50(folder: Path, **values: Any) -> None:
    pieces(folder / "sentencepiece.bpe.model")
    write(folder, "tokenizer_config", tokenizer_class="MBart50Tokenizer", **values)


def t5(folder: Path, **values: Any) -> None:
    pieces(folder / "spiece.model", pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
    write(folder, "tokenizer_config", tokenizer_class="T5Tokenizer", **values)


def llama(folder: Path, **values: Any) -> None:
    pieces(
        folder / "tokenizer.model",
        model_type="bpe",
        byte_fallback=True,
        vocab_size=401,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
    )
    write(folder, "tokenizer_config", tokenizer_class="LlamaTokenizer", **values)


def bert(folder: Path, **values: Any) -> None:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "room", "酒", "店"]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    write(folder, "tokenizer_config", tokenizer_class="BertTokenizer", **values)


def gpt2(folder: Path, **values: Any) -> None:
    tokens = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "he", "Ġt", "Ġthe", "<|endoftext|>"]
    write(folder, "vocab", **{token: number for number, token in enumerate(tokens)})
    (folder / "merges.txt").write_text("#version: 0.2\nh e\nĠ t\nĠt he\n", encoding="utf-8")
    write(folder, "tokenizer_config", tokenizer_class="GPT2Tokenizer", **values)


FOLDERS: dict[str, Callable[..., None]] = {
    build.__name__: build for build in (marian, mbart, mbart50, t5, llama, bert, gpt2)
}


def saved(build: Callable[..., None]) -> Callable[[Path], None]:
    def build_json(folder: Path) -> None:
        (folder / "raw").mkdir()
        build(folder / "raw")
        Tokenizer.load(folder / "raw").save(folder)
        shutil.rmtree(folder / "raw")

    return build_json


def shown(tokenizer: Tokenizer, text: str, pair: str | None = None) -> str:
    names = tokenizer.tokens()
    return " ".join(names[token] for token in tokenizer.encode(text, pair).ids)


@pytest.fixture(scope="module", params=[*FOLDERS, "t5_json", "llama_json"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound model folder."""
    path = tmp_path_factory.mktemp(request.param)
    name = request.param.removesuffix("_json")
    (saved(FOLDERS[name]) if name != request.param else FOLDERS[name])(path)
    return path


DAMAGE = st.tuples(
    st.sampled_from(["cut", "flip", "blank", "drop"]),
    st.integers(0, 10),
    st.floats(0, 1, exclude_max=True),
    st.integers(0, 7),
)


def damaged(data: bytes, how: str, place: float, bit: int) -> bytes:
    at = int(place * len(data))
    if how == "cut":
        return data[:at]
    if how == "flip":
        return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
    return data[:at] + (bytes(29) if how == "blank" else b"") + data[at + 29 :]


@settings(max_examples=43, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=DAMAGE)
def test_damage_is_told_or_does_not_matter(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], damage: tuple[str, int, float, int]
) -> None:
    """Nothing but errors of this library comes out, whatever is done to a file."""
    how, rank, place, bit = damage
    copy = tmp_path / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    files = sorted(copy.iterdir())
    file = files[rank % len(files)]
    file.write_bytes(damaged(file.read_bytes(), how, place, bit))
    with contextlib.suppress(InputError):
        for side in ("source", "target"):
            tokenizer = Tokenizer.load(copy, side=side)
            for text in TEXTS:
                tokenizer.decode(tokenizer.encode(text).ids)
            tokenizer.decode(range(tokenizer.vocab_size))
    capfd.readouterr()  # the library tells of a panic where nobody asked


def test_empty_files_are_told(folder: Path, tmp_path: Path) -> None:
    for file in sorted(folder.iterdir()):
        if file.name in ("tokenizer_config.json", "special_tokens_map.json"):
            continue
        copy = tmp_path / file.name
        shutil.copytree(folder, copy)
        (copy / file.name).write_bytes(b"")
        if file.name != "merges.txt":
            with pytest.raises(ModelFolderError, match=file.name.replace(".", r"\.")):
                Tokenizer.load(copy, side="target")


def test_pairs_cut_off_at_the_end_are_told(tmp_path: Path) -> None:
    tokens = [*sorted(pre_tokenizers.ByteLevel.alphabet())]
    merges = [f"{one} {two}" for one in "abcdefghijk" for two in "lmnopqrstuv"]
    tokens += [merge.replace(" ", "") for merge in merges]
    write(tmp_path, "vocab", **{token: number for number, token in enumerate([*tokens, "<|endoftext|>"])})
    write(tmp_path, "config", model_type="gpt2")
    (tmp_path / "merges.txt").write_text("\n".join(merges) + "\n", encoding="utf-8")
    assert Tokenizer.load(tmp_path).vocab_size == 378
    (tmp_path / "merges.txt").write_text("\n".join(merges[:13]) + "\n", encoding="utf-8")
    with pytest.raises(
        ModelFolderError, match=r"merges\.txt must lead to the tokens of vocab\.json, but to 109 of 378"
    ):
        Tokenizer.load(tmp_path)


def test_a_vocabulary_that_does_not_fit(folder: Path) -> None:
    tokenizer = Tokenizer.load(folder)
    size = tokenizer.vocab_size
    tokenizer.check_fits(size)
    tokenizer.check_fits(size + 59)
    special = {number for number in vars(tokenizer.specials).values() if number is not None}
    read = {int(number) for text in TEXTS for number in tokenizer.encode(text).ids}
    largest = max(read - special)
    with pytest.raises(ModelFolderError) as caught:
        tokenizer.check_fits(largest, folder)
    said = str(caught.value)
    assert said.startswith(f"{folder}: the tokenizer's largest id is ")
    assert f"the model has vectors for {largest:,} ids." in said


def test_a_special_token_that_no_text_leads_to_may_lie_outside(tmp_path: Path) -> None:
    bert(tmp_path)
    whole = Tokenizer.load(tmp_path)
    added = {"added_tokens_decoder": {str(whole.vocab_size): {"content": "[MORE]", "special": True}}}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(added))
    tokenizer = Tokenizer.load(tmp_path)
    assert tokenizer.vocab_size == whole.vocab_size + 1
    tokenizer.check_fits(whole.vocab_size)


def test_a_model_with_too_few_vectors_is_refused(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers", reason="writes the model")
    import attendo

    config = transformers.BertConfig(
        vocab_size=7, hidden_size=12, num_hidden_layers=1, num_attention_heads=2, intermediate_size=17
    )
    transformers.BertForSequenceClassification(config).save_pretrained(tmp_path)
    bert(tmp_path)
    with pytest.raises(ModelFolderError, match=r"largest id is 8 \('店'\), but the model has vectors for 7 ids"):
        attendo.load(tmp_path)


def test_pickled_and_saved_it_stays_the_same(folder: Path, tmp_path: Path) -> None:
    tokenizer = Tokenizer.load(folder)
    tokenizer.save(tmp_path)
    for again in (pickle.loads(pickle.dumps(tokenizer)), Tokenizer.load(tmp_path)):
        assert (again.specials, again.tokens()) == (tokenizer.specials, tokenizer.tokens())
        assert [shown(again, text) for text in TEXTS] == [shown(tokenizer, text) for text in TEXTS]


def test_special_tokens_are_never_read_out_of_a_text(folder: Path) -> None:
    tokenizer = Tokenizer.load(folder)
    specials = {number for number in vars(tokenizer.specials).values() if number is not None}
    specials -= {tokenizer.specials.unk}
    text = " ".join(name for name in tokenizer.tokens() if name.startswith(("<", "[")) and not name.startswith("<0x"))
    for spelled in (text, text.replace(" ", ""), f"the {text} room", text.replace("<", "＜")):
        found = tokenizer.encode(spelled)
        own = found.ids[found.starts < found.ends]
        assert not specials & set(own.tolist())
        cut = tokenizer.encode(spelled, max_tokens=7)
        assert len(cut) + cut.truncated == len(found)


def test_sides_and_languages(tmp_path: Path) -> None:
    mbart(tmp_path, src_lang="de_DE", tgt_lang="ro_RO")
    assert shown(Tokenizer.load(tmp_path), "") == "</s> de_DE"
    assert shown(Tokenizer.load(tmp_path, side="target"), "") == "</s> ro_RO"
    assert shown(Tokenizer.load(tmp_path, language="zh_CN"), "", "") == "</s> zh_CN"
    with pytest.raises(ModelFolderError, match=r"must hold the language 'en', which texts .* Take one of ar_AR, cs_CZ"):
        Tokenizer.load(tmp_path, language="en")
    mbart50(tmp_path)
    assert shown(Tokenizer.load(tmp_path), "") == "en_XX </s>"
    assert shown(Tokenizer.load(tmp_path, language="sl_SI"), "", "") == "sl_SI </s>"
    Tokenizer.load(tmp_path, language="sl_SI").save(tmp_path / "json")
    assert shown(Tokenizer.load(tmp_path / "json"), "") == "sl_SI </s>"
    llama(tmp_path / "json")
    with pytest.raises(UnsupportedError, match="knows no languages, but `language` is 'fr_XX'"):
        Tokenizer.load(tmp_path / "json", language="fr_XX")


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_handed_on_it_stays_the_same(name: str, tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    FOLDERS[name](tmp_path / "raw")
    write_portable(tmp_path / "raw", tmp_path / "out", segments=False, max_tokens=None)
    before, after = Tokenizer.load(tmp_path / "raw"), Tokenizer.load(tmp_path / "out")
    assert (after.specials, after.tokens()) == (before.specials, before.tokens())
    assert [shown(after, text) for text in TEXTS] == [shown(before, text) for text in TEXTS]
    said = json.loads((tmp_path / "out" / "tokenizer_config.json").read_text(encoding="utf-8"))
    assert "lang_token" not in said


def test_settings_of_marian(tmp_path: Path) -> None:
    marian(tmp_path)
    tokenizer = Tokenizer.load(tmp_path)
    assert repr(tokenizer).startswith("Tokenizer(kind='unigram'")
    assert shown(tokenizer, ">>fra<< the", ">>xyz<<").startswith(">>fra<< ▁")
    assert shown(tokenizer, ">>xyz<<") == "<unk> </s>"
    (tmp_path / "target.spm").unlink()
    assert shown(Tokenizer.load(tmp_path, side="target"), "the") == shown(tokenizer, "the")
    marian(tmp_path, added_tokens_decoder={"0": {"content": "</s>"}, "2": {"content": tokenizer.tokens()[2]}})
    with pytest.raises(UnsupportedError, match="which this family cannot read from texts"):
        Tokenizer.load(tmp_path)
    marian(tmp_path, added_tokens_decoder={"999": {"content": "new"}})
    with pytest.raises(ModelFolderError, match="give 'new' the number 999, but its vocabulary leads to None"):
        Tokenizer.load(tmp_path)
    marian(tmp_path, sp_model_kwargs={"enable_sampling": True})
    with pytest.raises(UnsupportedError, match=r"`sp_model_kwargs` .* for this family only \{\} is known"):
        Tokenizer.load(tmp_path)
    marian(tmp_path, separate_vocabs=True)
    with pytest.raises(ModelFolderError, match=r"has source\.spm, but no target_vocab\.json"):
        Tokenizer.load(tmp_path, side="target")
    write(tmp_path, "vocab", **{"</s>": 0, "a": 1})
    with pytest.raises(ModelFolderError, match=r"vocab\.json must hold the special token '<unk>'"):
        Tokenizer.load(tmp_path)


def test_settings_of_t5(tmp_path: Path) -> None:
    t5(tmp_path, extra_ids=3)
    tokenizer = Tokenizer.load(tmp_path)
    assert tokenizer.tokens()[-3:] == ["<extra_id_2>", "<extra_id_1>", "<extra_id_0>"]
    assert (tokenizer.specials.pad, tokenizer.specials.eos, tokenizer.specials.bos) == (0, 1, None)
    for values, error, message in (
        ({"extra_ids": "3"}, ModelFolderError, "`extra_ids` .* must be a whole number, but is '3'"),
        ({"extra_ids": -1}, ModelFolderError, "whole number"),
        ({"add_prefix_space": False}, UnsupportedError, "`add_prefix_space` .* for this family only True is known"),
        ({"truncation_side": "up"}, ModelFolderError, '`truncation_side` .* "left" or "right", but is \'up\''),
        ({"clean_up_tokenization_spaces": 1}, ModelFolderError, "must be true or false, but is 1"),
    ):
        t5(tmp_path, **values)
        with pytest.raises(error, match=message):
            Tokenizer.load(tmp_path)


def test_marks_around_llamas_texts(tmp_path: Path) -> None:
    for values, marks in (
        ({}, ("<s>", "")),
        ({"add_eos_token": True}, ("<s>", "</s>")),
        ({"add_bos_token": False, "legacy": True}, ("", "")),
    ):
        llama(tmp_path, **values)
        tokenizer = Tokenizer.load(tmp_path)
        assert shown(tokenizer, "").split() == [mark for mark in marks if mark]
        assert shown(tokenizer, "a", "a").split() == [mark for mark in (marks[0], "▁a", marks[1]) * 2 if mark]
    assert (tokenizer.specials.bos, tokenizer.specials.eos) == (1, 2)
    llama(tmp_path, add_prefix_space=False, add_bos_token=False)
    assert shown(Tokenizer.load(tmp_path), "a") == "a"


def test_the_side_that_is_cut(tmp_path: Path) -> None:
    gpt2(tmp_path, truncation_side="left")
    tokenizer = Tokenizer.load(tmp_path)
    whole, cut = tokenizer.encode("abcdefg"), tokenizer.encode("abcdefg", max_tokens=3)
    assert cut.ids.tolist() == whole.ids[-3:].tolist()
    assert (cut.truncated, cut.starts.tolist()) == (4, [4, 5, 6])
    pair = tokenizer.encode("abcdefg", "xy", max_tokens=5)
    assert shown(tokenizer, "e f g".replace(" ", ""), "xy") == " ".join(tokenizer.tokens()[i] for i in pair.ids)
    tokenizer.save(tmp_path / "saved")
    assert Tokenizer.load(tmp_path / "saved").encode("abcdefg", max_tokens=3).starts.tolist() == [4, 5, 6]


def test_tokens_added_twice(tmp_path: Path) -> None:
    bert(tmp_path, added_tokens_decoder={"9": {"content": "wifi"}, "10": {"content": "wifi"}})
    with pytest.raises(ModelFolderError, match="give 'wifi' two numbers, 9 and 10"):
        Tokenizer.load(tmp_path)
    bert(tmp_path, added_tokens_decoder={"9": {"content": "room"}})
    with pytest.raises(ModelFolderError, match="give 'room' the number 9, but its vocabulary leads to 6"):
        Tokenizer.load(tmp_path)
    bert(tmp_path, added_tokens_decoder={"9": {"content": "room service"}, "10": {"content": "service"}})
    assert shown(Tokenizer.load(tmp_path), "the room service services") == "[CLS] the room service service [UNK] [SEP]"


@lru_cache(maxsize=1)
def loaded(folder: Path) -> Tokenizer:
    return Tokenizer.load(folder)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ids=st.lists(st.integers(0, 10**6), max_size=9))
def test_tokens_add_up_to_what_they_decode_to(folder: Path, ids: list[int]) -> None:
    tokenizer = loaded(folder)
    spelling = tokenizer.spelling
    ids = [number % tokenizer.vocab_size for number in ids]
    text, decoded = spelling.joined(ids, opens=True).decode(errors="replace"), tokenizer.decode(ids)
    if spelling.single_bytes.isdisjoint(ids):  # bytes that are no characters show otherwise
        assert text.strip(" ") == decoded.strip(" ")  # some decoders cut off blanks at the ends
