"""The ids that frame what is written, and how texts are usually written, as a model's folder says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from attendo.files import read_json
from attendo.tasks.seq2seq import Marks
from attendo.tasks.writing import WriteSettings

GENERATION = "generation_config.json"
"""The file in which other libraries keep how a model writes."""
BEAMS = WriteSettings(method="beam", beams=5)
"""How texts are written where nothing says it."""
_FILLED = ("beams", "length_penalty", "no_repeat_ngram", "max_new", "min_new")


def read_generation(config: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """What config.json says, and above it what stands in the file about writing, as far as either says anything.

    Raises:
        ModelFolderError: if that file is damaged.
    """
    path = folder / GENERATION
    beside = read_json(path, "") if path.is_file() else {}
    return {name: value for part in (config, beside) for name, value in part.items() if value is not None}


def usual_writing(said: Mapping[str, Any], before: int) -> WriteSettings:
    """How a folder wants texts to be written; by beams where it says nothing.

    Args:
        before: tokens of a prompt, which are counted where limits are named.
    """
    beams, most = said.get("num_beams") or BEAMS.width, said.get("max_length")
    more = said.get("max_new_tokens") or (most - before if most and most > before else None)
    least = max(said.get("min_length", 0) - before, 0)
    return WriteSettings(
        method="beam",
        beams=beams,
        length_penalty=said.get("length_penalty"),
        no_repeat_ngram=said.get("no_repeat_ngram_size") or None,
        max_new=more,
        min_new=least if more is None else min(least, more),
    )


def filled_in(asked: WriteSettings | None, usual: WriteSettings) -> WriteSettings:
    """What is asked for, and where that leaves something open, what is usual."""
    if asked is None:
        return usual
    beam = (asked.chosen_method or "beam") == "beam"
    whole = asked.pattern is not None or asked.schema is not None
    given = {each.name: each.default for each in fields(WriteSettings) if each.name in _FILLED}
    found: dict[str, Any] = {name: getattr(usual, name) for name in given if getattr(asked, name) == given[name]}
    if not beam:
        found = {name: value for name, value in found.items() if name not in ("beams", "length_penalty")}
    if found.get("beams"):
        found["beams"] = max(found["beams"], asked.n_best)
    if whole:
        found.pop("min_new", None)
    most, least = found.get("max_new", asked.max_new), found.get("min_new", asked.min_new)
    if most is not None and least > most:
        found |= {"min_new": most} if "min_new" in found else {"max_new": least}
    return replace(asked, **found)


def generation_file(marks: Marks, usual: WriteSettings, filler: int | None) -> dict[str, Any]:
    """What other libraries must know to write as is usual here.

    Args:
        filler: the token that fills up rows.
    """
    before = 1 + len(marks.forced)
    said = {
        "decoder_start_token_id": marks.start,
        "forced_bos_token_id": marks.forced[0] if marks.forced else None,
        "eos_token_id": marks.ends[0] if len(marks.ends) == 1 else list(marks.ends),
        "pad_token_id": filler,
        "bad_words_ids": [[each] for each in marks.never] or None,
        "num_beams": usual.width,
        "length_penalty": usual.length_penalty,
        "no_repeat_ngram_size": usual.no_repeat_ngram,
        "max_length": None if usual.max_new is None else usual.max_new + before,
        "min_length": usual.min_new + before if usual.min_new else None,
    }
    return {name: value for name, value in said.items() if value is not None}
