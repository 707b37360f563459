"""What the settings ask of a text as a whole, all of it together as one machine over characters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from attendo.errors import ConfigError
from attendo.text.patterns import (
    Automaton,
    Node,
    beginning_with,
    build_automaton,
    containing,
    read_pattern,
    read_schema,
)

_KEPT = 32


class Form(NamedTuple):
    """What a text has to look like, as it stands in the settings.

    Attributes:
        schema: as JSON.
        stops: strings that a text is cut at.
    """

    beginning: str | None = None
    pattern: str | None = None
    schema: str | None = None
    banned: tuple[str, ...] = ()
    forced: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()

    @property
    def asked(self) -> list[str]:
        """The settings that ask for something."""
        return [name for name in ("beginning", "pattern", "schema", "banned", "forced") if getattr(self, name)]


def schema_text(schema: Mapping[str, Any] | str | None) -> str | None:
    """A schema as JSON."""
    return schema if schema is None or isinstance(schema, str) else json.dumps(schema, default=repr)


@lru_cache(_KEPT)
def form_automaton(form: Form) -> Automaton | None:
    """The machine for a form; None if nothing is asked.

    Raises:
        ConfigError: if a pattern or a schema cannot be read, or no text at all has the form.
    """
    wanted: list[Node] = []
    problems: list[str] = []
    for text, read in ((form.pattern, read_pattern), (form.schema, read_schema)):
        try:
            wanted += [] if text is None else [read(text)]
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    wanted += [containing([each]) for each in form.forced]
    unwanted: list[Node] = [containing(form.banned)] if form.banned else []
    if form.beginning is not None:
        wanted.append(beginning_with(form.beginning))
        unwanted += [beginning_with(form.beginning + rest) for rest in _cutting(form.beginning, form.stops)]
    if not wanted and not unwanted:
        return None
    automaton = build_automaton(wanted, unwanted)
    if automaton.is_empty:
        raise ConfigError(
            f"No text at all is what {' and '.join(f'`{name}`' for name in form.asked)} ask for together. Take back "
            "one of them."
        )
    return automaton


def _cutting(beginning: str, stops: tuple[str, ...]) -> list[str]:
    """What must not follow a beginning, because a string at which the text is cut would then reach into it."""
    return [
        stop[size:]
        for stop in stops
        for size in range(1, min(len(stop), len(beginning) + 1))
        if beginning.endswith(stop[:size])
    ]
