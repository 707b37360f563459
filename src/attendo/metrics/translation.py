"""How near translations come to those of people: BLEU and chrF as sacreBLEU counts them (arXiv 1804.08771).

Both are computed from counts that are summed over all texts, not from scores of single texts. Their intervals come
from sums over resampled texts (Koehn 2004).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise, zip_longest
from typing import Any, ClassVar

import numpy as np

from attendo.errors import ConfigError, UnsupportedError
from attendo.metrics.bootstrap import Interval, PairedDifference, intervals, paired_bootstrap
from attendo.metrics.classification import ClassScore, ratio
from attendo.metrics.sums import Floats, Metric, SumMetric, of_counts
from attendo.metrics.units import primary_language, reference_lists, written_language

BLEU_TOKENIZERS = ("13a", "zh", "ja-mecab", "ko-mecab", "intl", "char", "none")
"""How words are told apart for BLEU; those of sacreBLEU that need no download."""

_BY_LANGUAGE = {"zh": "zh", "ja": "ja-mecab", "ko": "ko-mecab"}
_USUAL = "13a"
_ORDER = 4  # the longest run of words that BLEU counts
_CHARACTERS, _WORDS = 6, 2  # the longest runs that chrF++ counts; chrF counts no words
_BETA = 2  # how much more recall counts than precision


@dataclass(frozen=True, kw_only=True)
class TranslationScores:
    """Scores of translations from 0 to 100, as they are usually published."""

    num_examples: int
    bleu: Interval
    chrf: Interval
    chrf_words: Interval
    """chrF++, which counts single words and pairs of words too."""
    bleu_lowercase: Interval
    length_ratio: Interval
    """How many words there are for each of the references, as BLEU counts them; below 1 it lowers BLEU."""
    bleu_signature: str
    """How BLEU was counted, in sacreBLEU's words."""
    chrf_signature: str
    note: str | None = None
    """What is unusual about how words were told apart."""
    classes: ClassVar[tuple[ClassScore, ...]] = ()
    """Translations are of no classes."""
    class_f1: ClassVar[tuple[Interval, ...]] = ()

    def as_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries, texts and numbers, ready for JSON."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def score_translation(
    outputs: Sequence[str],
    references: Sequence[str | Sequence[str]],
    *,
    language: str | None = None,
    tokenizer: str | None = None,
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> TranslationScores:
    """Score a translation of each text against one or several that are right.

    Args:
        language: of the translations, such as `de` or `zh-CN`; found from the references' script if not given.
        tokenizer: a name from `BLEU_TOKENIZERS`; by default the usual one of the language.

    Raises:
        ShapeError: if there are not as many references as outputs.
        ConfigError: if the tokenizer is not known.
        UnsupportedError: if the tokenizer that is asked for needs a package that is not installed.
    """
    right = reference_lists(outputs, references)
    chosen, note = _tokenizer(right, language, tokenizer)
    cased, lower = _bleu(chosen), _bleu(chosen, lowercase=True)
    characters, words = _chrf(0), _chrf(_WORDS)
    counted = [_counts(metric, outputs, right) for metric in (cased, lower, characters, words)]
    ends = np.cumsum([0, *(rows.shape[1] for rows in counted)])
    parts = [slice(start, end) for start, end in pairwise(ends)]
    found = intervals(
        {
            "bleu": _of_part(parts[0], _bleu_of),
            "bleu_lowercase": _of_part(parts[1], _bleu_of),
            "length_ratio": _of_part(parts[0], _length_ratio),
            "chrf": _of_part(parts[2], _chrf_of),
            "chrf_words": _of_part(parts[3], _chrf_of),
        },
        np.hstack(counted),
        resamples=resamples,
        seed=seed,
        level=level,
    )
    return TranslationScores(
        num_examples=len(outputs),
        bleu_signature=str(cased.get_signature()),
        chrf_signature=str(characters.get_signature()),
        note=note,
        **found,
    )


def paired_bleu(
    references: Sequence[str | Sequence[str]],
    ours: Sequence[str],
    theirs: Sequence[str],
    *,
    language: str | None = None,
    tokenizer: str | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> PairedDifference:
    """How much higher the BLEU of our translations is than that of others of the same texts."""
    chosen, _ = _tokenizer(reference_lists(ours, references), language, tokenizer)
    return _paired(_bleu(chosen), of_counts(_bleu_of), references, ours, theirs, resamples, seed)


def paired_chrf(
    references: Sequence[str | Sequence[str]],
    ours: Sequence[str],
    theirs: Sequence[str],
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> PairedDifference:
    """How much higher the chrF of our translations is than that of others of the same texts."""
    return _paired(_chrf(0), of_counts(_chrf_of), references, ours, theirs, resamples, seed)


def text_chrf(outputs: Sequence[str], references: Sequence[str | Sequence[str]]) -> Floats:
    """The chrF of each text by itself, from 0 to 100; for single texts BLEU says little."""
    return _chrf_of(_counts(_chrf(0), outputs, reference_lists(outputs, references)))


def bleu_tokenizer(language: str) -> tuple[str, str | None]:
    """The usual tokenizer of a language, and what is to be said where another one takes its place."""
    usual = _BY_LANGUAGE.get(primary_language(language), _USUAL)
    try:
        _bleu(usual)
    except UnsupportedError as error:
        return "char", f"BLEU counts characters. {error}"
    return usual, None


def _tokenizer(
    references: Sequence[Sequence[str]], language: str | None, tokenizer: str | None
) -> tuple[str, str | None]:
    if tokenizer is None:
        return bleu_tokenizer(language or written_language(text for each in references for text in each))
    if tokenizer not in BLEU_TOKENIZERS:
        raise ConfigError(f"`tokenizer` is `{tokenizer}`; it may be {', '.join(BLEU_TOKENIZERS)}.")
    return tokenizer, None


def _bleu(tokenizer: str, *, lowercase: bool = False) -> Any:
    from sacrebleu.metrics.bleu import BLEU

    try:
        return BLEU(tokenize=tokenizer, lowercase=lowercase, force=True)
    except RuntimeError:
        extra = tokenizer.removesuffix("-mecab")
        raise UnsupportedError(
            f"The tokenizer `{tokenizer}` needs packages that are not installed. Run `pip install sacrebleu[{extra}]`."
        ) from None


def _chrf(words: int) -> Any:
    from sacrebleu.metrics.chrf import CHRF

    return CHRF(char_order=_CHARACTERS, word_order=words, beta=_BETA)


def _counts(metric: Any, outputs: Sequence[str], references: Sequence[Sequence[str]]) -> Floats:
    """What the metric counts of each text; its public methods give no more than the final score."""
    columns = [list(column) for column in zip_longest(*references)]  # None where a text has fewer references
    return np.array(metric._extract_corpus_statistics(list(outputs), columns), dtype=np.float64)


def _bleu_of(sums: Floats) -> Floats:
    """BLEU (Papineni et al. 2002) with orders that nothing matches smoothed as by mteval (`exp`)."""
    written, right = sums[..., 0], sums[..., 1]
    matched, total = sums[..., 2 : 2 + _ORDER], sums[..., 2 + _ORDER :]
    misses = np.cumsum(matched == 0, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = np.where(matched == 0, 0.5**misses, matched) / total
        precision = np.where(total == 0, 0.0, precision)
        brevity = np.where(written < right, np.exp(1 - right / written), 1.0)
        mean = np.exp(np.log(precision).mean(axis=-1))
    return np.where(matched.any(axis=-1), 100 * brevity * mean, 0.0)


def _length_ratio(sums: Floats) -> Floats:
    return ratio(sums[..., 0], sums[..., 1])


def _chrf_of(sums: Floats) -> Floats:
    """F of the mean precision and recall over the orders that both sides have (Popović 2015)."""
    counts = sums.reshape(*sums.shape[:-1], -1, 3)
    written, right, matched = counts[..., 0], counts[..., 1], counts[..., 2]
    known = (written > 0) & (right > 0)
    orders = np.maximum(known.sum(axis=-1), 1)
    precision = ratio(matched * known, written).sum(axis=-1) / orders
    recall = ratio(matched * known, right).sum(axis=-1) / orders
    return 100 * ratio((1 + _BETA**2) * precision * recall, _BETA**2 * precision + recall)


def _of_part(part: slice, finish: Any) -> SumMetric[Any]:
    def score(sums: Floats) -> Floats:
        """The score of some of the columns."""
        return finish(sums[..., part])

    return of_counts(score)


def _paired(
    counting: Any,
    metric: Metric,
    references: Sequence[str | Sequence[str]],
    ours: Sequence[str],
    theirs: Sequence[str],
    resamples: int,
    seed: int,
) -> PairedDifference:
    both = [_counts(counting, each, reference_lists(each, references)) for each in (ours, theirs)]
    return paired_bootstrap(metric, np.zeros(len(ours)), *both, resamples=resamples, seed=seed)
