"""Memory for large weights behaves like any other."""

import copy
import gc
import mmap
import pickle

import pytest
import torch
from torch import nn

from attendo.models import pages
from attendo.models.pages import empty_weight

CPU = torch.device("cpu")
SHAPE = torch.Size((1031, 509))


@pytest.fixture(params=[0, 2**40], ids=["large pages", "usual memory"])
def _from(request, monkeypatch):
    monkeypatch.setattr(pages, "LARGE", request.param)


@pytest.mark.usefixtures("_from")
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.int64])
def test_it_holds_what_is_written(dtype):
    wanted = torch.arange(SHAPE.numel(), dtype=torch.float32).view(SHAPE).to(dtype)
    found = empty_weight(SHAPE, dtype, CPU).copy_(wanted)
    assert (found.shape, found.dtype, found.is_contiguous()) == (SHAPE, dtype, True)
    assert found.untyped_storage().nbytes() == SHAPE.numel() * dtype.itemsize
    part = found[3:7].clone()
    del found
    gc.collect()
    assert torch.equal(part, wanted[3:7])


@pytest.mark.usefixtures("_from")
def test_it_can_be_learned_copied_and_pickled():
    weight = nn.Parameter(empty_weight(SHAPE, torch.float32, CPU).fill_(0.5))
    (weight**2).sum().backward()
    assert weight.grad is not None
    assert bool((weight.grad == 1).all())
    weight.data.sub_(weight.grad)
    for other in (copy.deepcopy(weight), pickle.loads(pickle.dumps(weight))):
        assert torch.equal(other, weight)
        assert other.data_ptr() != weight.data_ptr()


def test_a_system_without_large_pages(monkeypatch):
    monkeypatch.setattr(pages, "LARGE", 0)
    monkeypatch.delattr(mmap, "MADV_HUGEPAGE", raising=False)
    assert empty_weight(SHAPE, torch.float32, CPU).fill_(1).sum() == SHAPE.numel()


def test_other_devices_have_their_own_memory(monkeypatch):
    monkeypatch.setattr(pages, "LARGE", 0)
    assert empty_weight(SHAPE, torch.float16, torch.device("meta")).device.type == "meta"
