"""Regular expressions read into trees: a subset in which every expression means what it means to Python's `re`."""

from __future__ import annotations

import re

from attendo.errors import ConfigError
from attendo.text.patterns.nodes import Either, Joined, Node, OneOf, Repeated
from attendo.text.patterns.sets import NOTHING, CharacterSet, escaped_set

MOST_REPEATED = 10_000
"""The largest number that a repetition may name."""

_COUNTS = re.compile(r"\{(?:(\d+)(?:(,)(\d*))?|,(\d+))\}")
_SIGNS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}
_CODES = {"x": 2, "u": 4, "U": 8}
_KNOWN = r"Known are characters, `.`, [classes], \d \w \s, groups, `|`, `?`, `*`, `+` and {m,n}."


def read_pattern(pattern: str) -> Node:
    """The tree of a regular expression that the whole of a text has to match.

    Raises:
        ConfigError: naming what is not known or does not close, and its place.
    """
    reader = _Reader(pattern)
    node = reader.choices()
    if reader.place < len(pattern):
        raise reader.problem("`)` closes a group that nothing opened", r"Write `\)` for the sign itself.")
    return node


class _Reader:
    """Walks along an expression once."""

    def __init__(self, pattern: str) -> None:
        self.pattern, self.place = pattern, 0

    def problem(self, what: str, way_out: str = _KNOWN, place: int | None = None) -> ConfigError:
        """What is wrong at a place, the present one by default, counted from 1."""
        where = (self.place if place is None else place) + 1
        return ConfigError(f"The pattern {self.pattern!r}, character {where}: {what}. {way_out}")

    def choices(self) -> Node:
        """Alternatives, up to the end of the group."""
        found = [self.parts()]
        while self._take("|"):
            found.append(self.parts())
        return found[0] if len(found) == 1 else Either(tuple(found))

    def parts(self) -> Node:
        """Parts one after the other, up to the end of the alternative."""
        found = []
        while self.place < len(self.pattern) and self.pattern[self.place] not in "|)":
            found.append(self.repeated(self.atom()))
        return found[0] if len(found) == 1 else Joined(tuple(found))

    def atom(self) -> Node:
        """A character, a class, or a group."""
        character = self.pattern[self.place]
        if character in "*+?":
            raise self.problem(f"`{character}` repeats nothing", f"Write `\\{character}` for the sign itself.")
        if character == "{":
            raise self.problem("`{` repeats nothing", r"Write `\{` for the sign itself.")
        if character in "^$":
            raise self.problem(
                f"`{character}` is not needed, for the whole text has to match",
                f"Leave it out, or write `\\{character}` for the sign itself.",
            )
        self.place += 1
        if character == "(":
            return self.group()
        if character == "[":
            return OneOf(self.members())
        if character == ".":
            return OneOf(~CharacterSet.holding("\n"))
        if character == "\\":
            return OneOf(self.escaped())
        return OneOf(CharacterSet.holding(self._checked(character)))

    def group(self) -> Node:
        """What stands in round brackets, the first of which has been read."""
        opened = self.place - 1
        if self._take("?") and not self._take(":"):
            what = self.pattern[opened : self.place + 1]
            raise self.problem(f"groups that begin with `{what}` are not known", _KNOWN, opened)
        node = self.choices()
        if not self._take(")"):
            raise self.problem("nothing closes this `(`", r"Close it, or write `\(` for the sign itself.", opened)
        return node

    def repeated(self, node: Node) -> Node:
        """What stands before a repetition, as often as it says."""
        start = self.place
        sign = self.pattern[start : start + 1]
        if sign in ("?", "*", "+"):
            self.place += 1
            least, most = {"?": (0, 1), "*": (0, None), "+": (1, None)}[sign]
        elif sign == "{":
            least, most = self._counts()
        else:
            return node
        after = self.pattern[self.place : self.place + 1]
        if after and after in "?*+{":
            raise self.problem(
                f"`{after}` stands behind a repetition",
                "Put the repetition before it in a group; how eager it is makes no difference here.",
            )
        if most is not None and least > most:
            raise self.problem(f"a repetition from {least} to {most} is none", "Turn the numbers round.", start)
        if max(least, most or 0) > MOST_REPEATED:
            raise self.problem(f"at most {MOST_REPEATED:,} repetitions can be counted", "Leave the number out.", start)
        return Repeated(node, least, most)

    def members(self) -> CharacterSet:
        """The characters of a class whose first bracket has been read."""
        opened = self.place - 1
        negated = self._take("^")
        found, first = NOTHING, True
        while first or not self._take("]"):
            start = self.place
            low = self._member(opened)
            first = False
            if (
                self.pattern[self.place : self.place + 1] == "-"
                and self.pattern[self.place + 1 : self.place + 2] != "]"
            ):
                self.place += 1
                high = self._member(opened)
                if not low.is_one or not high.is_one or low.code > high.code:
                    raise self.problem(
                        f"`{self.pattern[start : self.place]}` is no range", "Name its first and last character.", start
                    )
                found |= CharacterSet.of([(low.code, high.code)]) & ~NOTHING
            else:
                found |= low.characters
        return ~found if negated else found

    def escaped(self) -> CharacterSet:
        """What a backslash that has been read and the signs behind it stand for."""
        start = self.place - 1
        if self.place == len(self.pattern):
            raise self.problem(r"a lone `\` stands at the end", r"Write `\\` for the sign itself.", start)
        letter = self.pattern[self.place]
        self.place += 1
        if letter in "dDwWsS":
            return escaped_set(letter)
        if letter in _SIGNS:
            return CharacterSet.holding(_SIGNS[letter])
        if letter in _CODES:
            return CharacterSet.holding(self._coded(_CODES[letter], start))
        if letter.isascii() and letter.isalnum():
            raise self.problem(f"`\\{letter}` is not known", _KNOWN, start)
        return CharacterSet.holding(self._checked(letter))

    def _member(self, opened: int) -> _Member:
        if self.place == len(self.pattern):
            raise self.problem("nothing closes this `[`", r"Close it, or write `\[` for the sign itself.", opened)
        character = self.pattern[self.place]
        self.place += 1
        return _Member(self.escaped() if character == "\\" else CharacterSet.holding(self._checked(character)))

    def _counts(self) -> tuple[int, int | None]:
        found = _COUNTS.match(self.pattern, self.place)
        if not found:
            raise self.problem("`{` begins no repetition such as {2,5}", r"Write `\{` for the sign itself.")
        self.place = found.end()
        least, comma, most, only_most = found.groups()
        if only_most is not None:
            return 0, int(only_most)
        return int(least), int(least) if not comma else int(most) if most else None

    def _coded(self, digits: int, start: int) -> str:
        written = self.pattern[self.place : self.place + digits]
        if len(written) < digits or not re.fullmatch("[0-9a-fA-F]+", written) or int(written, 16) > 0x10FFFF:
            raise self.problem(f"a code of {digits} hexadecimal digits must follow", "Complete it.", start)
        self.place += digits
        return self._checked(chr(int(written, 16)))

    def _checked(self, character: str) -> str:
        if "\ud800" <= character <= "\udfff":
            raise self.problem("half a surrogate pair is no character", "Write the character itself.", self.place - 1)
        return character

    def _take(self, sign: str) -> bool:
        taken = self.pattern[self.place : self.place + 1] == sign
        self.place += taken
        return taken


class _Member:
    """What stands between two places of a class: a character, or what an escape stands for."""

    def __init__(self, characters: CharacterSet) -> None:
        self.characters = characters

    @property
    def is_one(self) -> bool:
        return len(self.characters.ranges) == 1 and self.characters.ranges[0][0] == self.characters.ranges[0][1]

    @property
    def code(self) -> int:
        return self.characters.ranges[0][0]
