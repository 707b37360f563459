"""The one table of tasks, as a run sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attendo.api.answering import begin_answering, load_questions
from attendo.api.candidates import Candidate
from attendo.api.chatting import begin_chatting, load_dialogues
from attendo.api.classifying import begin_classifying
from attendo.api.embedding import begin_embedding, load_pairs
from attendo.api.framing import begin_framing, load_framed
from attendo.api.generating import begin_generating
from attendo.api.rewriting import begin_summarizing, begin_translating
from attendo.api.settings import (
    AnswerRunSettings,
    ChatRunSettings,
    EmbedRunSettings,
    GenerateRunSettings,
    RoleRunSettings,
    RunSettings,
    SummarizeRunSettings,
    TagRunSettings,
    TranslateRunSettings,
)
from attendo.api.tagging import begin_tagging, load_tagged
from attendo.data import Splits, load_parallel, load_running_texts, load_splits
from attendo.tasks import Base


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A task.

    Attributes:
        settings: the class of all of its settings: `data`, `task` and `training`.
        load: reads the sets, given the data, `dev`, `test`, and the settings of reading.
        begin: makes what is to be trained from the sets, the settings, the base if there is one, and the run's folder.
    """

    settings: type[Any]
    load: Callable[..., Splits[Any]]
    begin: Callable[[Splits[Any], Any, Base | None, Path], Candidate]


KINDS: dict[str, Kind] = {
    "classify": Kind(
        settings=RunSettings,
        load=load_splits,
        begin=begin_classifying,
    ),
    "tag": Kind(
        settings=TagRunSettings,
        load=load_tagged,
        begin=begin_tagging,
    ),
    "roles": Kind(
        settings=RoleRunSettings,
        load=load_framed,
        begin=begin_framing,
    ),
    "embed": Kind(
        settings=EmbedRunSettings,
        load=load_pairs,
        begin=begin_embedding,
    ),
    "answer": Kind(
        settings=AnswerRunSettings,
        load=load_questions,
        begin=begin_answering,
    ),
    "translate": Kind(
        settings=TranslateRunSettings,
        load=load_parallel,
        begin=begin_translating,
    ),
    "summarize": Kind(
        settings=SummarizeRunSettings,
        load=load_parallel,
        begin=begin_summarizing,
    ),
    "generate": Kind(
        settings=GenerateRunSettings,
        load=load_running_texts,
        begin=begin_generating,
    ),
    "chat": Kind(
        settings=ChatRunSettings,
        load=load_dialogues,
        begin=begin_chatting,
    ),
}
"""By the names that `attendo train` knows."""
