"""What the module adds to `attend`: its numbers, its memory, and its mistakes in plain sentences."""

import pytest
import torch

from attendo.attention import Layout
from attendo.errors import ShapeError
from attendo.nn import Heads, MultiHeadAttention, Rotary


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        (
            {"d_model": 768, "heads": 10},
            r"`num_heads` must divide `d_model` \(768\), but is 10. Use 1, 2, 3, 4, 6,",
        ),
        (
            {"d_model": 12, "heads": Heads(num_heads=4, num_kv_heads=3)},
            r"`num_kv_heads` must divide `num_heads` \(4\), but is 3",
        ),
        ({"d_model": 12, "heads": 3, "rotary": Rotary(6)}, "rotary.*6.*4"),
        ({"d_model": 12, "heads": 0}, "`num_heads` must be at least 1, but is 0"),
        ({"d_model": 12, "heads": Heads(num_heads=3, num_kv_heads=0)}, "`num_kv_heads` must be at least 1, but is 0"),
    ],
)
def test_numbers_that_do_not_fit(numbers, sentence):
    with pytest.raises(ShapeError, match=sentence):
        MultiHeadAttention(**numbers)


@pytest.mark.parametrize("wrong", [Layout((3, 3)), Layout((5, 3)), Layout((3, 3, 1))], ids=str)
def test_a_layout_of_other_texts(wrong):
    part = MultiHeadAttention(12, 3)
    with pytest.raises(ShapeError):
        part(torch.randn(8 if wrong.num_queries != 8 else 7, 12), wrong)
    with pytest.raises(ShapeError):
        part(torch.randn(4, 5, 12), wrong)


def test_heads_may_be_of_any_width():
    part = MultiHeadAttention(7, Heads(num_heads=3, d_head=5))
    assert part.qkv.out_features == 3 * 3 * 5
    assert part(torch.randn(11, 7)).shape == (11, 7)


def test_each_text_looks_at_its_own_memory_only():
    part = MultiHeadAttention(12, 3, rotary=Rotary(4)).double()
    lengths, memory_lengths = (3, 1, 2), (5, 0, 7)
    layout = Layout(lengths, memory_lengths)
    x, memory = (torch.randn(sum(sizes), 12, dtype=torch.float64) for sizes in (lengths, memory_lengths))
    found = part(x, layout, memory)
    pieces = zip(x.split(lengths), memory.split(memory_lengths), lengths, memory_lengths, strict=True)
    alone = [part(text, Layout((t,), (s,)), keys) for text, keys, t, s in pieces]
    torch.testing.assert_close(found, torch.cat(alone))
    key_pad = Layout(memory_lengths).pad(memory)
    torch.testing.assert_close(layout.unpad(part(layout.pad(x), layout, key_pad)), found)


def test_dropout_takes_its_share_of_the_weights():
    part = MultiHeadAttention(12, 3, dropout=0.5).train()
    x = torch.randn(29, 12)
    torch.manual_seed(3)
    first = part(x)
    assert not torch.equal(part(x), first)
    torch.manual_seed(3)
    assert torch.equal(part(x), first)
