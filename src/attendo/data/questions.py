"""Questions about passages whose answers are words of the passage; everything wrong with a file is said at once.

Published files have answers that do not stand where they say: where the text has only one place that it can mean, it
is put there, else it has no place (`start` is -1), so that it still is a right answer but nothing to learn from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from attendo.data.question_files import (
    ANSWER_NAMES,
    ID_NAMES,
    QUESTION_NAMES,
    RawQuestion,
    first_of,
    question_error,
    quoted,
    read_raw_questions,
)
from attendo.data.question_settings import QuestionDataSettings
from attendo.data.readings import Reading
from attendo.data.rows import stop_at_first
from attendo.errors import DataError

_NEAR = 20  # characters; an answer that stands farther off is hardly the one that was meant
_SHOWN = 3  # misplaced answers that the notes quote


class Answer(NamedTuple):
    """An answer and its first character in the passage; -1 where it has no sure place there."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the passage that it is about, and all answers that are right; none where the passage has none."""

    question: str
    context: str
    answers: tuple[Answer, ...] = ()
    id: str = ""
    impossible: bool = False
    """Whether it is known that the passage does not answer it."""
    title: str | None = None
    path: Path | None = None
    line: int | None = None

    @property
    def key(self) -> tuple[str, str | None]:
        """What makes two questions the same: they ask the same about the same passage."""
        return self.question.strip(), self.context.strip()

    @property
    def noun(self) -> str:
        """What it is called."""
        return "question"

    @property
    def group(self) -> tuple[str | None, ...]:
        """All questions about a passage stay together where a set is cut."""
        return (self.context.strip(),)

    @property
    def labels(self) -> tuple[str, ...]:
        """None: answers are no classes."""
        return ()

    @property
    def place(self) -> str:
        """Where the question comes from, for messages."""
        where = "no file" if self.path is None else self.path.name
        line = "" if self.line is None else f" line {self.line}"
        return f"{where}{line} question {self.id}"

    @property
    def placed(self) -> tuple[Answer, ...]:
        """The answers that have a place in the passage."""
        return tuple(answer for answer in self.answers if answer.start >= 0)

    @property
    def learnable(self) -> bool:
        """Whether there is something to learn: where its answer stands, or that there is none."""
        return self.impossible or bool(self.placed)


@dataclass(frozen=True, kw_only=True)
class Misplaced:
    """An answer that does not stand where its file says, and what was made of it."""

    id: str
    expected: str
    said: int | None
    """Where the file puts it; `None` if it does not say."""
    found: str
    """What stands there."""
    start: int
    """Where it was put, -1 for nowhere."""

    def __str__(self) -> str:
        known = self.said is not None and self.said >= 0
        said = f"at {self.said} stands {quoted(self.found)}" if known else "the file gives no place"
        made = f"put at {self.start}" if self.start >= 0 else "no sure place"
        return f"{self.id}: {quoted(self.expected)} was expected, {said}; {made}"


@dataclass(kw_only=True)
class QuestionReading(Reading[Question]):
    """The questions of a file and what was found about their answers."""

    questions: list[Question] = field(default_factory=list)
    num_answers: int = 0
    repaired: int = 0
    unplaced: int = 0
    misplaced: list[Misplaced] = field(default_factory=list)
    """The first few."""

    @property
    def records(self) -> list[Question]:
        """The questions."""
        return self.questions

    def notes(self, path: Path) -> list[str]:
        """What was repaired and what cannot be learned from, as sentences."""
        if not self.repaired + self.unplaced:
            return []
        note = (
            f"{path}: {self.repaired + self.unplaced:,} of {self.num_answers:,} answers do not stand where the file "
            f"says; {self.repaired:,} were put where they stand, {self.unplaced:,} have no sure place and only count "
            f"as right answers. {'. '.join(map(str, self.misplaced))}."
        )
        notes = [note]
        lost = sum(not question.learnable for question in self.questions)
        if lost:
            notes.append(f"{path}: {lost:,} of {len(self.questions):,} questions have no answer to learn from.")
        return notes


def read_questions(path: Path | str, settings: QuestionDataSettings | None = None) -> QuestionReading:
    """Read a file of questions with answers, gathering its problems instead of raising them.

    Raises:
        DataError: the file is missing, empty, no JSON, cut short, or made for another task.
    """
    path, settings = Path(path), settings or QuestionDataSettings()
    reading = QuestionReading()
    seen: set[str] = set()
    for raw in read_raw_questions(path, settings.format, settings.encoding, reading.problems.add):
        try:
            question = _question(raw)
            if question.id in seen:
                raise question_error(raw, f"the id {quoted(question.id)} is there twice.")
            seen.add(question.id)
            reading.questions.append(_with_answers(question, raw, reading, settings.misplaced))
        except DataError as problem:
            reading.problems.add(problem)
    if not reading.questions and not reading.problems.count:
        raise DataError("it holds no questions.", path=path)
    return reading


def read_question_inputs(path: Path | str, settings: QuestionDataSettings | None = None) -> Iterator[Question]:
    """Yield questions to be answered; the first that cannot be used is raised. JSON Lines are never held whole."""
    path, settings = Path(path), settings or QuestionDataSettings()
    none = True
    for raw in read_raw_questions(path, settings.format, settings.encoding, stop_at_first):
        none = False
        yield _question(raw)
    if none:
        raise DataError("it holds no questions.", path=path)


def _question(raw: RawQuestion) -> Question:
    """The question and its passage, without its answers."""
    given = first_of(raw.values, ID_NAMES)
    return Question(
        question=_text(raw, first_of(raw.values, QUESTION_NAMES), "question"),
        context=_text(raw, raw.context, "passage"),
        id=str(raw.number) if given is None else str(given),
        title=raw.title if isinstance(raw.title, str) else None,
        path=raw.path,
        line=raw.line,
    )


def _with_answers(question: Question, raw: RawQuestion, reading: QuestionReading, misplaced: str) -> Question:
    said = _said_answers(raw)
    impossible = raw.values.get("is_impossible", not said)
    if not isinstance(impossible, bool):
        raise question_error(raw, f"`is_impossible` must be true or false, but is {impossible!r}.")
    if impossible and said:
        raise question_error(raw, f"it is marked as impossible, but has the answer {quoted(said[0][0])}.")
    if not impossible and not said:
        raise question_error(raw, "it has no answer; where the passage gives none, say so with `is_impossible`.")
    answers = tuple(_placed(question, text, start, reading, misplaced, raw) for text, start in said)
    return replace(question, answers=answers, impossible=impossible)


def _said_answers(raw: RawQuestion) -> list[tuple[str, int | None]]:
    """The texts and places of the answers as the file gives them, in any of the usual forms."""
    value = first_of(raw.values, ANSWER_NAMES)
    if value is None:
        if raw.values.get("is_impossible") is True:
            return []
        raise question_error(raw, "there is no `answers`.")
    if isinstance(value, dict) and isinstance(value.get("text"), list):
        starts = value.get("answer_start", [None] * len(value["text"]))
        if not isinstance(starts, list) or len(starts) != len(value["text"]):
            raise question_error(raw, "`answers` must have one `answer_start` for each `text`.")
        pairs = list(zip(value["text"], starts, strict=True))
    else:
        pairs = [_pair(raw, each) for each in (value if isinstance(value, list) else [value])]
    return [(_text(raw, text, "answer"), _start(raw, start)) for text, start in pairs]


def _pair(raw: RawQuestion, value: Any) -> tuple[Any, Any]:
    if not isinstance(value, dict):
        return value, raw.values.get("answer_start")
    return value.get("text"), first_of(value, ("answer_start", "start"))


def _start(raw: RawQuestion, value: Any) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise question_error(raw, f"`answer_start` must be a whole number, but is {value!r}.")


def _placed(
    question: Question, text: str, said: int | None, reading: QuestionReading, misplaced: str, raw: RawQuestion
) -> Answer:
    """The answer where it stands; misplaced ones are counted."""
    reading.num_answers += 1
    if said is not None and said >= 0 and question.context.startswith(text, said):
        return Answer(text, said)
    start = -1 if misplaced == "skip" and said is not None else _sure_place(question.context, text, said)
    if said is None and start >= 0:
        return Answer(text, start)
    found = "" if said is None or said < 0 else question.context[said : said + len(text)]
    problem = Misplaced(id=question.id, expected=text, said=said, found=found, start=start)
    if misplaced == "error":
        raise question_error(raw, f"{problem}. Correct it, or choose `misplaced`: repair or skip.")
    reading.repaired += start >= 0
    reading.unplaced += start < 0
    if len(reading.misplaced) < _SHOWN:
        reading.misplaced.append(problem)
    return Answer(text, start)


def _sure_place(context: str, text: str, said: int | None) -> int:
    """The only place where the text stands, or the only one near the place that was said; else -1."""
    places = [match.start() for match in re.finditer(f"(?={re.escape(text)})", context)]
    if len(places) > 1:
        places = [] if said is None or said < 0 else [place for place in places if abs(place - said) <= _NEAR]
    return places[0] if len(places) == 1 else -1


def _text(raw: RawQuestion, value: Any, what: str) -> str:
    if value is None:
        raise question_error(raw, f"there is no {what}.")
    if not isinstance(value, str):
        raise question_error(raw, f"the {what} must be a text, but is {type(value).__name__}: {quoted(str(value))}.")
    if not value.strip():
        raise question_error(raw, f"the {what} is empty.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise question_error(raw, f"the {what} holds half a character (a lone surrogate).") from None
    return value
