"""What `predict` and `evaluate` do for each task: one file a task, found when it is needed.

A file has `given`, `lines` and `read`, which give the records to be answered from the command line, from standard input
and from a file; `WRITERS`, which write the answers by the names of their formats; and for scoring `to_score`, which
reads records with what is right, and `judged`, which gives the scores of a model on them, and its worst mistakes.
Those of tasks that write have `answers`, too, which heeds the options of writing, and may have `line_each`, which says
whether their lines for people are one for each record.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TextIO, TypeAlias, cast

if TYPE_CHECKING:
    from attendo.report import HardCase
    from attendo.tasks import TaskModel


class TaskFile(NamedTuple):
    """A file of this folder, what its task does, and how its answers may be written: for help pages and usage."""

    name: str
    summary: str
    formats: tuple[str, ...] = ("lines", "jsonl", "tsv")


TASK_FILES = {
    "classify": TaskFile("classifying", "a label, or several, for a text or a pair of texts"),
    "tag": TaskFile(
        "tagging",
        "labelled parts of texts, such as names; or a label for each word",
        ("lines", "jsonl", "tsv", "conll"),
    ),
    "roles": TaskFile(
        "framing", "predicates and their roles: who did what to whom", ("lines", "jsonl", "tsv", "conll")
    ),
    "embed": TaskFile("embedding", "a vector for each text, near to those of texts that mean the same"),
    "answer": TaskFile(
        "answering", "questions about passages, answered by words of the passage", ("lines", "jsonl", "json")
    ),
    "translate": TaskFile("rewriting", "texts in another language; learned from pairs of texts", ("lines", "jsonl")),
    "summarize": TaskFile("rewriting", "summaries of documents; learned from pairs of texts", ("lines", "jsonl")),
    "generate": TaskFile(
        "generating", "texts that are gone on with; learned from plain text alone", ("lines", "jsonl")
    ),
    "chat": TaskFile("chatting", "answers in dialogues; learned from the answers of one side", ("lines", "jsonl")),
}
"""By the names of the tasks."""

FORMATS = tuple(dict.fromkeys(name for each in TASK_FILES.values() for name in each.formats))
"""How answers of any task may be written."""

Answered: TypeAlias = Iterable[tuple[Any, Any]]
"""Records, each with what the model says of it."""


class TaskCommands(Protocol):
    """One file of this folder."""

    WRITERS: Mapping[str, Callable[[Answered, TextIO, TaskModel, Namespace], None]]

    def example(self, model: TaskModel, folder: str) -> str:
        """A command that uses the model of a folder."""
        ...

    def given(self, options: Namespace, model: TaskModel) -> Iterator[Any]:
        """The records that stand on the command line."""
        ...

    def lines(self, options: Namespace, model: TaskModel) -> Iterator[Any]:
        """The records that come line by line over standard input."""
        ...

    def read(self, path: Path, options: Namespace, model: TaskModel) -> Iterator[Any]:
        """The records of a file of any size."""
        ...

    def to_score(self, path: Path, options: Namespace, model: TaskModel) -> tuple[Path, list[Any]]:
        """The records that a model is scored on, and the file that they stand in."""
        ...

    def judged(
        self, model: TaskModel, records: Sequence[Any], options: Namespace, *, hardest: bool
    ) -> tuple[Any, tuple[HardCase, ...], dict[str, Any]]:
        """The scores, the worst mistakes if they are asked for, and what JSON says beside the scores."""
        ...


def writes(commands: TaskCommands) -> bool:
    """Whether the answers of a task are texts that are written, which takes long."""
    return hasattr(commands, "answers")


def can_go_on(commands: TaskCommands, name: str, options: Namespace, model: TaskModel) -> bool:
    """Whether answers of a command that was stopped are kept: they take long, and each is a line of a format."""
    line_each = getattr(commands, "line_each", None)
    return writes(commands) and bool(name == "jsonl" or (name == "lines" and line_each and line_each(options, model)))


def answers_of(model: TaskModel, records: Iterator[Any], options: Namespace, first: int = 0) -> Iterator[Any]:
    """What a model says of records, in their order, in bounded memory.

    Args:
        first: the number of the first record, on which what is drawn depends.
    """
    answers = getattr(commands_of(model), "answers", None)
    return model.predict_examples(records) if answers is None else answers(model, records, options, first)


def commands_of(model: TaskModel) -> TaskCommands:
    """What there is for a model's task."""
    return cast(TaskCommands, import_module(f"attendo.cli.tasks.{TASK_FILES[model.task].name}"))
