"""Parts with weights. Each takes numbers and other parts; only `models/` puts them together.

All parts run on packed rows `(N, E)` with a `Layout`, and on ordinary batches `(B, T, E)`. Norms are PyTorch's own
(`nn.LayerNorm`, `nn.RMSNorm`). Nothing here knows strings, files or tasks.
"""

from attendo.nn.bags import BagDropout, BagLinear, Bags, RowEmbedding
from attendo.nn.block import Block, Residual, Stack
from attendo.nn.dropout import Dropout
from attendo.nn.embeddings import TokenEmbedding
from attendo.nn.feedforward import ACTIVATIONS, FeedForward, GatedFeedForward
from attendo.nn.first_weights import initialise
from attendo.nn.local import LocalMixing
from attendo.nn.multihead import MultiHeadAttention
from attendo.nn.pooling import AttentionPool, FirstToken, MaxPool, MeanPool
from attendo.nn.positions import AlibiBias, LearnedPositions, RelativeBias, Rotary, SinusoidalPositions
from attendo.nn.texts import layout_of, own_text, packed, positions_in

__all__ = [
    "ACTIVATIONS",
    "AlibiBias",
    "AttentionPool",
    "BagDropout",
    "BagLinear",
    "Bags",
    "Block",
    "Dropout",
    "FeedForward",
    "FirstToken",
    "GatedFeedForward",
    "LearnedPositions",
    "LocalMixing",
    "MaxPool",
    "MeanPool",
    "MultiHeadAttention",
    "RelativeBias",
    "Residual",
    "Rotary",
    "RowEmbedding",
    "SinusoidalPositions",
    "Stack",
    "TokenEmbedding",
    "initialise",
    "layout_of",
    "own_text",
    "packed",
    "positions_in",
]
