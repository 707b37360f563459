"""Weights on disk: safetensors only, and every key that does not fit named at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from attendo.errors import ModelFolderError
from attendo.files import written_whole

WEIGHTS = "model.safetensors"


def save_weights(model: nn.Module, folder: Path) -> None:
    """Write a model's weights, whole or not at all.

    Raises:
        StorageError: if the disk refuses the file.
    """
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    with written_whole(folder / WEIGHTS) as temporary:
        save_file(tensors, temporary, metadata={"format": "pt"})


def load_weights(model: nn.Module, folder: Path) -> None:
    """Give a model the weights of a folder.

    Raises:
        ModelFolderError: naming every key that is missing, unexpected or of another shape.
    """
    path = folder / WEIGHTS
    try:
        tensors = load_file(path)
    except FileNotFoundError:
        raise ModelFolderError(f"{folder} holds no {WEIGHTS}: it is not a model, or not a whole one.") from None
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelFolderError(f"{path} is damaged ({error}). Copy the model again from where it came from.") from None
    problems = mismatches(model.state_dict(), tensors)
    if problems:
        raise ModelFolderError(f"{path} does not fit its config.json: " + "; ".join(problems) + ".")
    model.load_state_dict(tensors, assign=True)


def mismatches(wanted: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> list[str]:
    """What keeps `found` from being loaded into `wanted`, each in a phrase."""
    missing = [name for name in wanted if name not in found]
    unexpected = [name for name in found if name not in wanted]
    shapes = [
        f"`{name}` has the shape {tuple(found[name].shape)}, not {tuple(wanted[name].shape)}"
        for name in wanted
        if name in found and found[name].shape != wanted[name].shape
    ]
    problems = [f"missing: {', '.join(missing)}"] if missing else []
    problems += [f"unexpected: {', '.join(unexpected)}"] if unexpected else []
    return problems + shapes
