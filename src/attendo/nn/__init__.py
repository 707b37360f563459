"""Parts with weights. Each takes numbers and other parts; only `models/` puts them together.

All parts run on packed rows `(N, E)` with a `Layout`, and all but recurrent ones on ordinary batches `(B, T, E)`. Norms
are PyTorch's own (`nn.LayerNorm`, `nn.RMSNorm`). Nothing here knows strings, files or tasks.
"""

from attendo.nn.attentive_decoders import AdditiveDecoder, MultiplicativeDecoder
from attendo.nn.bags import BagDropout, BagLinear, Bags, RowEmbedding
from attendo.nn.block import Block, Residual, Stack, recomputed
from attendo.nn.cache import Cache
from attendo.nn.cells import CELLS, CellName
from attendo.nn.contexts import Context, KeyValues, Memory, Past
from attendo.nn.crf import Allowed, Chain
from attendo.nn.dropout import Dropout
from attendo.nn.embeddings import TokenEmbedding
from attendo.nn.feedforward import ACTIVATIONS, FeedForward, GatedFeedForward, activation_named
from attendo.nn.first_weights import initialise
from attendo.nn.latest import latest_vectors, short_way
from attendo.nn.local import LocalMixing
from attendo.nn.multihead import Heads, MultiHeadAttention
from attendo.nn.pooling import AttentionPool, FirstToken, LastToken, MaxPool, MeanPool, OneToken, SideBySide
from attendo.nn.positions import AlibiBias, LearnedPositions, RelativeBias, Rotary, SinusoidalPositions, Stretch
from attendo.nn.recurrent import Recurrence, RecurrentEncoder
from attendo.nn.recurrent_attention import AdditiveAttention, MultiplicativeAttention, StateAttention
from attendo.nn.recurrent_decoders import PlainDecoder, RecurrentDecoder, WrittenStates
from attendo.nn.scores import Scale, WordScores
from attendo.nn.texts import layout_of, own_text, packed, positions_in
from attendo.nn.word_losses import WordLoss, word_loss
from attendo.nn.written import Written

__all__ = [
    "ACTIVATIONS",
    "CELLS",
    "AdditiveAttention",
    "AdditiveDecoder",
    "AlibiBias",
    "Allowed",
    "AttentionPool",
    "BagDropout",
    "BagLinear",
    "Bags",
    "Block",
    "Cache",
    "CellName",
    "Chain",
    "Context",
    "Dropout",
    "FeedForward",
    "FirstToken",
    "GatedFeedForward",
    "Heads",
    "KeyValues",
    "LastToken",
    "LearnedPositions",
    "LocalMixing",
    "MaxPool",
    "MeanPool",
    "Memory",
    "MultiHeadAttention",
    "MultiplicativeAttention",
    "MultiplicativeDecoder",
    "OneToken",
    "Past",
    "PlainDecoder",
    "Recurrence",
    "RecurrentDecoder",
    "RecurrentEncoder",
    "RelativeBias",
    "Residual",
    "Rotary",
    "RowEmbedding",
    "Scale",
    "SideBySide",
    "SinusoidalPositions",
    "Stack",
    "StateAttention",
    "Stretch",
    "TokenEmbedding",
    "WordLoss",
    "WordScores",
    "Written",
    "WrittenStates",
    "activation_named",
    "initialise",
    "latest_vectors",
    "layout_of",
    "own_text",
    "packed",
    "positions_in",
    "recomputed",
    "short_way",
    "word_loss",
]
