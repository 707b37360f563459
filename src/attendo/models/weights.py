"""A model's weights from a folder and into one: under its own names, or under a checkpoint's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from attendo.errors import DivergedError, ModelFolderError
from attendo.files import written_whole
from attendo.models.checkpoint import WEIGHTS, Checkpoint
from attendo.models.naming import SAME, Key, KeyTable
from attendo.models.pages import empty_weight

_WIDENED = {(torch.float16, torch.float32), (torch.bfloat16, torch.float32)}
"""Dtypes of a file and a model that go together beside equal ones: a file may be half as large, and loses nothing."""
LONGEST = 12
"""Names or problems in a sentence; of more there is only the number."""


def save_weights(model: nn.Module, folder: Path, table: KeyTable = SAME) -> None:
    """Write a model's weights, whole or not at all; what two layers share is written once.

    Raises:
        DivergedError: if a weight is no number.
        StorageError: if the disk refuses the file.
    """
    spoilt = find_spoilt(model, table)
    if spoilt:
        raise DivergedError(f"{_listed(spoilt)}: these weights hold NaN or infinite values, so nothing was written.")
    weights = {slot.names[0]: slot.tensor.detach().cpu().contiguous() for slot in _slots(model, table)}
    with written_whole(folder / WEIGHTS) as temporary:
        save_file(table.export(weights), temporary, metadata={"format": "pt"})


def find_spoilt(model: nn.Module, table: KeyTable = SAME) -> list[str]:
    """The weights that hold NaN or infinite values, by their names in a checkpoint.

    All weights are read for it, which takes several times as long as loading them: `load_weights` does not ask.
    """
    return [
        " + ".join(slot.keys[0][1])
        for slot in _slots(model, table)
        if slot.tensor.is_floating_point() and not is_finite(slot.tensor.detach())
    ]


def load_weights(
    model: nn.Module,
    folder: Path | Checkpoint,
    table: KeyTable = SAME,
    *,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
) -> None:
    """Give a model the weights of a folder, float16 and bfloat16 widened where the model holds float32.

    A tensor stays in its file, mapped into memory, wherever it can be used as it lies there. What cannot be is read
    straight into its place, in the precision and on the device where it is to be.

    Args:
        folder: where they lie, or what stands for their files.
        dtype: what all numbers with a fraction become, whatever the file holds; by default they must fit the model.
        device: where they go; where the model is by default.
    Raises:
        ModelFolderError: naming every tensor that is missing, unexpected, or of another shape or dtype.
    """
    checkpoint = folder if isinstance(folder, Checkpoint) else Checkpoint(folder)
    spelled = {table.plain(name): name for name in checkpoint.names}
    slots = [each for slot in _slots(model, table) for each in slot.parted(checkpoint, spelled)]
    problems = [f"`{name}` is there twice" for name in sorted(checkpoint.names - set(spelled.values()))]
    problems += _names_that_differ(slots, table, spelled)
    problems += [problem for slot in slots for problem in _misfits(checkpoint, slot, spelled, dtype)]
    if problems:
        raise ModelFolderError(f"{checkpoint.place} does not fit its config.json: {'; '.join(_short(problems))}.")
    targets: dict[str, Tensor] = {}
    loaded = [_place(checkpoint, slot, spelled, _Wanted.of(slot.tensor, dtype, device), targets) for slot in slots]
    checkpoint.fill(targets)
    for slot, tensor in zip(slots, loaded, strict=True):
        slot.put(tensor)


@dataclass(frozen=True)
class _Wanted:
    """What a tensor is to be, and where."""

    dtype: torch.dtype
    device: torch.device

    @classmethod
    def of(cls, tensor: Tensor, dtype: torch.dtype | None, device: torch.device | str | None) -> _Wanted:
        """What becomes of a weight, if all weights with a fraction are to be of one dtype."""
        wanted = dtype if dtype is not None and tensor.is_floating_point() else tensor.dtype
        return cls(wanted, torch.device(device) if device is not None else tensor.device)


def _place(
    checkpoint: Checkpoint, slot: _Slot, spelled: Mapping[str, str], wanted: _Wanted, targets: dict[str, Tensor]
) -> Tensor:
    """The tensor of a slot: as it lies in its file, or empty, and its parts among the targets that are to be filled."""
    key, names = slot.source(spelled)
    if not names and key.otherwise is not None:
        return torch.full(slot.tensor.shape, key.otherwise, dtype=wanted.dtype, device=wanted.device)
    stored = checkpoint.outline(spelled[names[0]])
    if len(names) == 1 and stored.dtype == wanted.dtype and wanted.device.type == "cpu":
        return key.turn(checkpoint.read(spelled[names[0]]))
    if len(names) == 1:
        ours = key.turn(empty_weight(stored.shape, wanted.dtype, wanted.device))
    else:
        ours = empty_weight(slot.tensor.shape, wanted.dtype, wanted.device)
    targets |= zip((spelled[name] for name in names), key.split(ours), strict=True)
    return ours


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

    def parted(self, checkpoint: Checkpoint, spelled: Mapping[str, str]) -> list[_Slot]:
        """As many slots as the checkpoint has tensors for it: what is tied by its config.json may differ in its file.

        The file is right: models were saved whose scores had been untied, with a config.json that knows nothing of it.
        """
        found: dict[str, Tensor] = {}
        parts: dict[str, list[int]] = {}
        for number, (_, names) in enumerate(self.keys):
            name = names[0] if len(names) == 1 and names[0] in spelled else ""
            if name and name not in found:
                tensor = checkpoint.read(spelled[name])
                name = next((other for other, seen in found.items() if _same(tensor, seen)), name)
                found.setdefault(name, tensor)
            parts.setdefault(name, []).append(number)
        if len(found) < 2:
            return [self]
        first = next(iter(found))
        parts[first] += parts.pop("", [])
        return [self._only(numbers, None if name == first else self.tensor.clone()) for name, numbers in parts.items()]

    def _only(self, numbers: list[int], tensor: Tensor | None) -> _Slot:
        """Some of the places, with a tensor of their own."""
        own = self.tensor if tensor is None else nn.Parameter(tensor.detach(), requires_grad=self.tensor.requires_grad)
        places, names, keys = ([each[number] for number in numbers] for each in (self.places, self.names, self.keys))
        return _Slot(own, places, names, keys)  # type: ignore[arg-type]

    def put(self, tensor: Tensor) -> None:
        """Let all places use this tensor."""
        old = self.tensor
        new = nn.Parameter(tensor, requires_grad=old.requires_grad) if isinstance(old, nn.Parameter) else tensor
        for module, leaf in self.places:
            setattr(module, leaf, new)


def _same(one: Tensor, other: Tensor) -> bool:
    return one.data_ptr() == other.data_ptr() or (one.shape == other.shape and torch.equal(one, other))


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
    lacking = [slot for slot in slots if not slot.source(spelled)[1] and slot.keys[0][0].otherwise is None]
    missing = [theirs for slot in lacking for theirs in slot.keys[0][1] if theirs not in spelled]
    unexpected = sorted(spelled[name] for name in spelled if name not in known and not table.ignores(name))
    problems = [f"missing: {_listed(missing)}"] if missing else []
    return problems + ([f"unexpected: {_listed(unexpected)}"] if unexpected else [])


def _misfits(
    checkpoint: Checkpoint, slot: _Slot, spelled: Mapping[str, str], dtype: torch.dtype | None
) -> Iterator[str]:
    """What of a checkpoint has another shape or dtype than the model needs."""
    key, names = slot.source(spelled)
    for name, part in zip(names, key.split(slot.tensor.detach()) if names else (), strict=True):
        stored = checkpoint.outline(spelled[name])
        if stored.shape != part.shape:
            yield f"`{name}` has the shape {tuple(stored.shape)}, not {tuple(part.shape)}"
        converted = dtype is not None and stored.dtype.is_floating_point and part.is_floating_point()
        if stored.dtype != part.dtype and not converted and (stored.dtype, part.dtype) not in _WIDENED:
            yield f"`{name}` holds {_plain(stored.dtype)}, not {_plain(part.dtype)}"


def is_finite(tensor: Tensor) -> bool:
    """Whether all values are numbers; the sum says so at once, unless it is too large for its precision."""
    return bool(tensor.sum().isfinite()) or bool(tensor.isfinite().all())


def _short(problems: list[str]) -> list[str]:
    """The first of many problems, and how many more there are."""
    return problems if len(problems) <= LONGEST else [*problems[:LONGEST], _more(len(problems) - LONGEST)]


def _listed(names: Sequence[str]) -> str:
    """Names in a row, the first of many."""
    return ", ".join(names) if len(names) <= LONGEST else f"{', '.join(names[:LONGEST])}, {_more(len(names) - LONGEST)}"


def _more(count: int) -> str:
    return f"and {count:,} more"


def _plain(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
