"""Memory that is freed stays at hand within a block, and is given back behind it."""

from __future__ import annotations

import resource
import sys

import pytest
import torch

from attendo.training import memory

LARGE = 1 << 23
"""Floats: 32 MiB, which glibc would give back."""


def faults(rounds: int) -> int:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(rounds):
        torch.zeros(LARGE).add_(1)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@pytest.mark.skipif(not sys.platform.startswith("linux") or memory._glibc() is None, reason="glibc's own behaviour")
def test_pages_are_fetched_once():
    with memory.memory_kept():
        faults(1)
        assert faults(9) < 4 * (LARGE * 4 // 4096)  # given back, they would be fetched anew in each round
        assert torch.zeros(LARGE).add_(1).sum() == LARGE


def test_elsewhere_nothing_happens(monkeypatch):
    monkeypatch.setattr(memory.platform, "system", lambda: "Plan 9")
    with memory.memory_kept():
        assert memory._glibc() is None
