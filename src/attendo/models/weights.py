"""Weights on disk: safetensors only, and every key that does not fit named at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from attendo.errors import ModelFolderError
from attendo.files import written_whole

WEIGHTS = "model.safetensors"
_WIDENED = {(torch.float16, torch.float32), (torch.bfloat16, torch.float32)}
"""Dtypes of a file and a model that go together beside equal ones: a file may be half as large, and loses nothing."""


def save_weights(model: nn.Module, folder: Path) -> None:
    """Write a model's weights, whole or not at all.

    Raises:
        StorageError: if the disk refuses the file.
    """
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    with written_whole(folder / WEIGHTS) as temporary:
        save_file(tensors, temporary, metadata={"format": "pt"})


def load_weights(model: nn.Module, folder: Path) -> None:
    """Give a model the weights of a folder, float16 and bfloat16 widened where the model holds float32.

    Raises:
        ModelFolderError: naming every key that is missing, unexpected, or of another shape or dtype.
    """
    path = folder / WEIGHTS
    try:
        tensors = load_file(path)
    except FileNotFoundError:
        raise ModelFolderError(f"{folder} holds no {WEIGHTS}: it is not a model, or not a whole one.") from None
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelFolderError(f"{path} is damaged ({error}). Copy the model again from where it came from.") from None
    wanted = model.state_dict()
    problems = mismatches(wanted, tensors)
    if problems:
        raise ModelFolderError(f"{path} does not fit its config.json: " + "; ".join(problems) + ".")
    model.load_state_dict({name: tensor.to(wanted[name].dtype) for name, tensor in tensors.items()}, assign=True)


def mismatches(wanted: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> list[str]:
    """What keeps `found` from being loaded into `wanted`, each in a phrase."""
    missing = [name for name in wanted if name not in found]
    unexpected = [name for name in found if name not in wanted]
    both = [(name, wanted[name], found[name]) for name in wanted if name in found]
    shapes = [
        f"`{name}` has the shape {tuple(given.shape)}, not {tuple(own.shape)}"
        for name, own, given in both
        if given.shape != own.shape
    ]
    dtypes = [
        f"`{name}` holds {_plain(given.dtype)}, not {_plain(own.dtype)}"
        for name, own, given in both
        if given.dtype != own.dtype and (given.dtype, own.dtype) not in _WIDENED
    ]
    problems = [f"missing: {', '.join(missing)}"] if missing else []
    problems += [f"unexpected: {', '.join(unexpected)}"] if unexpected else []
    return problems + shapes + dtypes


def _plain(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
