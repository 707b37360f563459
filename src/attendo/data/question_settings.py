"""How questions with their answers are read and split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from attendo.data.cuts import CutSettings
from attendo.errors import ConfigError

QUESTION_FORMATS = {
    "squad": "one JSON document of articles, paragraphs and questions, as SQuAD, CMRC 2018 and DRCD have it",
    "jsonl": "one JSON object with question, context and answers a line",
}
QUESTION_SUFFIXES = frozenset((".json", ".jsonl"))
"""What files of questions are called."""
_MISPLACED = ("repair", "skip", "error")


@dataclass(frozen=True, kw_only=True)
class QuestionDataSettings(CutSettings):
    """What is `None` is found out from the data, and told."""

    format: str | None = None
    """File format, squad or jsonl; found by the content otherwise."""
    encoding: str | None = None
    """Character encoding, such as `utf-8` or `gb18030`."""
    misplaced: Literal["repair", "skip", "error"] = "repair"
    """What happens to an answer that does not stand where its file says: it is given the place that it must have, if
    there is one such place; or it is not learned from; or the file is refused."""

    def __post_init__(self) -> None:
        problems = []
        if self.format is not None and self.format not in QUESTION_FORMATS:
            problems.append(f"`format` is `{self.format}`; it may be {', '.join(QUESTION_FORMATS)}.")
        if self.misplaced not in _MISPLACED:
            problems.append(f"`misplaced` is `{self.misplaced}`; it may be {', '.join(_MISPLACED)}.")
        problems += self.cut_problems()
        if problems:
            raise ConfigError(problems)
