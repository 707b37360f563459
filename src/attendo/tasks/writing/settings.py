"""What a user may set for texts that are written token by token."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le

from attendo.errors import ConfigError
from attendo.tasks.settings import Count
from attendo.tasks.writing.forms import Form, form_automaton, schema_text

Method = Literal["greedy", "beam", "sample"]
Share = Annotated[float, Gt(0), Le(1)]

DRAWN = ("temperature", "top_k", "top_p", "min_p", "typical", "candidates")
"""Settings that have a meaning only where tokens are drawn."""
FOLLOWED = ("length_penalty", "coverage_penalty")
"""Settings that have a meaning only where beams are followed."""
BEAMS = 4
"""Beams that are followed where the number is left open."""


@dataclass(frozen=True, kw_only=True)
class WriteSettings:
    """How texts are written. Settings that contradict each other are refused, all at once.

    Raises:
        ConfigError: naming every contradiction and every impossible value, with the way out.
    """

    method: Method | None = None
    """How the next token is chosen: "greedy" takes the best one, "beam" follows several texts at a time and keeps the
    most probable, "sample" draws by probability. Open: "sample" where a setting of drawing is given, "beam" where one
    of beams is or several texts are wanted, otherwise what the task usually does."""
    beams: Count | None = None
    """Texts that "beam" follows at a time. Open: 4, or as many as `n_best`."""
    length_penalty: float | None = None
    """With "beam", texts are ranked by their log-probability divided by their length to this power; above 0 longer ones
    gain. Open: 1."""
    coverage_penalty: Annotated[float, Ge(0)] | None = None
    """With "beam" and a text that is written from another: how much is taken away where parts of that text were hardly
    looked at (arXiv 1609.08144, equation 14). Open: 0."""
    n_best: Count = 1
    """Texts that are wanted for each prompt, the best first."""
    temperature: Annotated[float, Gt(0)] | None = None
    """With "sample": below 1 likely tokens become likelier, above 1 less so. Open: 1."""
    top_k: Count | None = None
    """With "sample": draw among so many of the likeliest tokens only. Open: among all."""
    top_p: Share | None = None
    """With "sample": draw among the fewest likeliest tokens that have this share of the probability (arXiv
    1904.09751). Open: among all."""
    min_p: Share | None = None
    """With "sample": draw among tokens at least so many times as likely as the likeliest (arXiv 2407.01082). Open:
    among all."""
    typical: Share | None = None
    """With "sample": draw among the tokens that are about as surprising as is to be expected, up to this share of the
    probability (arXiv 2202.00666). Open: among all."""
    repetition_penalty: Annotated[float, Gt(0)] = 1.0
    """Above 1 tokens that have occurred before become less likely (arXiv 1909.05858)."""
    no_repeat_ngram: Count | None = None
    """No sequence of so many tokens occurs twice in a text and its prompt. Open: any may."""
    max_new: Count | None = None
    """New tokens of a text at most, the one that ends it included. Open: what the task usually allows, as far as the
    model has positions for it."""
    min_new: Annotated[int, Ge(0)] = 0
    """New tokens of a text at least, before it may end."""
    stop: tuple[str, ...] = ()
    """Strings that end a text where they come up; they are not part of it."""
    banned: tuple[str, ...] = ()
    """Strings that never occur in a text."""
    forced: tuple[str, ...] = ()
    """Strings that each must occur in a text."""
    beginning: str | None = None
    """What every text begins with."""
    pattern: str | None = None
    """A regular expression that the whole text matches. It is read as in Python, but knows no more than characters,
    `.`, classes, \\d \\w \\s, groups, `|`, `?`, `*`, `+` and {m,n}."""
    schema: dict[str, Any] | str | None = None
    """A JSON schema, as a mapping or as JSON: the text is JSON that fits it."""
    candidates: Annotated[int, Ge(2)] | None = None
    """With "sample": draw so many texts, and give the one that has most in common with the others (minimum Bayes risk,
    arXiv 2108.04718). Open: the text that is drawn is given."""
    seed: int = 0
    """What is drawn depends on this, and on the seed of each text."""

    def __post_init__(self) -> None:
        problems = _impossible(self) or [problem for check in _CHECKS for problem in check(self)]
        if problems:
            raise ConfigError(problems)

    @property
    def form(self) -> Form:
        """What is asked of a text as a whole."""
        return Form(
            beginning=self.beginning,
            pattern=self.pattern,
            schema=schema_text(self.schema),
            banned=self.banned,
            forced=self.forced,
            stops=self.stop,
        )

    @property
    def chosen_method(self) -> Method | None:
        """The method that the settings ask for; None where they leave it to the task."""
        if self.method is not None:
            return self.method
        if self.given(*DRAWN):
            return "sample"
        if self.given("beams", *FOLLOWED) or self.n_best > 1:
            return "beam"
        return None

    @property
    def width(self) -> int:
        """Beams that are followed."""
        return self.beams or max(BEAMS, self.n_best)

    def given(self, *names: str) -> list[str]:
        """Those of some settings that are not left open."""
        return [name for name in names if getattr(self, name) is not None]


def _impossible(settings: WriteSettings) -> list[str]:
    """Numbers out of range."""
    problems = []
    for name, least in (("beams", 1), ("n_best", 1), ("top_k", 1), ("no_repeat_ngram", 1), ("max_new", 1)):
        value = getattr(settings, name)
        if value is not None and value < least:
            problems.append(f"`{name}` must be at least {least}, but is {value}.")
    for name in ("top_p", "min_p", "typical"):
        value = getattr(settings, name)
        if value is not None and not 0 < value <= 1:
            problems.append(f"`{name}` must lie above 0 and be at most 1, but is {value}.")
    for name in ("temperature", "repetition_penalty"):
        value = getattr(settings, name)
        if value is not None and not 0 < value < math.inf:
            problems.append(f"`{name}` must be above 0, but is {value}.")
    if settings.length_penalty is not None and not math.isfinite(settings.length_penalty):
        problems.append(f"`length_penalty` must be a number, but is {settings.length_penalty}.")
    if settings.coverage_penalty is not None and not 0 <= settings.coverage_penalty < math.inf:
        problems.append(f"`coverage_penalty` must be at least 0, but is {settings.coverage_penalty}.")
    if settings.candidates is not None and settings.candidates < 2:
        problems.append(
            f"`candidates` must be at least 2, but is {settings.candidates}. Leave it out to draw one text."
        )
    if settings.min_new < 0:
        problems.append(f"`min_new` must be at least 0, but is {settings.min_new}.")
    for name in ("stop", "banned", "forced"):
        if isinstance(getattr(settings, name), str):
            problems.append(f"`{name}` must be a list of strings, but is one string; put it in brackets.")
        elif not all(getattr(settings, name)):
            problems.append(f"`{name}` must hold strings with a character each, but one is empty. Take it out.")
    if settings.beginning == "":
        problems.append("`beginning` must have a character, but is empty. Leave it out.")
    return problems


def _of_other_methods(settings: WriteSettings) -> list[str]:
    """Settings that mean nothing under the method that is used."""
    problems = []
    method = settings.method
    if method not in (None, "greedy", "beam", "sample"):
        return [f'`method` must be "greedy", "beam" or "sample", but is {method!r}.']
    if method is None and settings.given(*DRAWN) and settings.given("beams", *FOLLOWED):
        drawn, followed = settings.given(*DRAWN)[0], settings.given("beams", *FOLLOWED)[0]
        problems.append(
            f"`{drawn}` is for texts that are drawn, `{followed}` for beams that are followed. Leave one of them out."
        )
    elif method != "sample" and method is not None:
        problems += [
            f'`{name}` is for texts that are drawn, but `method` is "{method}". Set `method` to "sample", or leave '
            f"`{name}` out."
            for name in settings.given(*DRAWN)
        ]
    if method in ("greedy", "sample"):
        problems += [
            f'`{name}` is for beams, but `method` is "{method}". Set `method` to "beam", or leave `{name}` out.'
            for name in settings.given("beams", *FOLLOWED)
        ]
    return problems


def _numbers_apart(settings: WriteSettings) -> list[str]:
    """Numbers that do not fit together."""
    problems = []
    if settings.chosen_method == "beam" and settings.n_best > settings.width:
        problems.append(
            f"`n_best` must be at most `beams` ({settings.width}), but is {settings.n_best}. Follow more beams, or ask "
            "for fewer texts."
        )
    if settings.method == "greedy" and settings.n_best > 1:
        problems.append(
            f'`n_best` is {settings.n_best}, but "greedy" writes one text. Set `method` to "beam" or "sample".'
        )
    if settings.candidates is not None and settings.n_best > settings.candidates:
        problems.append(
            f"`n_best` must be at most `candidates` ({settings.candidates}), but is {settings.n_best}. Draw more, or "
            "ask for fewer texts."
        )
    if settings.max_new is not None and settings.min_new > settings.max_new:
        problems.append(f"`min_new` must be at most `max_new` ({settings.max_new}), but is {settings.min_new}.")
    return problems


def _forms_apart(settings: WriteSettings) -> list[str]:
    """Several things that the whole of a text is to be."""
    problems = []
    if settings.pattern is not None and settings.schema is not None:
        problems.append("`pattern` and `schema` both say what the whole text is. Leave one of them out.")
    for name in settings.given("pattern", "schema"):
        if settings.stop:
            problems.append(f"`{name}` says where a text ends, and so does `stop`. Leave one of them out.")
        if settings.min_new:
            problems.append(f"`{name}` says where a text ends, and so does `min_new`. Leave one of them out.")
    return problems


def _strings_apart(settings: WriteSettings) -> list[str]:
    """Strings that must occur, but hold what must not."""
    wanted = [("forced", each) for each in settings.forced]
    wanted += [("beginning", settings.beginning)] if settings.beginning is not None else []
    problems = [
        f"`{name}` asks for {text!r}, but that holds {other!r}, which is banned. Take one of them out."
        for name, text in wanted
        for other in settings.banned
        if other in text
    ]
    problems += [
        f"`{name}` asks for {text!r}, but that holds {other!r}, at which writing stops. Take one of them out."
        for name, text in wanted
        for other in settings.stop
        if other in text
    ]
    if settings.forced and settings.stop:
        problems.append("`stop` may end a text before `forced` has been written. Leave one of them out.")
    return problems


def _unreadable(settings: WriteSettings) -> list[str]:
    """A pattern or a schema that cannot be read, and what no text can be."""
    try:
        form_automaton(settings.form)
    except ConfigError as error:
        return error.problems
    return []


_CHECKS: tuple[Callable[[WriteSettings], list[str]], ...] = (
    _of_other_methods,
    _numbers_apart,
    _forms_apart,
    _strings_apart,
    _unreadable,
)
