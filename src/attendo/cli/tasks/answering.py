"""`predict` and `evaluate` for models that answer questions by words of a passage."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from attendo.cli.input_texts import STANDARD_INPUT, given_texts, hint_at_file, input_lines
from attendo.cli.marking import COLOURS, marked_text
from attendo.cli.options import setting_values
from attendo.cli.parsing import UsageError
from attendo.cli.tasks import Answered
from attendo.cli.terminal import console, knows_unicode, one_line, say
from attendo.configuration import read_settings
from attendo.data import (
    QUESTION_SUFFIXES,
    Question,
    QuestionDataSettings,
    find_test_set,
    read_question_inputs,
    read_questions,
)
from attendo.errors import DataError
from attendo.report import HardCase, hardest_answers
from attendo.tasks import Answerer, FoundAnswer, score_found_answers

_DIGITS = 6
_ALL = 5  # possible answers that `--all` shows
_CONTEXT = 60  # characters of the passage on either side of an answer


@dataclass(frozen=True, kw_only=True)
class ReadingSettings:
    """The part of a run's settings that is about reading, under the same keys."""

    data: QuestionDataSettings = field(default_factory=QuestionDataSettings)
    """How files are read."""


def example(model: Answerer, folder: str) -> str:
    """A command that uses the model of a folder."""
    return f'attendo predict {folder} "a question" --passage "a text that answers it"'


def given(options: Namespace, model: Answerer) -> Iterator[Question]:
    """The questions of the command line, each about the one passage."""
    _allow_none(options, model)
    passage = _passage(options)
    for number, text in enumerate(given_texts(options.texts, passage), 1):
        yield Question(text, passage, id=str(number))


def lines(options: Namespace, model: Answerer) -> Iterator[Question]:
    """The lines of standard input, each a question about the one passage."""
    _allow_none(options, model)
    passage = _passage(options)
    for number, text in input_lines():
        yield Question(text, passage, id=str(number), path=STANDARD_INPUT, line=number)


def read(path: Path, options: Namespace, model: Answerer) -> Iterator[Question]:
    """The questions of a file, with their passages."""
    _allow_none(options, model)
    if options.passage is not None or options.passage_file is not None:
        raise UsageError("A file of questions has its passages in it: leave `--passage` and `--passage-file` out.")
    return read_question_inputs(path, _settings(options))


def to_score(path: Path, options: Namespace, model: Answerer) -> tuple[Path, list[Question]]:
    """Questions with their answers; of a folder of sets those of the test set."""
    _allow_none(options, model)
    path = find_test_set(path, QUESTION_SUFFIXES)
    questions = read_questions(path, _settings(options)).sound()
    without = sum(each.impossible for each in questions)
    if without and not model.rule.no_answer:
        say(
            f"{without:,} of {len(questions):,} questions have no answer, but this model gives one to each; "
            "`--no-answer 0.5` lets it give none where that is more likely.",
            "yellow",
        )
    return path, questions


def judged(
    model: Answerer, records: Sequence[Question], options: Namespace, *, hardest: bool
) -> tuple[Any, tuple[HardCase, ...], dict[str, Any]]:
    """Scores, and the questions whose answers share nothing with the right ones."""
    found = list(model.predict_examples(records))
    return score_found_answers(records, found), hardest_answers(records, found) if hardest else (), {}


def write_lines(answered: Answered, file: TextIO, model: Answerer, options: Namespace) -> None:
    """Each question, and the passage around its answer, which is marked."""
    screen = console(file=file)
    count = _best(options)
    for question, found in answered:
        screen.print(one_line(question.question), style="bold", soft_wrap=True)
        if found.text:
            text, start = _around(found)
            mark = (start, start + len(found.text), f"{found.probability:.1%}")
            screen.print(marked_text(text, [mark], {mark[2]: COLOURS[2]}), soft_wrap=True)
        else:
            screen.print(f"no answer {found.probability:.1%}", style=COLOURS[3])
        for each in found.best[:count] if count > 1 else ():
            screen.print(f"    {each.probability:7.1%}  {one_line(each.text)}", style="dim", soft_wrap=True)


def write_json_lines(answered: Answered, file: TextIO, model: Answerer, options: Namespace) -> None:
    """One object a line: the question, its answer and where it stands; with `--best` also other answers."""
    ascii_only, count = not knows_unicode(file), _best(options)
    for question, found in answered:
        record: dict[str, Any] = {
            "id": question.id,
            "question": question.question,
            "answer": found.text,
            "start": found.start,
            "end": found.end,
            "probability": round(found.probability, _DIGITS),
        }
        if found.no_answer_probability is not None:
            record["no_answer_probability"] = round(found.no_answer_probability, _DIGITS)
        if count > 1:
            record["best"] = [
                {
                    "text": each.text,
                    "start": each.start,
                    "end": each.end,
                    "probability": round(each.probability, _DIGITS),
                }
                for each in found.best[:count]
            ]
        file.write(json.dumps(record, ensure_ascii=ascii_only) + "\n")


def write_predictions(answered: Answered, file: TextIO, model: Answerer, options: Namespace) -> None:
    """One object of all answers by the ids of their questions, as the published evaluations read it."""
    answers = {question.id: found.text for question, found in answered}
    file.write(json.dumps(answers, ensure_ascii=not knows_unicode(file)) + "\n")


WRITERS = {"lines": write_lines, "jsonl": write_json_lines, "json": write_predictions}


def _passage(options: Namespace) -> str:
    """The passage of the command line."""
    if (options.passage is None) == (options.passage_file is None):
        many = options.passage is not None
        said = "Give one passage, not two" if many else "A question is answered from a passage, and there is none"
        raise UsageError(f"{said}: `--passage TEXT` or `--passage-file FILE`.")
    if options.passage is not None:
        passage, where = options.passage, "The passage of `--passage`"
        hint_at_file(passage, "a passage; for the text", "--passage-file")
    else:
        path = Path(options.passage_file)
        where = f"The passage of {path}"
        try:
            passage = path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            raise DataError(f"it cannot be read: {error.strerror}.", path=path) from None
        except UnicodeDecodeError:
            raise DataError("it is not in UTF-8; convert it first.", path=path) from None
    if not passage.strip():
        raise DataError(f"{where} is empty. Give the text that the answer stands in.")
    if any("\ud800" <= character <= "\udfff" for character in passage):
        raise DataError(f"{where} has bytes that are no characters; give it in UTF-8.")
    return passage


def _allow_none(options: Namespace, model: Answerer) -> None:
    """Let the model leave questions without an answer, where the user asks for that."""
    if options.no_answer is not None:
        model.rule.no_answer, model.rule.threshold = True, options.no_answer


def _best(options: Namespace) -> int:
    """How many possible answers are shown."""
    return options.best or (_ALL if options.all else 1)


def _around(found: FoundAnswer) -> tuple[str, int]:
    """The part of the passage around the answer, and where the answer stands in it."""
    start, end = max(0, found.start - _CONTEXT), min(len(found.passage), found.end + _CONTEXT)
    before, behind = "… " * (start > 0), " …" * (end < len(found.passage))
    return before + found.passage[start:end] + behind, len(before) + found.start - start


def _settings(options: Namespace) -> QuestionDataSettings:
    return read_settings(ReadingSettings, overrides=options.overrides, values=setting_values(options)).data
