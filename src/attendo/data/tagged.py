"""Reading texts whose words have tags, and texts that are to get them; everything wrong with a file is said at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from attendo.data.encodings import detect_encoding, read_lines
from attendo.data.examples import read_text_column
from attendo.data.formats import plain_suffix
from attendo.data.formats.conll import (
    Sentence,
    TableChoices,
    WordTable,
    find_table,
    read_sentences,
)
from attendo.data.formats.json_lines import read_json_lines
from attendo.data.input_kinds import JSON_SUFFIXES, holds_words, is_binary_table, is_table
from attendo.data.other_tasks import refuse_other_tasks
from attendo.data.readings import Reading
from attendo.data.rows import OnProblem, ReadOptions, Row, stop_at_first
from attendo.data.settings import DataSettings
from attendo.data.tag_settings import TagDataSettings
from attendo.data.tagged_json import cut_words, has_words, labelled_text, listed_words, plain_text
from attendo.data.tagged_text import TaggedText, found_between, have_digits, join_words, without_digits
from attendo.errors import DataError
from attendo.spans import SCHEMES, detect_scheme, find_scheme, read_tags, unknown_tags, write_tags

_SAMPLE = 2000  # lines by which a file is judged
_LONG = 1000  # words that are hardly one sentence
_NEVER = (".parquet", ".pq", ".xlsx", ".xls", ".ods")


@dataclass(kw_only=True)
class TaggedReading(Reading[TaggedText]):
    """The texts of a file, how they were written there, and what happened to its other lines."""

    texts: list[TaggedText] = field(default_factory=list)
    scheme: str = "BIO"
    """In which the file was written; the texts have BIO, or `plain`."""
    table: WordTable | None = None
    between: str = " "
    strip_digits: bool = False
    repairs: int = 0
    repaired_first: int | None = None
    """The line of the first text that had a tag repaired."""
    widened: int = 0
    """Spans that began or ended inside a word."""
    widened_first: int | None = None
    """The line of the first of them."""
    dropped: list[int] = field(default_factory=list)
    """The lines of words that were empty."""

    @property
    def records(self) -> list[TaggedText]:
        """The texts."""
        return self.texts

    def notes(self, path: Path) -> list[str]:
        """What was guessed, repaired and left out, as sentences."""
        notes = []
        if self.table is not None and self.table.width > 2:
            notes.append(f"words are in column {self.table.word}, tags in column {self.table.tag}, counted from 0.")
        if self.table is not None:
            each = (
                "each word has a label of its own." if self.scheme == "plain" else f"tags are written in {self.scheme}."
            )
            notes.append(each)
        if self.strip_digits:
            notes.append("each word ended in a digit that is not part of it, which was taken off.")
        if self.table is not None and len(self.texts) == 1 and len(self.texts[0].words) > _LONG:
            notes.append(f"all {len(self.texts[0].words):,} words are one text, since no empty line parts them.")
        if self.repairs:
            tags = "1 tag that breaks" if self.repairs == 1 else f"{self.repairs:,} tags that break"
            notes.append(f"repaired {tags} the scheme, the first in the text of line {self.repaired_first}.")
        if self.widened:
            spans = "1 span begins or ends" if self.widened == 1 else f"{self.widened:,} spans begin or end"
            taken = "taken for the whole word, unless two share it"
            notes.append(f"{spans} inside a word, the first on line {self.widened_first}; {taken}.")
        if self.dropped:
            words = "1 empty word" if len(self.dropped) == 1 else f"{len(self.dropped):,} empty words"
            notes.append(f"left out {words}, the first on line {self.dropped[0]}.")
        return [f"{path}: {note}" for note in notes]


def read_tagged(path: Path | str, settings: TagDataSettings | None = None) -> TaggedReading:
    """Read all of a file of tagged texts, gathering its problems instead of raising them.

    Raises:
        DataError: the file is missing or empty, has no tags, or is meant for another task.
        ConfigError: a column is missing.
    """
    path, settings = Path(path), settings or TagDataSettings()
    encoding = _encoding(path, settings)
    sample = list(islice(read_lines(path, encoding), _SAMPLE))
    if not any(map(str.strip, sample)):
        raise DataError("it is empty.", path=path)
    is_json = _is_json(path, settings, sample)
    named = settings.word is not None or settings.tag is not None
    refuse_other_tasks(sample, path, is_json=is_json, columns_named=named)
    reading = TaggedReading()
    if is_json:
        _read_json(path, encoding, settings, reading)
    else:
        lines = list(read_lines(path, encoding))
        reading.table = find_table(lines, _choices(settings, tagged=True), path)
        found = read_sentences(lines, reading.table, path, reading.problems.add, reading.dropped)
        _add(reading, list(found), path, settings)
    if not reading.texts and not reading.problems.count:
        raise DataError("it holds no words with tags.", path=path)
    return reading


def read_tag_inputs(path: Path | str, settings: TagDataSettings | None = None) -> Iterator[TaggedText]:
    """Yield the texts of a file of any size, without tags; the first line that cannot be used is raised.

    A file may hold a text on each line (also empty ones, so that texts and lines correspond), a JSON object with a text
    or words on each, a table with a column of texts, or a word on each line and an empty line between texts. The last
    is known by its suffix, such as `.conll`, by `format`, or by tags beside the words; a table by its suffix, or by
    `text`, which names a column.

    Raises:
        DataError: the file is missing or empty, or a line of it cannot be used.
        ConfigError: a column is missing, or the file has none.
    """
    path, settings = Path(path), settings or TagDataSettings()
    if settings.format is None and is_binary_table(path):
        yield from _table_inputs(path, settings)
        return
    encoding = _encoding(path, settings)
    sample = list(islice(read_lines(path, encoding), _SAMPLE))
    if not sample:
        raise DataError("it is empty.", path=path)
    if _is_json(path, settings, sample):
        for row in read_json_lines(path, ReadOptions(encoding=encoding), stop_at_first):
            yield _json_input(row, settings)
    elif settings.format == "conll" or (settings.text is None and holds_words(path, sample)):
        yield from _word_inputs(path, encoding, sample, settings)
    elif settings.text is not None or is_table(path):
        yield from _table_inputs(path, settings)
    else:
        for number, line in enumerate(read_lines(path, encoding), start=1):
            text = line.removesuffix("\n")
            yield TaggedText(text, tuple(cut_words(text)), (), path, number)


def _read_json(path: Path, encoding: str, settings: TagDataSettings, reading: TaggedReading) -> None:
    sentences: list[Sentence] = []
    for row in read_json_lines(path, ReadOptions(encoding=encoding), reading.problems.add):
        try:
            if has_words(row):
                sentences.append(listed_words(row, tagged=True))
            else:
                text, moved = labelled_text(row, settings)
                reading.texts.append(text)
                reading.widened_first = reading.widened_first or (row.line if moved else None)
                reading.widened += moved
        except DataError as problem:
            reading.problems.add(problem)
    if sentences and reading.texts:
        raise DataError("some objects list words with tags, others texts with spans; use one file for each.", path=path)
    if sentences:
        _add(reading, sentences, path, settings)


def _add(reading: TaggedReading, sentences: Sequence[Sentence], path: Path, settings: TagDataSettings) -> None:
    """Make texts of words, and BIO of their tags."""
    taggings = [sentence.tags for sentence in sentences]
    try:
        name = find_scheme(settings.scheme).name if settings.scheme else detect_scheme(taggings)
    except DataError as error:
        named = str(error).partition("`")[2].partition("`")[0]
        raise DataError(str(error), path=path, line=_first_line(named, sentences)) from None
    unknown = frozenset(unknown_tags(taggings, name))
    words = [sentence.words for sentence in sentences]
    reading.scheme = name
    reading.strip_digits = have_digits(words) if settings.strip_digits is None else settings.strip_digits
    words = [without_digits(each) for each in words] if reading.strip_digits else words
    flat = (word for each in words for word in each)
    reading.between = found_between(flat) if settings.between is None else settings.between
    for sentence, each in zip(sentences, words, strict=True):
        wrong = next((index for index, tag in enumerate(sentence.tags) if tag in unknown), None)
        if wrong is not None:
            sentence_said = f"`{sentence.tags[wrong]}` is no tag of the scheme {name}."
            reading.problems.add(DataError(sentence_said, path=path, line=sentence.lines[wrong]))
            continue
        text, places = join_words(each, reading.between)
        tags = sentence.tags
        if not SCHEMES[name].is_plain:
            spans, repairs = read_tags(tags, name)
            tags = write_tags(spans, len(tags), "BIO")
            if repairs and not reading.repairs:
                reading.repaired_first = sentence.lines[0]
            reading.repairs += repairs
        kept = "plain" if SCHEMES[name].is_plain else "BIO"
        reading.texts.append(TaggedText(text, places, tags, path, sentence.lines[0], kept))


def _json_input(row: Row, settings: TagDataSettings) -> TaggedText:
    if has_words(row):
        words = listed_words(row, tagged=False).words
        between = found_between(words) if settings.between is None else settings.between
        return TaggedText(*join_words(words, between), (), row.path, row.line)
    text = plain_text(row, settings)
    return TaggedText(text, tuple(cut_words(text)), (), row.path, row.line)


def _table_inputs(path: Path, settings: TagDataSettings) -> Iterator[TaggedText]:
    asked = DataSettings(text=settings.text, encoding=settings.encoding, delimiter=settings.separator)
    for each in read_text_column(path, asked):
        yield TaggedText(each.text, tuple(cut_words(each.text)), (), each.path, each.line)


def _word_inputs(path: Path, encoding: str, sample: Sequence[str], settings: TagDataSettings) -> Iterator[TaggedText]:
    table = find_table(sample, _choices(settings, tagged=False), path)
    quiet: OnProblem = lambda problem: None  # noqa: E731 - the sample is cut, so its last line proves nothing
    words = [sentence.words for sentence in read_sentences(sample, table, path, quiet, [])]
    digits = have_digits(words) if settings.strip_digits is None else settings.strip_digits
    between = settings.between
    if between is None:
        between = found_between(word for each in words for word in (without_digits(each) if digits else each))
    for sentence in read_sentences(read_lines(path, encoding), table, path, stop_at_first, []):
        each = without_digits(sentence.words) if digits else sentence.words
        yield TaggedText(*join_words(each, between), (), path, sentence.lines[0])


def _first_line(tag: str, sentences: Sequence[Sentence]) -> int | None:
    lines = (line for each in sentences for here, line in zip(each.tags, each.lines, strict=True) if here == tag)
    return next(lines, None)


def _choices(settings: TagDataSettings, *, tagged: bool) -> TableChoices:
    return TableChoices(
        separator=settings.separator,
        word=settings.word,
        tag=settings.tag,
        comment=settings.comment,
        tagged=tagged,
    )


def _encoding(path: Path, settings: TagDataSettings) -> str:
    if path.is_dir():
        raise DataError("this is a folder; name a file in it.", path=path)
    if plain_suffix(path) in _NEVER:
        raise DataError("words with tags are read from text files; save it as CoNLL columns or JSON Lines.", path=path)
    return settings.encoding or detect_encoding(path)


def _is_json(path: Path, settings: TagDataSettings, sample: Sequence[str]) -> bool:
    if settings.format is not None:
        return settings.format == "jsonl"
    first = next((line for line in sample if line.strip()), "")
    return plain_suffix(path) in JSON_SUFFIXES or first.startswith('{"')
