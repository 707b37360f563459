"""What the tests of training share: a small problem that knows nothing of texts, and plans for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from attendo.nn import Bags, Dropout, LearnedPositions, RowEmbedding
from attendo.tasks import Loss
from attendo.training import Plan, TrainingSettings

ROWS, WIDTH, LABELS, EXAMPLES = 17, 5, 3, 23


class Small(nn.Module):
    """One of each kind of parameter."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.embedding, self.positions = RowEmbedding(ROWS, WIDTH), LearnedPositions(7, WIDTH)
        self.norm, self.dropout = nn.LayerNorm(WIDTH), Dropout(dropout)
        self.output = nn.Linear(WIDTH, LABELS)
        self.fixed = nn.Parameter(torch.ones(2), requires_grad=False)

    def forward(self, bags: Bags) -> torch.Tensor:
        x = self.positions(self.embedding(bags)[:, None])[:, 0]
        return self.output(self.dropout(self.norm(x)))


class Toy:
    """Bags of rows with labels; `script` gives the dev scores in place of the model's own."""

    main = "score"

    def __init__(self, script: Sequence[float] = (), dropout: float = 0.0, done: int = 0) -> None:
        generator = torch.Generator().manual_seed(11)
        torch.manual_seed(3)
        self.model = Small(dropout)
        self.lengths = torch.randint(1, 7, (EXAMPLES,), generator=generator).tolist()
        self.rows = [torch.randint(0, ROWS, (length,), generator=generator) for length in self.lengths]
        self.labels = torch.randint(0, LABELS, (EXAMPLES,), generator=generator)
        self.weights = torch.rand(EXAMPLES, generator=generator) + 0.5
        self.script, self.done = script, done
        self.broken_from: int | None = None
        self.batches = 0

    def batch(self, indices: Sequence[int], device: torch.device) -> tuple[Bags, torch.Tensor, torch.Tensor]:
        rows = [self.rows[i] for i in indices]
        starts = torch.tensor([0] + [len(each) for each in rows[:-1]]).cumsum(0)
        bags = Bags(torch.cat(rows), starts, torch.ones(sum(map(len, rows))))
        return bags.to(device), self.labels[list(indices)].to(device), self.weights[list(indices)].to(device)

    def loss(self, batch: tuple[Bags, torch.Tensor, torch.Tensor]) -> Loss:
        bags, labels, weights = batch
        self.batches += 1
        losses = F.cross_entropy(self.model(bags).float(), labels, reduction="none") * weights
        if self.broken_from is not None and self.batches >= self.broken_from:
            losses = losses * torch.nan
        return Loss(losses.sum(), float(weights.sum()))

    def scores(self) -> dict[str, float]:
        bags, labels, _ = self.batch(range(EXAMPLES), torch.device("cpu"))
        value = -float(F.cross_entropy(self.model(bags).detach(), labels))
        if self.script:
            value = self.script[self.done]
        self.done += 1
        return {"score": value, "other": 1.0}


def toy_plan(
    *, epochs: int = 3, patience: int = 5, batch_tokens: int = 19, micro_tokens: int | None = None, **settings: Any
) -> Plan:
    return Plan(
        settings=TrainingSettings(**{"learning_rate": 0.01, "checkpoint_seconds": 1e-9} | settings),
        epochs=epochs,
        patience=patience,
        batch_tokens=batch_tokens,
        micro_tokens=micro_tokens or batch_tokens,
        precision="float32",
        device="cpu",
        threads=1,
    )


@pytest.fixture
def toy() -> Callable[..., Toy]:
    return Toy


@pytest.fixture
def plan() -> Callable[..., Plan]:
    return toy_plan
