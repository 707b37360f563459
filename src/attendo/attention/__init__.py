"""The heart: attention that can be looked at, at any length. Pure functions; no weights and no strings.

`attend` is the one entry. Masks (`Full`, `Causal`, `Window`, `Segments`, `Lengths`, `Prefix`, `Global`, `Dense`) are
joined with `&` and `|`; `Layout` says where packed texts lie; biases are added by position; `Observe` asks, `Observed`
answers. Not for projections, heads' weights or caches: those are in `nn/`.
"""

from attendo.attention.biases import Alibi, Bias, DenseBias, PositionFunction, RelativeBuckets
from attendo.attention.dropping import drop_mask
from attendo.attention.entry import Choice, attend, backends, choose_backend
from attendo.attention.given import observe_weights
from attendo.attention.kernels import Backend
from attendo.attention.layout import Layout
from attendo.attention.listening import Listener, is_heard, listen, report, request
from attendo.attention.masks import Causal, Dense, Full, Global, Lengths, Mask, Prefix, Segments, Window
from attendo.attention.observed import ANSWERS, Largest, Observe, Observed

__all__ = [
    "ANSWERS",
    "Alibi",
    "Backend",
    "Bias",
    "Causal",
    "Choice",
    "Dense",
    "DenseBias",
    "Full",
    "Global",
    "Largest",
    "Layout",
    "Lengths",
    "Listener",
    "Mask",
    "Observe",
    "Observed",
    "PositionFunction",
    "Prefix",
    "RelativeBuckets",
    "Segments",
    "Window",
    "attend",
    "backends",
    "choose_backend",
    "drop_mask",
    "is_heard",
    "listen",
    "observe_weights",
    "report",
    "request",
]
