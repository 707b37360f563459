"""Writing texts token by token: the best token, one that is drawn, or the best of several beams; under rules.

Works on models with a cache, and knows no strings.
"""

from attendo.decoding.beams import Beams, search
from attendo.decoding.chances import MinP, Shaping, Temperature, TopK, TopP, Typical
from attendo.decoding.outputs import Draft, Output, Token
from attendo.decoding.paths import Best, Choice, Drawn, Limits, stream, write
from attendo.decoding.rolling import RollingWriter
from attendo.decoding.rules import (
    AtLeast,
    Banned,
    Beginning,
    Constraint,
    Goal,
    Hurried,
    NoRepeat,
    RepetitionPenalty,
    Rule,
)
from attendo.decoding.scoring import score_given
from attendo.decoding.writers import Writer

__all__ = [
    "AtLeast",
    "Banned",
    "Beams",
    "Beginning",
    "Best",
    "Choice",
    "Constraint",
    "Draft",
    "Drawn",
    "Goal",
    "Hurried",
    "Limits",
    "MinP",
    "NoRepeat",
    "Output",
    "RepetitionPenalty",
    "RollingWriter",
    "Rule",
    "Shaping",
    "Temperature",
    "Token",
    "TopK",
    "TopP",
    "Typical",
    "Writer",
    "score_given",
    "search",
    "stream",
    "write",
]
