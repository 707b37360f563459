"""The state of a run on disk: written whole, read without executing anything, removed when the run is done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from attendo.errors import RunError
from attendo.files import written_whole

NAME = "checkpoint.pt"


def save_checkpoint(folder: Path, state: dict[str, Any]) -> None:
    """Replace the folder's checkpoint.

    Raises:
        StorageError: if the disk refuses it; the previous checkpoint is untouched.
    """
    with written_whole(folder / NAME) as temporary:
        torch.save(state, temporary)


def load_checkpoint(folder: Path) -> dict[str, Any] | None:
    """The folder's checkpoint, or None.

    Raises:
        RunError: if the file is damaged.
    """
    path = folder / NAME
    if not path.exists():
        return None
    try:
        return torch.load(path, weights_only=True, map_location="cpu")
    except Exception as error:
        reason = error.strerror if isinstance(error, OSError) else "it is damaged"  # torch says much more
        raise RunError(f"{path} cannot be read ({reason}). Remove it to start this run again.") from error


def random_state(device: torch.device) -> dict[str, torch.Tensor]:
    """The state of the random number generators that training draws from."""
    state = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        state["mps"] = torch.mps.get_rng_state()
    return state


def set_random_state(state: dict[str, torch.Tensor], device: torch.device) -> None:
    """Put the generators back into a saved state."""
    torch.set_rng_state(state["cpu"])
    if "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"], device)
    if "mps" in state:
        torch.mps.set_rng_state(state["mps"])
