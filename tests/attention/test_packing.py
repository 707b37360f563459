"""Packing, padding and caches are only ways to lay texts out: each text comes out as if it were alone."""

import pytest
import torch

from attendo.attention import Alibi, Causal, Full, Global, Layout, Lengths, Prefix, Segments, Window, attend, backends

ALL = [backend.name for backend in backends()]
MASKS = {
    "full": Full(),
    "causal": Causal(),
    "window": Window(2, 1),
    "causal window": Causal() & Window(3, 0),
    "window | global": Window(1, 1) | Global((0, 2)),
    "causal | prefix": Causal() | Prefix(2),
}
WAYS = [(backend, mask, biased) for backend in ALL[1:] for mask in MASKS for biased in (False, True)]
WAYS.append(("sdpa", "full", False))
QUERIES, KEYS = (4, 0, 1, 3, 3, 2), (4, 2, 1, 5, 5, 0)
LAYOUT = Layout(QUERIES, KEYS)


def alone(inputs, mask, bias, text):
    """One packed text on its own, cut out of the rows it was packed in."""
    rows = slice(LAYOUT.query_starts[text], LAYOUT.query_starts[text] + QUERIES[text])
    keys = slice(LAYOUT.key_starts[text], LAYOUT.key_starts[text] + KEYS[text])
    query, key, value = inputs
    return attend(query[:, :, rows], key[:, :, keys], value[:, :, keys], mask=mask, bias=bias, backend="reference")


@pytest.mark.parametrize(("backend", "mask", "biased"), WAYS)
def test_packing_equals_one_text_at_a_time(mask, biased, backend, draw, device, exact, small_blocks):
    mask, inputs = MASKS[mask], draw(sum(QUERIES), sum(KEYS))
    bias = Alibi(torch.rand(6, dtype=exact, device=device)) if biased else None
    packed = attend(*inputs, mask=Segments(LAYOUT) & mask, bias=bias, backend=backend)
    texts = [alone(inputs, mask, bias, text) for text in range(len(QUERIES))]
    expected = torch.cat(texts, 2)
    torch.testing.assert_close(packed, expected)
    together, apart = (torch.autograd.grad(output.square().sum(), inputs) for output in (packed, expected))
    for mine, theirs in zip(together, apart, strict=True):
        torch.testing.assert_close(mine, theirs)


@pytest.mark.parametrize(("backend", "mask", "biased"), WAYS)
def test_padding_equals_one_text_at_a_time(mask, biased, backend, draw, device, exact, small_blocks):
    layout = Layout((7, 0, 1, 3), (7, 2, 1, 5), offsets=(0, 0, 0, 2))
    query, key, value = draw(7, 7, lead=(2, 4))
    bias = Alibi(torch.rand(6, dtype=exact, device=device)) if biased else None
    mask = MASKS[mask]
    padded = attend(query, key, value, mask=Lengths(layout) & mask, bias=bias, backend=backend)
    for text, (queries, keys) in enumerate(zip(layout.query_lengths, layout.key_lengths, strict=True)):
        inputs = query[:, text, :, :queries], key[:, text, :, :keys], value[:, text, :, :keys]
        expected = attend(*inputs, mask=mask, bias=bias, backend="reference")
        torch.testing.assert_close(padded[:, text, :, :queries], expected)
        assert not padded[:, text, :, queries:].any()


@pytest.mark.parametrize("backend", ALL)
def test_padded_keys_equal_fewer_keys(backend, draw):
    query, key, value = draw(11, 11, lead=(3,))
    found = attend(query, key, value, mask=Lengths(torch.tensor([11, 2, 5])), backend=backend)
    for text, keys in enumerate((11, 2, 5)):
        expected = attend(query[text], key[text, :, :keys], value[text, :, :keys], backend="reference")
        torch.testing.assert_close(found[text], expected)


def decode(backend, texts, mask, bias, *, steps, packed):
    """Give each text its tokens step by step, out of caches that were made for more; the outputs, text by text."""
    room = max(queries.shape[1] for queries, *_ in texts) + 3
    heads = texts[0][1].shape[0]
    caches = [texts[0][kind].new_full((len(texts), heads, room, texts[0][kind].shape[-1]), 77.0) for kind in (1, 2)]
    done, outputs = [0] * len(texts), [[] for _ in texts]
    for step in steps:
        news = [range(seen, min(seen + step, len(text[0][0]))) for seen, text in zip(done, texts, strict=True)]
        for number, new in enumerate(news):
            for kind, cache in enumerate(caches, 1):
                cache[number, :, new.start : new.stop] = texts[number][kind][:, new.start : new.stop]
        done = [new.stop for new in news]
        queries = [text[0][:, new.start : new.stop] for text, new in zip(texts, news, strict=True)]
        lengths = tuple(len(new) for new in news)
        if packed:
            layout = Layout(lengths, tuple(done), key_starts=tuple(room * text for text in range(len(texts))))
            rows = [cache.transpose(0, 1).flatten(1, 2)[None] for cache in caches]
            found = attend(torch.cat(queries, 1)[None], *rows, mask=Segments(layout) & mask, bias=bias, backend=backend)
            pieces = found[0].split(list(lengths), 1)
        else:
            batch = texts[0][0].new_zeros(len(texts), texts[0][0].shape[0], max(lengths), texts[0][0].shape[-1])
            for number, query in enumerate(queries):
                batch[number, :, : query.shape[1]] = query
            layout = Layout(lengths, tuple(done))
            found = attend(batch, *caches, mask=Lengths(layout) & mask, bias=bias, backend=backend)
            pieces = [found[number, :, : lengths[number]] for number in range(len(texts))]
        for output, piece in zip(outputs, pieces, strict=True):
            output.append(piece)
    return [torch.cat(output, 1) for output in outputs]


@pytest.mark.parametrize("backend", ["streaming", "reference"])
@pytest.mark.parametrize("packed", [True, False], ids=["packed", "padded"])
@pytest.mark.parametrize("steps", [(1,) * 7, (3, 1, 1, 2), (2, 5)], ids=str)
@pytest.mark.parametrize("kind", ["causal", "window", "ALiBi"])
def test_decoding_out_of_a_cache_equals_starting_afresh(kind, steps, packed, backend, draw, device, exact):
    mask = Causal() & Window(2, 0) if kind == "window" else Causal()
    bias = Alibi(torch.rand(6, dtype=exact, device=device)) if kind == "ALiBi" else None
    texts = [tuple(tensor.detach() for tensor in draw(length, length, lead=())) for length in (7, 1, 4)]
    found = decode(backend, texts, mask, bias, steps=steps, packed=packed)
    for text, output in zip(texts, found, strict=True):
        torch.testing.assert_close(output, attend(*text, mask=mask, bias=bias, backend="reference"))


@pytest.mark.parametrize("packed", [True, False], ids=["packed", "padded"])
def test_pytorchs_own_function_decodes_one_token_at_a_time(packed, draw):
    texts = [tuple(tensor.detach() for tensor in draw(5, 5, lead=())) for _ in range(3)]
    mask = Causal() if packed else Full()
    found = decode("sdpa", texts, mask, None, steps=(1,) * 5, packed=packed)
    for text, output in zip(texts, found, strict=True):
        torch.testing.assert_close(output, attend(*text, mask=Causal(), backend="reference"))


@pytest.mark.parametrize("backend", ALL)
def test_what_lies_in_unused_places_does_not_matter(backend, draw):
    layout = Layout((1, 1), (2, 3), key_starts=(1, 5))
    query, key, value = (tensor.detach().clone() for tensor in draw(2, 11))
    expected = attend(query, key, value, mask=Segments(layout), backend=backend)
    for place in (0, 3, 4, 8, 9, 10):
        key[:, :, place], value[:, :, place] = 1e30, 1e30
    assert torch.equal(attend(query, key, value, mask=Segments(layout), backend=backend), expected)
