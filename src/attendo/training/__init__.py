"""Training: the loop, optimisers, schedule, checkpoints, and the choice of device, precision and budget.

Knows a `Problem` (a model, a loss, a score) and nothing of texts or labels.
"""

from attendo.training.devices import autocast, choose_device, cpu_threads, physical_cores
from attendo.training.events import Event, Listener, Note, Progress, Scored, Waiting, Warned, silent
from attendo.training.habits import (
    habits_of_language,
    habits_of_rewriting,
    habits_of_roles,
    habits_of_tagging,
    habits_on_base,
)
from attendo.training.layers import arrange_layers, parameter_depths
from attendo.training.loop import HISTORY, Loop, Outcome
from attendo.training.optimiser import Optimisers
from attendo.training.planning import make_plan
from attendo.training.settings import Habits, LoopSettings, Plan, Rates, TrainingSettings

__all__ = [
    "HISTORY",
    "Event",
    "Habits",
    "Listener",
    "Loop",
    "LoopSettings",
    "Note",
    "Optimisers",
    "Outcome",
    "Plan",
    "Progress",
    "Rates",
    "Scored",
    "TrainingSettings",
    "Waiting",
    "Warned",
    "arrange_layers",
    "autocast",
    "choose_device",
    "cpu_threads",
    "habits_of_language",
    "habits_of_rewriting",
    "habits_of_roles",
    "habits_of_tagging",
    "habits_on_base",
    "make_plan",
    "parameter_depths",
    "physical_cores",
    "silent",
]
