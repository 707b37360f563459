"""Which of the columns or files that belong together holds sources and which targets: by name, language or length."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from statistics import fmean
from typing import Any

from attendo.data.columns import ColumnName, plain_name
from attendo.data.languages import guess_language, language_named
from attendo.data.numbers import as_number
from attendo.data.parallel_settings import ParallelDataSettings, SideNames
from attendo.errors import ConfigError
from attendo.metrics import primary_language


@dataclass(frozen=True, kw_only=True)
class Sides:
    """What sources and targets are called, in which languages they are where that is known, and how it was found."""

    source: str
    target: str
    source_language: str | None = None
    target_language: str | None = None
    notes: tuple[str, ...] = ()


def choose_sides(
    values: Mapping[str, Sequence[Any]],
    path: Path,
    settings: ParallelDataSettings,
    before: Sides | None = None,
) -> Sides:
    """Choose the sides of a table, or of files that belong together.

    Args:
        values: what stands in the first rows, by the name of the column or the ending of the file.
        before: the sides of an earlier file, taken by name or by language where the settings leave it open.

    Raises:
        ConfigError: a side is missing, or several could be meant.
    """
    choice = _Choice(values, path, settings)
    if before and settings.source is None and settings.target is None and (same := choice.like(before)):
        return choice.sides(*same, guessed=False)
    source = choice.named("source", settings.source)
    target = choice.named("target", settings.target)
    if source is not None and source == target:
        raise ConfigError(f"{path}: `source` and `target` must be two columns or files, but both are `{source}`.")
    if source is not None and target is not None:
        return choice.sides(source, target, guessed=False)
    if source is not None:
        return choice.sides(source, choice.partner(source, of="source"))
    if target is not None:
        return choice.sides(choice.partner(target, of="target"), target)
    if pair := choice.called_so():
        return choice.sides(*pair, guessed=False)
    return choice.sides(*choice.both())


def choose_source(
    values: Mapping[str, Sequence[Any]],
    path: Path,
    settings: ParallelDataSettings,
    before: Sides | None = None,
) -> str:
    """The side of sources where there may be no targets; arguments and errors are those of `choose_sides`."""
    choice = _Choice(values, path, settings)
    named = choice.named("source", settings.source)
    if named is not None:
        return named
    if before and before.source in values:
        return before.source
    texts = [name for name, each in choice.values.items() if _holds_texts(each)]
    return texts[0] if len(texts) == 1 else choose_sides(values, path, settings, before).source


def names_sides(names: Sequence[str], known: SideNames) -> bool:
    """Whether names, such as the cells of a first row, are those of sources and targets, or of two languages."""
    plain = [plain_name(name) for name in names]
    if any(source in plain and target in plain for source, target in known):
        return True
    return len({language for name in names if (language := language_named(name))}) > 1


class _Choice:
    """The columns or files that there are, while sides are chosen among them."""

    def __init__(self, values: Mapping[str, Sequence[Any]], path: Path, settings: ParallelDataSettings) -> None:
        self.values = {name: _strings(each) for name, each in values.items()}
        self.names = list(values)
        self.numbered = all(map(str.isdecimal, self.names))  # without a header, where further columns are remarks
        self.path = path
        self.settings = settings

    def named(self, role: str, wanted: ColumnName | None) -> str | None:
        """The side that the settings name: by its name, its number, or its language."""
        if wanted is None:
            return None
        name = str(wanted)
        if name in self.names:
            return name
        if re.fullmatch(r"\d+", name) and int(name) < len(self.names):
            return self.names[int(name)]
        for language_of in (language_named, self.language):
            meant = [each for each in self.names if _is_language(name, language_of(each))]
            if len(meant) == 1:
                return meant[0]
        close = get_close_matches(name, self.names, n=1)
        hint = f"; did you mean `{close[0]}`?" if close else "."
        raise ConfigError(
            f"`{role}` names `{name}`, which {self.path} does not have. It has {_listed(self.names)}{hint}"
        )

    def like(self, before: Sides) -> tuple[str, str] | None:
        """The sides of an earlier file: those called so, or else the only ones in the same two languages."""
        if before.source in self.names and before.target in self.names:
            return before.source, before.target
        wanted = before.source_language, before.target_language
        spoken = [[name for name in self.names if self.language(name) == each] for each in wanted]
        if None in wanted or wanted[0] == wanted[1] or [len(each) for each in spoken] != [1, 1]:
            return None
        return spoken[0][0], spoken[1][0]

    def partner(self, name: str, *, of: str) -> str:
        """The other side of one that is given."""
        other = {"source": "target", "target": "source"}[of]
        plain = {plain_name(each): each for each in self.names}
        for source, target in self.settings.side_names:
            here, there = (source, target) if of == "source" else (target, source)
            if plain_name(name) == here and there in plain:
                return plain[there]
        rest = [each for each in self.names if each != name]
        languages = [each for each in rest if language_named(each)] if language_named(name) else []
        texts = languages or [each for each in rest if _holds_texts(self.values[each])]
        if len(texts) == 1 or (texts and self.numbered):
            return texts[0]
        raise ConfigError(f"{self.path}: {_which(texts, rest)}; name it with `{other}`.")

    def called_so(self) -> tuple[str, str] | None:
        """The sides that are called like sources and targets."""
        plain = {plain_name(name): name for name in self.names}
        pairs = ((source, target) for source, target in self.settings.side_names if source in plain and target in plain)
        return next(((plain[source], plain[target]) for source, target in pairs), None)

    def both(self) -> tuple[str, str]:
        """Two sides of which nothing was said."""
        spoken = [name for name in self.names if language_named(name) and not _holds_numbers(self.values[name])]
        if len(spoken) > 2:
            spoken = [name for name in spoken if _holds_words(self.values[name])] or spoken
        if len(spoken) == 2:
            return self.in_order(spoken)
        if len(spoken) > 2:
            raise ConfigError(
                f"{self.path} has {len(spoken)} languages: {_listed(spoken)}. Name two with `source` and `target`."
            )
        texts = [name for name in self.names if _holds_texts(self.values[name])]
        if len(texts) < 2 or (len(texts) > 2 and not self.numbered):
            raise ConfigError(f"{self.path}: {_no_pair(texts, self.names)}")
        return self.by_length(texts[0], texts[1])

    def in_order(self, languages: Sequence[str]) -> tuple[str, str]:
        """Two languages in the order that the path says, as `de-en` does; else English first."""
        first, second = languages
        for one, other in ((first, second), (second, first)):
            pair = "|".join(rf"{re.escape(a)}[-_2]{re.escape(b)}" for a, b in {(one, other), _codes(one, other)})
            if re.search(rf"(?<![a-z])(?:{pair})(?![a-z])", "/".join(self.path.parts[-2:]), re.IGNORECASE):
                return one, other
        return (second, first) if language_named(second) == "en" else (first, second)

    def by_length(self, first: str, second: str) -> tuple[str, str]:
        """Two columns of texts in their order, or the longer texts first where the shorter are the targets."""
        lengths = [fmean(map(len, self.values[name])) for name in (first, second)]
        return (second, first) if self.settings.shorter_target and lengths[0] < lengths[1] else (first, second)

    def sides(self, source: str, target: str, *, guessed: bool = True) -> Sides:
        """The choice, with their languages, and a note where it was guessed."""
        notes = []
        if guessed:
            found = f"source is {self.described(source)}, target is {self.described(target)}"
            notes.append(f"Guessed: {found}; for another choice name them with `source` and `target`.")
        return Sides(
            source=source,
            target=target,
            source_language=self.language(source),
            target_language=self.language(target),
            notes=tuple(notes),
        )

    def described(self, name: str) -> str:
        """The name, and the language where it does not tell it."""
        language = self.language(name)
        return f"`{name}`" if language is None or language == language_named(name) else f"`{name}` ({language})"

    def language(self, name: str) -> str | None:
        """What the name says, or else the texts."""
        return language_named(name) or guess_language(self.values[name])


def _codes(one: str, other: str) -> tuple[str, str]:
    return language_named(one) or one, language_named(other) or other


def _is_language(wanted: str, language: str | None) -> bool:
    return language is not None and (language_named(wanted) or primary_language(wanted)) == language


def _holds_texts(values: Sequence[str]) -> bool:
    return bool(values) and not _holds_numbers(values)


def _holds_numbers(values: Sequence[str]) -> bool:
    """Whether half or more of what stands there is numbers."""
    return bool(values) and sum(as_number(value) is not None for value in values) >= len(values) / 2


def _holds_words(values: Sequence[str]) -> bool:
    """Whether there are texts of several words, or in a script without blanks: a column `id` is none of Indonesian."""
    return any(re.search(r"\s|[^\W\d_a-zA-Z]", value) for value in values)


def _strings(values: Sequence[Any]) -> list[str]:
    return [value.strip() for value in values if isinstance(value, str) and value.strip()]


def _which(texts: Sequence[str], rest: Sequence[str]) -> str:
    if not texts:
        return f"among {_listed(rest)} none holds texts" if rest else "there is no second column or file"
    return f"{_listed(texts)} may all be meant"


def _no_pair(texts: Sequence[str], names: Sequence[str]) -> str:
    if len(names) == 1 and names[0] != "text":
        return (
            f"it has only `{names[0]}`, but a pair needs two columns or languages; name them by `source` and `target`."
        )
    if len(names) == 1:
        return (
            "it holds one text on each line, but a pair needs two. Give one of two files such as train.en and "
            "train.de, or a table with two columns."
        )
    what = f"{_listed(texts)} all hold texts" if texts else f"among {_listed(names)} none holds texts"
    what = f"only `{texts[0]}` of {_listed(names)} holds texts" if len(texts) == 1 else what
    return f"{what}; name two columns with `source` and `target`."


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
