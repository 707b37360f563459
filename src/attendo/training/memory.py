"""Memory that steps of training take again and again stays at hand between them."""

from __future__ import annotations

import contextlib
import ctypes
import platform
from collections.abc import Iterator

# of glibc's malloc.h
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_MOST, _USUAL = 2**31 - 1, 2**26


@contextlib.contextmanager
def memory_kept() -> Iterator[None]:
    """Within the block, what is freed is not given back to the system; at its end it is.

    By itself glibc gives large pieces back at once, and the next step fetches them anew, page by page, each of which
    the system fills with zeros first: a tenth of the time of a small model. Other libraries are left as they are.
    """
    library = _glibc()
    if library is None:
        yield
        return
    if not library.mallopt(_MMAP_THRESHOLD, _MOST):
        library.mallopt(_MMAP_THRESHOLD, _USUAL // 2)  # the most that older ones take
    library.mallopt(_TRIM_THRESHOLD, _MOST)
    try:
        yield
    finally:
        library.mallopt(_TRIM_THRESHOLD, _USUAL)
        library.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if platform.system() != "Linux" or platform.libc_ver()[0] != "glibc":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
