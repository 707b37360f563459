"""What a user may set for a model that answers in dialogues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le

from attendo.tasks.generating import LanguageSettings


@dataclass(frozen=True, kw_only=True)
class ChatSettings(LanguageSettings):
    """The task: answers in dialogues, learned from answers alone; and with which model."""

    max_length: Annotated[int, Ge(8), Le(2**20)] = 512
    """Tokens that are read at once; of a dialogue that is longer the latest whole turns are. A base may have positions
    for less."""
    judged_answers: Annotated[int, Ge(1)] = 300
    """Answers that are written, evenly spread over a set, to be compared with those of people."""
