"""How a run is shown: plain lines now and then, nothing but warnings, or a live line."""

import io
import re

import pytest

from attendo.cli import progress
from attendo.cli.progress import LiveProgress, PlainProgress, QuietProgress, choose_progress, counted, duration, waited
from attendo.training import Note, Progress, Scored, Waiting, Warned

STEP = Progress(epoch=2, epochs=5, step=1234, steps=5000, loss=0.4567, tokens_per_second=8901.2, seconds_left=185.0)
SCORED = Scored(epoch=2, scores={"score": -0.31, "accuracy": 0.875, "macro_f1": 0.871}, main="score", best=True)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_plain_lines_come_at_most_every_ten_seconds():
    stream, clock = io.StringIO(), Clock()
    with PlainProgress(stream, clock) as tell:
        for clock.now in (1.0, 9.0, 10.0, 11.0, 19.5, 20.5):
            tell(STEP)
    lines = stream.getvalue().splitlines()
    assert lines == ["epoch 2/5 · step 1,234/5,000 · loss 0.457 · 8,901 tokens/s · 3:05 left"] * 2


def test_plain_lines_tell_every_note_warning_and_score():
    stream = io.StringIO()
    with PlainProgress(stream, Clock()) as tell:
        for event in (Note(text="数据：3 类。"), Warned(text="Look."), SCORED, STEP):
            tell(event)
    assert stream.getvalue().splitlines() == [
        "数据：3 类。",
        "Warning: Look.",
        "Epoch 2: dev accuracy 0.8750, macro F1 0.8710, the best so far.",
    ]


def test_a_task_with_other_scores_shows_its_main_one():
    stream = io.StringIO()
    PlainProgress(stream, Clock())(Scored(epoch=1, scores={"bleu": 0.3, "x": 1.0}, main="bleu", best=False))
    assert stream.getvalue() == "Epoch 1: dev bleu 0.3000.\n"
    PlainProgress(stream, Clock())(Scored(epoch=2, scores={"f1": 0.4, "accuracy": 0.9}, main="f1", best=True))
    assert stream.getvalue().splitlines()[1] == "Epoch 2: dev f1 0.4000, the best so far."


def test_quiet_tells_only_warnings():
    stream = io.StringIO()
    with QuietProgress(stream, Clock()) as tell:
        for event in (Note(text="a"), SCORED, STEP, Warned(text="b")):
            tell(event)
    assert stream.getvalue() == "Warning: b\n"


def test_live_line_shows_step_loss_dev_score_rate_and_time(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    with choose_progress() as tell:
        assert isinstance(tell, LiveProgress)
        for event in (Note(text="Chosen [this]."), SCORED, STEP):
            tell(event)
    written = stream.getvalue()
    assert "Chosen [this]." in written
    assert "Epoch 2: dev accuracy 0.8750" in written
    shown = "epoch 2/5 · dev 0.875 · loss 0.457 · 8,901 tokens/s · 3:05 left"
    assert shown in written
    assert "\x1b[?25h" in written[written.index(shown) :]  # the cursor is given back


def test_where_nothing_is_counted_the_time_is_shown(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    with choose_progress() as tell:
        for event in (STEP, Waiting(text="Measuring on 200 test pairs."), SCORED):
            tell(event)
    assert re.search(r"Measuring on 200 test pairs\. +0 s", re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", stream.getvalue()))
    stream = io.StringIO()
    PlainProgress(stream, Clock())(Waiting(text="Measuring."))
    assert stream.getvalue() == "Measuring.\n"


@pytest.mark.parametrize("kind", [Terminal, io.StringIO])
def test_who_waits_is_told_so_on_a_terminal(kind, monkeypatch):
    stream = kind()
    monkeypatch.setattr("sys.stderr", stream)
    with waited("Scoring 7 texts."):
        pass
    assert ("Scoring 7 texts." in stream.getvalue()) is (kind is Terminal)


def test_colours_are_left_out_where_they_are_not_wanted(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("NO_COLOR", "1")
    with choose_progress() as tell:
        tell(SCORED)
    assert "\x1b[32m" not in stream.getvalue()


def test_choice_follows_the_stream(monkeypatch):
    monkeypatch.setattr("sys.stderr", io.StringIO())
    assert type(choose_progress()) is PlainProgress
    assert type(choose_progress(quiet=True)) is QuietProgress


def test_counting_changes_nothing(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(progress, "REFRESH", 0.0)
    assert list(counted(iter(range(307)), lambda _: "sentence")) == list(range(307))
    assert "307 sentences · " in stream.getvalue()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-1, "0 s"), (0.4, "0 s"), (59.4, "59 s"), (59.6, "1:00"), (3599.7, "1:00:00"), (7801, "2:10:01")],
)
def test_duration(seconds, said):
    assert duration(seconds) == said
