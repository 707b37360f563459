"""A model's weights from a folder and into one: under its own names, or under a checkpoint's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from attendo.errors import ModelFolderError
from attendo.files import written_whole
from attendo.models.checkpoint import WEIGHTS, Checkpoint
from attendo.models.naming import SAME, Key, KeyTable

_WIDENED = {(torch.float16, torch.float32), (torch.bfloat16, torch.float32)}
"""Dtypes of a file and a model that go together beside equal ones: a file may be half as large, and loses nothing."""


def save_weights(model: nn.Module, folder: Path, table: KeyTable = SAME) -> None:
    """Write a model's weights, whole or not at all; what two layers share is written once.

    Raises:
        StorageError: if the disk refuses the file.
    """
    weights = {slot.names[0]: slot.tensor.detach().cpu().contiguous() for slot in _slots(model, table)}
    with written_whole(folder / WEIGHTS) as temporary:
        save_file(table.export(weights), temporary, metadata={"format": "pt"})


def load_weights(
    model: nn.Module,
    folder: Path,
    table: KeyTable = SAME,
    *,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
) -> None:
    """Give a model the weights of a folder, float16 and bfloat16 widened where the model holds float32.

    A tensor stays in its file, mapped into memory, wherever it can be used as it lies there.

    Args:
        dtype: what all numbers with a fraction become, whatever the file holds; by default they must fit the model.
        device: where they go; where the model is by default.
    Raises:
        ModelFolderError: naming every tensor that is missing, unexpected, or of another shape or dtype.
    """
    checkpoint = Checkpoint(folder)
    spelled = {table.plain(name): name for name in checkpoint.names}
    slots = list(_slots(model, table))
    problems = _names_that_differ(slots, table, spelled)
    loaded: list[Tensor] = []
    for slot in slots:
        key, names = slot.source(spelled)
        if not names:
            continue
        tensors = [checkpoint.read(spelled[name]) for name in names]
        if not key.joins(tensors):
            problems.append(f"{_shown(names)} have the shapes {', '.join(str(tuple(t.shape)) for t in tensors)}")
            continue
        tensor = key.join(tensors)
        tensor = tensor.to(dtype) if dtype is not None and tensor.is_floating_point() else tensor
        problems += _misfits(names, tensor, slot.tensor)
        loaded.append(tensor)
    if problems:
        raise ModelFolderError(f"{checkpoint.place} does not fit its config.json: " + "; ".join(problems) + ".")
    for slot, tensor in zip(slots, loaded, strict=True):
        slot.put(tensor.to(device or slot.tensor.device, slot.tensor.dtype))


@dataclass(frozen=True, eq=False)
class _Slot:
    """A weight or a buffer of a model, all places where it is used, and its keys in the table."""

    tensor: Tensor
    places: list[tuple[nn.Module, str]]
    names: list[str]
    keys: list[tuple[Key, tuple[str, ...]]]

    def source(self, spelled: Mapping[str, str]) -> tuple[Key, tuple[str, ...]]:
        """What of the checkpoint fills it: under the first of its names that is there; no names if none is."""
        for key, names in self.keys:
            if all(each in spelled for each in names):
                return key, names
            for other in (key.also, key.older):
                if other in spelled:
                    return key, (other,)
        return self.keys[0][0], ()

    def put(self, tensor: Tensor) -> None:
        """Let all places use this tensor."""
        old = self.tensor
        new = nn.Parameter(tensor, requires_grad=old.requires_grad) if isinstance(old, nn.Parameter) else tensor
        for module, leaf in self.places:
            setattr(module, leaf, new)


def _slots(model: nn.Module, table: KeyTable) -> Iterator[_Slot]:
    """What a model keeps, each tensor once, in the order of its state."""
    slots: dict[int, _Slot] = {}
    for name in model.state_dict():
        path, _, leaf = name.rpartition(".")
        module = model.get_submodule(path)
        tensor = getattr(module, leaf)
        slot = slots.setdefault(id(tensor), _Slot(tensor, [], [], []))
        slot.places.append((module, leaf))
        slot.names.append(name)
        slot.keys.append(table.find(name))
    yield from slots.values()


def _names_that_differ(slots: list[_Slot], table: KeyTable, spelled: Mapping[str, str]) -> list[str]:
    known = {theirs for slot in slots for key, names in slot.keys for theirs in (*names, key.also, key.older)}
    lacking = [slot for slot in slots if not slot.source(spelled)[1]]
    missing = [theirs for slot in lacking for theirs in slot.keys[0][1] if theirs not in spelled]
    unexpected = sorted(spelled[name] for name in spelled if name not in known and not table.ignores(name))
    problems = [f"missing: {', '.join(missing)}"] if missing else []
    return problems + ([f"unexpected: {', '.join(unexpected)}"] if unexpected else [])


def _misfits(names: tuple[str, ...], found: Tensor, wanted: Tensor) -> list[str]:
    name, problems = _shown(names), []
    if found.shape != wanted.shape:
        problems.append(f"{name} has the shape {tuple(found.shape)}, not {tuple(wanted.shape)}")
    if found.dtype != wanted.dtype and (found.dtype, wanted.dtype) not in _WIDENED:
        problems.append(f"{name} holds {_plain(found.dtype)}, not {_plain(wanted.dtype)}")
    return problems


def _shown(names: tuple[str, ...]) -> str:
    return " + ".join(f"`{name}`" for name in names)


def _plain(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
