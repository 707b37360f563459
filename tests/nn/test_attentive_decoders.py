"""Recurrent decoders beside the papers' formulas: all texts at once as each alone by hand, and token by token."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import linear

from attendo.attention import Layout, Observe, Observed, listen, observe_weights
from attendo.errors import ShapeError
from attendo.nn import AdditiveDecoder, Memory, MultiplicativeDecoder, PlainDecoder, RecurrentDecoder

D, H, M = 7, 5, 6
LENGTHS, SOURCES = (3, 6, 0, 1, 6), (4, 0, 7, 1, 2)
KINDS = {"additive": AdditiveDecoder, "multiplicative": MultiplicativeDecoder, "none": PlainDecoder}
MODELS = [(kind, cell, layers) for kind in KINDS for cell in ("gru", "lstm") for layers in (1, 2)]
every_decoder = pytest.mark.parametrize(("kind", "cell", "layers"), MODELS)
attentive = pytest.mark.parametrize(("kind", "cell", "layers"), [each for each in MODELS if each[0] != "none"])


def made(kind: str, cell: str, layers: int, dropout: float = 0.0) -> RecurrentDecoder:
    decoder = KINDS[kind](D, H, layers, M, cell=cell, dropout=dropout).double().eval()
    for weight in decoder.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    return decoder


def texts(lengths=LENGTHS) -> torch.Tensor:
    return torch.randn(sum(lengths), D).double()


def memory(lengths=SOURCES) -> Memory:
    return Memory(torch.randn(sum(lengths), M).double(), Layout(lengths))


def step(part, cell, x, state):
    """One step of PyTorch's own cell, with the weights of a cell or of a layer."""
    names = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]
    weights = [getattr(part, name if hasattr(part, name) else f"{name}_l0") for name in names]
    if cell == "gru":
        return (torch.gru_cell(x[None], state[0][None], *weights)[0],)
    return tuple(each[0] for each in torch.lstm_cell(x[None], [each[None] for each in state], *weights))


def look(decoder, state, source):
    """What a state sees, and its weights."""
    part = decoder.attention
    if isinstance(decoder, AdditiveDecoder):
        scores = torch.tanh(part.query(state) + part.key(source)) @ part.energy.weight[0]
    else:
        scores = source @ part.key.weight.T @ state
    weights = torch.softmax(scores, 0)
    return weights @ source, weights


def by_hand(decoder, cell, text, source):
    """Vectors of one text, one token after the other, and what each looks at."""
    ends = torch.cat([source[-1, : M // 2], source[0, M // 2 :]]) if len(source) else source.new_zeros(M)
    parts = list(torch.tanh(decoder.begin.weight @ ends).split(H))
    states = [tuple(parts.pop(0) for _ in range(decoder.kind.states)) for _ in range(decoder.num_layers)]
    fed, vectors, looks = text.new_zeros(D), [], []
    for word in text:
        if isinstance(decoder, AdditiveDecoder):
            seen, weights = look(decoder, states[0][0], source)
            layers, given = [decoder.first, *decoder.layers], torch.cat([word, seen])
        elif isinstance(decoder, MultiplicativeDecoder):
            layers, given = list(decoder.cells), torch.cat([word, fed])
        else:
            layers, given = list(decoder.layers), word
        for number, part in enumerate(layers):
            states[number] = step(part, cell, given, states[number])
            given = states[number][0]
        if isinstance(decoder, AdditiveDecoder):
            pairs = linear(torch.cat([word, given, seen]), decoder.output.weight, decoder.output.bias)
            vectors.append(pairs.view(D, 2).amax(1))
        elif isinstance(decoder, MultiplicativeDecoder):
            seen, weights = look(decoder, given, source)
            fed = torch.tanh(decoder.output.weight @ torch.cat([seen, given]))
            vectors.append(fed)
        else:
            vectors.append(decoder.output.weight @ given)
            weights = source.new_zeros(0)
        looks.append(weights)
    return torch.stack(vectors) if vectors else text.new_zeros(0, D), looks


def all_by_hand(decoder, cell, x, layout, beyond):
    pairs = zip(layout.split(x), beyond.layout.split(beyond.vectors), strict=True)
    return [by_hand(decoder, cell, text, source) for text, source in pairs]


@every_decoder
def test_all_texts_at_once_are_as_each_alone_by_hand(kind, cell, layers):
    decoder, layout, x, beyond = made(kind, cell, layers), Layout(LENGTHS), texts(), memory()
    found = decoder(x, layout, None, beyond)
    expected = [vectors for vectors, _ in all_by_hand(decoder, cell, x, layout, beyond)]
    torch.testing.assert_close(found, torch.cat(expected))


@every_decoder
def test_gradients_are_those_of_the_formulas_and_reach_everything(kind, cell, layers):
    decoder, layout, x, beyond = made(kind, cell, layers).train(), Layout(LENGTHS), texts(), memory()
    inputs = [x.requires_grad_(), beyond.vectors.requires_grad_(), *decoder.parameters()]
    factors = torch.randn(len(x), D).double()
    found = torch.autograd.grad((decoder(x, layout, None, beyond) * factors).sum(), inputs)
    vectors = torch.cat([vectors for vectors, _ in all_by_hand(decoder, cell, x, layout, beyond)])
    expected = torch.autograd.grad((vectors * factors).sum(), inputs)
    torch.testing.assert_close(found, expected)
    assert all(each.isfinite().all() and each.any() for each in found)


@every_decoder
@pytest.mark.parametrize("first", [(1, 1, 0, 1, 1), (3, 0, 0, 1, 2)], ids=str)
def test_token_by_token_as_all_at_once(kind, cell, layers, first):
    decoder, layout, x, beyond = made(kind, cell, layers), Layout(LENGTHS), texts(), memory()
    expected = layout.split(decoder(x, layout, None, beyond))
    written = decoder.cache(5, 0, 5, beyond)
    done, new = [0] * 5, list(first)
    while sum(new):
        pieces = [text[at : at + count] for text, at, count in zip(layout.split(x), done, new, strict=True)]
        grown = written.grow(new)
        found = grown.split(decoder(torch.cat(pieces), grown, None, written))
        for text, piece in enumerate(found):
            torch.testing.assert_close(piece, expected[text][done[text] : done[text] + new[text]])
        done = [at + count for at, count in zip(done, new, strict=True)]
        assert written.lengths == tuple(done)
        new = [min(1, length - at) for length, at in zip(LENGTHS, done, strict=True)]


@every_decoder
def test_texts_leave_and_go_on_in_several_ways(kind, cell, layers):
    decoder, beyond = made(kind, cell, layers), memory()
    written = decoder.cache(7, 0, 5, beyond)
    x = texts((1,) * 5)
    decoder(x, written.grow((1,) * 5), None, written)
    lines, sources = list(x.split(1)), list(beyond.layout.split(beyond.vectors))
    for kept in ([0, 0, 2, 2, 2, 3, 4], [1, 0, 4, 3], [2, 3], []):
        written.keep(kept)
        new = texts((1,) * len(kept)).split(1) if kept else ()
        lines = [torch.cat([lines[text], token]) for text, token in zip(kept, new, strict=True)]
        sources = [sources[text] for text in kept]
        grown = written.grow((1,) * len(kept))
        found = decoder(torch.cat([*new, x[:0]]), grown, None, written)
        for vector, line, source in zip(found, lines, sources, strict=True):
            torch.testing.assert_close(vector, by_hand(decoder, cell, line, source)[0][-1])


class Hears:
    """Keeps what it is told of each module."""

    def __init__(self, ask: Observe) -> None:
        self.ask, self.heard = ask, []

    def request(self, module) -> Observe:
        return self.ask

    def report(self, module, observed: Observed) -> None:
        self.heard.append((module, observed))


def wide(looks, layout, beyond):
    """The weights of all texts as one matrix."""
    row = torch.zeros(layout.num_queries, beyond.layout.num_queries).double()
    places = zip(layout.query_starts, beyond.layout.query_starts, looks, strict=True)
    for query, key, weights in places:
        for number, own in enumerate(weights):
            row[query + number, key : key + len(own)] = own.detach()
    return row


@attentive
def test_who_listens_hears_what_the_formulas_look_at(kind, cell, layers):
    decoder, layout, x, beyond = made(kind, cell, layers), Layout(LENGTHS), texts(), memory()
    ask = Observe(entropy=True, peak=True, top=2, received=True, map=3, distance=True)
    ears = Hears(ask)
    with listen(ears):
        heard = decoder(x, layout, None, beyond)
    assert torch.equal(heard, decoder(x, layout, None, beyond))
    looks = [looks for _, looks in all_by_hand(decoder, cell, x, layout, beyond)]
    expected = observe_weights(wide(looks, layout, beyond)[None], beyond.seen_by(LENGTHS), ask)
    ((module, found),) = ears.heard
    assert module is decoder.attention
    for name in ask.fields:
        torch.testing.assert_close(getattr(found, name), getattr(expected, name))
    assert found.entropy is not None
    assert found.entropy.shape == (1, layout.num_queries)
    assert not found.entropy[0, 3:9].any()  # the second text has no source


@attentive
def test_who_listens_to_beams_hears_of_them_as_queries_of_one_text(kind, cell, layers):
    decoder, beyond, ears = made(kind, cell, layers), memory((4, 3)), Hears(Observe(received=True, rows=(0, -1)))
    written = decoder.cache(4, 0, 2, beyond)
    written.keep([0, 0, 1])
    x = texts((1, 1, 1))
    with listen(ears):
        decoder(x, written.grow((1, 1, 1)), None, written)
    sources = beyond.layout.split(beyond.vectors)
    first, second, third = (
        by_hand(decoder, cell, x[[row]], sources[source])[1][0] for row, source in ((0, 0), (1, 0), (2, 1))
    )
    ((_, found),) = ears.heard
    torch.testing.assert_close(found.received, torch.cat([first + second, third])[None])
    torch.testing.assert_close(found.rows[0], torch.stack([first, second])[None])
    torch.testing.assert_close(found.rows[1], torch.stack([third, third])[None])


@every_decoder
def test_dropout_is_drawn_in_training_alone(kind, cell, layers):
    decoder, layout, x, beyond = made(kind, cell, layers, 0.5), Layout(LENGTHS), texts(), memory()
    assert torch.equal(decoder(x, layout, None, beyond), decoder(x, layout, None, beyond))
    decoder.train()
    assert not torch.equal(decoder(x, layout, None, beyond), decoder(x, layout, None, beyond))


@every_decoder
@pytest.mark.parametrize("lengths", [(), (0,), (0, 0), (1,), (0, 1)], ids=str)
@pytest.mark.parametrize("empty", [True, False], ids=["from nothing", "from one token"])
def test_the_smallest_texts(kind, cell, layers, lengths, empty):
    decoder, beyond = made(kind, cell, layers), memory((0 if empty else 1,) * len(lengths))
    found = decoder(texts(lengths) if sum(lengths) else torch.zeros(0, D).double(), Layout(lengths), None, beyond)
    assert found.shape == (sum(lengths), D)
    assert found.isfinite().all()


@every_decoder
def test_a_text_from_nothing_begins_with_zeros(kind, cell, layers):
    written = made(kind, cell, layers).cache(2, 0, memory=memory((0, 3)))
    assert not any(each[0].any() for each in written.state)
    assert written.state[0][1].any()


def test_what_does_not_fit_is_said():
    decoder, beyond = made("additive", "gru", 1), memory((4, 1))
    with pytest.raises(ShapeError, match="give it a `Memory`"):
        decoder(texts((3,)), Layout((3,)))
    with pytest.raises(ShapeError, match="1 texts to look at the memory of 2"):
        decoder(texts((3,)), Layout((3,)), None, beyond)
    with pytest.raises(ShapeError, match="room for 1 texts, but is to begin with 2"):
        decoder.cache(1, 0, 2, beyond)
    written = decoder.cache(2, 0, 2, beyond)
    with pytest.raises(ShapeError, match="holds 2 texts, but was given tokens of 1"):
        written.grow((1,))
    with pytest.raises(ShapeError, match="room for 2 texts, but is to go on with 3"):
        written.keep([0, 0, 1])
    with pytest.raises(ShapeError, match=r"holds 2 texts, but is to keep \(2,\)"):
        written.keep([2])
