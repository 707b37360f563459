"""Transformers for text that are affordable, see-through, and yours to carry away.

    import attendo

    attendo.train("classify", "reviews.csv", out="model")
    model = attendo.load("model")
    model.predict("What a lovely film!")

The rooms below (`attendo.attention`, `attendo.nn`, ...) are for those who build their own. Names are resolved when they
are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

import gc
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attendo.api import PretrainResult, PretrainRunSettings, Result, RunSettings, export, pretrain, train
    from attendo.observation import observe
    from attendo.tasks import load

__version__ = "0.1.0"

_HOMES = {
    **dict.fromkeys(("train", "export", "Result", "RunSettings"), "api"),
    **dict.fromkeys(("pretrain", "PretrainResult", "PretrainRunSettings"), "api"),
    "load": "tasks",
    "observe": "observation",
}
_ROOMS = (
    *("api", "attention", "cli", "data", "decoding", "metrics", "models", "nn", "observation", "page", "report"),
    *("spans", "tasks", "text", "training"),
)

__all__ = [
    "PretrainResult",
    "PretrainRunSettings",
    "Result",
    "RunSettings",
    "__version__",
    "export",
    "load",
    "observe",
    "pretrain",
    "train",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(_room(_HOMES[name]), name)
    if name in _ROOMS:
        return _room(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _room(name: str) -> Any:
    """Import a room. Garbage waits so long: to look for it among all that PyTorch made would double the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return import_module(f"{__name__}.{name}")
    finally:
        if collecting:
            gc.enable()


def __dir__() -> list[str]:
    return sorted({*__all__, *_ROOMS, "__doc__"})
