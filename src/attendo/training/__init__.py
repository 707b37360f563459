"""Training: the loop, optimisers, schedule, checkpoints, and the choice of device, precision and budget.

Knows a `Problem` (a model, a loss, a score) and nothing of texts or labels.
"""

from attendo.training.devices import choose_device, cpu_threads, physical_cores
from attendo.training.events import Event, Listener, Note, Progress, Scored, Warned, silent
from attendo.training.loop import HISTORY, Loop, Outcome
from attendo.training.optimiser import Optimisers
from attendo.training.planning import make_plan
from attendo.training.settings import Plan, TrainingSettings

__all__ = [
    "HISTORY",
    "Event",
    "Listener",
    "Loop",
    "Note",
    "Optimisers",
    "Outcome",
    "Plan",
    "Progress",
    "Scored",
    "TrainingSettings",
    "Warned",
    "choose_device",
    "cpu_threads",
    "make_plan",
    "physical_cores",
    "silent",
]
