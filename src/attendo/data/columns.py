"""Which column holds what: by name, by number, or guessed from names and content; every guess is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from statistics import mean, median
from typing import Any

from attendo.data.rows import Row
from attendo.errors import ConfigError

ColumnName = str | int

# In the order of preference: where a file has several of them, the first one is taken.
TEXT_NAMES = (
    *("text", "sentence", "review", "content", "comment", "document", "body", "message", "tweet", "post", "utterance"),
    *("question", "query", "headline", "title", "summary", "description", "reviewtext", "input"),
    *("文本", "评论", "内容", "句子", "正文", "评价", "评论内容", "问题", "标题", "新闻"),
)
LABEL_NAMES = (
    *("label", "labels", "class", "category", "categories", "sentiment", "goldlabel", "target", "tag", "tags", "topic"),
    *("intent", "emotion", "polarity", "stance", "cat", "rating", "stars", "score", "labelname", "classname"),
    *("标签", "类别", "分类", "情感", "情感倾向", "类型", "情绪", "主题", "意图", "评分", "标注"),
)
PAIR_NAMES = (
    *(("premise", "hypothesis"), ("question", "sentence"), ("question", "answer"), ("query", "document")),
    *(
        ("query", "passage"),
        ("text", "pair"),
        ("text", "textpair"),
        ("anchor", "positive"),
        ("query", "positive"),
        ("前提", "假设"),
    ),
    ("问题", "答案"),
)
_ALSO_LABELS = {"positive"}  # names that a cell with a label may be, too
_FIRST_OF_TWO = re.compile(r"(.+)(1|a)")


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The columns that were chosen, among all there are."""

    text: str
    pair: str | None = None
    label: str | None = None
    rationale: str | None = None
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def numbered(self) -> bool:
        """Whether the file has no header, so that columns go by their numbers."""
        return self.names == tuple(map(str, range(len(self.names))))


def is_text_name(name: str) -> bool:
    return plain_name(name) in TEXT_NAMES


def is_known_name(name: str) -> bool:
    """Whether a cell reads like the head of a column rather than like data."""
    pairs = {member for pair in PAIR_NAMES for member in pair} - _ALSO_LABELS
    first = _FIRST_OF_TWO.fullmatch(plain_name(name))
    return plain_name(name) in {*TEXT_NAMES, *LABEL_NAMES, *pairs} or bool(first and first[1] in TEXT_NAMES)


def choose_columns(
    rows: Sequence[Row],
    *,
    text: ColumnName | None = None,
    pair: ColumnName | None = None,
    label: ColumnName | None = None,
    labelled: bool = True,
) -> Columns:
    """Choose the columns of a file by its first rows.

    Args:
        text, pair, label: a name or, if there is no such name, a number counted from 0. With `text` given and `pair`
            not, texts are taken alone.
        labelled: whether a label column is needed.

    Raises:
        ConfigError: a column is missing, or none or several could be meant.
    """
    choice = _Choice(rows)
    given = {"text": text, "pair": pair, "label": label}
    chosen = {role: choice.named(role, name) for role, name in given.items() if name is not None}
    if labelled and "label" not in chosen:
        chosen["label"] = choice.guess_label(chosen)
    if "text" not in chosen:
        chosen |= choice.guess_texts(chosen)
    if len(set(chosen.values())) < len(chosen):
        raise ConfigError(f"`text`, `pair` and `label` must be different columns, but are {_listed(chosen.values())}.")
    guessed = [f"{role} is column `{chosen[role]}`" for role in given if role in chosen and given[role] is None]
    plain = set(choice.names) <= {"text", "label"}  # what the formats without column names call theirs
    notes = [] if plain or not guessed else [f"Guessed: {', '.join(guessed)}."]
    return Columns(
        **chosen,
        rationale=choice.find_rationale(),
        names=tuple(choice.names),
        notes=(*notes, *choice.doubts),
    )


class _Choice:
    """The columns of the first rows, and the doubts met while choosing among them."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.names = list(dict.fromkeys(name for row in rows for name in row.values))
        self.path = rows[0].path if rows else None
        self.values = {name: [row.values.get(name) for row in rows] for name in self.names}
        self.doubts: list[str] = []

    def named(self, role: str, wanted: ColumnName) -> str:
        if str(wanted) in self.names:
            return str(wanted)
        if re.fullmatch(r"\d+", str(wanted)) and int(wanted) < len(self.names):
            return self.names[int(wanted)]
        close = get_close_matches(str(wanted), self.names, n=1)
        meant = f"; did you mean `{close[0]}`?" if close else "."
        raise ConfigError(
            f"`{role}` names column `{wanted}`, which {self.path} does not have. It has {_listed(self.names)}{meant}"
        )

    def guess_label(self, chosen: dict[str, str]) -> str:
        free = [name for name in self.names if name not in chosen.values()]
        known = sorted((name for name in free if plain_name(name) in LABEL_NAMES), key=_rank(LABEL_NAMES))
        if known:
            others = [name for name in known[1:] if _is_label_like(self.values[name])]
            if others:
                self._doubt("label", known[0], others)
            return known[0]
        if "text" not in chosen and free:  # the longest column is the text, even if its texts repeat
            free.remove(self._longest(free))
        like = [name for name in free if _is_label_like(self.values[name])]
        if len(like) == 1:
            return like[0]
        what = f"{_listed(like)} all look" if like else f"among {_listed(self.names)} none looks"
        raise ConfigError(f"{self.path}: {what} like the label column; name it with `label`.")

    def guess_texts(self, chosen: dict[str, str]) -> dict[str, str]:
        """The text, and its pair if two columns are named or filled alike."""
        free = [name for name in self.names if name not in chosen.values()]
        if not free:
            raise ConfigError(f"{self.path}: no column is left for the text; name it with `text`.")
        two = None if "pair" in chosen else (_named_pair(free) or self._alike(free))
        if two:
            return {"text": two[0], "pair": two[1]}
        known = sorted((name for name in free if is_text_name(name)), key=_rank(TEXT_NAMES))
        if not known:
            return {"text": self._longest(free)}
        if len(known) > 1:
            self._doubt("text", known[0], known[1:])
        return {"text": known[0]}

    def find_rationale(self) -> str | None:
        """The column named so, if it holds spans rather than explanations in words."""
        return "rationale" if any(map(_is_spans, self.values.get("rationale", ()))) else None

    def _doubt(self, role: str, taken: str, others: Sequence[str]) -> None:
        self.doubts.append(f"`{taken}` was taken as the {role}; {_listed(others)} may be meant: name it with `{role}`.")

    def _longest(self, names: Sequence[str]) -> str:
        return max(names, key=lambda name: _over(mean, map(len, _strings(self.values[name]))))

    def _alike(self, names: Sequence[str]) -> tuple[str, str] | None:
        """Two columns of prose of like length, if no name says which column is the text."""
        prose = [name for name in names if _is_prose(self.values[name])]
        if len(prose) != 2 or any(is_text_name(name) for name in names):
            return None
        short, long = sorted(_over(median, map(len, _strings(self.values[name]))) for name in prose)
        return (prose[0], prose[1]) if long <= 3 * short else None


def _named_pair(names: Sequence[str]) -> tuple[str, str] | None:
    plain = {plain_name(name): name for name in names}
    for first, second in PAIR_NAMES:
        if first in plain and second in plain:
            return plain[first], plain[second]
    for name in plain:
        numbered = _FIRST_OF_TWO.fullmatch(name)
        if numbered and numbered[1] in TEXT_NAMES:
            second = numbered[1] + {"1": "2", "a": "b"}[numbered[2]]
            if second in plain:
                return plain[name], plain[second]
    return None


def plain_name(name: str) -> str:
    """A name of a column without capitals and what parts its words."""
    return re.sub(r"[\s_\-.]", "", name).casefold()


def _rank(known: Sequence[str]) -> Callable[[str], int]:
    return lambda name: known.index(plain_name(name))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _strings(values: Iterable[Any]) -> list[str]:
    return [str(value).strip() for value in values if value is not None and str(value).strip()]


def _over(measure: Callable[[list[int]], float], numbers: Iterable[int]) -> float:
    known = list(numbers)
    return measure(known) if known else 0.0


def _is_label_like(values: Sequence[Any]) -> bool:
    """Few distinct, short values, and no measurements."""
    known = _strings(values)
    kinds = set(known)
    if not 2 <= len(kinds) <= max(2, len(known) // 2):
        return False
    return max(map(len, kinds)) <= 64 and not any(re.fullmatch(r"-?\d*\.\d*[1-9]", kind) for kind in kinds)


def _is_prose(values: Sequence[Any]) -> bool:
    """Mostly distinct values of several words or Chinese characters."""
    known = _strings(values)
    if not known or len(set(known)) < len(known) / 2:
        return False
    return median(len(value.split()) + len(re.findall(r"[\u3400-\u9fff]", value)) for value in known) >= 3


def _is_spans(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) > 0
        and all(isinstance(span, list) and [type(end) for end in span] == [int, int] for span in value)
    )
