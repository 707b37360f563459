"""Watching what any model's attention looks at, while it runs as it always does."""

from attendo.observation.seen import Look, Seen
from attendo.observation.watching import observe

__all__ = ["Look", "Seen", "observe"]
