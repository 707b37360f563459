"""What was seen, in a folder: numbers in a safetensors file, and what they are of in a JSON file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from attendo.attention import ANSWERS, Largest, Observed
from attendo.errors import InputError
from attendo.files import folder_written_whole, write_json
from attendo.observation.looks import Glance, Look

NUMBERS, NAMES = "seen.safetensors", "seen.json"
PARTS = Largest._fields


def save_looks(looks: list[Look], folder: Path | str) -> None:
    """Write what was seen into a folder that is new or empty.

    Raises:
        InputError: if it holds anything.
        StorageError: if the disk refuses a file.
    """
    tensors: dict[str, Tensor] = {}
    for number, look in enumerate(looks):
        for place, glance in enumerate(look.glances):
            for name, tensor in _named(glance.observed).items():
                tensors[f"{number}.{place}.{name}"] = tensor.detach().cpu().contiguous()
    with folder_written_whole(folder) as place:
        save_file(tensors, place / NUMBERS)
        write_json(place / NAMES, {"looks": [_described(look) for look in looks]})


def load_looks(folder: Path | str) -> list[Look]:
    """Read it again.

    Raises:
        InputError: if the folder holds no such files, or they do not belong together.
    """
    folder = Path(folder)
    try:
        described = json.loads((folder / NAMES).read_text(encoding="utf-8"))["looks"]
        tensors = load_file(folder / NUMBERS)
        return [_read(each, number, tensors) for number, each in enumerate(described)]
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise InputError(
            f"{folder} does not hold what `Seen.save` writes ({NAMES} and {NUMBERS}), or not all of it: {error}."
        ) from None


def _described(look: Look) -> dict[str, Any]:
    glances = [[glance.call, glance.text] for glance in look.glances]
    return {"name": look.name, "kind": look.kind, "heads": list(look.heads), "glances": glances}


def _named(observed: Observed) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for name in ANSWERS:
        value = getattr(observed, name)
        if isinstance(value, Largest):
            found |= {f"{name}.{part}": getattr(value, part) for part in PARTS}
        elif value is not None:
            found[name] = value
    return found


def _read(described: dict[str, Any], number: int, tensors: dict[str, Tensor]) -> Look:
    look = Look(described["name"], described["kind"], tuple(described["heads"]))
    for place, (call, text) in enumerate(described["glances"]):
        begin = f"{number}.{place}."
        own = {name.removeprefix(begin): tensor for name, tensor in tensors.items() if name.startswith(begin)}
        answers: dict[str, Any] = {name: own[name] for name in ANSWERS if name in own}
        for name in ANSWERS:
            if f"{name}.{PARTS[0]}" in own:
                answers[name] = Largest(*(own[f"{name}.{part}"] for part in PARTS))
        look.glances.append(Glance(call, text, Observed(**answers)))
    return look
