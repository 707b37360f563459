"""Pairs as ids: as the reference library has them, for its own folders; and packed rows that ask the same."""

from __future__ import annotations

import io
import json
import shutil
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attendo.data import SourceTarget
from attendo.errors import UnsupportedError
from attendo.tasks import PairEncoder, Translator, WriteSettings, load
from attendo.tasks.pieces import PieceEncoder
from attendo.tasks.seq2seq import Marks
from attendo.tasks.translating.building import LONGEST
from attendo.tasks.translating.pairs import EncodedPairs, encode_pairs
from attendo.text import train_tokenizer

transformers = pytest.importorskip("transformers")
sentencepiece = pytest.importorskip("sentencepiece")

CORPUS = [
    "A man plays a guitar on the street.",
    "Two dogs run through the snow!",
    "一个男人在弹吉他。",
    "两只狗跑过雪地！",
]
PAIRS = [SourceTarget("A man runs.", "一个男人跑。"), SourceTarget("Two dogs", "两只狗"), SourceTarget("snow", "雪")]
SIZES = {
    "d_model": 12, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 2, "init_std": 0.3,
    "decoder_attention_heads": 2, "encoder_ffn_dim": 17, "decoder_ffn_dim": 19, "max_position_embeddings": 29,
}  # fmt: skip


def trained_pieces(file: Path, **options: Any) -> list[str]:
    """Train a SentencePiece file."""
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS * 5),
        model_writer=written,
        hard_vocab_limit=False,
        minloglevel=2,
        **{"vocab_size": 101} | options,
    )
    file.write_bytes(written.getvalue())
    processor = sentencepiece.SentencePieceProcessor(model_proto=written.getvalue())
    return [processor.id_to_piece(number) for number in range(processor.get_piece_size())]


def tokenizer_config(folder: Path, **values: Any) -> None:
    (folder / "tokenizer_config.json").write_text(json.dumps(values), encoding="utf-8")


def marian(folder: Path) -> tuple[Any, Any]:
    pieces = trained_pieces(folder / "source.spm")
    (folder / "target.spm").write_bytes((folder / "source.spm").read_bytes())
    tokens = ["</s>", "<unk>", *pieces[3:], "<pad>"]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    tokenizer_config(folder, tokenizer_class="MarianTokenizer")
    last = len(tokens) - 1
    config = transformers.MarianConfig(
        vocab_size=len(tokens), pad_token_id=last, decoder_start_token_id=last, eos_token_id=0, forced_eos_token_id=0,
        bos_token_id=None, **SIZES,
    )  # fmt: skip
    model = transformers.MarianMTModel(config)
    model.generation_config.bad_words_ids = [[last]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it would like a library that evens out punctuation
        return model, transformers.MarianTokenizer.from_pretrained(folder)


def bart(folder: Path) -> tuple[Any, Any]:
    from tokenizers import pre_tokenizers

    tokens = ["<s>", "<pad>", "</s>", "<unk>", *sorted(pre_tokenizers.ByteLevel.alphabet()), "Ġd", "<mask>"]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\nĠ d\n", encoding="utf-8")
    tokenizer_config(folder, tokenizer_class="BartTokenizer")
    config = transformers.BartConfig(vocab_size=len(tokens), **SIZES)
    model = transformers.BartForConditionalGeneration(config)
    model.generation_config.forced_bos_token_id = 0
    return model, transformers.BartTokenizer.from_pretrained(folder)


def mbart(folder: Path) -> tuple[Any, Any]:
    pieces = trained_pieces(folder / "sentencepiece.bpe.model")
    tokenizer_config(folder, tokenizer_class="MBartTokenizer", src_lang="en_XX", tgt_lang="zh_CN")
    tokenizer = transformers.MBartTokenizer.from_pretrained(folder, src_lang="en_XX", tgt_lang="zh_CN")
    start = tokenizer.convert_tokens_to_ids("zh_CN")
    config = transformers.MBartConfig(vocab_size=len(tokenizer), decoder_start_token_id=start, **SIZES)
    assert len(pieces) < len(tokenizer)
    return transformers.MBartForConditionalGeneration(config), tokenizer


def t5(folder: Path) -> tuple[Any, Any]:
    trained_pieces(folder / "spiece.model", pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
    tokenizer_config(folder, tokenizer_class="T5Tokenizer")
    tokenizer = transformers.T5Tokenizer.from_pretrained(folder, extra_ids=0)
    config = transformers.T5Config(
        vocab_size=len(tokenizer), d_model=12, d_kv=5, d_ff=17, num_layers=2, num_decoder_layers=2, num_heads=2,
        decoder_start_token_id=0, initializer_factor=3.0,
    )  # fmt: skip
    return transformers.T5ForConditionalGeneration(config), tokenizer


FOLDERS = {build.__name__: build for build in (marian, bart, mbart, t5)}


@pytest.fixture(scope="module", params=FOLDERS)
def foreign(request, tmp_path_factory):
    """A folder of the reference library, and its model and tokenizer."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp(request.param)
    model, tokenizer = FOLDERS[request.param](folder)
    model.eval().save_pretrained(folder)
    return folder, model, tokenizer


def shifted(model: Any, labels: torch.Tensor) -> list[int]:
    """What the reference model makes its decoder read for labels."""
    config = model.config
    if config.model_type == "mbart":
        from transformers.models.mbart.modeling_mbart import shift_tokens_right

        return shift_tokens_right(labels, config.pad_token_id)[0].tolist()
    if config.model_type == "t5":
        return model._shift_right(labels)[0].tolist()
    from transformers.models.bart.modeling_bart import shift_tokens_right

    return shift_tokens_right(labels, config.pad_token_id, config.decoder_start_token_id)[0].tolist()


def test_ids_are_those_of_the_reference_library(foreign):
    folder, model, tokenizer = foreign
    ours = load(folder)
    assert isinstance(ours, Translator)
    encoded = encode_pairs(ours.encoder, PAIRS, 29)
    assert encoded.cut == (0, 0)
    for number, pair in enumerate(PAIRS):
        theirs = tokenizer(pair.text, text_target=pair.target, return_tensors="pt")
        assert encoded.sources[number].tolist() == theirs["input_ids"][0].tolist()
        assert encoded.targets[number].tolist() == theirs["labels"][0].tolist()
        batch = encoded.batch([number])
        read = batch.texts.target.ids[: len(encoded.targets[number])].tolist()
        assert read == shifted(model, theirs["labels"])


@pytest.mark.parametrize("beams", [1, 3])
def test_a_folder_of_another_library_writes_what_it_writes_there(foreign, beams):
    folder, model, tokenizer = foreign
    ours = load(folder)
    assert isinstance(ours, Translator)
    asked = (
        WriteSettings(method="beam", beams=beams, max_new=9) if beams > 1 else WriteSettings(method="greedy", max_new=9)
    )
    before = len(ours.encoder.prompt)
    for text in ("A man runs.", "狗"):
        (found,) = ours.predict(text, asked)
        given = tokenizer(text, return_tensors="pt")
        model.generation_config.forced_eos_token_id = None
        with torch.inference_mode():
            theirs = model.generate(
                **given, num_beams=beams, do_sample=False, max_new_tokens=9 + before - 1, early_stopping="never"
            )[0].tolist()
        assert list(found.written[0].ids) == theirs[before:]
        assert found.text == tokenizer.decode(theirs, skip_special_tokens=True)


def test_texts_are_as_long_as_those_that_a_model_was_trained_on(foreign):
    model = load(foreign[0])
    assert isinstance(model, Translator)
    kind = model.model.config["model_type"]
    most = model.model.config.get("n_positions", LONGEST) if kind == "t5" else 29
    assert model.max_length == model.encoder.source.max_tokens == most
    long = "Two dogs run through the snow! " * 40
    (found,) = model.predict(long, WriteSettings(method="greedy", max_new=3))
    assert not found.cut
    assert len(found.written[0].ids) > 3 or kind == "t5"  # several parts


def test_words_of_a_folder_of_another_library_are_linked(foreign):
    model = load(foreign[0])
    assert isinstance(model, Translator)
    for pair in [*PAIRS, SourceTarget("", ""), SourceTarget("A man", ""), SourceTarget("A man " * 19, "狗 " * 19)]:
        (found,) = model.align(pair.text, pair.target)
        assert found.weights.shape == (len(found.target_words), len(found.source_words))
        read = found.weights.sum(1)
        assert np.all(np.isclose(read, 1) | (read == 0))
        if pair in PAIRS:
            assert len(found.links) == len(found.target_words)


def plain_encoder() -> PairEncoder:
    tokenizer = train_tokenizer(CORPUS * 3, kind="bpe", vocab_size=300)
    return PairEncoder(source=PieceEncoder.made(tokenizer, 7), marks=Marks(start=2, ends=(3,)))


def test_what_is_made_here_closes_targets_and_opens_sources():
    encoder = plain_encoder()
    encoded = encode_pairs(encoder, PAIRS, 7)
    assert {ids[0] for ids in encoded.sources} == {2}
    assert encoded.targets[2].tolist() == [*encoder.target.encode("雪").ids[1:].tolist(), 3]
    assert encoder.prompt == (2,)


def test_what_is_too_long_is_cut_and_counted():
    encoder = plain_encoder()
    long = "dogs run " * 5
    pairs = [SourceTarget(long, "a"), SourceTarget("a", long), SourceTarget(long, long), SourceTarget("a", "b")]
    encoded = encode_pairs(encoder, pairs, 7)
    assert encoded.cut == (2, 2)
    assert max(map(len, [*encoded.sources, *encoded.targets])) == 7
    assert encoded.targets[1][-1] != 3  # what is cut does not end
    assert encoded.targets[0][-1] == 3


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), min_size=1, max_size=7), st.randoms())
def test_rows_hold_the_pairs_in_the_order_asked_for(sizes, random):
    sources, targets = (
        [np.full(pair[side], 10 * number + side + 5) for number, pair in enumerate(sizes)] for side in (0, 1)
    )
    encoded = EncodedPairs(sources, targets, Marks(start=2, ends=(3,)))
    order = random.sample(range(len(sizes)), len(sizes))
    batch = encoded.batch(order)
    lengths = [side.layout.query_lengths for side in (batch.texts.source, batch.texts.target)]
    for side in (0, 1):
        own = tuple(sizes[number][side] for number in order)
        assert lengths[side][: len(own)] == own
        assert sum(lengths[side]) % 128 == 0
        assert 1 <= min(lengths[side]) <= max(lengths[side]) <= max(own)
    assert len(lengths[0]) == len(lengths[1]) > len(order)
    asked = batch.right[batch.right >= 0].tolist()
    assert asked == [token for number in order for token in targets[number].tolist()]
    firsts = np.cumsum([0, *lengths[1]])[:-1]
    assert set(batch.texts.target.ids[firsts].tolist()) == {2}


def test_a_folder_that_names_no_end_is_refused():
    with pytest.raises(UnsupportedError, match=r"here names no token that ends a text\. Add `eos_token_id` to its"):
        Marks.of({"eos_token_id": None}, "here")


def test_what_config_lacks_stands_in_the_file_about_writing(foreign, tmp_path):
    folder, _, _ = foreign
    shutil.copytree(folder, tmp_path / "copy")
    path = tmp_path / "copy" / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    moved = {name: config.pop(name, None) for name in ("decoder_start_token_id", "eos_token_id", "pad_token_id")}
    path.write_text(json.dumps(config), encoding="utf-8")
    beside = tmp_path / "copy" / "generation_config.json"
    said = json.loads(beside.read_text(encoding="utf-8")) | {k: v for k, v in moved.items() if v is not None}
    beside.write_text(json.dumps(said), encoding="utf-8")
    one, other = load(folder), load(tmp_path / "copy")
    assert isinstance(one, Translator)
    assert isinstance(other, Translator)
    assert one.encoder.marks == other.encoder.marks
