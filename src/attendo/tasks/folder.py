"""A model folder: laid out as Hugging Face's, with `attendo.json` beside it, and checked when it is read.

config.json          the model's numbers and labels
model.safetensors    its weights
features.safetensors the words and n-grams that it knows
attendo.json         task, settings, scores, how it was trained, and a checksum of each file above
README.md            the model card
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attendo.errors import ModelFolderError
from attendo.files import checksum, read_json, write_json
from attendo.models import CONFIG

CARD = "attendo.json"
FORMAT = 1


def write_card(folder: Path, card: Mapping[str, Any], files: list[str]) -> None:
    """Write attendo.json, the last file of a folder: with it the folder is whole."""
    sums = {name: checksum(folder / name) for name in files}
    write_json(folder / CARD, {"format": FORMAT, **card, "checksums": sums})


def read_card(folder: Path) -> dict[str, Any]:
    """What attendo.json says, after checking that every file is as it was written.

    Raises:
        ModelFolderError: if the folder is not a model, or a file is missing, cut short or changed.
    """
    if not folder.is_dir():
        raise ModelFolderError(f"There is no model folder {folder}." if not folder.exists() else f"{folder} is a file.")
    if not (folder / CARD).exists() and not (folder / CONFIG).exists() and not (folder / "run").exists():
        raise ModelFolderError(f"{folder} holds no {CONFIG}: it is not a model folder.")
    unfinished = f"{folder} is not a model folder of attendo, or its training has not finished: it holds no {CARD}."
    card = read_json(folder / CARD, unfinished)
    if not isinstance(card.get("format"), int) or card["format"] > FORMAT:
        raise ModelFolderError(f"{folder} was written by a newer version of attendo. Upgrade attendo to read it.")
    problems = []
    for name, expected in card.get("checksums", {}).items():
        try:
            if checksum(folder / name) != expected:
                problems.append(f"{name} was changed or cut short")
        except FileNotFoundError:
            problems.append(f"{name} is missing")
        except OSError as error:
            problems.append(f"{name} cannot be read ({error.strerror})")
    if problems:
        raise ModelFolderError(f"{folder} is damaged: {', '.join(problems)}. Copy the model again from where it was.")
    return card
