"""What a text has to look like, and which tokens may come next so that it comes to look like that.

Regular expressions and JSON schemas become trees, trees become machines over characters, and a machine leads a writer
along the tokens of any vocabulary.
"""

from attendo.text.patterns.automata import Automaton, build_automaton
from attendo.text.patterns.nodes import Node, beginning_with, containing
from attendo.text.patterns.schemas import read_schema
from attendo.text.patterns.steering import Steering
from attendo.text.patterns.syntax import read_pattern

__all__ = [
    "Automaton",
    "Node",
    "Steering",
    "beginning_with",
    "build_automaton",
    "containing",
    "read_pattern",
    "read_schema",
]
