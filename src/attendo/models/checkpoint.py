"""The tensors of a model folder, whoever wrote it: in one file or several, read one at a time, never executed."""

from __future__ import annotations

import contextlib
import json
import pickle
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from attendo.errors import ModelFolderError

WEIGHTS = "model.safetensors"
PICKLED = "pytorch_model.bin"
INDEX = ".index.json"


class Checkpoint:
    """Tensors by name; of a safetensors file only the bytes that are asked for are read.

    Raises:
        ModelFolderError: if the folder holds no weights, a file is missing or damaged, or a pickle holds code.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._opened: dict[str, Any] = {}
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

    def read(self, name: str) -> Tensor:
        """One tensor, still lying in its file where the file allows it."""
        file = self._files[name]
        with _damage_told(self.folder / file):
            return self._open(file).get_tensor(name)

    def _find(self) -> dict[str, str]:
        """The file of each tensor."""
        for file in (WEIGHTS, PICKLED):
            if (self.folder / file).exists():
                return dict.fromkeys(self._names(file), file)
            if (self.folder / (file + INDEX)).exists():
                return self._shards(file + INDEX)
        raise ModelFolderError(f"{self.folder} holds no {WEIGHTS}: it is not a model, or not a whole one.")

    def _shards(self, index: str) -> dict[str, str]:
        try:
            files = dict(json.loads((self.folder / index).read_text(encoding="utf-8"))["weight_map"])
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise ModelFolderError(f"{self.folder / index} is damaged ({error}). Copy the model again.") from None
        shards = sorted(set(files.values()))
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
            return list(self._open(file).keys())

    def _open(self, file: str) -> Any:
        if file not in self._opened:
            path = self.folder / file
            self._opened[file] = _Pickled(path) if path.suffix == ".bin" else safe_open(path, framework="pt")
        return self._opened[file]


class _Pickled:
    """A file of `torch.save`, read as tensors only."""

    def __init__(self, path: Path) -> None:
        with warnings.catch_warnings(action="ignore", category=UserWarning):  # of pickles that are refused anyway
            found = torch.load(path, map_location="cpu", weights_only=True, mmap=_is_zip(path))
        if not isinstance(found, dict):
            raise ValueError(f"it holds a {type(found).__name__}, not tensors by name")
        self._tensors = found

    def keys(self) -> list[str]:
        return [name for name, value in self._tensors.items() if isinstance(value, Tensor)]

    def get_tensor(self, name: str) -> Tensor:
        return self._tensors[name]


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
