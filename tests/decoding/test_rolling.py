"""Texts that outgrow their window are the same as if their last half had been given anew."""

from __future__ import annotations

import pytest
import torch

from attendo.decoding import Beams, Best, Limits, RollingWriter, Writer, search, write
from attendo.errors import InputError
from attendo.models import TokenModel, new_model

NUMBERS = {"vocab_size": 37, "n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 23}


@pytest.fixture(scope="module")
def network() -> TokenModel:
    torch.manual_seed(5)
    model = new_model({"model_type": "gpt2", **NUMBERS}, "causal").network
    assert isinstance(model, TokenModel)
    for each in model.parameters():
        torch.nn.init.normal_(each, std=0.4)
    return model


def slowly(network: TokenModel, prompt: list[int], new: int, window: int, before: list[int]) -> list[int]:
    """The same without a cache: whatever is in view is read anew for each token."""
    view = prompt if len(prompt) < window else [*before, *prompt[-(window // 2) :]]
    written = []
    for _ in range(new):
        writer = Writer(network, [view], rows=1, new=1)
        token = int(writer.begin().argmax())
        written.append(token)
        view = [*view, token]
        view = view if len(view) < window else [*before, *view[-(window // 2) :]]
    return written


@pytest.mark.parametrize("before", [[], [2], [2, 3]])
@pytest.mark.parametrize("window", [7, 11, 23])
def test_what_is_written_is_what_rereading_gives(network, window, before):
    prompts = [[*before, 5], [*before, 6, 7, 8, 9], [*before, *range(5, 36)]]
    writer = RollingWriter(network, prompts, rows=3, new=41, window=window, before=before)
    outputs = write(writer, Best(), Limits(ends=(), new=41))
    for prompt, output in zip(prompts, outputs, strict=True):
        assert list(output.ids) == slowly(network, prompt, 41, window, before)
    assert writer.prompts == [tuple(prompt) for prompt in prompts]


def test_texts_that_end_leave(network):
    writer = RollingWriter(network, [[5], [6], [7]], rows=3, new=29, window=7)
    outputs = write(writer, Best(), Limits(ends=tuple(range(0, 37, 3)), new=29))
    for prompt, output in zip(([5], [6], [7]), outputs, strict=True):
        assert list(output.ids) == slowly(network, prompt, len(output.ids), 7, [])


@pytest.mark.parametrize("width", [1, 3])
def test_beams_outgrow_their_window_too(network, width):
    limits = Limits(ends=(), new=19)
    writer = RollingWriter(network, [[5], [6, 7]], rows=2 * width, new=19, window=7)
    found = [outputs[0] for outputs in search(writer, Beams(width=width), limits)]
    assert [len(output.ids) for output in found] == [19, 19]
    best = write(RollingWriter(network, [[5], [6, 7]], rows=2, new=19, window=7), Best(), limits)
    for output, greedy in zip(found, best, strict=True):
        assert sum(output.log_probabilities) >= sum(greedy.log_probabilities) - 1e-4
        assert width > 1 or output.ids == greedy.ids


def test_no_more_room_is_taken_than_is_needed(network):
    writer = RollingWriter(network, [[5, 6]], rows=1, new=3, window=23)
    assert writer._cache.capacity == 5


def test_a_window_must_have_room(network):
    with pytest.raises(InputError, match="`window` must be at least 4, but is 3"):
        RollingWriter(network, [[5]], rows=1, new=1, window=3, before=[2])
