"""English sentences with German translations, and which of their words belong together: made by hand for this."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Linked:
    """A pair of sentences; links are (word of the source, word of the target), counted from 0, signs being words."""

    source: str
    target: str
    sure: frozenset[tuple[int, int]]
    possible: frozenset[tuple[int, int]]


def _linked(source: str, target: str, links: str) -> Linked:
    """Links such as `0-0 1-2 2-1?`; a question mark says that one is possible only."""
    found = [(tuple(map(int, each.rstrip("?").split("-"))), each.endswith("?")) for each in links.split()]
    pairs = [((first, second), doubtful) for (first, second), doubtful in found]
    return Linked(
        source,
        target,
        frozenset(pair for pair, doubtful in pairs if not doubtful),
        frozenset(pair for pair, _ in pairs),
    )


LINKS = (
    _linked("A man is playing a guitar.", "Ein Mann spielt Gitarre.", "0-0 1-1 2-2? 3-2 4-3? 5-3 6-4"),
    _linked("Two dogs run through the snow.", "Zwei Hunde rennen durch den Schnee.", "0-0 1-1 2-2 3-3 4-4 5-5 6-6"),
    _linked("A woman in a red dress is dancing.", "Eine Frau in einem roten Kleid tanzt.",
            "0-0 1-1 2-2 3-3 4-4 5-5 6-6? 7-6 8-7"),
    _linked("Three children sit at a table.", "Drei Kinder sitzen an einem Tisch.", "0-0 1-1 2-2 3-3 4-4 5-5 6-6"),
    _linked("A boy jumps into the water.", "Ein Junge springt ins Wasser.", "0-0 1-1 2-2 3-3 4-3 5-4 6-5"),
    _linked("An old man reads a newspaper on a bench.", "Ein alter Mann liest auf einer Bank eine Zeitung.",
            "0-0 1-1 2-2 3-3 4-7 5-8 6-4 7-5 8-6 9-9"),
    _linked("The girl holds a small dog.", "Das Mädchen hält einen kleinen Hund.", "0-0 1-1 2-2 3-3 4-4 5-5 6-6"),
    _linked("People are waiting for the bus.", "Menschen warten auf den Bus.", "0-0 1-1? 2-1 3-2 4-3 5-4 6-5"),
    _linked("A young woman is taking a picture of the sea.", "Eine junge Frau fotografiert das Meer.",
            "0-0 1-1 2-2 3-3? 4-3 5-3? 6-3 7-4? 8-4 9-5 10-6"),
    _linked("A cyclist rides down the street at night.", "Nachts fährt ein Radfahrer die Straße hinunter.",
            "0-2 1-3 2-1 3-6 4-4 5-5 6-0? 7-0 8-7"),
    _linked("Four men in white shirts are cooking.", "Vier Männer in weißen Hemden kochen.",
            "0-0 1-1 2-2 3-3 4-4 5-5? 6-5 7-6"),
    _linked("The brown horse stands in front of a house.", "Das braune Pferd steht vor einem Haus.",
            "0-0 1-1 2-2 3-3 4-4? 5-4 6-4? 7-5 8-6 9-7"),
    _linked("A little girl in pink is eating ice cream.", "Ein kleines Mädchen in Rosa isst Eis.",
            "0-0 1-1 2-2 3-3 4-4 5-5? 6-5 7-6 8-6? 9-7"),
    _linked("Several people walk across a busy street.", "Mehrere Personen gehen über eine belebte Straße.",
            "0-0 1-1 2-2 3-3 4-4 5-5 6-6 7-7"),
    _linked("Today a man with a hat sells fruit.", "Heute verkauft ein Mann mit einem Hut Obst.",
            "0-0 1-2 2-3 3-4 4-5 5-6 6-1 7-7 8-8"),
    _linked("A black and a white dog play with a ball.", "Ein schwarzer und ein weißer Hund spielen mit einem Ball.",
            "0-0 1-1 2-2 3-3 4-4 5-5 6-6 7-7 8-8 9-9 10-10"),
)  # fmt: skip
"""Short sentences as captions have them, with words that move, merge and have no partner."""
