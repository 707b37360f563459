"""Tokenizers read from the folders of the great families give the ids that the reference library gives."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, decoders, models, normalizers, pre_tokenizers, processors, trainers

from attendo.text import Tokenizer, write_portable
from attendo.text.sentencepieces import read_piece_table

transformers = pytest.importorskip("transformers", minversion="5", reason="compared with the reference library")

CORPUS = [
    "The hotel's staff didn't care, and the room was dirty. I'll never go there again!",
    "A lovely hotel: quiet room, lovely staff, and 3.5 stars; the cafe\u0301 and the café were closed",
    "酒店房间很干净，服务也不错。下次还来这家酒店，价格３８８元。",
    "房间太小，服务员态度很差！早餐很差，　服务不好 👍🏽 ﬁne",
] * 3
HARD = [
    "",
    " ",
    "The hotel's staff DIDN'T care — and I'LL go!",
    " leading, trailing and   many blanks ",
    "酒店房间很干净，服务也不错。",
    "The酒店room房间wifi很quiet 3楼 no.5",
    "👨\u200d👩\u200d👧\u200d👦 👍🏽 🇨🇳 ❤️ 1\ufe0f\u20e3 loved",
    "cafe\u0301 caf\u00e9 A\u030aÅ Å n\u0303 \u0301alone e\u0323\u0302 हिन्दी ᄒ\u1161\u11ab각 ﷺ",
    "nul\x00 bell\x07 del\x7f esc\x1b[0m nel\x85 shy\u00ad bom\ufeff repl\ufffd",
    "ＴｈｅＷｉＦｉ３８８，ｶﾞが，ﬁne ½ ① ㎡ …",
    "tab\tline\nreturn\r\nvt\x0bff\x0c nbsp\u00a0 em\u2003 thin\u2009 zw\u200b\u200c ls\u2028 wide\u3000 end\n\n ",
    "İSTANBUL ΣΊΣΥΦΟΣ ß ẞ ǅ straße",
    "_under_score_ a__b don’t 'quoted' ''s 've 3,141.59 #tag @me http://a.b/c?d=e&f=%20",
    "▁lower ▁▁ Ġbyte ## ##room a##b",
    "\U0001d54f\U00020000\U0010ffff ﾠ ㅎㅏㄴ",
]
PIECES = [
    *"aÉé'’ \t\n\u3000\u00a0\u200b\u200d\ufeff\x00.,!_#3３½Ａ酒店很，。が각👍🏽❤️\u0301\u0323ßİﬁ▁Ġ\r\x85\u2028",
    "room",
    " the ",
    "房间",
    "'s",
    "  ",
]
LONG = ("The hotel’s cafe\u0301 房间很干净，ＷｉＦｉ 👍🏽 \t " * 667)[:20_000]
FUZZED = settings(
    max_examples=23,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.characters()), max_size=23).map("".join)

BERT_MARKS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
FAIRSEQ_MARKS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def settings_file(folder: Path, name: str, **values: Any) -> None:
    (folder / f"{name}.json").write_text(json.dumps(values), encoding="utf-8")


def vocab_txt(folder: Path, marks: list[str] = BERT_MARKS) -> None:
    words = ["the", "The", "room", "hotel", "cafe", "café", "lov", "ed", "ely", "fi", "##ne", "wifi", "new"]
    single = sorted(set("".join(CORPUS)) - set(" \u3000"))
    tokens = dict.fromkeys([*marks, *words, *single, *(f"##{one}" for one in [*single, "room", "ed", "b"])])
    (folder / "vocab.txt").write_text("\n".join([*tokens, "blank \u3000", "\u3000", ""]), encoding="utf-8")


def byte_pairs(marks: list[str]) -> tokenizers.Tokenizer:
    backend = tokenizers.Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=431,
        special_tokens=marks,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    backend.train_from_iterator(CORPUS, trainer)
    return backend


def vocab_json(folder: Path, marks: list[str]) -> None:
    byte_pairs(marks).model.save(str(folder))


def bert(folder: Path) -> None:
    vocab_txt(folder)
    settings_file(folder, "config", model_type="bert")


def bert_cased(folder: Path) -> None:
    vocab_txt(folder)
    settings_file(folder, "tokenizer_config", tokenizer_class="BertTokenizerFast", do_lower_case=False)


def bert_with_options(folder: Path) -> None:
    vocab_txt(folder, ["<p>", "<u>", "<c>", "<m>"])  # and no separator, which has to be added
    marks = {"pad_token": "<p>", "unk_token": "<u>", "cls_token": "<c>", "sep_token": "<e>", "mask_token": "<m>"}
    options = {"strip_accents": False, "tokenize_chinese_chars": False}
    settings_file(folder, "tokenizer_config", tokenizer_class="BertTokenizer", **marks, **options)


def bert_with_accents_stripped(folder: Path) -> None:
    vocab_txt(folder)
    settings_file(folder, "config", model_type="bert")
    settings_file(folder, "tokenizer_config", do_lower_case=False, strip_accents=True)


def distilbert(folder: Path) -> None:
    vocab_txt(folder)
    settings_file(folder, "config", model_type="distilbert")
    settings_file(folder, "tokenizer_config", tokenizer_class="DistilBertTokenizer", do_lower_case=True)


def electra_with_added_tokens(folder: Path) -> None:
    vocab_txt(folder, BERT_MARKS[:4])  # the mask comes with the added tokens
    size = len((folder / "vocab.txt").read_text(encoding="utf-8").split("\n")) - 1
    settings_file(folder, "config", model_type="electra")
    settings_file(folder, "tokenizer_config", tokenizer_class="ElectraTokenizer")
    settings_file(folder, "special_tokens_map", mask_token="[MASK]", additional_special_tokens=["[ENT]", "[REL]"])
    settings_file(folder, "added_tokens", **{"quiet": size, "[MASK]": size + 1, "干净": size + 2})


def roberta(folder: Path) -> None:
    vocab_json(folder, FAIRSEQ_MARKS)
    settings_file(folder, "config", model_type="roberta")


def roberta_with_a_blank_first(folder: Path) -> None:
    vocab_json(folder, FAIRSEQ_MARKS)
    settings_file(folder, "tokenizer_config", tokenizer_class="RobertaTokenizer", add_prefix_space=True)


def gpt2(folder: Path) -> None:
    vocab_json(folder, ["<|endoftext|>"])
    settings_file(folder, "config", model_type="gpt2")


def gpt2_with_opening(folder: Path) -> None:
    vocab_json(folder, ["<|endoftext|>"])
    size = len(json.loads((folder / "vocab.json").read_text(encoding="utf-8")))
    added = {str(size): {"content": "<|pad|>", "special": True}, str(size + 1): {"content": "hotel", "lstrip": True}}
    options = {"pad_token": "<|pad|>", "add_bos_token": True, "add_prefix_space": True}
    settings_file(folder, "tokenizer_config", tokenizer_class="GPT2Tokenizer", added_tokens_decoder=added, **options)


def qwen2(folder: Path) -> None:
    vocab_json(folder, [])
    size = len(json.loads((folder / "vocab.json").read_text(encoding="utf-8")))
    marks = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    added = {str(size + rank): {"content": mark, "special": True} for rank, mark in enumerate(marks)}
    settings_file(folder, "config", model_type="qwen3")
    settings_file(
        folder,
        "tokenizer_config",
        tokenizer_class="Qwen2Tokenizer",
        added_tokens_decoder=added,
        additional_special_tokens=marks[1:],
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        bos_token=None,
    )


def saved_again(build: Callable[[Path], None]) -> Callable[[Path], None]:
    """The same tokenizer as the reference library saves it: tokenizer.json and tokenizer_config.json."""

    def build_json(folder: Path) -> None:
        (folder / "raw").mkdir()
        build(folder / "raw")
        transformers.AutoTokenizer.from_pretrained(folder / "raw").save_pretrained(folder)

    return build_json


def bert_json_with_other_settings(folder: Path) -> None:
    saved_again(bert_cased)(folder)
    backend = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    backend.add_tokens(["LOVED", "Å"])
    backend.save(str(folder / "tokenizer.json"))
    settings_file(folder, "tokenizer_config", tokenizer_class="BertTokenizer")


def gpt2_json_with_other_settings(folder: Path) -> None:
    backend = byte_pairs(["<|endoftext|>"])
    backend.save(str(folder / "tokenizer.json"))
    settings_file(
        folder, "tokenizer_config", tokenizer_class="GPT2Tokenizer", add_prefix_space=True, add_bos_token=True
    )


def modernbert(folder: Path) -> None:
    backend = byte_pairs(["<|padding|>", "<|endoftext|>"])
    backend.normalizer = normalizers.NFC()
    backend.add_tokens([AddedToken(" " * length, normalized=True) for length in range(7, 1, -1)])
    backend.add_special_tokens(["[UNK]", "[CLS]", "[SEP]", "[PAD]", AddedToken("[MASK]", lstrip=True)])
    ids = [(mark, backend.token_to_id(mark)) for mark in ("[CLS]", "[SEP]")]
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=ids
    )
    backend.save(str(folder / "tokenizer.json"))
    marks = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "mask_token": "[MASK]"}
    settings_file(folder, "config", model_type="modernbert")
    settings_file(folder, "tokenizer_config", tokenizer_class="PreTrainedTokenizerFast", unk_token="[UNK]", **marks)


def llama_backend() -> tokenizers.Tokenizer:
    learner = tokenizers.Tokenizer(models.BPE())
    learner.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(
        vocab_size=443, special_tokens=["<unk>", "<s>", "</s>", *bytes_], limit_alphabet=97, show_progress=False
    )
    learner.train_from_iterator(CORPUS, trainer)
    spec = json.loads(learner.to_str())["model"]
    merges = [tuple(merge) for merge in spec["merges"]]
    return tokenizers.Tokenizer(
        models.BPE(vocab=spec["vocab"], merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    )


def llama(folder: Path) -> None:
    """As the reference library of today saves it."""
    backend = llama_backend()
    spec = json.loads(backend.to_str())["model"]
    merges = [tuple(merge) for merge in spec["merges"]]
    transformers.LlamaTokenizer(vocab=spec["vocab"], merges=merges, add_bos_token=True).save_pretrained(folder)


def llama_as_published(folder: Path) -> None:
    """As the first files of the family were written, with a normaliser that opens every text with a blank."""
    backend = llama_backend()
    backend.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    backend.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    backend.add_special_tokens(["<unk>", "<s>", "</s>"])
    backend.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)]
    )
    backend.save(str(folder / "tokenizer.json"))
    marks = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": None}
    settings_file(folder, "tokenizer_config", tokenizer_class="PreTrainedTokenizerFast", **marks)


def xlm_roberta(folder: Path) -> None:
    learner = tokenizers.Tokenizer(models.Unigram())
    learner.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    trainer = trainers.UnigramTrainer(
        vocab_size=211, special_tokens=FAIRSEQ_MARKS[:4], unk_token="<unk>", show_progress=False
    )
    learner.train_from_iterator(CORPUS, trainer)
    pieces = [(piece, score) for piece, score in json.loads(learner.to_str())["model"]["vocab"]]
    transformers.XLMRobertaTokenizer(vocab=[*pieces, ("<mask>", 0.0)]).save_pretrained(folder)
    settings_file(folder, "config", model_type="xlm-roberta")


FOLDERS: dict[str, Callable[[Path], None]] = {
    build.__name__: build
    for build in (
        bert,
        bert_cased,
        bert_with_options,
        bert_with_accents_stripped,
        distilbert,
        electra_with_added_tokens,
        roberta,
        roberta_with_a_blank_first,
        gpt2,
        gpt2_with_opening,
        qwen2,
        bert_json_with_other_settings,
        gpt2_json_with_other_settings,
        modernbert,
        llama,
        llama_as_published,
        xlm_roberta,
    )
} | {
    f"{build.__name__}_json": saved_again(build)
    for build in (bert_cased, bert_with_options, electra_with_added_tokens, roberta_with_a_blank_first, gpt2, qwen2)
}


@pytest.fixture(scope="module", params=sorted(FOLDERS))
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Tokenizer, Any]:
    """Our tokenizer and theirs, from one folder."""
    folder = tmp_path_factory.mktemp(request.param)
    FOLDERS[request.param](folder)
    return Tokenizer.load(folder), transformers.AutoTokenizer.from_pretrained(folder)


def test_a_sentencepiece_file(tmp_path: Path) -> None:
    """Their own tool reads the file here: the reference library needs one more package for it."""
    sentencepiece = pytest.importorskip("sentencepiece", reason="writes the file")
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS), model_writer=written, vocab_size=101, hard_vocab_limit=False, minloglevel=2
    )
    (tmp_path / "sentencepiece.bpe.model").write_bytes(written.getvalue())
    settings_file(tmp_path, "config", model_type="xlm-roberta")
    ours = Tokenizer.load(tmp_path)
    other = sentencepiece.SentencePieceProcessor(model_proto=written.getvalue())
    pieces = [(other.id_to_piece(number), other.get_score(number)) for number in range(3, other.get_piece_size())]
    named = [(mark, 0.0) for mark in FAIRSEQ_MARKS]
    table = read_piece_table(tmp_path / "sentencepiece.bpe.model").characters
    theirs = transformers.XLMRobertaTokenizer(vocab=[*named[:4], *pieces, named[4]], _spm_precompiled_charsmap=table)
    for text in (*HARD, LONG):
        check((ours, theirs), text)
        check((ours, theirs), text, HARD[5])
        if "\x85" not in text:  # a line end of old, which the reference library takes for no white space
            numbers = [number + 1 if number else 3 for number in other.encode(text)]
            assert ours.encode(text).ids.tolist() == [0, *numbers, 2]


def check(both: tuple[Tokenizer, Any], text: str, pair: str | None = None) -> None:
    ours, theirs = both
    expected = theirs(text, pair)
    found = ours.encode(text, pair)
    assert found.ids.tolist() == expected["input_ids"]
    assert found.segments.tolist() == expected.encodings[0].type_ids
    assert ours.decode(found.ids) == theirs.decode(expected["input_ids"], skip_special_tokens=True)


def test_hard_texts(both: tuple[Tokenizer, Any]) -> None:
    for text in HARD:
        check(both, text)
        check(both, text, "The 房间 ")


def test_a_long_text(both: tuple[Tokenizer, Any]) -> None:
    check(both, LONG, LONG[:7_001])


@FUZZED
@given(text=TEXTS, pair=st.one_of(st.none(), TEXTS.filter(bool)))
def test_fuzzed_texts(both: tuple[Tokenizer, Any], text: str, pair: str | None) -> None:
    check(both, text, pair)


def test_vocabulary_and_special_tokens(both: tuple[Tokenizer, Any]) -> None:
    ours, theirs = both
    assert list(map(str.strip, ours.tokens())) == list(map(str.strip, theirs.convert_ids_to_tokens(range(len(theirs)))))
    for role in ("pad", "unk", "cls", "sep", "mask"):
        expected = getattr(theirs, f"{role}_token_id")
        common = {"cls": theirs.bos_token_id, "sep": theirs.eos_token_id}.get(role)
        assert getattr(ours.specials, role) in (expected, common if expected is None else expected), role


def test_saved_and_loaded_it_stays_the_same(both: tuple[Tokenizer, Any], tmp_path: Path) -> None:
    ours, theirs = both
    ours.save(tmp_path)
    again = Tokenizer.load(tmp_path)
    assert again.specials == ours.specials
    check((again, theirs), HARD[5], HARD[7])
    check((ours, transformers.AutoTokenizer.from_pretrained(tmp_path)), HARD[7], HARD[5])


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_handed_on_it_stays_the_same(name: str, tmp_path: Path) -> None:
    """Written for other tools, the reference library cuts texts as the folder is read here."""
    source, out = tmp_path / "source", tmp_path / "out"
    source.mkdir()
    FOLDERS[name](source)
    write_portable(source, out, segments="bert" in name, max_tokens=None)
    theirs = transformers.AutoTokenizer.from_pretrained(out)
    both = Tokenizer.load(source), theirs
    for text in HARD:
        check(both, text)
        check(both, text, "The 房间 ")
    again = Tokenizer.load(out)
    assert [again.encode(text).ids.tolist() for text in HARD] == [both[0].encode(text).ids.tolist() for text in HARD]
    assert (again.specials, again.tokens()) == (both[0].specials, both[0].tokens())
