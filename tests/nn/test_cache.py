"""Token by token with a cache as all at once without; texts leave, change places, and go on in several ways."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from attendo.attention import Causal, Layout, Observe, Observed, Window, listen
from attendo.errors import ShapeError
from attendo.nn import (
    Block,
    Cache,
    FeedForward,
    Heads,
    Memory,
    MultiHeadAttention,
    RelativeBias,
    Residual,
    Rotary,
    Stack,
)

E = 12
LENGTHS = (5, 3, 7)
SOURCES = (4, 0, 6)


def rotary() -> MultiHeadAttention:
    norms = (nn.RMSNorm(6), nn.RMSNorm(6))
    heads = Heads(num_heads=4, num_kv_heads=2, d_head=6)
    return MultiHeadAttention(E, heads, rotary=Rotary(4), norms=norms, mask=Causal())


def relative() -> MultiHeadAttention:
    bias = RelativeBias(3, num_buckets=8, max_distance=11, bidirectional=False)
    nn.init.normal_(bias.weight)
    return MultiHeadAttention(E, Heads(num_heads=3, scale=1.0, biases=(False, False)), bias=bias, mask=Causal())


def windowed() -> MultiHeadAttention:
    return MultiHeadAttention(E, 2, mask=Window(2, 0))


def stack(make, crossed: bool = True) -> Stack:
    torch.manual_seed(0)

    def block() -> Block:
        cross = Residual(MultiHeadAttention(E, Heads(num_heads=3, num_kv_heads=1)), before=nn.LayerNorm(E))
        return Block(
            Residual(make(), before=nn.LayerNorm(E)),
            Residual(FeedForward(E, 17), before=nn.LayerNorm(E)),
            cross=cross if crossed else None,
        )

    return Stack([block(), block()], norm=nn.LayerNorm(E)).double().eval()


def texts(lengths=LENGTHS) -> list[torch.Tensor]:
    return list(torch.randn(sum(lengths), E, dtype=torch.float64).split(list(lengths)))


def memory(lengths=SOURCES) -> Memory:
    return Memory(torch.randn(sum(lengths), E, dtype=torch.float64), Layout(lengths))


def whole(model: Stack, rows: list[torch.Tensor], beyond: Memory | None) -> list[torch.Tensor]:
    layout = Layout(tuple(map(len, rows)))
    return list(layout.split(model(torch.cat(rows), layout, None, beyond)))


def step(model: Stack, cache: Cache, rows: list[torch.Tensor]) -> list[torch.Tensor]:
    layout = cache.grow([len(row) for row in rows])
    return list(layout.split(model(torch.cat(rows), layout, None, cache)))


@pytest.mark.parametrize("crossed", [True, False], ids=["with a memory", "alone"])
@pytest.mark.parametrize("make", [rotary, relative, windowed])
@pytest.mark.parametrize("first", [(1, 1, 1), (3, 0, 2), (0, 1, 0)], ids=str)
def test_step_by_step_as_all_at_once(make, crossed, first):
    model, rows, beyond = stack(make, crossed), texts(), memory() if crossed else None
    expected = whole(model, rows, beyond)
    cache = model.cache(rows=3, capacity=7, memory=beyond)
    found: list[list[torch.Tensor]] = [[], [], []]
    done, new = [0, 0, 0], list(first)
    while sum(new):
        pieces = [row[at : at + count] for row, at, count in zip(rows, done, new, strict=True)]
        for out, piece in zip(found, step(model, cache, pieces), strict=True):
            out.append(piece)
        done = [at + count for at, count in zip(done, new, strict=True)]
        assert cache.lengths == tuple(done)
        new = [min(1, len(row) - at) for row, at in zip(rows, done, strict=True)]
    for pieces, each in zip(found, expected, strict=True):
        torch.testing.assert_close(torch.cat(pieces), each)


def test_all_blocks_are_told_the_same_of_a_memory(monkeypatch):
    model, rows, beyond, asked = stack(windowed), texts(), memory(), []
    found = Memory.seen_by
    monkeypatch.setattr(Memory, "seen_by", lambda self, *queries: asked.append(queries) or found(self, *queries))
    whole(model, rows, beyond)
    assert asked == [(LENGTHS,)]


@pytest.mark.parametrize("kept", [[0, 2], [2], [1], [0, 0, 1, 2, 2], [1, 1, 1], []], ids=str)
@pytest.mark.parametrize("rows_of_cache", [5, 6])
def test_texts_leave_and_go_on_in_several_ways(kept, rows_of_cache):
    model, rows, beyond = stack(rotary), texts(), memory()
    cache = model.cache(rows=rows_of_cache, capacity=11, texts=3, memory=beyond)
    step(model, cache, rows)
    cache.keep(kept)
    more = texts((2,) * len(kept)) if kept else []
    for at in range(2):
        found = step(model, cache, [row[at : at + 1] for row in more]) if kept else []
        longer = [torch.cat([rows[text], row[: at + 1]]) for text, row in zip(kept, more, strict=True)]
        vectors = beyond.layout.split(beyond.vectors)
        chosen = Memory(
            torch.cat([vectors[text] for text in kept] or [beyond.vectors[:0]]),
            Layout(tuple(SOURCES[text] for text in kept)),
        )
        expected = whole(model, longer, chosen) if kept else []
        for each, text in zip(found, expected, strict=True):
            torch.testing.assert_close(each, text[-1:])


def test_beams_change_places_again_and_again():
    model, beyond = stack(relative), memory((4, 6))
    cache = model.cache(rows=6, capacity=9, texts=2, memory=beyond)
    written = texts((1, 1))
    step(model, cache, written)
    choice = torch.Generator().manual_seed(4)
    cache.keep([0, 0, 0, 1, 1, 1])
    written = [written[number] for number in (0, 0, 0, 1, 1, 1)]
    for _ in range(7):
        new = texts((1,) * 6)
        found = step(model, cache, new)
        written = [torch.cat(pair) for pair in zip(written, new, strict=True)]
        vectors = beyond.layout.split(beyond.vectors)
        repeated = Memory(torch.cat([vectors[0]] * 3 + [vectors[1]] * 3), Layout((4,) * 3 + (6,) * 3))
        for each, text in zip(found, whole(model, written, repeated), strict=True):
            torch.testing.assert_close(each, text[-1:])
        beams = torch.randint(0, 3, (2, 3), generator=choice)
        kept = [*beams[0].tolist(), *(beams[1] + 3).tolist()]
        cache.keep(kept)
        written = [written[number] for number in kept]


def test_nothing_is_moved_or_made_anew():
    model = stack(rotary, crossed=False)
    cache = model.cache(rows=3, capacity=7)
    step(model, cache, texts())
    rooms = [cache.contexts()[block].past.row.keys.data_ptr() for block in range(2)]
    cache.keep([2, 0])
    step(model, cache, texts((0, 1)))
    assert rooms == [cache.contexts()[block].past.row.keys.data_ptr() for block in range(2)]


class Hears:
    """Writes down what each key receives, module by module."""

    def __init__(self) -> None:
        self.received: dict[nn.Module, torch.Tensor] = {}

    def request(self, module: nn.Module) -> Observe:
        return Observe(received=True)

    def report(self, module: nn.Module, observed: Observed) -> None:
        self.received[module] = observed.received


def test_what_a_cached_layer_looks_at_is_what_it_looks_at_without():
    model, rows, beyond = stack(relative), texts(), memory()
    plain, cached = Hears(), Hears()
    with listen(plain):
        whole(model, rows, beyond)
    cache = model.cache(rows=3, capacity=7, memory=beyond)
    with listen(cached):
        step(model, cache, rows)
    places = Layout(LENGTHS, key_starts=(0, 7, 14)).query_keys()
    sources = Layout(SOURCES, key_starts=(0, 6, 12)).query_keys()  # as many places for each as the longest needs
    for block in model.blocks:
        own, cross = block.attention.part, block.cross.part
        torch.testing.assert_close(cached.received[cross][..., sources], plain.received[cross])
        torch.testing.assert_close(cached.received[own][..., places], plain.received[own])


def test_what_does_not_fit_is_said():
    model, beyond = stack(rotary), memory()
    cache = model.cache(rows=3, capacity=4, memory=beyond)
    with pytest.raises(ShapeError, match=r"holds 4 tokens of a text, but text 2 would have 7.*`capacity`"):
        cache.grow(LENGTHS)
    with pytest.raises(ShapeError, match="holds 3 texts, but was given tokens of 2"):
        cache.grow((1, 1))
    with pytest.raises(ShapeError, match="room for 3 texts, but is to go on with 4"):
        cache.keep([0, 0, 1, 2])
    with pytest.raises(ShapeError, match=r"holds 3 texts, but is to keep \(3,\)"):
        cache.keep([3])
    with pytest.raises(ShapeError, match="room for 2 texts, but is to begin with 3"):
        model.cache(rows=2, capacity=4, texts=3)
    with pytest.raises(ShapeError, match="2 texts to look at the memory of 3"):
        whole(model, texts((1, 1)), beyond)
    with pytest.raises(ShapeError, match="`cross` looks at another text"):
        whole(model, texts(), None)
