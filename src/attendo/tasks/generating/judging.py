"""How well texts are foreseen: what each token costs, with what stands before it, however long the text is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from attendo.data import plan_in_order
from attendo.metrics import LikelihoodScores, PairedDifference, paired_bits, score_likelihood
from attendo.models import TokenModel
from attendo.tasks.generating.streams import Ints, Longs, TokenStreams
from attendo.tasks.generating.windows import read_windows
from attendo.tasks.pretraining import score_places

Floats = NDArray[np.float64]

BATCH_TOKENS, CELLS = 4096, 1 << 24
"""Tokens that are read at a time, and scores that are held: one of each entry of the vocabulary for each token."""
BLOCK = 256
"""Tokens of a part of a long text that counts as one of many where an interval is sought."""


@torch.inference_mode()
def foretell(
    network: TokenModel, streams: TokenStreams, length: int, *, judged_anew: float = 0.5, most: int | None = None
) -> Float[Tensor, " N"]:
    """What each token of the texts costs in nats; NaN for those that are not asked about, or lie behind `most`.

    A long text is read in windows that overlap: each token is judged once, and but for the text's first window with at
    least the share `1 - judged_anew` of a window before it.

    Args:
        length: tokens of a window, those before it included.
        most: judge so many tokens only, from the first on.
    """
    found = torch.full((len(streams.ids),), torch.nan, dtype=torch.float64)
    texts, starts, sizes, known = _windows(streams, length - streams.lead, judged_anew, most)
    device = next(network.parameters()).device
    budget = min(BATCH_TOKENS, CELLS // network.encoder.embedding.tokens.num_embeddings)
    for indices in plan_in_order((sizes + streams.lead).tolist(), budget):
        chosen = np.asarray(indices)
        batch = read_windows(streams, texts[chosen], starts[chosen], sizes[chosen], known[chosen])
        if not len(batch.targets):
            continue
        scores = score_places(network, batch.texts.to(device), batch.places.to(device))
        nats = F.cross_entropy(scores, batch.targets.to(device), reduction="none")
        found[_places(streams, texts[chosen], starts[chosen], sizes[chosen], batch.places)] = nats.double().cpu()
    return found


def _windows(
    streams: TokenStreams, room: int, judged_anew: float, most: int | None
) -> tuple[Longs, Longs, Longs, Longs]:
    """Of each window its text, its first token that is foretold, how many are, and how many of these were before."""
    step = max(1, round(room * judged_anew))
    rows: list[tuple[int, int, int, int]] = []
    left = int(streams.foretold.sum()) if most is None else most
    for text, size in enumerate(streams.foretold.tolist()):
        done = 0
        while done < size and left > 0:
            stop = min(size, room if done == 0 else done + step)
            start = max(0, stop - room)
            rows.append((text, start, stop - start, done - start))
            left -= stop - done
            done = stop
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return table[:, 0], table[:, 1], table[:, 2], table[:, 3]


def _places(streams: TokenStreams, texts: Longs, starts: Longs, sizes: Longs, asked: Tensor) -> Tensor:
    """Where in the streams the tokens stand that follow the places of a batch."""
    lengths = sizes + streams.lead
    begins = np.cumsum(lengths) - lengths
    after = asked.numpy() + 1
    window = np.searchsorted(begins, after, side="right") - 1
    shift = streams.lead if streams.before else 0
    return torch.from_numpy(streams.starts[texts[window]] + starts[window] + after - begins[window] - shift)


@dataclass(frozen=True, eq=False)
class Foreseen:
    """What texts cost a model, in blocks that do not reach over the border of a text.

    Attributes:
        texts: how many there are.
    """

    texts: int
    nats: Floats
    tokens: Longs
    characters: Longs
    num_bytes: Longs

    def scores(self) -> LikelihoodScores:
        """Perplexity and bits, with intervals over the blocks."""
        found = score_likelihood(self.nats, self.tokens, characters=self.characters, num_bytes=self.num_bytes)
        return replace(found, num_examples=self.texts)

    def against(self, other: Foreseen) -> PairedDifference:
        """How many more bits a character this takes than the other, over the same blocks."""
        return paired_bits(self.nats, other.nats, self.characters)


def in_blocks(streams: TokenStreams, texts: Sequence[str], nats: Floats) -> Foreseen:
    """Sums over blocks of what each token costs.

    Args:
        nats: of each token; NaN for those that are not judged.
    """
    rows: list[Floats] = [np.zeros((0, 4))]
    for number, text in enumerate(texts):
        own = slice(streams.starts[number], streams.starts[number + 1])
        judged = ~np.isnan(nats[own])
        sums = np.stack([nats[own], np.ones(len(judged)), *_sizes(text, streams.characters[own])], axis=1).astype(
            np.float64
        )
        sums[~judged] = 0
        blocks: Floats = np.add.reduceat(sums, range(0, len(sums), BLOCK)) if len(sums) else sums
        rows.append(blocks[blocks[:, 1] > 0])
    table = np.concatenate(rows)
    counts = table[:, 1:].astype(np.int64)
    return Foreseen(len(texts), table[:, 0], counts[:, 0], counts[:, 1], counts[:, 2])


def _sizes(text: str, starts: Ints) -> tuple[Longs, Longs]:
    """Characters and bytes that each token stands for; of one that is spelled by several, the last has them."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    ends = np.cumsum(np.concatenate([[0], 1 + (codes >= 0x80) + (codes >= 0x800) + (codes >= 0x10000)]))
    borders = np.append(starts, len(text)).astype(np.int64)
    return np.diff(borders), np.diff(ends[borders])
