"""How the state of a recurrent decoder looks at a memory: one query at a time, as the next state hangs on the answer.

What is made of the memory is made once, for whole texts; what is left for each step is small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from attendo.attention import Layout, Observe, observe_weights, report
from attendo.nn.contexts import Memory


@dataclass(frozen=True, eq=False)
class Sight:
    """What can be seen of a memory, a text a row; behind the end of a text all is zero.

    Attributes:
        keys: what is compared with a state.
        vectors: what is mixed by the weights.
        hidden: added to the scores: -inf behind the end of a text. A text without a token hides nothing, as there is
            nothing but zeros to be mixed; None where all texts are equally long.
    """

    keys: Float[Tensor, "B S A"]
    vectors: Float[Tensor, "B S M"]
    hidden: Float[Tensor, "B S"] | None

    def of(self, texts: Int[Tensor, " R"]) -> Sight:
        """What these texts see."""
        hidden = None if self.hidden is None else self.hidden.index_select(0, texts)
        return Sight(self.keys.index_select(0, texts), self.vectors.index_select(0, texts), hidden)

    def first(self, count: int) -> Sight:
        """What the first texts see."""
        if count == len(self.keys):
            return self
        hidden = None if self.hidden is None else self.hidden[:count]
        return Sight(self.keys[:count], self.vectors[:count], hidden)


class StateAttention(nn.Module):
    """An attention from states to a memory, in one head; whoever listens hears of it as of any other."""

    def remember(self, memory: Memory) -> Sight:
        """Get a memory ready to be looked at."""
        layout = memory.layout
        keys, vectors = layout.pad(self.keys(memory.vectors)), layout.pad(memory.vectors)
        lengths = torch.tensor(layout.query_lengths, dtype=torch.long, device=keys.device)[:, None]
        behind = (torch.arange(keys.shape[1], device=keys.device) >= lengths) & (lengths > 0)
        uneven = len(set(layout.query_lengths)) > 1
        hidden = torch.zeros_like(keys[:, :, 0]).masked_fill(behind, -torch.inf) if uneven else None
        return Sight(keys, vectors, hidden)

    def forward(self, state: Float[Tensor, "B H"], sight: Sight) -> tuple[Float[Tensor, "B M"], Float[Tensor, "B S"]]:
        """What each state sees, and how much it looks at each token."""
        scores = self.scores(state, sight.keys)
        weights = torch.softmax(scores if sight.hidden is None else scores + sight.hidden, 1)
        return torch.bmm(weights[:, None], sight.vectors)[:, 0], weights

    def keys(self, vectors: Float[Tensor, "S M"]) -> Float[Tensor, "S A"]:
        """What the tokens of a memory are compared by."""
        raise NotImplementedError

    def scores(self, state: Float[Tensor, "B H"], keys: Float[Tensor, "B S A"]) -> Float[Tensor, "B S"]:
        """How well each token fits a state."""
        raise NotImplementedError

    @torch.no_grad()
    def tell(
        self, asked: Observe, weights: Float[Tensor, "N S"], layout: Layout, sources: Sequence[int], memory: Memory
    ) -> None:
        """Tell who listens what each token of a row looked at.

        Args:
            weights: over the tokens of its source, from the first.
            sources: the text of the memory that each text of the layout is written from.
        """
        seen, size = memory.seen_by(layout.query_lengths, sources), memory.layout.num_queries
        chosen = torch.tensor(tuple(sources), dtype=torch.long)[layout.query_texts()]
        begins, lengths = (torch.tensor(each, dtype=torch.long)[chosen, None] for each in _texts(memory))
        within = torch.arange(weights.shape[1])
        tokens, places = (within < lengths).nonzero().T.to(weights.device)
        row = weights.new_zeros(len(weights), size)
        row[tokens, begins.to(weights.device)[tokens, 0] + places] = weights[tokens, places]
        report(self, observe_weights(row[None], seen, asked))


class AdditiveAttention(StateAttention):
    """A hidden layer scores state and token together: v tanh(W s + U h) (arXiv 1409.0473, appendix A.1.2)."""

    def __init__(self, hidden_size: int, memory_width: int, width: int) -> None:
        super().__init__()
        self.query = nn.Linear(hidden_size, width, bias=False)
        self.key = nn.Linear(memory_width, width)
        self.energy = nn.Linear(width, 1, bias=False)

    def keys(self, vectors: Float[Tensor, "S M"]) -> Float[Tensor, "S A"]:
        return self.key(vectors)

    def scores(self, state: Float[Tensor, "B H"], keys: Float[Tensor, "B S A"]) -> Float[Tensor, "B S"]:
        return _Energies.apply(keys, self.query(state), self.energy.weight[0])  # type: ignore[return-value]


class _Energies(torch.autograd.Function):
    """tanh(keys + query) times a vector. The hidden layer is computed again for the gradients: kept, it would take as
    much room as all pairs of tokens times its width."""

    @staticmethod
    def forward(ctx: Any, keys: Tensor, query: Tensor, energy: Tensor) -> Tensor:
        ctx.save_for_backward(keys, query, energy)
        return (keys + query[:, None]).tanh_() @ energy

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, ...]:
        keys, query, energy = ctx.saved_tensors
        bent = (keys + query[:, None]).tanh_()  # (B, S, A)
        of_energy = grads[0].flatten() @ bent.flatten(0, 1)
        of_keys = bent.square_().neg_().add_(1).mul_(grads[0][:, :, None]).mul_(energy)
        return of_keys, of_keys.sum(1), of_energy


class MultiplicativeAttention(StateAttention):
    """State and token are multiplied through a matrix: s W h (arXiv 1508.04025, section 3.1, "general")."""

    def __init__(self, hidden_size: int, memory_width: int) -> None:
        super().__init__()
        self.key = nn.Linear(memory_width, hidden_size, bias=False)

    def keys(self, vectors: Float[Tensor, "S M"]) -> Float[Tensor, "S A"]:
        return self.key(vectors)

    def scores(self, state: Float[Tensor, "B H"], keys: Float[Tensor, "B S A"]) -> Float[Tensor, "B S"]:
        return torch.bmm(keys, state[:, :, None])[:, :, 0]


def _texts(memory: Memory) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Where each text of a memory begins, and how long it is."""
    return memory.layout.query_starts, memory.layout.query_lengths
