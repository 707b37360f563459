"""What a graph knows of the texts in its batch: which tokens are real, where each stands, and who may look where."""

from __future__ import annotations

from collections.abc import Callable

from attendo.attention import Causal, Full, Mask, Window
from attendo.errors import UnsupportedError
from attendo.models.onnx.graph import Graph

IDS, MASK, SEGMENTS = "input_ids", "attention_mask", "token_type_ids"
"""Names of the inputs, as they are everywhere."""


class Texts:
    """Values of a graph that follow from `attention_mask`. Padding may stand before a text or behind it.

    Args:
        marked: whether the graph is told which of two texts a token is from.
    """

    def __init__(self, graph: Graph, *, marked: bool) -> None:
        self.graph, self.marked = graph, marked
        add = graph.add
        self.real = add("Cast", MASK, to=9)  # bool (B, T)
        ones = add("Cast", self.real, to=7)
        counted = add("CumSum", ones, graph.whole(1))
        self.positions = add("Max", add("Sub", counted, graph.whole(1)), graph.whole(0))  # (B, T)
        self.lengths = add("ReduceSum", ones, graph.whole(1), keepdims=1)  # (B, 1)

    def allowed(self, mask: Mask) -> str:
        """Which tokens each token may look at: (B, 1, 1, T, S), or 1 for T where all tokens see the same."""
        keys = self.graph.add("Unsqueeze", self.real, self.graph.whole(1, 2, 3))
        seen = self._seen(mask)
        return keys if seen is None else self.graph.add("And", keys, seen)

    def share(self, first: bool) -> str:
        """How much each token counts where one token speaks for its text, the first or the last: (B, 1, T)."""
        place = self.graph.whole(0)
        if not first:
            place = self.graph.add("Sub", self.lengths, self.graph.whole(1))
        chosen = self.graph.add("And", self.real, self.graph.add("Equal", self.positions, place))
        return self._as_row(chosen)

    def equal_shares(self) -> str:
        """How much each token counts in the mean of its text: (B, 1, T)."""
        lengths = self.graph.add("Cast", self.graph.add("Max", self.lengths, self.graph.whole(1)), to=1)
        return self.graph.add("Div", self._as_row(self.real), self.graph.add("Unsqueeze", lengths, self.graph.whole(2)))

    def _as_row(self, chosen: str) -> str:
        return self.graph.add("Unsqueeze", self.graph.add("Cast", chosen, to=1), self.graph.whole(1))

    def _seen(self, mask: Mask) -> str | None:
        """What a mask allows by positions; None for all."""
        kind = type(mask)
        if kind not in MASKS:
            known = ", ".join(f"`{each.__name__}`" for each in MASKS)
            raise UnsupportedError(f"The mask `{kind.__name__}` cannot be written as ONNX. These can: {known}.")
        return MASKS[kind](self, mask)

    def distance(self) -> str:
        """How far each key lies ahead of each query: (B, 1, 1, T, S)."""
        queries = self.graph.add("Unsqueeze", self.positions, self.graph.whole(1, 2, 4))
        keys = self.graph.add("Unsqueeze", self.positions, self.graph.whole(1, 2, 3))
        return self.graph.add("Sub", keys, queries)


def _causal(texts: Texts, mask: Causal) -> str:
    return texts.graph.add("LessOrEqual", texts.distance(), texts.graph.whole(0))


def _window(texts: Texts, mask: Window) -> str:
    near = texts.graph.add("GreaterOrEqual", texts.distance(), texts.graph.whole(-mask.before))
    return texts.graph.add("And", near, texts.graph.add("LessOrEqual", texts.distance(), texts.graph.whole(mask.after)))


MASKS: dict[type[Mask], Callable] = {Full: lambda texts, mask: None, Causal: _causal, Window: _window}
"""How each kind of mask is written."""
