"""How a training run is shown while it goes on: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Self, TextIO, TypeVar

from attendo.cli.terminal import console, is_terminal

if TYPE_CHECKING:
    from rich.progress import ProgressColumn, Task

    from attendo.training import Event, Progress, Scored

Item = TypeVar("Item")

REFRESH = 0.2
"""Seconds between two looks of a count."""
LOOKS = 2.0
"""How often in a second a clock is looked at where nothing is counted."""
SECONDS = 10.0
"""Time between two plain lines of progress."""
_SCORES = {"accuracy": "accuracy", "macro_f1": "macro F1", "loss_dev": "loss"}
"""The scores to show, and what they are called, where one of them decides, or a score that nobody has a name for."""
_NAMELESS = "score"


class PlainProgress:
    """Lines for files and pipes: one an epoch, and one now and then in between."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream or sys.stderr, clock
        self._shown = clock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        pass

    def __call__(self, event: Event) -> None:
        from attendo.training import Note, Progress, Scored, Waiting, Warned

        match event:
            case Note(text=text) | Waiting(text=text):
                self._write(text)
            case Warned(text=text):
                self._write(f"Warning: {text}")
            case Scored():
                self._write(scored_line(event))
            case Progress() if self._clock() - self._shown >= SECONDS:
                self._write(progress_line(event))

    def _write(self, line: str) -> None:
        print(line, file=self._stream, flush=True)
        self._shown = self._clock()


class QuietProgress(PlainProgress):
    """Only warnings."""

    def __call__(self, event: Event) -> None:
        from attendo.training import Warned

        if isinstance(event, Warned):
            super().__call__(event)


class LiveProgress:
    """A bar that moves in place, with what was noted and scored above it; where nothing is counted, the time."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bars

        columns = BarColumn(bar_width=10), TextColumn("{task.description}"), _clock_column()
        self._bars = Bars(*columns, console=console(stderr=True), transient=True, refresh_per_second=LOOKS)
        self._bar = self._bars.add_task("", visible=False)
        self._wait = self._bars.add_task("", total=None, visible=False)
        self._dev: float | None = None

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._bars.stop()

    def __call__(self, event: Event) -> None:
        from attendo.training import Note, Progress, Scored, Waiting, Warned

        self._bars.update(self._wait, visible=False)
        match event:
            case Note(text=text):
                self._above(text, "dim")
            case Waiting(text=text):
                self._bars.update(self._bar, visible=False)
                self._bars.reset(self._wait, total=None, description=text, visible=True)
                self._bars.refresh()
            case Warned(text=text):
                self._above(f"Warning: {text}", "yellow")
            case Scored():
                self._dev = event.scores[main_score(event)]
                self._above(scored_line(event), "green" if event.best else "")
            case Progress():
                line = live_line(event, self._dev)
                self._bars.update(self._bar, description=line, completed=event.step, total=event.steps, visible=True)
                self._bars.refresh()

    def _above(self, line: str, style: str) -> None:
        from rich.text import Text

        self._bars.console.print(Text(line, style=style), soft_wrap=True)


def choose_progress(*, quiet: bool = False) -> PlainProgress | LiveProgress:
    """What suits standard error."""
    if quiet:
        return QuietProgress()
    return LiveProgress() if is_terminal(sys.stderr) else PlainProgress()


@contextlib.contextmanager
def waited(text: str) -> Iterator[None]:
    """Inside the block, a terminal shows what is being done, and for how long."""
    from attendo.training import Waiting

    with choose_progress(quiet=not is_terminal(sys.stderr)) as progress:
        progress(Waiting(text=text))
        yield


def counted(items: Iterable[Item], noun: Callable[[Item], str]) -> Iterator[Item]:
    """The same items, while their number and rate are shown on standard error.

    Args:
        noun: what an item is called.
    """
    from rich.progress import Progress as Bars
    from rich.progress import TextColumn

    started = shown = time.monotonic()
    with Bars(
        TextColumn("{task.description}"),
        _clock_column(),
        console=console(stderr=True),
        transient=True,
        refresh_per_second=LOOKS,
    ) as bars:
        bar = bars.add_task("at work", total=None)
        for number, item in enumerate(items, start=1):
            yield item
            if time.monotonic() - shown >= REFRESH:
                shown = time.monotonic()
                rate = number / max(shown - started, 1e-9)
                nouns = f"{noun(item)}s"
                bars.update(bar, description=f"{number:,} {nouns} · {rate:,.0f} {nouns}/s", refresh=True)


def _clock_column() -> ProgressColumn:
    """The time a task takes that has no known end."""
    from rich.progress import ProgressColumn
    from rich.text import Text

    class Clock(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text("" if task.total is not None or task.elapsed is None else duration(task.elapsed))

    return Clock()


def progress_line(event: Progress) -> str:
    """Where a run stands, for a log."""
    return f"epoch {event.epoch}/{event.epochs} · step {event.step:,}/{event.steps:,} · {_pace(event)}"


def live_line(event: Progress, dev: float | None) -> str:
    """The same beside a bar, which shows the steps, in what is left of 80 columns."""
    return f"epoch {event.epoch}/{event.epochs}{'' if dev is None else f' · dev {dev:.3f}'} · {_pace(event)}"


def _pace(event: Progress) -> str:
    return f"loss {event.loss:.3f} · {event.tokens_per_second:,.0f} tokens/s · {duration(event.seconds_left)} left"


def scored_line(event: Scored) -> str:
    """The dev scores after an epoch, on one line."""
    shown = ", ".join(f"{_SCORES.get(name, name)} {event.scores[name]:.4f}" for name in _names(event))
    return f"Epoch {event.epoch}: dev {shown}{', the best so far' if event.best else ''}."


def main_score(event: Scored) -> str:
    """Name of the one score to keep in sight."""
    return _names(event)[0]


def _names(event: Scored) -> list[str]:
    """The scores to show, the main one first."""
    if event.main not in (_NAMELESS, *_SCORES):
        return [event.main]
    return [name for name in _SCORES if name in event.scores] or [event.main]


def duration(seconds: float) -> str:
    """Seconds as people say them: 7 s, 3:05, 2:10:00."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
