"""Recurrent decoders that look at what they write from: before each state (Bahdanau), or behind it (Luong).

What is seen goes into the next state, so there is a step for each token. A step takes all texts that are not at their
end; what does not hang on the step before is made for all tokens at once.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from attendo.attention import Layout, request
from attendo.nn.cells import State
from attendo.nn.contexts import Memory
from attendo.nn.recurrent import in_place
from attendo.nn.recurrent_attention import AdditiveAttention, MultiplicativeAttention, Sight, StateAttention
from attendo.nn.recurrent_decoders import RecurrentDecoder, WrittenStates
from attendo.nn.steps import Steps


class AttentiveDecoder(RecurrentDecoder):
    """What both share: an attention, and what it makes of a memory."""

    attention: StateAttention

    @property
    def cross_attentions(self) -> list[nn.Module]:
        """What looks at a memory."""
        return [self.attention]

    def _sight(self, memory: Memory) -> Sight:
        return self.attention.remember(memory)


class AdditiveDecoder(AttentiveDecoder):
    """Looks at the source with the state before, and takes what it saw into the next (arXiv 1409.0473).

    The first layer alone looks, with its own state; what is above it runs over whole texts (arXiv 1609.08144, 3). Words
    are said by a maxout layer over word, state and what was seen (arXiv 1409.0473, appendix A.2.2).
    """

    def _make_parts(self, d_model: int, hidden_size: int, memory_width: int) -> None:
        self.attention = AdditiveAttention(hidden_size, memory_width, hidden_size)
        self.first = self.kind.cell(d_model + memory_width, hidden_size)
        self.layers = nn.ModuleList(self.kind.layer(hidden_size, hidden_size) for _ in range(self.num_layers - 1))
        self.output = nn.Linear(d_model + hidden_size + memory_width, 2 * d_model)

    def _follow(
        self, x: Tensor, layout: Layout, steps: Steps, state: State, written: WrittenStates
    ) -> tuple[Tensor, State]:
        own = self.kind.states
        found, seen, last = self._look(x, layout, steps, state[:own], written)
        found, above = self._layers(self.layers, self.dropout(found), steps, state[own:])
        said = self.output(torch.cat([x, found, seen], 1)).unflatten(1, (-1, 2))
        return self.dropout(said.amax(2)), (*last, *above)

    def _look(
        self, x: Tensor, layout: Layout, steps: Steps, state: State, written: WrittenStates
    ) -> tuple[Tensor, Tensor, State]:
        """The first layer's states, what each saw, and its last states."""
        cell = self.first
        of_words, of_seen = cell.weight_ih.split([x.shape[1], cell.weight_ih.shape[1] - x.shape[1]], 1)
        given = nn.functional.linear(x, of_words, cell.bias_ih)
        sight, looks = _seen(written, steps, layout), _Looks(self.attention, layout, steps, written)
        states, seen = [], []
        for words, count in zip(given.split(steps.counts), steps.counts, strict=True):
            state, sight = tuple(each[:count] for each in state), sight.first(count)
            seen.append(looks.at(state[0], sight))
            own = nn.functional.linear(state[0], cell.weight_hh, cell.bias_hh)
            state = self.kind.advance(torch.addmm(words, seen[-1], of_seen.T), own, state)
            states.append(state)
        looks.tell()
        found = tuple(torch.cat(each) for each in zip(*states, strict=True))
        return found[0], torch.cat(seen), tuple(each.index_select(0, steps.last) for each in found)


class MultiplicativeDecoder(AttentiveDecoder):
    """Looks at the source with the new state; both make a vector that says the word (arXiv 1508.04025).

    This vector is also given to the first layer with the next word: input feeding (section 3.3).
    """

    def _make_parts(self, d_model: int, hidden_size: int, memory_width: int) -> None:
        self.attention = MultiplicativeAttention(hidden_size, memory_width)
        widths = [2 * d_model, *[hidden_size] * (self.num_layers - 1)]
        self.cells = nn.ModuleList(self.kind.cell(width, hidden_size) for width in widths)
        self.output = nn.Linear(memory_width + hidden_size, d_model, bias=False)

    def _first_state(self, begin: State) -> State:
        return (*begin, begin[0].new_zeros(len(begin[0]), self.width))

    def _follow(
        self, x: Tensor, layout: Layout, steps: Steps, state: State, written: WrittenStates
    ) -> tuple[Tensor, State]:
        first = self.cells[0]
        assert isinstance(first, nn.GRUCell | nn.LSTMCell)
        of_words, of_fed = first.weight_ih.split([x.shape[1], self.width], 1)
        given = nn.functional.linear(x, of_words, first.bias_ih)
        sight, looks = _seen(written, steps, layout), _Looks(self.attention, layout, steps, written)
        states: list[State] = []
        for words, count in zip(given.split(steps.counts), steps.counts, strict=True):
            state, sight = tuple(each[:count] for each in state), sight.first(count)
            carried = self._climb(torch.addmm(words, state[-1], of_fed.T), state[:-1])
            top = self.dropout(carried[-self.kind.states])
            said = self.output(torch.cat([looks.at(top, sight), top], 1)).tanh()
            state = (*carried, said)
            states.append(state)
        looks.tell()
        found = tuple(torch.cat(each) for each in zip(*states, strict=True))
        return self.dropout(found[-1]), tuple(each.index_select(0, steps.last) for each in found)

    def _climb(self, given: Tensor, state: State) -> State:
        """One step of all layers."""
        after: State = ()
        for number, cell in enumerate(self.cells):
            assert isinstance(cell, nn.GRUCell | nn.LSTMCell)
            if number:
                given = nn.functional.linear(self.dropout(after[-self.kind.states]), cell.weight_ih, cell.bias_ih)
            before = state[number * self.kind.states : (number + 1) * self.kind.states]
            own = nn.functional.linear(before[0], cell.weight_hh, cell.bias_hh)
            after = (*after, *self.kind.advance(given, own, before))
        return after


class _Looks:
    """An attention, step after step; its weights are kept for who listens, if anybody does."""

    def __init__(self, attention: StateAttention, layout: Layout, steps: Steps, written: WrittenStates) -> None:
        self._attention, self._layout, self._steps, self._written = attention, layout, steps, written
        self._asked = request(attention)
        self._weights: list[Tensor] = []

    def at(self, state: Float[Tensor, "B H"], sight: Sight) -> Float[Tensor, "B M"]:
        """What is seen in one step."""
        seen, weights = self._attention(state, sight)
        if self._asked is not None:
            self._weights.append(weights.detach())
        return seen

    def tell(self) -> None:
        """Tell what was asked for."""
        if self._asked is not None:
            weights = in_place(torch.cat(self._weights), self._steps)
            self._attention.tell(self._asked, weights, self._layout, self._written.sources, self._written.memory)


def _seen(written: WrittenStates, steps: Steps, layout: Layout) -> Sight:
    """What each text sees, in the order of the steps; they leave texts as they are if none is longer than the last."""
    lengths = layout.query_lengths
    in_order = all(lengths) and all(after <= before for before, after in pairwise(lengths))
    return written.sight if in_order else written.sight.of(steps.texts)
