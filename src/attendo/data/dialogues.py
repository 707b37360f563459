"""Dialogues: turns of two sides, with or without their names; everything wrong with a file is said at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from attendo.data.cuts import CutSettings
from attendo.data.dialogue_files import DIALOGUE_FORMATS, RawDialogue, read_raw_dialogues
from attendo.data.readings import Reading
from attendo.data.rows import stop_at_first
from attendo.errors import ConfigError, DataError

SYSTEM, USER, ASSISTANT = "system", "user", "assistant"
ROLES = {
    **dict.fromkeys(("system", "developer"), SYSTEM),
    **dict.fromkeys(("user", "human", "customer", "question", "prompter"), USER),
    **dict.fromkeys(("assistant", "gpt", "bot", "model", "answer"), ASSISTANT),
}
"""What files call the sides of a dialogue."""


class Turn(NamedTuple):
    """What one side says."""

    role: str
    """`system`, `user` or `assistant`."""
    content: str


@dataclass(frozen=True, kw_only=True)
class DialogueDataSettings(CutSettings):
    """How dialogues are read. What is `None` is found out from the data, and told."""

    format: str | None = None
    """`jsonl`, one object with turns a line; `turns`, a dialogue a line with `__eou__` between turns; or `topics`, a
    JSON object with lists of turns under each topic. Found by looking."""
    encoding: str | None = None
    """Character encoding, such as `utf-8` or `gb18030`."""

    def __post_init__(self) -> None:
        problems = self.cut_problems()
        if self.format is not None and self.format not in DIALOGUE_FORMATS:
            problems.append(f"`format` is `{self.format}`; it may be {', '.join(DIALOGUE_FORMATS)}.")
        if problems:
            raise ConfigError(problems)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Turns in their order.

    Attributes:
        plain: whether nobody said who is who: the sides then take turns, the first being the user, and whatever answers
            another turn is learned.
    """

    turns: tuple[Turn, ...]
    plain: bool = False
    path: Path | None = None
    line: int | None = None

    @property
    def key(self) -> tuple[str, str | None]:
        """What makes two dialogues the same."""
        return "\n".join(turn.content.strip() for turn in self.turns), None

    @property
    def group(self) -> tuple[str | None, ...]:
        """Equal dialogues stay together where a set is cut."""
        return self.key

    @property
    def noun(self) -> str:
        """What one of them is called, to count them."""
        return "dialogue"

    @property
    def labels(self) -> tuple[str, ...]:
        """There are no classes."""
        return ()

    @property
    def place(self) -> str:
        """Where it comes from, for messages."""
        return "no file" if self.path is None else f"{self.path.name} line {self.line}"

    @property
    def answers(self) -> tuple[int, ...]:
        """The numbers of the turns that answer others, and are learned."""
        if self.plain:
            return tuple(range(1, len(self.turns)))
        return tuple(number for number, turn in enumerate(self.turns) if number and turn.role == ASSISTANT)


@dataclass(kw_only=True)
class DialogueReading(Reading[Dialogue]):
    """The dialogues of a file, and how many of them answer nothing."""

    dialogues: list[Dialogue] = field(default_factory=list)
    single: int = 0

    @property
    def records(self) -> list[Dialogue]:
        """The dialogues."""
        return self.dialogues

    def notes(self, path: Path) -> list[str]:
        """What was found and left out, as sentences."""
        answers = sum(len(each.answers) for each in self.dialogues)
        notes = [f"{path}: {len(self.dialogues):,} dialogues with {answers:,} answers."]
        if any(each.plain for each in self.dialogues):
            notes.append(f"{path}: nobody says who is who, so every turn that answers another is learned.")
        if self.single:
            notes.append(f"{path}: left out {self.single:,} dialogues in which nothing is answered.")
        return notes


def read_dialogues(path: Path | str, settings: DialogueDataSettings | None = None) -> DialogueReading:
    """Read all of a file, gathering its problems instead of raising them.

    Raises:
        DataError: if the file holds no dialogues.
    """
    path, settings = Path(path), settings or DialogueDataSettings()
    reading = DialogueReading()
    for raw in read_raw_dialogues(path, settings.format, settings.encoding, reading.problems.add):
        try:
            dialogue = _dialogue(raw)
        except DataError as problem:
            reading.problems.add(problem)
            continue
        if dialogue.answers:
            reading.dialogues.append(dialogue)
        else:
            reading.single += 1
    if not reading.dialogues and not reading.problems.count:
        what = "in none of its dialogues anything is answered" if reading.single else "it holds no dialogues"
        raise DataError(f"{what}.", path=path)
    return reading


def read_dialogue_inputs(path: Path, settings: DialogueDataSettings | None = None) -> Iterator[Dialogue]:
    """The dialogues of a file of any size, each to be gone on with; plain lines are dialogues of one turn.

    Raises:
        DataError: at the first that cannot be used.
    """
    settings = settings or DialogueDataSettings()
    for raw in read_raw_dialogues(path, settings.format, settings.encoding, stop_at_first, answered=False):
        yield _dialogue(raw)


def dialogue_of(sayings: list[str], **where: object) -> Dialogue:
    """A dialogue of two sides without names, who take turns."""
    turns = tuple(Turn((USER, ASSISTANT)[number % 2], said) for number, said in enumerate(sayings))
    return Dialogue(turns, plain=True, **where)  # pyright: ignore[reportArgumentType]


def _dialogue(raw: RawDialogue) -> Dialogue:
    """Turns with the names of their sides, checked."""
    if not raw.turns:
        raise DataError("the dialogue has no turns.", path=raw.path, line=raw.line)
    empty = next((number for number, (_, said) in enumerate(raw.turns, 1) if not said.strip()), None)
    if empty is not None:
        raise DataError(f"turn {empty} of the dialogue is empty.", path=raw.path, line=raw.line)
    if all(side is None for side, _ in raw.turns):
        return dialogue_of([said.strip() for _, said in raw.turns], path=raw.path, line=raw.line)
    turns = []
    for number, (side, said) in enumerate(raw.turns, 1):
        role = ROLES.get(str(side).lower())
        if role is None:
            raise DataError(
                f"turn {number} is by `{side}`, but a side is called system, user (or human) or assistant (or gpt).",
                path=raw.path,
                line=raw.line,
            )
        turns.append(Turn(role, said))
    return Dialogue(tuple(turns), path=raw.path, line=raw.line)
