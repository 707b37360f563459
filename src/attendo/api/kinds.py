"""The one table of tasks, as a run sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attendo.api.candidates import Candidate
from attendo.api.classifying import begin_classifying
from attendo.api.settings import RunSettings, TagRunSettings
from attendo.api.tagging import begin_tagging, load_tagged
from attendo.data import Splits, load_splits
from attendo.tasks import Base


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A task.

    Attributes:
        summary: what it does, for help pages.
        settings: the class of all of its settings: `data`, `task` and `training`.
        head: what stands on a base that is trained for it.
        load: reads the sets, given the data, `dev`, `test`, and the settings of reading.
        begin: makes what is to be trained from the sets, the settings, the base if there is one, and the run's folder.
    """

    summary: str
    settings: type[Any]
    head: str
    load: Callable[..., Splits[Any]]
    begin: Callable[[Splits[Any], Any, Base | None, Path], Candidate]


KINDS: dict[str, Kind] = {
    "classify": Kind(
        summary="a label, or several, for a text or a pair of texts",
        settings=RunSettings,
        head="sequence",
        load=load_splits,
        begin=begin_classifying,
    ),
    "tag": Kind(
        summary="labelled parts of a text, such as names; or a label for each word",
        settings=TagRunSettings,
        head="token",
        load=load_tagged,
        begin=begin_tagging,
    ),
}
"""By the names that `attendo train` knows."""
