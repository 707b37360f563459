"""What encoders of models that are trained from scratch have learned: arrays in one file of the model folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attendo.errors import ModelFolderError
from attendo.files import written_whole

NAME = "features.safetensors"


def save_arrays(folder: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write the file."""
    from safetensors.numpy import save_file

    with written_whole(folder / NAME) as temporary:
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, temporary)


@contextmanager
def saved_arrays(folder: Path) -> Iterator[dict[str, NDArray[Any]]]:
    """What is in the file, to be made use of.

    Raises:
        ModelFolderError: if the file is missing or damaged, or cannot be made use of.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        yield load_file(folder / NAME)
    except FileNotFoundError:
        raise ModelFolderError(f"{folder} holds no {NAME}: the model is not whole.") from None
    except (SafetensorError, LookupError, TypeError, ValueError, OSError) as error:
        raise ModelFolderError(f"{folder / NAME} is damaged ({error}). Copy the model again.") from None
