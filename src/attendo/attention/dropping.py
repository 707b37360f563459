"""Which values dropout takes away."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Bool
from torch import Tensor


def drop_mask(
    shape: Sequence[int], share: float, device: torch.device, generator: torch.Generator | None = None
) -> Bool[Tensor, "..."]:
    """True for about `share` of the places, to a precision of 2^-16.

    Each 64-bit draw decides four places: PyTorch draws for each place anew, which on a CPU takes twice the time.
    """
    size = torch.Size(shape).numel()
    draws = torch.empty((size + 3) // 4, dtype=torch.int64, device=device)
    draws.random_(-(2**63), None, generator=generator)
    threshold = min(round(share * 2**16), 2**16 - 1) - 2**15
    return draws.view(torch.int16)[:size].view(*shape) < threshold
