"""What recurrent decoders share, and the one without attention (Sutskever); the others are in `attentive_decoders`.

Each runs over whole texts and goes on with texts that are being written by the very same steps: what there is at the
start follows from a `Memory`, and what there is later from `WrittenStates`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from attendo.attention import Layout
from attendo.errors import ShapeError
from attendo.nn.cells import CELLS, CellName, State, through
from attendo.nn.contexts import Memory
from attendo.nn.dropout import Dropout
from attendo.nn.recurrent import Recurrence, in_place
from attendo.nn.recurrent_attention import Sight
from attendo.nn.steps import Steps, steps_of
from attendo.nn.written import Written


class WrittenStates(Written):
    """States of texts that are being written: as large after many tokens as after one.

    Args:
        state: of each text, to begin with.
        sight: what there is to be seen of the memory, if anything.
    """

    def __init__(self, state: State, rows: int, memory: Memory, sight: Sight | None) -> None:
        super().__init__(rows, memory.layout.num_texts, memory)
        self.state, self.memory = state, memory
        self._sight, self._seen, self._seen_from = sight, sight, tuple(self._sources)

    @property
    def sources(self) -> tuple[int, ...]:
        """The text of the memory that each text is written from."""
        return tuple(self._sources)

    @property
    def sight(self) -> Sight:
        """What each text sees."""
        assert self._sight is not None, "a decoder with attention made the sight"
        if self._seen is None or self._seen_from != self.sources:
            self._seen_from = self.sources
            self._seen = self._sight.of(torch.tensor(self.sources, dtype=torch.long, device=self._sight.keys.device))
        return self._seen

    def _rearrange(self, texts: Sequence[int]) -> None:
        chosen = torch.tensor(tuple(texts), dtype=torch.long, device=self.state[0].device)
        self.state = tuple(each.index_select(0, chosen) for each in self.state)


class RecurrentDecoder(Recurrence):
    """What all decoders share: they begin where the encoder ended.

    The first state of each layer is a projection of what the encoder's directions say at their ends, bent
    (arXiv 1409.0473, appendix A.2.2, which takes the backward one alone). A text that is written from nothing begins
    with zeros.

    Args:
        d_model: width of the vectors that come in, and of those that come out.
        hidden_size: width of a state.
        memory_width: width of the encoder's vectors.
        dropout: share taken away behind each layer.
    """

    def __init__(
        self,
        d_model: int,
        hidden_size: int,
        num_layers: int,
        memory_width: int,
        *,
        cell: CellName = "gru",
        dropout: float = 0.0,
    ) -> None:
        super().__init__(d_model)
        self.hidden_size, self.num_layers, self.kind = hidden_size, num_layers, CELLS[cell]
        self.begin = nn.Linear(memory_width, num_layers * self.kind.states * hidden_size, bias=False)
        self.dropout = Dropout(dropout)
        self._make_parts(d_model, hidden_size, memory_width)

    def cache(self, rows: int, capacity: int, texts: int | None = None, memory: Memory | None = None) -> WrittenStates:
        """Room for texts that are written token by token; see `Stack.cache`.

        Args:
            capacity: of no matter here.
        Raises:
            ShapeError: if there is nothing to write from, or there are more texts than rows.
        """
        if memory is None:
            raise ShapeError("A recurrent decoder begins where an encoder ended: give it a `Memory`.")
        begin = self.begin(_ends(memory)).tanh().split(self.hidden_size, 1)
        return WrittenStates(self._first_state(begin), rows, memory, self._sight(memory))

    def _run(self, x: Tensor, layout: Layout, beyond: Memory | Written | None) -> Tensor:
        if not isinstance(beyond, WrittenStates):
            assert not isinstance(beyond, Written), "a cache of this very decoder"
            if beyond is not None:
                beyond.seen_by(layout.query_lengths)  # which says so where the texts are not as many
            beyond = self.cache(layout.num_texts, 0, memory=beyond)
        steps = steps_of(layout, x.device)
        if not len(steps.rows):
            return x.new_zeros(0, self.width)
        state = tuple(each.index_select(0, steps.texts) for each in beyond.state)
        found, after = self._follow(x.index_select(0, steps.rows), layout, steps, state, beyond)
        beyond.state = tuple(old.index_copy(0, steps.texts, new) for old, new in zip(beyond.state, after, strict=True))
        return in_place(found, steps)

    def _make_parts(self, d_model: int, hidden_size: int, memory_width: int) -> None:
        raise NotImplementedError

    def _first_state(self, begin: State) -> State:
        return begin

    def _sight(self, memory: Memory) -> Sight | None:
        return None

    def _follow(
        self, x: Tensor, layout: Layout, steps: Steps, state: State, written: WrittenStates
    ) -> tuple[Tensor, State]:
        """Vectors and last states, all in the order of the steps."""
        raise NotImplementedError

    def _layers(self, layers: nn.ModuleList, x: Tensor, steps: Steps, state: State) -> tuple[Tensor, State]:
        """Layers in turn, each from its own state."""
        after: list[Tensor] = []
        for number, layer in enumerate(layers):
            own = state[number * self.kind.states : (number + 1) * self.kind.states]
            x, last = through(layer, x, steps, own)  # type: ignore[arg-type]
            x, after = self.dropout(x), [*after, *last]
        return x, tuple(after)


class PlainDecoder(RecurrentDecoder):
    """All that is known of the source is the state to begin with (arXiv 1409.3215)."""

    def _make_parts(self, d_model: int, hidden_size: int, memory_width: int) -> None:
        widths = [d_model, *[hidden_size] * (self.num_layers - 1)]
        self.layers = nn.ModuleList(self.kind.layer(width, hidden_size) for width in widths)
        self.output = nn.Linear(hidden_size, d_model, bias=False)

    def _follow(
        self, x: Tensor, layout: Layout, steps: Steps, state: State, written: WrittenStates
    ) -> tuple[Tensor, State]:
        found, after = self._layers(self.layers, x, steps, state)
        return self.output(found), after


def _ends(memory: Memory) -> Float[Tensor, "B M"]:
    """What the forward direction says at the last token of each text, and the backward one at the first."""
    layout, vectors = memory.layout, memory.vectors
    ends = [(start, start + n - 1) for start, n in zip(layout.query_starts, layout.query_lengths, strict=True) if n]
    first, last = torch.tensor(ends, dtype=torch.long, device=vectors.device).reshape(-1, 2).T
    half = vectors.shape[1] // 2
    found = torch.cat([vectors[last, :half], vectors[first, half:]], 1)
    filled = torch.tensor(layout.query_lengths, device=vectors.device).nonzero()[:, 0]
    return vectors.new_zeros(layout.num_texts, vectors.shape[1]).index_copy(0, filled, found)
