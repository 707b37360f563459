"""Cut texts into tokens of a fixed vocabulary, and put them together again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from attendo.errors import ConfigError, DataError, ModelFolderError, StorageError
from attendo.text.characters import without_surrogates
from attendo.text.encoding import Encoding, exact_offsets, word_numbers
from attendo.text.specials import Specials, find_specials

if TYPE_CHECKING:
    import tokenizers

_KINDS = {"BPE": "bpe", "WordPiece": "wordpiece", "Unigram": "unigram", "WordLevel": "word"}


class Tokenizer:
    """A vocabulary and the rules for cutting texts by it.

    One text becomes `[CLS] text`, a pair `[CLS] text [SEP] pair [SEP]`. A single text has no closing mark: a packed
    row knows where each text ends, so the mark would cost a token and say nothing. Loaded tokenizers keep the
    template that they were made with. Special tokens are never read out of a text: a user's "[MASK]" is plain text.
    """

    def __init__(self, backend: tokenizers.Tokenizer, specials: Specials) -> None:
        backend.encode_special_tokens = True
        backend.no_padding()
        backend.no_truncation()
        self.specials = specials
        self._backend = backend
        self._normalise = str if backend.normalizer is None else lru_cache(4096)(backend.normalizer.normalize_str)
        self._blank = -1 if (blank := backend.token_to_id("\u2581")) is None else blank

    def __repr__(self) -> str:
        return f"Tokenizer(kind={self.kind!r}, vocab_size={self.vocab_size})"

    def __reduce__(self) -> tuple[type[Tokenizer], tuple[tokenizers.Tokenizer, Specials]]:
        return Tokenizer, (self._backend, self.specials)

    @property
    def kind(self) -> str:
        """The name of its kind in `TOKENIZERS`."""
        kind = _KINDS[type(self._backend.model).__name__]
        cutter = self._backend.pre_tokenizer
        return "char" if kind == "word" and cutter and len(cutter.pre_tokenize_str("ab")) == 2 else kind

    @property
    def vocab_size(self) -> int:
        """Number of ids, special tokens included."""
        return self._backend.get_vocab_size()

    def tokens(self) -> list[str]:
        """The vocabulary in the order of the ids, spelled as in tokenizer.json."""
        return [self._backend.id_to_token(number) or "" for number in range(self.vocab_size)]

    def encode(self, text: str, pair: str | None = None, *, max_tokens: int | None = None) -> Encoding:
        """The tokens of one text or pair; see `encode_batch`."""
        return self.encode_batch([text], None if pair is None else [pair], max_tokens=max_tokens)[0]

    def encode_batch(
        self, texts: Sequence[str], pairs: Sequence[str] | None = None, *, max_tokens: int | None = None
    ) -> list[Encoding]:
        """The tokens of many texts or pairs, special tokens included.

        Args:
            max_tokens: cut longer ones to this many: a single text keeps its start, of a pair the longer text gives
                way first.
        Raises:
            DataError: if a text is not a string, or texts and pairs differ in number.
            ConfigError: if `max_tokens` has no room for the special tokens.
        """
        columns = [_strings(column, name) for column, name in ((texts, "texts"), (pairs, "pairs")) if column is not None]
        if len({len(column) for column in columns}) > 1:
            raise DataError(f"`pairs` must be as many as `texts` ({len(columns[0])}), but are {len(columns[1])}.")
        reserved = self._backend.num_special_tokens_to_add(len(columns) == 2)
        if max_tokens is not None and max_tokens < reserved:
            raise ConfigError(f"`max_tokens` must leave room for the {reserved} special tokens, but is {max_tokens}.")
        rows = list(zip(*columns, strict=True))
        encodings = []
        for row, found in zip(rows, self._backend.encode_batch(rows if pairs is not None else columns[0]), strict=True):
            length = len(found)
            if max_tokens is not None and length > max_tokens:
                found = self._cut(row, max_tokens - reserved)
            encodings.append(self._read(found, row, truncated=length - len(found)))
        return encodings

    def decode(self, ids: Iterable[int]) -> str:
        """The text of the ids, without special tokens; what normalisation changed stays changed."""
        return self._backend.decode([int(number) for number in ids])

    def save(self, folder: Path | str) -> None:
        """Write tokenizer.json and what Hugging Face tools expect beside it; each file whole or not at all.

        Raises:
            StorageError: if the disk refuses a file.
        """
        names = {f"{role}_token": self._backend.id_to_token(number) for role, number in asdict(self.specials).items()}
        config = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False, **names}
        folder = Path(folder)
        _write_whole(folder / "special_tokens_map.json", json.dumps(names, ensure_ascii=False, indent=2))
        _write_whole(folder / "tokenizer_config.json", json.dumps(config, ensure_ascii=False, indent=2))
        _write_whole(folder / "tokenizer.json", self._backend.to_str(pretty=True))

    @classmethod
    def load(cls, path: Path | str) -> Tokenizer:
        """Read a tokenizer from a model folder or a tokenizer.json, saved here or by Hugging Face tools.

        Raises:
            ModelFolderError: if it is missing or damaged, or lacks a special token.
        """
        import tokenizers

        file = Path(path) / "tokenizer.json" if Path(path).is_dir() else Path(path)
        try:
            backend = tokenizers.Tokenizer.from_str(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ModelFolderError(f"There is no {file}. Give a model folder or its tokenizer.json.") from None
        except Exception as error:  # the library raises nothing more precise
            raise ModelFolderError(
                f"{file} is not a tokenizer ({error}). It may be cut short or changed: save or fetch it again."
            ) from None
        return cls(backend, find_specials(backend, file))

    def _cut(self, row: tuple[str, ...], room: int) -> tokenizers.Encoding:
        """Encode one text or pair anew, with `room` tokens of text in it."""
        parts = self._backend.encode_batch(list(row), add_special_tokens=False)
        for part, length in zip(parts, _share(room, [len(part) for part in parts]), strict=True):
            part.truncate(length)
        return self._backend.post_process(*parts)

    def _read(self, found: tokenizers.Encoding, row: tuple[str, ...], *, truncated: int) -> Encoding:
        """Take over what the library found, with exact places."""
        ids = np.array(found.ids, dtype=np.int32)
        starts, ends = np.array(found.offsets, dtype=np.int32).reshape(-1, 2).T.copy()
        words = np.full(len(ids), -1, dtype=np.int32)
        sequence = np.array([-1 if number is None else number for number in found.sequence_ids], dtype=np.int32)
        for number, text in enumerate(row):
            own = np.flatnonzero(sequence == number)
            if len(own):
                blank = ids[own] == self._blank
                starts[own], ends[own] = exact_offsets(text, starts[own], ends[own], self._normalise, blank)
                words[own] = word_numbers(text, starts[own], ends[own])
        segments = np.array(found.type_ids, dtype=np.int32)
        return Encoding(ids=ids, starts=starts, ends=ends, words=words, segments=segments, truncated=truncated)


def _share(room: int, lengths: list[int]) -> list[int]:
    """How much of each text to keep, so that all fit: the longer one gives way, equals keep half each."""
    if len(lengths) == 1:
        return [min(room, lengths[0])]
    first, second = lengths
    if first <= second:
        first = min(first, room - room // 2)
        return [first, min(second, room - first)]
    second = min(second, room // 2)
    return [min(first, room - second), second]


def _strings(texts: Sequence[str], name: str) -> list[str]:
    """The texts, ready for the library, which takes no lone surrogates."""
    if isinstance(texts, str):
        raise DataError(f"`{name}` must be a list of texts, but is one text; put it in brackets, or use `encode`.")
    for place, text in enumerate(texts, start=1):
        if not isinstance(text, str):
            raise DataError(f"Every one of `{name}` must be a string, but number {place} is {text!r}.")
    return [without_surrogates(text) for text in texts]


def _write_whole(file: Path, content: str) -> None:
    """Replace a file in one step, so that a reader finds the old or the new content and never half of it."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("w", encoding="utf-8") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise StorageError(f"{file} could not be written: {error.strerror or error}.") from error
