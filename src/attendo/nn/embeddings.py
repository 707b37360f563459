"""From token ids to vectors."""

from __future__ import annotations

from jaxtyping import Float, Int
from torch import Tensor, nn

from attendo.attention import Layout
from attendo.nn.dropout import Dropout


class TokenEmbedding(nn.Module):
    """A vector for each token, a kind of position added, and a norm where the model wants one (BERT's does).

    Args:
        positions: adds to the vectors what their position says, such as `LearnedPositions`; None for rotary or ALiBi.
        num_segments: vectors for first and second text of a pair; 0 for none. Tokens are the first's unless said.
        widen: from the vectors' width to that of the model, where the two differ (ELECTRA's small ones).
        scale: factor on the vectors of tokens; sqrt(d_model) in arXiv 1706.03762, section 3.4.
    """

    def __init__(
        self,
        vocab_size: int,
        d_model: int,
        *,
        positions: nn.Module | None = None,
        num_segments: int = 0,
        norm: nn.Module | None = None,
        dropout: float = 0.0,
        widen: nn.Linear | None = None,
        scale: float = 1.0,
    ) -> None:
        super().__init__()
        self.scale = scale
        self.tokens = nn.Embedding(vocab_size, d_model)
        self.segments = nn.Embedding(num_segments, d_model) if num_segments else None
        self.positions = positions
        self.norm, self.dropout, self.widen = norm or nn.Identity(), Dropout(dropout), widen or nn.Identity()

    @property
    def width(self) -> int:
        """Width of the vectors that come out."""
        widen = self.widen
        return widen.out_features if isinstance(widen, nn.Linear) else self.tokens.embedding_dim

    def forward(
        self,
        ids: Int[Tensor, "*B T"],
        layout: Layout | None = None,
        segments: Int[Tensor, "*B T"] | None = None,
    ) -> Float[Tensor, "*B T E"]:
        x = self.words(ids, segments)
        return self.finished(x if self.positions is None else self.positions(x, layout))

    def words(self, ids: Int[Tensor, "*B T"], segments: Int[Tensor, "*B T"] | None = None) -> Float[Tensor, "*B T W"]:
        """What tokens say wherever they stand."""
        x = self.tokens(ids) if self.scale == 1.0 else self.tokens(ids) * self.scale
        if self.segments is None:
            return x
        return x + (self.segments.weight[0] if segments is None else self.segments(segments))

    def finished(self, x: Float[Tensor, "*B T W"]) -> Float[Tensor, "*B T E"]:
        """The vectors that come out, from those that know their positions."""
        return self.widen(self.dropout(self.norm(x)))
