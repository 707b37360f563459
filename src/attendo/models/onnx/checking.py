"""Whether a graph says what its network says: asked of ONNX Runtime, where it is installed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from attendo.attention import Layout
from attendo.errors import UnsupportedError
from attendo.models.encoder import TokenBatch, TokenModel
from attendo.models.folder import FamilyModel
from attendo.models.onnx.saving import ONNX
from attendo.models.onnx.texts import IDS, MASK, SEGMENTS

LENGTHS = (7, 3)
"""Tokens of the texts that both are asked about."""
TOLERANCE = 1e-3
"""How far they may be apart, as a share of the largest value; rounding is far less, and a missing part far more."""


def check_graph(model: FamilyModel, folder: Path | str) -> bool:
    """Compare a graph with its network on a padded batch; False if ONNX Runtime is not installed to be asked.

    Raises:
        UnsupportedError: if they differ: the network does something that the graph was not told of.
    """
    try:
        import onnxruntime
    except ImportError:
        return False
    assert isinstance(model.network, TokenModel)
    graph = onnxruntime.InferenceSession(str(Path(folder) / ONNX), providers=["CPUExecutionProvider"])
    batch = _batch(model.network)
    mask = batch.layout.pad(torch.ones_like(batch.ids))
    given = {IDS: batch.layout.pad(batch.ids), MASK: mask, SEGMENTS: torch.zeros_like(mask)}
    outputs = graph.run(None, {each.name: given[each.name].numpy() for each in graph.get_inputs()})
    found, expected = _rows(model.head, [torch.from_numpy(each) for each in outputs], mask), _answer(model, batch)
    apart = float((found - expected).abs().max()) / max(float(expected.abs().max()), 1e-6)
    if not apart <= TOLERANCE:
        architecture = model.family.heads[model.head].architecture
        raise UnsupportedError(
            f"The graph of this {architecture} says something else than the model, by {apart:.1%} of its largest "
            "value, so it is not written. `--to hf` is to be had."
        )
    return True


def _batch(network: TokenModel) -> TokenBatch:
    """Two texts of ids from all over the vocabulary."""
    most = network.max_length or max(LENGTHS)
    layout = Layout(tuple(min(length, most) for length in LENGTHS))
    last = network.encoder.embedding.tokens.num_embeddings - 1
    return TokenBatch(layout=layout, ids=torch.linspace(0, last, layout.num_queries).long())


def _rows(head: str, outputs: Sequence[Tensor], mask: Tensor) -> Tensor:
    """What a graph says of each token or text, in rows as the network has it."""
    if head == "sequence":
        return outputs[0]
    columns = torch.stack(list(outputs), -1) if outputs[0].ndim == 2 else outputs[0]
    return columns[mask.bool()]


@torch.inference_mode()
def _answer(model: FamilyModel, batch: TokenBatch) -> Tensor:
    network: Any = model.network
    return network.encoder(batch) if model.head == "bare" else network(batch)
