"""What a run uses up, measured by the operating system."""

from __future__ import annotations

import platform
import resource
import sys
import time
from dataclasses import dataclass, field

import torch

import attendo
from attendo.report import Cost


@dataclass(frozen=True)
class Meter:
    """Seconds since it was made."""

    wall: float = field(default_factory=time.monotonic)
    cpu: float = field(default_factory=time.process_time)

    def cost(self, operations: float, tokens: int) -> Cost:
        """The cost until now; peak memory is the process's, or the GPU's where one was used."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        if torch.cuda.is_available():
            peak = max(peak, torch.cuda.max_memory_allocated())
        return Cost(
            seconds=time.monotonic() - self.wall,
            cpu_seconds=time.process_time() - self.cpu,
            operations=operations,
            tokens=tokens,
            peak_memory=peak,
        )


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
