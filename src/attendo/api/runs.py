"""What all runs do: they tell what they decide, go on with a plan that was settled, and count what they cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from attendo.api.cost import Meter
from attendo.api.run_folder import RunFolder
from attendo.training import Event, Listener, Note, Plan, Warned, choose_device


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run in its folder."""

    folder: RunFolder
    tell: Listener
    meter: Meter
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def settled_plan(self, make: Callable[[], Plan]) -> Plan:
        """The plan of an earlier attempt at this run, or a new one, which is settled."""
        plan = self.folder.read_plan()
        if plan is not None:
            choose_device(plan.device)  # it may go on on another machine
        else:
            plan = make()
            self.folder.write_plan(plan)
        for reason in plan.reasons:
            self.note(reason)
        return plan

    def note(self, text: str) -> None:
        """Tell something, and keep it for the report."""
        self.notes.append(text)
        self.hear(Note(text=text))

    def warn(self, text: str) -> None:
        """Tell something that the user should look at, and keep it for the report."""
        self.warnings.append(text)
        self.hear(Warned(text=text))

    def hear(self, event: Event) -> None:
        """Pass on what a part of the run has to say."""
        self.meter.keep()
        self.tell(event)
