"""What `train` and `demo` show of a trained model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attendo.cli.terminal import console

if TYPE_CHECKING:
    from attendo.api import Result


def show_result(result: Result) -> None:
    """The models side by side, what that means, and where everything is."""
    from attendo.report import comparison_table, verdict

    screen = console()
    screen.print(comparison_table(result.story, width=screen.width))
    screen.print(verdict(result.story), style="bold")
    screen.print()
    screen.print(f"Model:  {result.folder}", soft_wrap=True)
    screen.print(f"Report: {result.folder / 'report.html'}", soft_wrap=True)
