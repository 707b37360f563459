"""Where a model may be written: into a folder that is new or empty, or over another model if that is asked for."""

from __future__ import annotations

from pathlib import Path

from attendo.errors import InputError, ModelFolderError
from attendo.models.checkpoint import WEIGHTS
from attendo.models.folder import CONFIG, read_config

_UNFINISHED = (WEIGHTS, "run", "run.lock")
"""What lies in a folder while a model is made and written there."""


def check_place(folder: Path | str, *, overwrite: bool = False) -> None:
    """Make sure that writing a model into a folder replaces nothing, or nothing but a model.

    Args:
        overwrite: whether another model may be replaced.
    Raises:
        InputError: if it holds something else.
    """
    folder = Path(folder)
    if folder.is_file():
        raise InputError(f"{folder} is a file. Choose another folder for the model.")
    held = sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []
    others = [name for name in held if not name.startswith(".") and name not in _UNFINISHED]
    if others and not _holds_model(folder):
        raise InputError(f"{folder} holds other files ({others[0]}) and no model. Choose a new or empty folder for it.")
    if others and not overwrite:
        raise InputError(f"{folder} holds a model already. Choose a new or empty folder, or save with overwrite=True.")


def _holds_model(folder: Path) -> bool:
    """Whether there is a config.json, and it speaks of a model."""
    if not (folder / CONFIG).is_file():
        return False
    try:
        config = read_config(folder)
    except ModelFolderError:
        return False
    return "model_type" in config or "architectures" in config
