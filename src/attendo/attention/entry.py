"""`attend`: the one entry to attention, and the choice of what computes it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import overload

from jaxtyping import Float
from torch import Tensor

from attendo.attention.biases import Bias
from attendo.attention.call import Call, prepare
from attendo.attention.kernels import BACKENDS, Backend
from attendo.attention.masks import Full, Mask
from attendo.attention.observed import Observe, Observed
from attendo.errors import UnsupportedError


@overload
def attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    *,
    mask: Mask = ...,
    bias: Bias | Tensor | None = ...,
    scale: float | None = ...,
    dropout: float = ...,
    backend: str = ...,
    observe: None = ...,
) -> Tensor: ...


@overload
def attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    *,
    mask: Mask = ...,
    bias: Bias | Tensor | None = ...,
    scale: float | None = ...,
    dropout: float = ...,
    backend: str = ...,
    observe: Observe,
) -> tuple[Tensor, Observed]: ...


def attend(
    query: Float[Tensor, "*#B H T D"],
    key: Float[Tensor, "*#B G S D"],
    value: Float[Tensor, "*#B G S V"],
    *,
    mask: Mask = Full(),  # noqa: B008 - frozen
    bias: Bias | Tensor | None = None,
    scale: float | None = None,
    dropout: float = 0.0,
    backend: str = "auto",
    observe: Observe | None = None,
) -> Tensor | tuple[Tensor, Observed]:
    """Mix values by how well each query matches each key (arXiv 1706.03762, eq. 1).

    Args:
        mask: which keys each query may look at; a query with none gives zeros. Without texts in the mask (`Segments`,
            `Lengths`) the last query stands on the last key.
        bias: added to the scores, where -inf hides a key; a tensor broadcasts to (..., H, T, S).
        scale: factor on the products of queries and keys; 1 / sqrt(D) by default.
        dropout: share of the weights that is taken away; the rest is scaled up.
        backend: a name from `backends()`, or "auto" for the fastest that can do all that is asked.
        observe: what to find out about the weights; the answers come second.
    Raises:
        ShapeError: if the tensors, the mask or the bias do not fit together.
        UnsupportedError: if the backend that was named cannot do what was asked.
    """
    call = prepare(query, key, value, mask=mask, bias=bias, scale=scale, dropout=dropout, observe=observe)
    output, observed = _choose(call, backend).backend.run(call)
    if output.shape[:-3] != call.lead:
        output = output.reshape(*call.lead, *output.shape[1:])
    if observe is None:
        return output
    return output, replace(observed or Observed(), layout=call.layout)


def backends() -> tuple[Backend, ...]:
    """All ways to compute `attend` and what each can do, in the order in which "auto" tries them."""
    return BACKENDS


@dataclass(frozen=True)
class Choice:
    """A backend, and why those before it were passed over."""

    backend: Backend
    passed_over: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        reasons = "".join(f"; not {name}: {reason}" for name, reason in self.passed_over)
        return f"{self.backend.name}: {self.backend.summary}{reasons}"


def choose_backend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    *,
    mask: Mask = Full(),  # noqa: B008 - frozen
    bias: Bias | Tensor | None = None,
    dropout: float = 0.0,
    backend: str = "auto",
    observe: Observe | None = None,
) -> Choice:
    """What `attend` would compute this call with, and why; nothing is computed."""
    call = prepare(query, key, value, mask=mask, bias=bias, scale=None, dropout=dropout, observe=observe)
    return _choose(call, backend)


def _choose(call: Call, name: str) -> Choice:
    if name != "auto":
        return Choice(_named(call, name), ())
    reasons = []
    for backend in BACKENDS:
        reason = backend.refuse(call) or backend.slow(call)
        if reason is None:
            return Choice(backend, tuple(reasons))
        reasons.append((backend.name, reason))
    raise AssertionError("the streaming backend does everything")


def _named(call: Call, name: str) -> Backend:
    by_name = {backend.name: backend for backend in BACKENDS}
    if name not in by_name:
        raise UnsupportedError(f"There is no attention backend `{name}`. There are: auto, {', '.join(by_name)}.")
    reason = by_name[name].refuse(call)
    if reason is not None:
        able = ", ".join(backend.name for backend in BACKENDS if backend.refuse(call) is None)
        raise UnsupportedError(f"The backend `{name}` cannot run this call: {reason}. These can: {able}.")
    return by_name[name]
