"""The ways to compute attention, one file each, and the one table that lists them.

`auto` takes the first of the table that can do all that a call asks for and is not slow at it.
"""

from attendo.attention.kernels import reference, sdpa, streaming
from attendo.attention.kernels.backend import Backend

BACKENDS: tuple[Backend, ...] = (sdpa.BACKEND, streaming.BACKEND, reference.BACKEND)
"""In the order in which `auto` tries them."""

__all__ = ["BACKENDS", "Backend"]
