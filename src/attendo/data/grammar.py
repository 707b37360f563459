"""Writes reviews whose verdict, and the words that decide it, are known; the words are in a table for each language.

In the tables, `<` and `>` stand around what decides, and `{…}` where something is filled in. A sentence is built from
clauses, each of which praises, blames or does neither; what encloses a clause may take its say away by removing its
marks, or turn it round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

NEGATIVE, NEUTRAL, POSITIVE = -1, 0, 1
Span = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Aspect:
    """Things that the same adjectives fit; `the noodles/were` names a thing with its verb."""

    things: tuple[str, ...]
    good: tuple[str, ...]
    bad: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A kind of thing that is reviewed."""

    kind: str
    whole: str
    """The thing by its `{title}`."""
    part: str
    """An aspect, `{thing}`, of the thing called `{title}`."""
    titles: tuple[str, ...]
    """Proper names, most of them with a word in them that would be praise or blame elsewhere."""
    verdict: Aspect
    aspects: tuple[Aspect, ...]
    facts: tuple[str, ...]
    untried: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Grammar:
    """The words of one language; in clauses, `{thing} {be} {very}{word}` are filled in."""

    topics: tuple[Topic, ...]
    intensifiers: tuple[str, ...]
    direct: tuple[str, ...]
    denied: tuple[str, ...]
    """Clauses that say the opposite of their adjective."""
    denied_praise: tuple[str, ...]
    """The same, for good adjectives only."""
    felt: tuple[str, ...]
    """`direct` in the first person, so not for what others are said to think; the next two neither."""
    praise: tuple[str, ...]
    blame: tuple[str, ...]
    mild: tuple[str, ...]
    neither: tuple[str, ...]
    openers: tuple[str, ...]
    joined: tuple[str, ...]
    contrasts: tuple[str, ...]
    """What the `{last}` clause says holds against the `{first}`, in whatever order they stand."""
    weighed: tuple[str, ...]
    """Two clauses that disagree, and a verdict on the `{kind}` of thing."""
    people: tuple[str, ...]
    reports: tuple[str, ...]
    agree: tuple[str, ...]
    disagree: tuple[str, ...]
    unknown: tuple[str, ...]
    overrule: tuple[str, ...]
    wonder: tuple[str, ...]
    stop: str


def write_sentence(grammar: Grammar, rng: Random, polarity: int) -> tuple[str, tuple[Span, ...]]:
    """A sentence of the polarity asked for, and the spans of characters that decide it."""
    marked = _Author(grammar, rng).sentence(polarity)
    marked = marked if marked.endswith(("?", "？")) else marked + grammar.stop
    plain, spans = _unmarked(marked)
    return plain[0].upper() + plain[1:], spans


_WAYS = (*["direct"] * 5, *["denied"] * 2, "phrase")  # a clause's, each as often as it is listed


class _Author:
    """Composes one sentence about one topic, never naming a thing twice."""

    def __init__(self, grammar: Grammar, rng: Random) -> None:
        self.grammar = grammar
        self.rng = rng
        self.topic = rng.choice(grammar.topics)
        self.title = rng.choice(self.topic.titles)
        self.named: set[str] = set()
        self.titled = False
        self.whole_allowed = True

    def sentence(self, polarity: int) -> str:
        """One of the kinds of sentence, each as often as it is listed."""
        if polarity == NEUTRAL:
            often = (self.plain, self.contrast, self.report, self.wonder)
            kinds = (self.fact, self.weighed, *often, *often)
        else:
            often = (self.plain, self.joined, self.contrast)
            kinds = (*often, *often, *often, self.plain, self.weighed, self.report, self.report)
        return self.rng.choice(kinds)(polarity)

    def fact(self, polarity: int) -> str:
        """What is so whether one likes it or not."""
        return self.name_whole() + self.rng.choice(self.topic.facts)

    def plain(self, polarity: int) -> str:
        return self.rng.choice(self.grammar.openers) + self.clause(polarity)

    def joined(self, polarity: int) -> str:
        return self.fill(self.grammar.joined, first=self.clause(polarity), last=self.clause(polarity))

    def contrast(self, polarity: int) -> str:
        against = self.rng.choice((-polarity, -polarity, NEUTRAL) if polarity else (NEGATIVE, POSITIVE))
        first = self.clause(against, brief=True) if against else self.rng.choice((self.fact, self.clause))(NEUTRAL)
        return self.fill(self.grammar.contrasts, first=_silenced(first), last=self.clause(polarity))

    def weighed(self, polarity: int) -> str:
        self.whole_allowed = False
        sides = self.rng.choice(((NEGATIVE, POSITIVE), (POSITIVE, NEGATIVE)))
        first, last = (_silenced(self.clause(side, brief=True)) for side in sides)
        verdict = self.clause(polarity, about=(self.topic.verdict, self.topic.kind, "was"))
        return self.fill(self.grammar.weighed, first=first, last=last, verdict=verdict)

    def wonder(self, polarity: int) -> str:
        aspect, thing, be = self.name_thing()
        return self.fill(self.grammar.wonder, thing=thing, be=be, word=self.rng.choice(aspect.good + aspect.bad))

    def report(self, polarity: int) -> str:
        """What somebody else thinks, and whether the writer thinks so too."""
        grammar, choose = self.grammar, self.rng.choice
        after = choose(("agree", "disagree", "overrule") if polarity else ("unknown", "unknown", "overrule"))
        said = polarity if after == "agree" else -polarity
        claim = self.clause(said or choose((NEGATIVE, POSITIVE)), brief=True)
        report = self.fill(grammar.reports, person=choose(grammar.people), claim=claim)
        if after == "agree":
            return report + choose(grammar.agree)
        if after == "disagree":
            return report + choose(grammar.disagree)
        if after == "unknown":
            return _silenced(report) + choose(grammar.unknown + self.topic.untried)
        return _silenced(report) + self.fill(grammar.overrule, last=self.clause(polarity))

    def clause(self, polarity: int, about: tuple[Aspect, str, str] | None = None, *, brief: bool = False) -> str:
        """One thing and one opinion on it; a `brief` one is neither denied nor in the first person."""
        grammar, choose = self.grammar, self.rng.choice
        aspect, thing, be = about or self.name_thing()
        if polarity == NEUTRAL:
            patterns = choose((grammar.mild, grammar.neither))
            return self.fill(patterns, thing=thing, be=be, good=choose(aspect.good), bad=choose(aspect.bad))
        same, opposite = (aspect.good, aspect.bad) if polarity == POSITIVE else (aspect.bad, aspect.good)
        way = "direct" if brief else choose(_WAYS)
        if way == "phrase":
            return self.fill(grammar.praise if polarity == POSITIVE else grammar.blame, thing=thing)
        if way == "direct":
            patterns = grammar.direct + (() if brief else grammar.felt)
            return self.fill(patterns, thing=thing, be=be, word=choose(same))
        patterns = grammar.denied + (grammar.denied_praise if polarity == NEGATIVE else ())
        return self.fill(patterns, thing=thing, be=be, word=choose(opposite))

    def fill(self, patterns: Sequence[str], **words: str) -> str:
        very = self.rng.choice(self.grammar.intensifiers)
        return self.rng.choice(patterns).format(very=very, kind=self.topic.kind, **words)

    def name_thing(self) -> tuple[Aspect, str, str]:
        """Something not named yet, perhaps with the title, and its verb."""
        if self.whole_allowed and not self.titled and self.rng.random() < 0.2:
            return self.topic.verdict, self.name_whole(), "was"
        new = [(aspect, thing) for aspect in self.topic.aspects for thing in aspect.things if thing not in self.named]
        aspect, thing = self.rng.choice(new)
        self.named.add(thing)
        name, _, be = thing.partition("/")
        if not self.titled and self.rng.random() < 0.4:
            self.titled = True
            name = self.topic.part.format(thing=name, title=self.title)
        return aspect, name, be or "was"

    def name_whole(self) -> str:
        self.titled = True
        return self.topic.whole.format(title=self.title)


def _silenced(marked: str) -> str:
    return marked.replace("<", "").replace(">", "")


def _unmarked(marked: str) -> tuple[str, tuple[Span, ...]]:
    plain, spans, begin = "", [], 0
    for character in marked:
        if character == "<":
            begin = len(plain)
        elif character == ">":
            spans.append((begin, len(plain)))
        else:
            plain += character
    return plain, tuple(spans)
