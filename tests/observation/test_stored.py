"""What was seen is read again as it was written."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from attendo.attention import ANSWERS, Largest, Observe
from attendo.errors import InputError
from attendo.observation import Seen, observe

ALL = Observe(entropy=True, peak=True, top=3, received=True, map=4, rows=(0,), columns=(1,), distance=True)


@pytest.fixture
def seen():
    torch.manual_seed(2)
    layer = nn.TransformerEncoderLayer(12, 3, 17, batch_first=True)
    model = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
    with observe(model, ALL, heads=[1]) as found:
        model(torch.randn(2, 5, 12))
        model(torch.randn(1, 7, 12))
    return found


def test_all_of_it_comes_back(seen, tmp_path):
    seen.save(tmp_path / "new")
    assert sorted(each.name for each in (tmp_path / "new").iterdir()) == ["seen.json", "seen.safetensors"]
    again = Seen.load(tmp_path / "new")
    assert repr(again) == repr(seen)
    for name, look in seen.items():
        assert (
            [each[:2] for each in again[name].glances]
            == [each[:2] for each in look.glances]
            == [(0, 0), (0, 1), (1, 0)]
        )
        for ours, theirs in zip(again[name].texts, look.texts, strict=True):
            for answer in ANSWERS:
                one, other = getattr(ours, answer), getattr(theirs, answer)
                pairs = zip(one, other, strict=True) if isinstance(one, Largest) else [(one, other)]
                assert all(a is b is None or torch.equal(a, b) for a, b in pairs)


def test_what_cannot_be_read_or_written(seen, tmp_path):
    with pytest.raises(InputError, match=r"does not hold what `Seen\.save` writes"):
        Seen.load(tmp_path)
    seen.save(tmp_path / "new")
    with pytest.raises(InputError, match="is not empty"):
        seen.save(tmp_path / "new")
    (tmp_path / "new" / "seen.safetensors").write_bytes(b"cut")
    with pytest.raises(InputError, match="or not all of it"):
        Seen.load(tmp_path / "new")
