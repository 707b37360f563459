"""Cut texts into tokens of a fixed vocabulary, and put them together again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attendo.errors import ConfigError, DataError
from attendo.files import write_json, write_text
from attendo.text.characters import checked_texts
from attendo.text.encoding import Encoding, read_encodings
from attendo.text.loading import load_backend
from attendo.text.specials import Specials, find_specials

if TYPE_CHECKING:
    import tokenizers

_ROWS_AT_ONCE = 1024  # what the library returns takes far more memory than the texts
_BLANKS = ("\u2581", "\u0120")  # how vocabularies of pieces, and of bytes, spell a blank
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
        _keep_blanks(backend.post_processor)
        self._normalise = _normalisation(backend)
        blanks = [number for blank in _BLANKS if (number := backend.token_to_id(blank)) is not None]
        self._blank = blanks[0] if blanks else -1

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
        columns = [checked_texts(texts, "texts")]
        if pairs is not None:
            columns.append(checked_texts(pairs, "pairs"))
            if len(columns[0]) != len(columns[1]):
                raise DataError(f"`pairs` must be as many as `texts` ({len(columns[0])}), but are {len(columns[1])}.")
        reserved = self._backend.num_special_tokens_to_add(pairs is not None)
        if max_tokens is not None and max_tokens < reserved:
            raise ConfigError(f"`max_tokens` must leave room for the {reserved} special tokens, but is {max_tokens}.")
        room = None if max_tokens is None else max_tokens - reserved
        encodings: list[Encoding] = []
        for start in range(0, len(columns[0]), _ROWS_AT_ONCE):
            part = [column[start : start + _ROWS_AT_ONCE] for column in columns]
            found = self._backend.encode_batch(part[0] if pairs is None else list(zip(*part, strict=True)))
            encodings += read_encodings(found, part, room=room, normalise=self._normalise, blank=self._blank)
        return encodings

    def decode(self, ids: Iterable[int]) -> str:
        """The text of the ids, without special tokens; what normalisation changed stays changed."""
        return self._backend.decode([int(number) for number in ids])

    def save(self, folder: Path | str) -> None:
        """Write tokenizer.json and what Hugging Face tools expect beside it; each file whole or not at all.

        Raises:
            StorageError: if the disk refuses a file.
        """
        names = {
            f"{role}_token": None if number is None else self._backend.id_to_token(number)
            for role, number in asdict(self.specials).items()
        }
        config = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False, **names}
        write_json(Path(folder) / "special_tokens_map.json", names)
        write_json(Path(folder) / "tokenizer_config.json", config)
        write_text(Path(folder) / "tokenizer.json", self._backend.to_str(pretty=True))

    @classmethod
    def load(cls, path: Path | str) -> Tokenizer:
        """Read a tokenizer from a model folder or a tokenizer.json, saved here or by Hugging Face tools.

        Folders without a tokenizer.json are read from their vocab.txt (BERT), vocab.json with merges.txt (RoBERTa,
        GPT-2, Qwen2) or sentencepiece.bpe.model (XLM-RoBERTa).

        Raises:
            ModelFolderError: if it is missing or damaged.
            UnsupportedError: if the files are of a kind that cannot be read.
        """
        backend, names = load_backend(Path(path))
        return cls(backend, find_specials(backend, names))


def _normalisation(backend: tokenizers.Tokenizer) -> Callable[[str], str]:
    """What the tokenizer makes of a part of a text, without what it puts before every text."""
    if backend.normalizer is None:
        return str
    normalise = backend.normalizer.normalize_str
    sample = normalise("a")
    prefix = sample[:-1] if sample.endswith("a") else ""
    return lru_cache(4096)(lambda text: normalise(text).removeprefix(prefix))


def _keep_blanks(processor: Any) -> None:
    """Let tokens keep the places of their blanks; `exact_offsets` drops those that belong to a word."""
    if hasattr(processor, "trim_offsets"):
        processor.trim_offsets = False
    elif type(processor).__name__ == "Sequence":
        for step in processor:
            _keep_blanks(step)
