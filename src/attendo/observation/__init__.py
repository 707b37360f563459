"""Watching what any model's attention looks at, while it runs as it always does."""

from attendo.observation.looks import Glance, Look
from attendo.observation.seen import Seen
from attendo.observation.watching import observe

__all__ = ["Glance", "Look", "Seen", "observe"]
