"""A model folder as other libraries lay it out: config.json and weights, in and out."""

from __future__ import annotations

import contextlib
import difflib
import gc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from attendo.errors import InputError, ModelFolderError
from attendo.files import read_json, write_json
from attendo.models.catalog import FAMILIES, Family
from attendo.models.naming import KeyTable
from attendo.models.shapes import read_shape
from attendo.models.weights import find_spoilt, load_weights, save_weights

CONFIG = "config.json"


@dataclass(frozen=True, kw_only=True, eq=False)
class FamilyModel:
    """A network, and what its config.json says of it."""

    network: nn.Module
    family: Family
    head: str
    shape: Any
    config: dict[str, Any]

    def save(self, folder: Path | str) -> None:
        """Write config.json and the weights, as the reference library does where it knows the family.

        Raises:
            DivergedError: if a weight is no number.
            StorageError: if the disk refuses a file.
        """
        folder = Path(folder)
        config = self.config | {"architectures": [self.family.heads[self.head].architecture]} | self._precision()
        save_weights(self.network, folder, self.keys)
        write_json(folder / CONFIG, config)

    @property
    def keys(self) -> KeyTable:
        """What checkpoints call the weights."""
        return self.family.keys(self.shape, self.head)

    def spoilt(self) -> list[str]:
        """The weights that hold values which are no numbers; this reads all of them."""
        return find_spoilt(self.network, self.keys)

    def _precision(self) -> dict[str, str]:
        """What config.json says of the weights' precision, if it says anything, and if there is anything to say."""
        dtype = next((each.dtype for each in self.network.parameters() if each.is_floating_point()), torch.float32)
        said = [name for name in ("dtype", "torch_dtype") if name in self.config]
        usual = [] if dtype == torch.float32 else ["dtype"]
        return dict.fromkeys(said or usual, str(dtype).removeprefix("torch."))


def load_model(
    folder: Path | str,
    *,
    config: dict[str, Any] | None = None,
    head: str | None = None,
    dtype: torch.dtype | None = None,
    device: str = "cpu",
) -> FamilyModel:
    """The model of a folder, in its own files as far as they can be used as they lie.

    Args:
        config: what config.json holds, if it has been read.
        head: what to put on the encoder; what config.json says by default.
        dtype: what the weights become; float32 by default, for which they may be stored in half as many bits.
    Raises:
        ModelFolderError: if the folder holds no model of a known family, or a file is missing, damaged or does not fit.
    """
    folder = Path(folder)
    config = read_config(folder) if config is None else config
    with _garbage_waiting():
        model = without_weights(config, folder, head)
        load_weights(model.network, folder, model.keys, dtype=dtype, device=device)
    model.network.eval()
    return model


def without_weights(config: dict[str, Any], folder: Path, head: str | None = None) -> FamilyModel:
    """The model that config.json describes, on no device.

    Raises:
        ModelFolderError: if it describes none of a known family.
    """
    family = _family(config, folder)
    head = head or _head(config, family, folder)
    shape, network = _built(family, head, config, folder / CONFIG)
    return FamilyModel(network=network, family=family, head=head, shape=shape, config=config)


def read_config(folder: Path) -> dict[str, Any]:
    """What config.json holds.

    Raises:
        ModelFolderError: if it is missing, or is no mapping.
    """
    return read_json(folder / CONFIG, f"{folder} holds no {CONFIG}: it is not a model folder.")


def _built(family: Family, head: str, config: dict[str, Any], path: Path) -> tuple[Any, nn.Module]:
    """A shape and a network on no device, which takes no memory."""
    try:
        shape = read_shape(family.shape, config)
        with torch.device("meta"), _WithoutValues(), _single_precision():
            return shape, family.build(shape, head)
    except InputError as error:
        raise ModelFolderError(f"{path} cannot be a model: {' '.join(str(error).splitlines())}") from None
    except (RuntimeError, OverflowError) as error:
        reason = str(error).partition("\n")[0]
        raise ModelFolderError(f"{path} cannot be a model: its numbers are too large ({reason}).") from None


@contextlib.contextmanager
def _single_precision() -> Iterator[None]:
    """New tensors hold float32, whatever is usual elsewhere in the program."""
    usual = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32)
    try:
        yield
    finally:
        torch.set_default_dtype(usual)


@contextlib.contextmanager
def _garbage_waiting() -> Iterator[None]:
    """Nothing is garbage yet while a model is built, and to look for it among all objects takes longer than to load."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _family(config: dict[str, Any], folder: Path) -> Family:
    name = str(config.get("model_type"))
    if name in FAMILIES:
        return FAMILIES[name]
    if config.get("model_type") is None:
        raise ModelFolderError(f"{folder / CONFIG} names no `model_type`. Add it, one of: {', '.join(FAMILIES)}.")
    known = ", ".join(_nearest(name, FAMILIES))
    raise ModelFolderError(f"{folder} holds a model of type `{name}`, which is not known. Known: {known}.")


def _head(config: dict[str, Any], family: Family, folder: Path) -> str:
    first = next(iter(family.heads.values())).architecture
    listed = config.get("architectures") or [first]
    if not (isinstance(listed, list) and isinstance(listed[0], str)):
        raise ModelFolderError(f"{folder / CONFIG}: `architectures` must be a list of names, but is {listed!r}.")
    named = listed[0]
    head = family.head_of(named)
    if head is None:
        known = ", ".join(_nearest(named, [kind.architecture for kind in family.heads.values()]))
        raise ModelFolderError(f"{folder} holds a `{named}`, which is not known. Known: {known}.")
    return head


def _nearest(name: str, known: Any) -> list[str]:
    """All that are known, the likeliest first."""
    return sorted(known, key=lambda each: -difflib.SequenceMatcher(None, name.lower(), each.lower()).ratio())


class _WithoutValues(TorchFunctionMode):
    """Leaves out what fills tensors: on no device nothing is filled, and PyTorch takes seconds to find that out."""

    _FILLING = frozenset(
        (
            *(nn.init.normal_, nn.init.uniform_, nn.init.kaiming_uniform_),
            *(getattr(torch.Tensor, name) for name in ("normal_", "uniform_", "fill_", "zero_", "mul_")),
        )
    )

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict[str, Any] | None = None) -> Any:
        kwargs = kwargs or {}
        if func in self._FILLING:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)
