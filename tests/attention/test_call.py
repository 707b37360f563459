"""What does not fit together is refused with a sentence that names the sizes."""

import pytest
import torch

from attendo.attention import (
    Alibi,
    Causal,
    Dense,
    Layout,
    Lengths,
    Observe,
    Prefix,
    RelativeBuckets,
    Segments,
    Window,
    attend,
    choose_backend,
)
from attendo.errors import ShapeError, UnsupportedError

PACKED = Segments(Layout((4, 7), (6, 7)))


def coin(*shape):
    return torch.rand(shape) < 0.5


def zeros(*shape):
    return torch.zeros(shape)


TENSORS = {
    "one axis too few": ({"query": zeros(11, 5)}, r"`query` must have the axes .* but has the shape \(11, 5\)"),
    "a key of one axis": ({"key": zeros(5)}, r"`key` must have the axes .* but has the shape \(5,\)"),
    "a value of two axes": ({"value": zeros(13, 7)}, r"`value` must have the axes .* but has the shape \(13, 7\)"),
    "widths": ({"key": zeros(2, 2, 13, 3)}, "`query` and `key` must be equally wide, but are 5 and 3 wide"),
    "tokens": (
        {"value": zeros(2, 2, 17, 7)},
        r"must have the same heads and tokens, but have \(2, 2, 13, 5\) and \(2, 2, 17, 7\)",
    ),
    "key heads": ({"value": zeros(2, 1, 13, 7)}, r"the same heads and tokens, but have \(2, 2, 13, 5\) and"),
    "query heads": ({"query": zeros(2, 7, 11, 5)}, r"a multiple of the number of key heads \(2\), but is 7"),
    "no query heads": ({"query": zeros(2, 0, 11, 5)}, r"a multiple of the number of key heads \(2\), but is 0"),
    "no key heads": (
        {"key": zeros(2, 0, 13, 5), "value": zeros(2, 0, 13, 7)},
        r"a multiple of the number of key heads \(0\), but is 6",
    ),
    "leading axes": ({"query": zeros(3, 6, 11, 5)}, r"The leading axes \(3,\), \(2,\), \(2,\) do not broadcast"),
    "all dropped": ({"dropout": 1.0}, "`dropout` must be at least 0 and less than 1, but is 1.0"),
    "less than nothing dropped": ({"dropout": -0.1}, "`dropout` must be at least 0 and less than 1, but is -0.1"),
}
MASKS = {
    "two packings": (PACKED & Segments(Layout((5, 6), (6, 7))), "one packing .* or one padding"),
    "two paddings": (Lengths((13, 5)) | Lengths((13, 3)), "one packing .* or one padding"),
    "packing and padding": (PACKED & Lengths((13, 5)), "one packing .* or one padding"),
    "packed queries": (Segments(Layout((4, 5), (6, 7))), "holds 9 query tokens, but the query row has 11"),
    "packed keys": (Segments(Layout((4, 7), (6, 8))), "needs 14 keys, but the key row has 13"),
    "packed cache": (Segments(Layout((4, 7), (1, 2), key_starts=(0, 15))), "needs 17 keys, but the key row has 13"),
    "padded texts": (Lengths((13, 5, 7)), "`Lengths` speaks of 3 texts, but the batch has 2"),
    "padded keys": (Lengths((13, 17)), "`Lengths` speaks of a text of 17 keys, but there are 13"),
    "padded queries": (
        Lengths(Layout((12, 3), (13, 5))),
        "`Lengths` speaks of a text of 12 queries, but there are 11",
    ),
    "prefixes of no texts": (
        Causal() | Prefix((3, 5)),
        "`Prefix` with a length for each text needs `Segments` or `Lengths`",
    ),
    "packed prefixes": (
        PACKED & (Causal() | Prefix((3, 5, 2))),
        "`Prefix` has a length for each of 3 texts, but there are 2",
    ),
    "padded prefixes": (
        Lengths((13, 5)) & Prefix((3,)),
        "`Prefix` has a length for each of 1 texts, but there are 2",
    ),
    "dense tokens": (
        Causal() | Dense(coin(11, 12)),
        r"`mask` has the shape \(11, 12\), which does not broadcast to \(2, 6, 11, 13\)",
    ),
    "dense axes": (Dense(coin(1, 2, 6, 11, 13)), r"`mask` has the shape \(1, 2, 6, 11, 13\)"),
    "dense heads": (Dense(coin(2, 2, 11, 13)), r"`mask` has the shape \(2, 2, 11, 13\)"),
}
BIASES = {
    "dense": (zeros(7, 11, 13), r"`bias` has the shape \(7, 11, 13\), which does not broadcast to \(2, 6, 11, 13\)"),
    "slopes": (Alibi(zeros(2)), "`bias` was made for 2 heads, but there are 6"),
    "buckets": (RelativeBuckets(zeros(8, 3)), "`bias` was made for 3 heads, but there are 6"),
}


def choose(**options):
    """Ask for a call that fits but for some changes; unlike those of `attend`, its shapes are not checked as types."""
    inputs = {"query": zeros(2, 6, 11, 5), "key": zeros(2, 2, 13, 5), "value": zeros(2, 2, 13, 7)}
    return choose_backend(**(inputs | options))


@pytest.mark.parametrize("case", TENSORS)
def test_tensors_that_do_not_fit(case):
    changes, sentence = TENSORS[case]
    with pytest.raises(ShapeError, match=sentence):
        choose(**changes)


@pytest.mark.parametrize("case", MASKS)
def test_masks_that_do_not_fit(case):
    mask, sentence = MASKS[case]
    with pytest.raises(ShapeError, match=sentence):
        choose(mask=mask)


@pytest.mark.parametrize("case", BIASES)
def test_biases_that_do_not_fit(case):
    bias, sentence = BIASES[case]
    with pytest.raises(ShapeError, match=sentence):
        choose(bias=bias)


def test_requests_that_do_not_fit():
    with pytest.raises(ShapeError, match=r"`carry` has the shape \(13,\), which does not broadcast to \(2, 11\)"):
        choose(observe=Observe(carry=zeros(13)))
    for ask in ({"map": 3}, {"rows": (1,)}, {"columns": (1,)}):
        with pytest.raises(UnsupportedError, match="text by text, but this mask lets packed texts see each other"):
            choose(mask=PACKED | Window(1, 1), observe=Observe(**ask))


def test_what_fits_is_left_alone():
    assert choose(mask=PACKED & Prefix((3, 5)), observe=Observe(carry=zeros(2, 11), map=3)).backend.name == "streaming"
    assert choose(mask=PACKED | Window(1, 1), observe=Observe(entropy=True)).backend.name == "streaming"
    assert choose(mask=Lengths((13, 5)) & Lengths(torch.tensor([13, 5]))).backend.name in ("sdpa", "streaming")
    assert choose(mask=(PACKED | Window(1, 1)) & PACKED).backend.name == "streaming"


def test_attend_refuses_as_well(draw):
    query, key, value = draw()
    with pytest.raises(ShapeError, match="`Lengths` speaks of 3 texts, but the batch has 2"):
        attend(query, key, value, mask=Lengths((13, 5, 7)))
    with pytest.raises(ShapeError, match="`Lengths` speaks of 2 texts, but the batch has 1"):
        attend(query[0], key[0], value[0], mask=Lengths((13, 5)))
