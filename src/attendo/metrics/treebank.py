"""Words of the Western parts of a Chinese answer, by the conventions of the Penn Treebank.

The evaluation of CMRC 2018 takes each Chinese character for itself and cuts what lies between by the Treebank's rules
for English, which go sentence by sentence: a period is cut off where a sentence ends and kept in abbreviations. Where
sentences end is learned there from a corpus and told here by a few rules and a list, so that the two may differ after
a rare abbreviation. Text is expected in small letters.
"""

from __future__ import annotations

import re

_CUT_OFF = r";@#$%&?!\[\](){}<>«»„‘“”’`*\u2012-\u2015"
_PIECES = re.compile(
    rf"""\.{{2,}} | ''|" | `+ | --
    | ,(?!\d) | :(?!\d)
    | [{_CUT_OFF}]
    | (?: [^\s.,:'"\-{_CUT_OFF}] | \.(?!\.) | [,:](?=\d) | '(?!') | -(?!-) )+""",
    re.VERBOSE,
)
_GAPS = re.compile(r"""\s+|(?<=[^.]\.)(?=[)"';:}\]*@({\[!?])(?!["')\]}]+(?:\s|$))""")
_LAST_PERIOD = re.compile(r"([^.])\.([\])}>\"'»”’]*)$")
_SHORTENED = re.compile(r"(.*[^'])('s|'m|'d|'ll|'re|'ve|n't|')")
_SPOKEN = re.compile(r"('(?:s|m|d|t|n|ll|re|ve)?)(?!\w).*")
_MERGED = {
    "cannot": ("can", "not"),
    "d'ye": ("d", "'ye"),
    "gimme": ("gim", "me"),
    "gonna": ("gon", "na"),
    "gotta": ("got", "ta"),
    "lemme": ("lem", "me"),
    "more'n": ("more", "'n"),
    "wanna": ("wan", "na"),
}
_SHORT = """
    a.d a.m adm ariz aug ave bros calif co col conn corp cos d.c dec dr feb fla fri ft ga gen ill inc j.r jan jr
    l.a lt ltd maj messrs minn mr mrs ms n.y nov oct okla ore p.m pa ph.d prof rep sen sept sr st tues u.k u.n
    u.s u.s.a va vs wash wed
"""
_ABBREVIATIONS = frozenset(_SHORT.split())
_INITIAL_OR_NUMBER = re.compile(r"[^\W\d_]|\d[\d.,]*")


def western_words(text: str) -> list[str]:
    """The words and marks of a text without Chinese characters."""
    words: list[str] = []
    begin = 0
    for gap in [*_GAPS.finditer(text), None]:
        stop, next_begin = (gap.start(), gap.end()) if gap else (len(text), len(text))
        chunk = text[begin:stop]
        ends = _ends_sentence(chunk, text[next_begin : next_begin + 1])
        if stop == next_begin < len(text) and not ends:
            continue  # a mark directly after a period that belongs to an abbreviation
        for piece in _LAST_PERIOD.sub(r"\1 . \2", chunk).split() if ends else [chunk]:
            words += _cut(piece)
        begin = next_begin
    return words


def _ends_sentence(chunk: str, following: str) -> bool:
    last = _LAST_PERIOD.search(chunk)
    if not following or last is None:
        return True
    word = chunk[: last.start() + 1].lstrip("([{<\"'«„‘")
    if word in _ABBREVIATIONS or word.rpartition("-")[2] in _ABBREVIATIONS:
        return False
    return not (following.isalpha() and _INITIAL_OR_NUMBER.fullmatch(word))


def _cut(chunk: str) -> list[str]:
    words: list[str] = []
    for match in _PIECES.finditer(chunk):
        piece = match[0]
        if piece in ('"', "''"):
            opens = match.start() == 0 or chunk[match.start() - 1] in "([{<"
            words.append("``" if opens else "''")
        else:
            words += _cut_word(piece)
    return words


def _cut_word(word: str) -> list[str]:
    """Cut contracted words apart, and apostrophes off where they quote."""
    if word in _MERGED:
        return list(_MERGED[word])
    if word.startswith("'") and len(word) > 1 and not _SPOKEN.fullmatch(word):
        return ["'", *_cut_word(word[1:])]
    shortened = _SHORTENED.fullmatch(word)
    return [*_cut_word(shortened[1]), shortened[2]] if shortened else [word]
