"""What all tests share: devices, seeds, shape checks at run time, and where the real data sets lie."""

import os
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest
import torch
from jaxtyping import install_import_hook

CHECKER = "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))"  # an int is a float, too
install_import_hook(["attendo.attention", "attendo.nn", "attendo.models"], CHECKER)

hypothesis.settings.register_profile("attendo", derandomize=True, deadline=None, max_examples=50)
hypothesis.settings.load_profile("attendo")

torch.set_num_threads(1)  # tensors this small only lose by being shared

DEVICES = ["cpu"]
DEVICES += ["cuda"] if torch.cuda.is_available() else []
DEVICES += ["mps"] if torch.backends.mps.is_available() else []


@pytest.fixture(params=DEVICES)
def device(request: pytest.FixtureRequest) -> torch.device:
    """Each device at hand in turn."""
    return torch.device(request.param)


@pytest.fixture
def exact(device: torch.device) -> torch.dtype:
    """The most precise numbers that the device has."""
    return torch.float32 if device.type == "mps" else torch.float64


@pytest.fixture(autouse=True)
def _seed() -> None:
    if len(DEVICES) > 1:
        torch.manual_seed(0)
    else:
        torch.default_generator.manual_seed(0)  # the same without the milliseconds spent on absent devices


@pytest.fixture
def data_folder() -> Path:
    """The real data sets."""
    folder = os.environ.get("ATTENDO_DATA")
    if not folder:
        pytest.skip("ATTENDO_DATA does not point to the real data sets")
    return Path(folder)


@pytest.fixture
def draw(device: torch.device, exact: torch.dtype) -> Callable[..., tuple[torch.Tensor, ...]]:
    """Makes random queries, keys and values that ask for gradients."""

    def random_tensors(queries=11, keys=13, *, lead=(2,), heads=6, key_heads=2, width=5, value_width=7, dtype=exact):
        shapes = (heads, queries, width), (key_heads, keys, width), (key_heads, keys, value_width)
        return tuple(torch.randn(*lead, *s, dtype=dtype, device=device).requires_grad_() for s in shapes)

    return random_tensors


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets streaming attention cut even tiny calls into several blocks, of rows and of texts."""
    from attendo.attention.kernels import streaming

    monkeypatch.setattr(streaming, "TILE", 499)
    monkeypatch.setattr(streaming, "MOST_THREADS", 1)
    monkeypatch.setattr(streaming, "MIN_ROWS", 3)
