"""What a run uses up, measured by the operating system."""

from __future__ import annotations

import platform
import resource
import sys
import time
from dataclasses import asdict

import torch
from torch import nn

import attendo
from attendo.api.run_folder import RunFolder, Spent
from attendo.report import Cost

KEEP_SECONDS = 5.0
"""A run that is killed forgets at most about so much of what it used."""


class Meter:
    """What a run uses up in this attempt and has used up in those before; peak memory is the largest of them."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder, self._before = folder, folder.read_spent()
        self._wall, self._cpu = time.monotonic(), time.process_time()
        self._kept = self._wall

    def keep(self) -> None:
        """Put down what was used until now, unless that was done a moment ago."""
        now = time.monotonic()
        if now - self._kept >= KEEP_SECONDS:
            self._kept = now
            self._folder.write_spent(self._spent())

    def cost(self, operations: float, tokens: int) -> Cost:
        """The cost until now."""
        return Cost(**asdict(self._spent()), operations=operations, tokens=tokens)

    def _spent(self) -> Spent:
        return Spent(
            seconds=self._before.seconds + time.monotonic() - self._wall,
            cpu_seconds=self._before.cpu_seconds + time.process_time() - self._cpu,
            peak_memory=max(self._before.peak_memory, _peak_memory()),
        )


def _peak_memory() -> int:
    """Bytes that the process took at most, or the GPU where one was used."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return max(peak, torch.cuda.max_memory_allocated()) if torch.cuda.is_available() else peak


def operations(module: nn.Module, tokens: int) -> float:
    """Floating-point operations of training on so many tokens: two for each weight, and four more to learn it.

    Embeddings are looked up, not multiplied with.
    """
    weights = [each for name, each in module.named_parameters() if "embedding" not in name.split(".")]
    return float(tokens) * sum(each.numel() * (6 if each.requires_grad else 2) for each in weights)


def versions() -> dict[str, str]:
    """What a run was made with."""
    import numpy
    import sklearn

    return {
        "attendo": attendo.__version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "scikit-learn": sklearn.__version__,
        "machine": f"{platform.system()} {platform.machine()}",
    }
