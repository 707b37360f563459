import pytest
import torch
from torch.nn import functional as F

from attendo.attention import Layout
from attendo.nn import LocalMixing

E = 5
LENGTHS = (3, 0, 1, 7, 2)
LAYOUT = Layout(LENGTHS)


@pytest.mark.parametrize("width", [1, 2, 3, 5, 17])
def test_it_is_a_convolution_of_each_text(width):
    part = LocalMixing(E, width).double()
    row = torch.randn(sum(LENGTHS), E, dtype=torch.float64)
    kernel = part.mix.weight.view(E, width, E).transpose(1, 2)  # (out, in, width)
    expected = []
    for text in (text for text in row.split(LENGTHS) if len(text)):
        before, after = width // 2, width - 1 - width // 2
        expected.append(F.gelu(F.conv1d(F.pad(text.T, (before, after))[None], kernel, part.mix.bias)[0].T))
    torch.testing.assert_close(part(row, LAYOUT), torch.cat(expected))


@pytest.mark.parametrize("width", [2, 3, 5])
def test_it_never_crosses_texts(width):
    part, row = LocalMixing(E, width), torch.randn(sum(LENGTHS), E)
    before = part(row, LAYOUT)
    row[3] = torch.nan  # the text in the middle
    after = part(row, LAYOUT)
    assert after[3].isnan().all()
    others = [place for place in range(sum(LENGTHS)) if place != 3]
    assert torch.equal(after[others], before[others])


@pytest.mark.parametrize("layout", [Layout((4, 2), (9, 5)), Layout((4, 2), offsets=(11, 0))], ids=["memory", "cache"])
def test_neighbours_are_those_at_hand_whatever_else_the_layout_tells(layout):
    part, row = LocalMixing(E), torch.randn(6, E)
    expected = part(row, Layout((4, 2)))
    assert torch.equal(part(row, layout), expected)
    assert torch.equal(layout.unpad(part(layout.pad(row), layout)), expected)
