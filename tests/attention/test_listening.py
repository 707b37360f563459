import asyncio
from threading import Thread

import pytest
import torch
from torch import nn

from attendo.attention import Observe, Observed, listen, report, request


class Notes:
    """A listener that writes down what it hears."""

    def __init__(self, ask=None):
        self.ask, self.heard = ask or Observe(entropy=True), []

    def request(self, module: nn.Module) -> Observe | None:
        return self.ask

    def report(self, module: nn.Module, observed: Observed) -> None:
        self.heard.append((module, observed))


MODULE, SEEN = nn.Identity(), Observed(entropy=torch.zeros(1, 2, 3))


def test_nobody_listens_by_default():
    assert request(MODULE) is None
    report(MODULE, SEEN)


def test_a_listener_asks_and_hears():
    notes = Notes()
    with listen(notes):
        assert request(MODULE) is notes.ask
        report(MODULE, SEEN)
    assert notes.heard == [(MODULE, SEEN)]
    assert request(MODULE) is None


def test_the_innermost_listener_is_the_one_heard():
    outer, inner = Notes(), Notes(Observe(peak=True))
    with listen(outer):
        with listen(inner):
            assert request(MODULE) is inner.ask
            report(MODULE, SEEN)
        assert request(MODULE) is outer.ask
    assert (len(outer.heard), len(inner.heard)) == (0, 1)


def test_listening_ends_also_by_an_error():
    outer = Notes()
    with listen(outer):
        with pytest.raises(KeyError), listen(Notes()):
            raise KeyError
        assert request(MODULE) is outer.ask
    assert request(MODULE) is None


def test_another_thread_hears_nothing():
    found = []
    with listen(Notes()):
        thread = Thread(target=lambda: found.append(request(MODULE)))
        thread.start()
        thread.join()
    assert found == [None]


def test_tasks_do_not_hear_each_other():
    async def ask(notes):
        with listen(notes):
            await asyncio.sleep(0)
            return request(MODULE)

    async def both():
        return await asyncio.gather(ask(first), ask(second))

    first, second = Notes(), Notes(Observe(peak=True))
    assert asyncio.run(both()) == [first.ask, second.ask]
