"""A tokenizer in the form that every tool reads cuts texts as the folder that it comes from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from attendo.errors import ModelFolderError
from attendo.text import Tokenizer, train_tokenizer, write_portable

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "film", "##s", "电", "影", "."]
TEXTS = ["Good films.", "", "电影 bad"]


def settings(folder: Path) -> dict:
    return json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))


def ids(folder: Path) -> list[list[int]]:
    return [each.ids.tolist() for each in Tokenizer.load(folder).encode_batch(TEXTS, TEXTS[::-1])]


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """A folder with a vocabulary and nothing else."""
    folder = tmp_path / "slow"
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("segments", [True, False])
def test_a_vocabulary_becomes_whole(segments, slow, tmp_path):
    write_portable(slow, tmp_path / "out", segments=segments, max_tokens=17)
    found = settings(tmp_path / "out")
    assert found["tokenizer_class"] == "PreTrainedTokenizerFast"
    assert found["model_max_length"] == 17
    assert ("token_type_ids" in found["model_input_names"]) == segments
    assert {"input_ids", "attention_mask"} <= set(found["model_input_names"])
    assert (found["cls_token"], found["pad_token"]) == ("[CLS]", "[PAD]")
    assert ids(tmp_path / "out") == ids(slow)
    assert {each.name for each in (tmp_path / "out").iterdir()} == {
        "tokenizer.json", "tokenizer_config.json", "vocab.txt",
    }  # fmt: skip


def test_older_settings_are_joined(slow, tmp_path):
    (slow / "special_tokens_map.json").write_text('{"additional_special_tokens": ["<a>"], "mask_token": "<m>"}')
    (slow / "added_tokens.json").write_text('{"<a>": 12, "<m>": 13}')
    (slow / "tokenizer_config.json").write_text('{"padding_side": "left", "do_lower_case": false}')
    write_portable(slow, tmp_path / "out", segments=True, max_tokens=None)
    found = settings(tmp_path / "out")
    assert (found["padding_side"], found["mask_token"], "model_max_length" in found) == ("left", "<m>", False)
    assert ids(tmp_path / "out") == ids(slow)
    assert Tokenizer.load(tmp_path / "out").tokens()[12:] == ["<a>", "<m>"]
    assert not (tmp_path / "out" / "added_tokens.json").exists()


def test_one_of_ours_learns_what_the_model_reads(tmp_path):
    train_tokenizer(TEXTS * 5, vocab_size=41).save(tmp_path / "ours")
    write_portable(tmp_path / "ours", tmp_path / "out", segments=False, max_tokens=19)
    before, after = settings(tmp_path / "ours"), settings(tmp_path / "out")
    added = {"model_input_names": ["input_ids", "attention_mask"], "model_max_length": 19}
    assert after == before | added
    whole = "tokenizer.json"
    assert (tmp_path / "ours" / whole).read_bytes() == (tmp_path / "out" / whole).read_bytes()


def test_what_is_said_of_another_class_stays(slow, tmp_path):
    write_portable(slow, tmp_path / "whole", segments=True, max_tokens=17)
    path = tmp_path / "whole" / "tokenizer_config.json"
    path.write_text('{"tokenizer_class":  "BertTokenizer"}')
    write_portable(tmp_path / "whole", tmp_path / "out", segments=False, max_tokens=3)
    assert (tmp_path / "out" / "tokenizer_config.json").read_bytes() == path.read_bytes()


def test_without_a_tokenizer(tmp_path):
    with pytest.raises(ModelFolderError, match="There is no tokenizer"):
        write_portable(tmp_path, tmp_path / "out", segments=True, max_tokens=None)
    assert not (tmp_path / "out").exists()
