"""Learn a vocabulary from texts; every kind of tokenizer is one line of `TOKENIZERS`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from attendo.errors import ConfigError, DataError
from attendo.text.characters import CJK, JOINERS, checked_texts
from attendo.text.normalise import Normalisation
from attendo.text.specials import SPECIAL_TOKENS, Specials
from attendo.text.tokenizer import Tokenizer

if TYPE_CHECKING:
    import tokenizers
    from tokenizers.processors import TemplateProcessing

# For Oniguruma. Words are those of `split_words`, except that every symbol stands alone, also within one emoji.
_LETTER = rf"[\p{{L}}\p{{N}}&&[^{CJK}]]"
_RUN = rf"{_LETTER}[\p{{L}}\p{{N}}\p{{M}}{JOINERS}&&[^{CJK}]]*"
_LINK = rf"(?:['\u2018\u2019\u02bc](?={_LETTER})|_+(?={_LETTER})|(?<=\p{{Nd}})[.,](?=\p{{Nd}}))"
_WORD = rf"{_RUN}(?:{_LINK}{_RUN})*|[^\s]"
_CLAUSE_PART = r" ?[\p{L}\p{M}]+(?:['\u2019]\p{L}+)*| ?\p{N}+| ?[^\s\p{L}\p{M}\p{N}]+|\s+(?!\S)|\s+"
_LEAST_ENTRIES = {"bpe": 256, "bytes": 256, "characters": 257, "unigram": 2}  # every byte; a blank and a character
_CHARACTER = r"[\s\S]"
_BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))
_NO_BLANK_BEFORE = rf"^ (?=[{CJK}，。、；：？！）》」』”’.,;:?!)%\]}}])"


@dataclass(frozen=True, kw_only=True)
class TokenizerKind:
    """One way to cut texts into tokens."""

    description: str
    """One line for people who have to choose."""
    build: Callable[[list[str], int, int], tokenizers.Tokenizer]
    """From normalised texts, the size of the vocabulary and the least frequency to a trained vocabulary."""


def train_tokenizer(
    texts: Iterable[str],
    *,
    kind: str = "wordpiece",
    vocab_size: int = 8000,
    normalisation: Normalisation | None = None,
    min_frequency: int = 2,
    single: str = "[CLS] $A",
    marks: Sequence[str] = (),
) -> Tokenizer:
    """Learn a vocabulary. The same texts and settings give the same vocabulary, whatever the machine.

    Args:
        kind: a name in `TOKENIZERS`.
        vocab_size: number of ids at most, special tokens included.
        normalisation: what to make alike first; the default one if not given.
        min_frequency: how often a character, piece or word must occur to be learned; what is rarer becomes [UNK],
            which so learns to stand for the unknown. Byte-level BPE knows every character anyway.
        single: where special tokens stand around a text, `$A`.
        marks: more special tokens, which get the last ids in this order, beyond `vocab_size`.
    Raises:
        ConfigError: if a setting is out of range.
        DataError: if there is no text to learn from.
    """
    problems = []
    if kind not in TOKENIZERS:
        problems.append(f"`kind` must be one of {', '.join(TOKENIZERS)}, but is {kind!r}.")
    smallest = len(SPECIAL_TOKENS) + _LEAST_ENTRIES.get(kind, 1)
    if vocab_size < smallest:
        problems.append(f"`vocab_size` must be at least {smallest}, but is {vocab_size}.")
    if min_frequency < 1:
        problems.append(f"`min_frequency` must be at least 1, but is {min_frequency}.")
    if problems:
        raise ConfigError(problems)
    normalisation = normalisation or Normalisation()
    normalised = [normalisation(text) for text in checked_texts(texts)]
    if not any(text.strip() for text in normalised):
        raise DataError("There is no text to learn a vocabulary from: every text is empty.")
    backend = TOKENIZERS[kind].build(normalised, vocab_size, min_frequency)
    if backend.get_vocab_size() <= len(SPECIAL_TOKENS):
        raise DataError(f"Nothing in the texts occurs {min_frequency} times. Give more, or lower `min_frequency`.")
    backend.normalizer = normalisation.to_tokenizers()
    backend.post_processor = _template(single)
    backend.add_special_tokens([*SPECIAL_TOKENS, *marks])
    return Tokenizer(backend, Specials())


def _template(single: str) -> TemplateProcessing:
    """The library's rule for where special tokens go; a second text follows a closed first one, and is closed."""
    from tokenizers.processors import TemplateProcessing

    ids = [(token, SPECIAL_TOKENS.index(token)) for token in ("[CLS]", "[SEP]")]
    closed = single if single.endswith("[SEP]") else f"{single} [SEP]"
    return TemplateProcessing(single=single, pair=f"{closed} $B:1 [SEP]:1", special_tokens=ids)


def _bpe(texts: list[str], vocab_size: int, min_frequency: int) -> tokenizers.Tokenizer:
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_CLAUSE_PART), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=min_frequency,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    backend.train_from_iterator(texts, trainer)
    return backend


def _wordpiece(texts: list[str], vocab_size: int, min_frequency: int) -> tokenizers.Tokenizer:
    from tokenizers import Tokenizer, models, trainers

    def backend(vocabulary: dict[str, int]) -> tokenizers.Tokenizer:
        model = models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=200)
        return _with_words(Tokenizer(model))

    draft = backend({})
    cutter = draft.pre_tokenizer
    entries: list[str] = []
    known: set[str] = set()
    for character in _frequent_characters(texts, min_frequency):
        if character.isspace():
            continue
        inner = any(len(cutter.pre_tokenize_str(f"{side}{character}{side}")) == 1 for side in "a1")
        forms = [character, f"##{character}"] if inner else [character]
        if len(SPECIAL_TOKENS) + len(entries) + len(forms) > vocab_size:
            break
        known.add(character)
        entries += forms
    # The trainer numbers the inner forms of characters in the order of a hash table, and breaks ties by these numbers.
    # Given beforehand as special tokens, they have fixed ones.
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocab_size,
        min_frequency=min_frequency,
        special_tokens=[*SPECIAL_TOKENS, *entries],
        show_progress=False,
    )
    draft.train_from_iterator(_parts_of(texts, known), trainer)
    return backend(draft.get_vocab())


def _unigram(texts: list[str], vocab_size: int, min_frequency: int) -> tokenizers.Tokenizer:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    def backend(model: models.Unigram) -> tokenizers.Tokenizer:
        tokenizer = Tokenizer(model)
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Metaspace(prepend_scheme="never"), pre_tokenizers.Punctuation("isolated")]
        )
        tokenizer.decoder = decoders.Metaspace(prepend_scheme="never")
        return tokenizer

    draft = backend(models.Unigram())
    known = set(_frequent_characters(texts, min_frequency)[: vocab_size - len(SPECIAL_TOKENS) - 1])
    trainer = trainers.UnigramTrainer(
        vocab_size=vocab_size, special_tokens=list(SPECIAL_TOKENS), unk_token="[UNK]", show_progress=False
    )
    draft.train_from_iterator(_parts_of(texts, known), trainer)
    pieces = json.loads(draft.to_str())["model"]["vocab"][len(SPECIAL_TOKENS) :]
    vocabulary = [(token, 0.0) for token in SPECIAL_TOKENS] + _settled(pieces)
    return backend(models.Unigram(vocabulary, unk_id=SPECIAL_TOKENS.index("[UNK]")))


def _settled(pieces: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """Pieces and scores without what the order of a hash table left in them.

    Single characters that the trainer had dropped come back in random order, each 0.0001 above the one before, from
    the lowest score on; sums over words in random order differ in the last digits.
    """
    step = 1e-4
    lowest = min((score for _, score in pieces), default=0.0)
    singles = sum(len(piece) == 1 for piece, _ in pieces)

    def settle(piece: str, score: float) -> float:
        rank = (score - lowest) / step
        came_back = len(piece) == 1 and rank < singles and abs(rank - round(rank)) < 1e-5
        return round(lowest if came_back else score, 6)

    return sorted(((piece, settle(piece, score)) for piece, score in pieces), key=lambda entry: (-entry[1], entry[0]))


def _char(texts: list[str], vocab_size: int, min_frequency: int) -> tokenizers.Tokenizer:
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

    backend = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.Split(Regex(_CHARACTER), "isolated")
    backend.decoder = decoders.Fuse()
    return _count_whole(backend, texts, vocab_size, min_frequency)


def _characters(texts: list[str], vocab_size: int, min_frequency: int) -> tokenizers.Tokenizer:
    """Pieces that are never joined: what is in the vocabulary is one character, all else is spelled in bytes."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

    blank = [" "] if any(" " in text for text in texts) else []
    entries = [*SPECIAL_TOKENS, *_BYTES, *blank, *_frequent_characters(texts, min_frequency)][:vocab_size]
    vocabulary = {token: number for number, token in enumerate(entries)}
    backend = Tokenizer(models.BPE(vocabulary, [], unk_token="[UNK]", byte_fallback=True))
    backend.pre_tokenizer = pre_tokenizers.Split(Regex(_CHARACTER), "isolated")
    backend.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
    return backend


def _bytes(texts: list[str], vocab_size: int, min_frequency: int) -> tokenizers.Tokenizer:
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate([*SPECIAL_TOKENS, *alphabet])}
    backend = Tokenizer(models.BPE(vocabulary, []))
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_CHARACTER), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    backend.decoder = decoders.ByteLevel()
    return backend


def _word(texts: list[str], vocab_size: int, min_frequency: int) -> tokenizers.Tokenizer:
    from tokenizers import Tokenizer, models

    backend = _with_words(Tokenizer(models.WordLevel(unk_token="[UNK]")))
    return _count_whole(backend, texts, vocab_size, min_frequency)


def _with_words(backend: tokenizers.Tokenizer) -> tokenizers.Tokenizer:
    """Cut at the borders of words, and decode with blanks between words that are not Chinese."""
    from tokenizers import Regex, decoders, pre_tokenizers

    backend.pre_tokenizer = pre_tokenizers.Split(Regex(_WORD), "removed", invert=True)
    backend.decoder = decoders.Sequence(
        [decoders.WordPiece(prefix="##", cleanup=False), decoders.Replace(Regex(_NO_BLANK_BEFORE), "")]
    )
    return backend


def _count_whole(
    backend: tokenizers.Tokenizer, texts: list[str], vocab_size: int, min_frequency: int
) -> tokenizers.Tokenizer:
    from tokenizers.trainers import WordLevelTrainer

    trainer = WordLevelTrainer(
        vocab_size=vocab_size, min_frequency=min_frequency, special_tokens=list(SPECIAL_TOKENS), show_progress=False
    )
    backend.train_from_iterator(texts, trainer)
    return backend


def _frequent_characters(texts: list[str], min_frequency: int) -> list[str]:
    """The characters other than the blank that occur often enough, the most frequent first."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text)
    often = [character for character, count in counts.items() if count >= min_frequency and character != " "]
    return sorted(often, key=lambda character: (-counts[character], character))


def _parts_of(texts: list[str], known: set[str]) -> Iterable[str]:
    """The texts cut at every character that will not be in the vocabulary."""
    unknown = set().union(*texts) - known - {" "}
    cut = dict.fromkeys(map(ord, unknown), "\0")
    for text in texts:
        yield from text.translate(cut).split("\0")


TOKENIZERS: Mapping[str, TokenizerKind] = MappingProxyType(
    {
        "wordpiece": TokenizerKind(
            description="words, cut in pieces where rare; Chinese by character", build=_wordpiece
        ),
        "bpe": TokenizerKind(description="pieces of bytes: nothing is ever unknown, nothing is lost", build=_bpe),
        "unigram": TokenizerKind(description="the likeliest pieces, also across Chinese characters", build=_unigram),
        "char": TokenizerKind(description="every character, blanks included", build=_char),
        "characters": TokenizerKind(
            description="every character, rare ones by their bytes: nothing is ever unknown", build=_characters
        ),
        "bytes": TokenizerKind(description="every byte: the same vocabulary for all texts", build=_bytes),
        "word": TokenizerKind(description="whole words; Chinese by character", build=_word),
    }
)
"""Every kind of tokenizer that can be trained, by its name."""
