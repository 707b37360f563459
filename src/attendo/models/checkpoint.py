"""The tensors of a model folder, whoever wrote it: in one file or several, read one at a time, never executed."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import warnings
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from io import RawIOBase
from pathlib import Path
from typing import NamedTuple, Protocol

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from attendo.errors import ModelFolderError
from attendo.files import read_json

WEIGHTS = "model.safetensors"
PICKLED = "pytorch_model.bin"
INDEX = ".index.json"
READERS = min(4, os.cpu_count() or 1)
"""Threads that read weights side by side."""
CHUNK = 2**18
"""Bytes that are read at a time where they become other numbers."""

DTYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64,
    "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "BOOL": torch.bool, "U8": torch.uint8,
    "U16": torch.uint16, "U32": torch.uint32, "U64": torch.uint64, "C64": torch.complex64,
    "F8_E4M3": torch.float8_e4m3fn, "F8_E5M2": torch.float8_e5m2,
}  # fmt: skip
"""What safetensors calls numbers."""


class Outline(NamedTuple):
    """What is known of a tensor before it is read."""

    shape: torch.Size
    dtype: torch.dtype


class Checkpoint:
    """Tensors by name; of a safetensors file only the bytes that are asked for are read.

    Raises:
        ModelFolderError: if the folder holds no weights, a file is missing or damaged, or a pickle holds code.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._opened: dict[str, _TensorFile] = {}
        self._files = self._find()

    @property
    def names(self) -> frozenset[str]:
        """The names of all tensors."""
        return frozenset(self._files)

    @property
    def place(self) -> Path:
        """The file to name in a sentence: the only one, or the folder of several."""
        files = set(self._files.values())
        return self.folder / next(iter(files)) if len(files) == 1 else self.folder

    def outline(self, name: str) -> Outline:
        """What is known of a tensor before it is read."""
        file = self._files[name]
        with _damage_told(self.folder / file):
            return self._open(file).outline(name)

    def read(self, name: str) -> Tensor:
        """One tensor, still lying in its file where the file allows it: nothing of it is read before it is used."""
        file = self._files[name]
        with _damage_told(self.folder / file):
            return self._open(file).read(name)

    def fill(self, targets: Mapping[str, Tensor]) -> None:
        """Read tensors into others of their shapes, in any precision and on any device, and keep nothing else of them.

        What comes from a safetensors file passes no page of the mapped file, so that memory holds it once; several
        processor cores read side by side.
        """
        with ThreadPoolExecutor(READERS) as readers:
            for _ in readers.map(self._fill, targets.items()):
                pass

    def _fill(self, what: tuple[str, Tensor]) -> None:
        name, target = what
        file = self._files[name]
        with _damage_told(self.folder / file), torch.no_grad():
            self._open(file).fill(name, target)

    def _find(self) -> dict[str, str]:
        """The file of each tensor."""
        for file in (WEIGHTS, PICKLED):
            if (self.folder / file).exists():
                return dict.fromkeys(self._names(file), file)
            if (self.folder / (file + INDEX)).exists():
                return self._shards(file + INDEX)
        raise ModelFolderError(f"{self.folder} holds no {WEIGHTS}: it is not a model, or not a whole one.")

    def _shards(self, index: str) -> dict[str, str]:
        path = self.folder / index
        files = read_json(path, f"There is no {path}.").get("weight_map")
        if not (files and isinstance(files, dict) and all(isinstance(shard, str) for shard in files.values())):
            raise ModelFolderError(f"{path} is damaged (`weight_map` gives no tensor its file). Copy the model again.")
        shards = sorted(set(files.values()))
        outside = [shard for shard in shards if Path(shard).is_absolute() or ".." in Path(shard).parts]
        if outside:
            raise ModelFolderError(
                f"{path} names files outside of its folder, which are not read: {', '.join(outside)}."
            )
        gone = [shard for shard in shards if not (self.folder / shard).is_file()]
        if gone:
            raise ModelFolderError(f"{self.folder} lacks {', '.join(gone)}, which {index} names. Copy the model again.")
        held = {(name, shard) for shard in shards for name in self._names(shard)}
        lost = sorted(name for name, shard in files.items() if (name, shard) not in held)
        if lost:
            raise ModelFolderError(f"{self.folder} lacks tensors that {index} names: {', '.join(lost)}.")
        return files

    def _names(self, file: str) -> list[str]:
        with _damage_told(self.folder / file):
            return self._open(file).names()

    def _open(self, file: str) -> _TensorFile:
        if file not in self._opened:
            path = self.folder / file
            self._opened[file] = _Pickled(path) if path.suffix == ".bin" else _Mapped(path)
        return self._opened[file]


class _TensorFile(Protocol):
    """A file of named tensors."""

    def names(self) -> list[str]: ...

    def outline(self, name: str) -> Outline: ...

    def read(self, name: str) -> Tensor: ...

    def fill(self, name: str, target: Tensor) -> None: ...


class _Mapped:
    """A safetensors file, mapped into memory; no page of it is touched before it is used."""

    def __init__(self, path: Path) -> None:
        with safe_open(path, framework="pt"):  # which checks that every tensor lies within
            self._path, size = path, path.stat().st_size
        with open(path, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            self._header = json.loads(file.read(length))
        self._begin = 8 + length
        self._header.pop("__metadata__", None)
        self._storage = torch.UntypedStorage.from_file(str(path), False, size)

    def names(self) -> list[str]:
        return list(self._header)

    def outline(self, name: str) -> Outline:
        said = self._header[name]
        if said["dtype"] not in DTYPES:
            raise ValueError(f"`{name}` holds numbers of the kind {said['dtype']}, which are not known")
        return Outline(torch.Size(said["shape"]), DTYPES[said["dtype"]])

    def read(self, name: str) -> Tensor:
        shape, dtype = self.outline(name)
        begin, end = (self._begin + offset for offset in self._header[name]["data_offsets"])
        return torch.empty(0, dtype=dtype).set_(self._storage[begin:end], 0, shape)  # type: ignore[arg-type]

    def fill(self, name: str, target: Tensor) -> None:
        dtype = self.outline(name).dtype
        with open(self._path, "rb", buffering=0) as file:
            file.seek(self._begin + self._header[name]["data_offsets"][0])
            if target.device.type == "cpu" and target.dtype == dtype and target.is_contiguous():
                _read_into(file, target)
            else:
                _read_through(file, target, dtype)


class _Pickled:
    """A file of `torch.save`, read as tensors only."""

    def __init__(self, path: Path) -> None:
        with warnings.catch_warnings(action="ignore", category=UserWarning):  # of pickles that are refused anyway
            found = torch.load(path, map_location="cpu", weights_only=True, mmap=_is_zip(path))
        if not isinstance(found, dict):
            raise ValueError(f"it holds a {type(found).__name__}, not tensors by name")
        self._tensors = {name: value for name, value in found.items() if isinstance(value, Tensor)}

    def names(self) -> list[str]:
        return list(self._tensors)

    def outline(self, name: str) -> Outline:
        return Outline(self._tensors[name].shape, self._tensors[name].dtype)

    def read(self, name: str) -> Tensor:
        return self._tensors[name].detach()

    def fill(self, name: str, target: Tensor) -> None:
        target.copy_(self._tensors[name])


def _read_through(file: RawIOBase, target: Tensor, dtype: torch.dtype) -> None:
    """The next numbers of a file into any tensor, some rows at a time."""
    rows = target.reshape(1) if target.ndim == 0 else target
    step = max(CHUNK // max(dtype.itemsize * rows[:1].numel(), 1), 1)
    room = torch.empty_like(rows[:step], dtype=dtype, device="cpu", memory_format=torch.contiguous_format)
    for part in rows.split(step):
        chunk = room[: len(part)]
        _read_into(file, chunk)
        part.copy_(chunk)


def _read_into(file: RawIOBase, target: Tensor) -> None:
    """The next bytes of a file as the numbers of a contiguous tensor."""
    left = memoryview(target.reshape(-1).view(torch.uint8).numpy())  # type: ignore[arg-type]
    while left:
        count = file.readinto(left)
        if not count:
            raise EOFError("it was cut short while it was read")
        left = left[count:]


def _is_zip(path: Path) -> bool:
    """Files of PyTorch before 1.6 are no archives, and cannot be mapped."""
    with open(path, "rb") as file:
        return file.read(2) == b"PK"


@contextlib.contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    try:
        yield
    except pickle.UnpicklingError:
        raise ModelFolderError(
            f"{path} holds something other than tensors, and none of it was run. Save the model as {WEIGHTS} where it "
            "comes from, or copy the file again if it was changed on the way."
        ) from None
    except (SafetensorError, OSError, ValueError, LookupError, EOFError, RuntimeError) as error:
        raise _damaged(path, error) from None


def _damaged(path: Path, error: Exception) -> ModelFolderError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return ModelFolderError(f"{path} is damaged ({reason}). Copy the model again from where it came from.")
