"""Files of questions about passages: from JSON to one record a question, before anything is said of its answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from attendo.data.encodings import detect_encoding, first_lines, read_lines
from attendo.data.question_settings import QUESTION_FORMATS
from attendo.data.rows import OnProblem
from attendo.errors import DataError

QUESTION_NAMES = ("question", "query", "query_text")
CONTEXT_NAMES = ("context", "passage", "paragraph", "context_text")
ID_NAMES = ("id", "qid", "query_id")
ANSWER_NAMES = ("answers", "answer")
_LABELLED = ({"text", "label"}, {"sentence", "label"}, {"text", "labels"})
_TAGGED = ({"tokens", "tags"}, {"tokens", "ner_tags"}, {"tokens", "labels"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RawQuestion:
    """What a file says of one question: its own fields, the passage around it, and where it stands."""

    values: Mapping[str, Any]
    context: Any
    title: Any = None
    path: Path
    line: int | None = None
    number: int
    """Counted from 1."""


def read_raw_questions(
    path: Path, format: str | None, encoding: str | None, on_problem: OnProblem
) -> Iterator[RawQuestion]:
    """Yield the questions of a file; JSON Lines of any size are never held whole.

    Raises:
        DataError: the file is empty, no JSON, cut short, or made for another task.
    """
    encoding = encoding or detect_encoding(path)
    found = format or detect_question_format(path, encoding)
    if found == "jsonl":
        return _from_lines(path, encoding, on_problem)
    return _numbered(path, _document(path, encoding), on_problem)


def detect_question_format(path: Path, encoding: str) -> str:
    """The name of the format that a file of questions is in; a file for another task is told so."""
    lines = [line.strip() for line in first_lines(path, encoding) if line.strip()]
    if not lines:
        raise DataError("it is empty.", path=path)
    if lines[0][0] not in "{[":
        raise DataError(_not_json(lines), path=path)
    try:
        first = json.loads(lines[0])
    except (ValueError, RecursionError):
        return "jsonl" if len(lines) > 1 and lines[0][0] == "{" and lines[1][0] == "{" else "squad"
    if not isinstance(first, dict) or isinstance(first.get("data"), list) or "paragraphs" in first:
        return "squad"
    _refuse_other_tasks(first, path)
    return "jsonl"


def first_of(values: Mapping[str, Any], names: Sequence[str]) -> Any:
    """The value of the first of several names that is there."""
    return next((values[name] for name in names if values.get(name) is not None), None)


def question_error(raw: RawQuestion, message: str) -> DataError:
    """An error that names the question that cannot be used."""
    given = first_of(raw.values, ID_NAMES)
    name = f"question {raw.number}" if given is None else f"question {quoted(str(given))}"
    return DataError(f"{name}: {message}", path=raw.path, line=raw.line)


def quoted(text: str) -> str:
    """A text within a message, short."""
    return f"`{text[:40]}…`" if len(text) > 40 else f"`{text}`"


def _from_lines(path: Path, encoding: str, on_problem: OnProblem) -> Iterator[RawQuestion]:
    number = 0
    for line, text in enumerate(read_lines(path, encoding), start=1):
        if not text.strip():
            continue
        number += 1
        try:
            values = json.loads(text)
        except json.JSONDecodeError as error:
            on_problem(DataError(f"not valid JSON: {error.msg} at column {error.colno}.", path=path, line=line))
            continue
        except (ValueError, RecursionError):
            on_problem(DataError("not valid JSON: nested too deeply, or a number too long.", path=path, line=line))
            continue
        if isinstance(values, dict):
            yield RawQuestion(
                values=values,
                context=first_of(values, CONTEXT_NAMES),
                title=values.get("title"),
                path=path,
                line=line,
                number=number,
            )
        else:
            expected = '{"question": …, "context": …, "answers": …}'
            on_problem(DataError(f"a JSON object such as {expected} was expected.", path=path, line=line))


def _document(path: Path, encoding: str) -> Any:
    text = "".join(read_lines(path, encoding))
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) - 1 or "Unterminated" in error.msg:
            message = "the JSON is cut short: it ends in the middle. Copy or fetch the file again."
        else:
            message = f"not valid JSON: {error.msg} at column {error.colno}."
        raise DataError(message, path=path, line=error.lineno) from None
    except (ValueError, RecursionError):
        raise DataError("not valid JSON: nested too deeply, or a number too long.", path=path) from None


def _numbered(path: Path, document: Any, on_problem: OnProblem) -> Iterator[RawQuestion]:
    for number, (values, context, title) in enumerate(_questions(document, path, on_problem), start=1):
        yield RawQuestion(values=values, context=context, title=title, path=path, number=number)


def _questions(document: Any, path: Path, on_problem: OnProblem) -> Iterator[tuple[dict[str, Any], Any, Any]]:
    """Questions with their passage and title, wherever in the document they are."""
    articles = document.get("data") if isinstance(document, dict) and "data" in document else document
    articles = [articles] if isinstance(articles, dict) else articles
    if not isinstance(articles, list):
        raise DataError(_SHAPE, path=path)
    for index, article in enumerate(articles):
        if index == 0 and isinstance(article, dict):
            _refuse_other_tasks(article, path)
        paragraphs = article.get("paragraphs", [article]) if isinstance(article, dict) else None
        if not isinstance(paragraphs, list):
            on_problem(DataError(f"article {index + 1} has no list of `paragraphs`.", path=path))
            continue
        for place, paragraph in enumerate(paragraphs):
            yield from _of_paragraph(
                paragraph, article, f"paragraph {place + 1} of article {index + 1}", path, on_problem
            )


def _of_paragraph(
    paragraph: Any, article: Mapping[str, Any], where: str, path: Path, on_problem: OnProblem
) -> Iterator[tuple[dict[str, Any], Any, Any]]:
    """The questions of one paragraph; a paragraph that is a question itself has its passage beside it."""
    flat = isinstance(paragraph, dict) and "qas" not in paragraph and first_of(paragraph, QUESTION_NAMES) is not None
    questions = [paragraph] if flat else paragraph.get("qas") if isinstance(paragraph, dict) else None
    if not isinstance(questions, list):
        on_problem(DataError(f"{where} has no list of questions (`qas`).", path=path))
        return
    for place, values in enumerate(questions):
        if isinstance(values, dict):
            yield values, first_of(paragraph, CONTEXT_NAMES), article.get("title")
        else:
            on_problem(DataError(f"question {place + 1} of {where} is no JSON object.", path=path))


def _refuse_other_tasks(values: Mapping[str, Any], path: Path) -> None:
    """A record without a question that has what other tasks need."""
    if first_of(values, QUESTION_NAMES) is not None and first_of(values, CONTEXT_NAMES) is not None:
        return
    for task, what, kinds in (("classify", "labelled texts", _LABELLED), ("tag", "tagged words", _TAGGED)):
        if any(kind <= values.keys() for kind in kinds):
            raise DataError(f"this looks like {what}; did you mean `{task}`?", path=path)


def _not_json(lines: Sequence[str]) -> str:
    fields = [len(line.split()) for line in islice(lines, 200)]
    if max(fields) <= 5 and min(fields) >= 2 and len(set(fields)) == 1 and all(_is_tag(line) for line in lines[:200]):
        return "this looks like words with tags in columns; did you mean `tag`?"
    if sum("\t" in line for line in lines) > len(lines) / 2 or "label" in lines[0].lower():
        return "this looks like labelled texts; did you mean `classify`?"
    kinds = "; ".join(f"`{name}`: {what}" for name, what in QUESTION_FORMATS.items())
    return f"this is no JSON. Questions are read from JSON ({kinds})."


def _is_tag(line: str) -> bool:
    """Whether a line ends in a tag such as `O` or `B-PER`."""
    tag = line.split()[-1]
    return tag == "O" or (tag[:2] in ("B-", "I-", "E-", "S-", "M-") and len(tag) > 2)


_SHAPE = (
    'a list of articles under "data" was expected, each with "paragraphs" of a "context" and its questions ("qas"), '
    'or JSON objects with "question", "context" and "answers".'
)
