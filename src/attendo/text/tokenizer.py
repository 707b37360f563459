"""Cut texts into tokens of a fixed vocabulary, and put them together again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attendo.errors import ConfigError, DataError, ModelFolderError
from attendo.files import write_json, write_text, written_whole
from attendo.text.characters import checked_texts
from attendo.text.encoding import Encoding, Habits, read_encodings
from attendo.text.loading import load_backend
from attendo.text.marian import MarianBackend
from attendo.text.panics import damage_told
from attendo.text.readers import Side
from attendo.text.specials import Specials, find_specials
from attendo.text.spelling import Spelling

if TYPE_CHECKING:
    import tokenizers

_ROWS_AT_ONCE = 1024  # what the library returns takes far more memory than the texts
_BLANKS = ("\u2581", "\u0120")  # how vocabularies of pieces, and of bytes, spell a blank
_DAMAGED = "The tables of this tokenizer are damaged"
_KINDS = {"BPE": "bpe", "WordPiece": "wordpiece", "Unigram": "unigram", "WordLevel": "word"}
_ONE_BY_ONE = {"word": "char", "bpe": "characters"}  # kinds whose pieces are never longer than a character


class Tokenizer:
    """A vocabulary and the rules for cutting texts by it.

    One text becomes `[CLS] text`, a pair `[CLS] text [SEP] pair [SEP]`. A single text has no closing mark: a packed
    row knows where each text ends, so the mark would cost a token and say nothing. Loaded tokenizers keep the
    template that they were made with. Special tokens are never read out of a text: a user's "[MASK]" is plain text.
    """

    def __init__(
        self, backend: tokenizers.Tokenizer | MarianBackend, specials: Specials, *, keeps_end: bool = False
    ) -> None:
        backend.encode_special_tokens = True
        backend.no_padding()
        backend.no_truncation()
        self.specials = specials
        self.keeps_end = keeps_end
        """Whether the end of a text is what stays when it is cut to a length."""
        self._backend = backend
        _keep_blanks(backend.post_processor)
        self._normalise = _normalisation(backend)
        blanks = [number for blank in _BLANKS if (number := backend.token_to_id(blank)) is not None]
        self._blank = blanks[0] if blanks else -1

    def __repr__(self) -> str:
        return f"Tokenizer(kind={self.kind!r}, vocab_size={self.vocab_size})"

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return _again, (self._backend, self.specials, self.keeps_end)

    @property
    def kind(self) -> str:
        """The name of its kind in `TOKENIZERS`."""
        if isinstance(self._backend, MarianBackend):
            return self._backend.kind
        kind = _KINDS[type(self._backend.model).__name__]
        cutter = self._backend.pre_tokenizer
        if cutter is None or len(cutter.pre_tokenize_str("ab")) != 2:
            return kind
        return "bytes" if type(self._backend.decoder).__name__ == "ByteLevel" else _ONE_BY_ONE.get(kind, kind)

    @property
    def backend(self) -> tokenizers.Tokenizer | MarianBackend:
        """What cuts."""
        return self._backend

    @property
    def vocab_size(self) -> int:
        """Number of ids, special tokens included."""
        return self._backend.get_vocab_size()

    @property
    def frame(self) -> tuple[list[int], list[int]]:
        """The special tokens before and behind every single text."""
        found = self.encode("a")
        ids, inside = found.ids.tolist(), np.flatnonzero(found.starts < found.ends).tolist()
        return ids[: inside[0]], ids[inside[-1] + 1 :]

    def tokens(self) -> list[str]:
        """The vocabulary in the order of the ids, spelled as in tokenizer.json."""
        return [self._backend.id_to_token(number) or "" for number in range(self.vocab_size)]

    @cached_property
    def spelling(self) -> Spelling:
        """What each token adds to a text."""
        return Spelling(self._backend)

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
            encodings += self._read(self._backend, part, room)
        suspects = [number for number, encoding in enumerate(encodings) if self._reads_marks(encoding)]
        if suspects:
            again = self._read(self._blind, [[column[i] for i in suspects] for column in columns], room)
            for number, encoding in zip(suspects, again, strict=True):
                encodings[number] = encoding
        return encodings

    def _read(self, backend: Any, columns: Sequence[Sequence[str]], room: int | None) -> list[Encoding]:
        rows = columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))
        with damage_told(_DAMAGED):
            found = backend.encode_batch(rows)
        habits = Habits(normalise=self._normalise, blank=self._blank, keeps_end=self.keeps_end)
        return read_encodings(found, columns, room=room, habits=habits)

    def _reads_marks(self, encoding: Encoding) -> bool:
        """Whether a special token was read out of a text."""
        return bool(len(self._marks)) and bool(
            np.any(np.isin(encoding.ids, self._marks) & (encoding.starts < encoding.ends))
        )

    @cached_property
    def _marks(self) -> NDArray[np.int64]:
        """Special tokens that are pieces like all others to the library, so that it would read them out of a text."""
        if isinstance(self._backend, MarianBackend) or self.kind != "unigram":
            return np.zeros(0, dtype=np.int64)
        own = self._backend.get_vocab(with_added_tokens=False)
        added = self._backend.get_added_tokens_decoder()
        return np.array(sorted(number for number, token in added.items() if token.special and token.content in own))

    @cached_property
    def _blind(self) -> tokenizers.Tokenizer:
        """The same vocabulary, with names that no text holds for those tokens; made when a text needs it."""
        import tokenizers

        assert not isinstance(self._backend, MarianBackend)
        spec = json.loads(self._backend.to_str())
        for number in self._marks.tolist():
            spec["model"]["vocab"][number][0] = f"\U0010fffe{number}"
        hidden = set(self._marks.tolist())
        spec["added_tokens"] = [token for token in spec["added_tokens"] if token["id"] not in hidden]
        blind = tokenizers.Tokenizer.from_str(json.dumps(spec))
        blind.encode_special_tokens = True
        return blind

    def check_fits(self, rows: int, source: Path | str = "The tokenizer") -> None:
        """Refuse a vocabulary that leads beyond the table of vectors that its ids are rows of.

        Special tokens that no text leads to, such as a mask that the table never had, may lie outside.

        Args:
            rows: how many vectors there are.
            source: what the message calls the place of the tokenizer.
        Raises:
            ModelFolderError: if an id has no row.
        """
        outside = range(rows, self.vocab_size)
        if not outside:
            return
        framing = {int(number) for pair in (None, "") for number in self.encode("", pair).ids}
        special = self._special - framing
        reached = [number for number in outside if number not in special]
        if reached:
            raise ModelFolderError(
                f"{source}: the tokenizer's largest id is {reached[-1]} ({self._backend.id_to_token(reached[-1])!r}), "
                f"but the model has vectors for {rows:,} ids. They do not belong together: fetch both again."
            )

    @property
    def _special(self) -> set[int]:
        """Tokens that are never read out of a text."""
        if isinstance(self._backend, MarianBackend):
            return set()
        return {number for number, token in self._backend.get_added_tokens_decoder().items() if token.special}

    def decode(self, ids: Iterable[int]) -> str:
        """The text of the ids, without special tokens; what normalisation changed stays changed."""
        with damage_told(_DAMAGED):
            return self._backend.decode([int(number) for number in ids])

    def save(self, folder: Path | str) -> None:
        """Write tokenizer.json and what Hugging Face tools expect beside it; each file whole or not at all.

        Raises:
            StorageError: if the disk refuses a file.
        """
        folder = Path(folder)
        if isinstance(self._backend, MarianBackend):
            for name, content in self._backend.contents.items():
                with written_whole(folder / name) as temporary:
                    temporary.write_bytes(content)
            return
        names = {
            f"{role}_token": None if number is None else self._backend.id_to_token(number)
            for role, number in asdict(self.specials).items()
        }
        config = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False, **names}
        if self.keeps_end:
            config["truncation_side"] = "left"
        write_json(folder / "special_tokens_map.json", names)
        write_json(folder / "tokenizer_config.json", config)
        write_text(folder / "tokenizer.json", self._backend.to_str(pretty=True))

    @classmethod
    def load(cls, path: Path | str, *, side: Side = "source", language: str | None = None) -> Tokenizer:
        """Read a tokenizer from a model folder or a tokenizer.json, saved here or by Hugging Face tools.

        Folders without a tokenizer.json are read from their vocab.txt (BERT), vocab.json with merges.txt (RoBERTa,
        BART, GPT-2, Qwen2), sentencepiece.bpe.model (XLM-RoBERTa, mBART), spiece.model (T5, mT5), tokenizer.model
        (Llama), or vocab.json with source.spm and target.spm (Marian).

        Args:
            side: "target" for texts that are to be written, where these are read otherwise: Marian has pieces, and
                mBART a language of their own for them.
            language: the language that mBART's texts bear; what the settings say, else en_XX, if not given.
        Raises:
            ModelFolderError: if it is missing or damaged.
            UnsupportedError: if the files are of a kind that cannot be read.
        """
        found = load_backend(Path(path), side=side, language=language)
        return cls(found.backend, find_specials(found.backend, found.names), keeps_end=found.keeps_end)


def _again(backend: tokenizers.Tokenizer | MarianBackend, specials: Specials, keeps_end: bool) -> Tokenizer:
    return Tokenizer(backend, specials, keeps_end=keeps_end)


def _normalisation(backend: tokenizers.Tokenizer | MarianBackend) -> Callable[[str], str]:
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
