"""A pretrained model's folder: laid out as the reference library's, with `attendo.json` and a model card beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attendo.files import write_text
from attendo.models import CONFIG, WEIGHTS
from attendo.tasks.folder import write_card
from attendo.tasks.pretraining.preparing import GENERATOR, PretrainParts
from attendo.tasks.pretraining.settings import OBJECTIVES
from attendo.text import TOKENIZER_FILES

TASK = "pretrain"


def save_pretrained(parts: PretrainParts, folder: Path, card: Mapping[str, Any]) -> None:
    """Write the model, its tokenizer, its generator where it has one, and at last what it is.

    Raises:
        StorageError: if the disk refuses a file.
    """
    for model, place in ((parts.generator, folder / GENERATOR), (parts.model, folder)):
        if model is not None:
            model.save(place)
            (parts.reader or parts.tokenizer).save(place)
    write_text(folder / "README.md", _model_card(card))
    files = [CONFIG, WEIGHTS, *(name for name in TOKENIZER_FILES if (folder / name).is_file())]
    write_card(folder, {"task": TASK, **card}, files)


def _model_card(card: Mapping[str, Any]) -> str:
    """The README.md of a pretrained model's folder."""
    objective = OBJECTIVES[card["objective"]]
    names = "\n".join(f"| {name} | {value:.4f} |" for name, value in card["scores"].items() if name != "score")
    trained = card["trained_on"]
    return f"""---
library_name: attendo
tags: [{objective.tag}]
---

# {card["title"]}

A {card["family"]} model of {card["parameters"]:,} parameters that learned to {objective.summary}, from
{trained["documents"]:,} documents ({trained["tokens"]:,} tokens) alone. The texts themselves are not in this folder.

| on {trained["held_out_documents"]:,} held-out documents | |
|---|---|
{names}

It knows no task yet. Teach it one:

```sh
attendo train {objective.task} DATA --base FOLDER --out model
```
"""
