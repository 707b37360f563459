"""Words, their parts and what is made of them as 64-bit hashes, the same on any machine."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

MAX_PARTS = 20
PART_SIZES = (3, 4, 5)

Hashes = NDArray[np.uint64]


def word_hash(text: str) -> int:
    """The hash of a word or a part of one."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def part_hashes(word: str) -> list[int]:
    """Hashes of a word's character n-grams, its ends marked; a single character has none."""
    if len(word) < 2:
        return []
    marked = f"<{word}>"
    grams = (marked[i : i + size] for size in PART_SIZES for i in range(len(marked) - size + 1))
    return [word_hash(f"\0{gram}") for gram, _ in zip(grams, range(MAX_PARTS), strict=False)]


def mixed(left: Hashes, right: Hashes | np.uint64) -> Hashes:
    """One hash of two (the finaliser of splitmix64)."""
    both = left * np.uint64(0x9E3779B97F4A7C15) + right
    both = (both ^ (both >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    both = (both ^ (both >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return both ^ (both >> np.uint64(31))


def frequent(hashes: Hashes, min_count: int) -> Hashes:
    """The different hashes that occur so often, sorted."""
    values, counts = np.unique(hashes, return_counts=True)
    return values[counts >= min_count]
