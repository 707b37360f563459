"""`export`: a model for other tools, as the reference library lays it out, or as an ONNX graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from attendo.errors import InputError, UnsupportedError
from attendo.files import copy_file, folder_written_whole, write_json
from attendo.models import (
    BESIDE,
    CONFIG,
    Checkpoint,
    FamilyModel,
    Seq2SeqModel,
    TextClassifier,
    TokenModel,
    check_graph,
    find_model,
    load_model,
    reads_segments,
    save_onnx,
)
from attendo.nn import Recurrence
from attendo.tasks import CARD, PairEncoder, check_card
from attendo.text import TOKENIZER_FILES, Tokenizer, write_portable

_CARRIED = ("*.json", "*.jinja", "*.model", "README.md", "LICENSE*", "NOTICE*")
"""What a folder may hold beside the model and its tokenizer; it goes along as it is."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A form that a model can be given."""

    summary: str
    write: Callable[[FamilyModel, Path, Path], object]
    """Writes config.json and the model itself into a folder; it is told from which one they come."""
    dtype: Callable[[Path], torch.dtype | None]
    """What the weights become, by the folder that they come from."""


def export(model: Path | str, to: str, *, out: Path | str) -> list[str]:
    """Write a model for other tools, with its tokenizer, and name the files of the new folder.

    Args:
        model: a model folder, or the hub's name of a model.
        to: `hf` for the reference library (transformers), `onnx` for ONNX Runtime and others.
        out: a folder that is new or empty; it is written whole or not at all.
    Raises:
        InputError: if there is no such target, `out` is not empty, or a package is missing.
        ModelFolderError: if the model cannot be loaded.
        UnsupportedError: if the target has no counterpart for a part of the model.
        StorageError: if the disk refuses a file.
    """
    if to not in TARGETS:
        known = ", ".join(f"`{name}` ({target.summary})" for name, target in TARGETS.items())
        raise InputError(f"A model is exported to {known}; `{to}` is none of these.")
    target, source, out = TARGETS[to], find_model(model), Path(out)
    check_card(source)
    with folder_written_whole(out) as folder:
        loaded = load_model(source, dtype=target.dtype(source))
        _check_network(loaded, source)
        target.write(loaded, folder, source)
        network = loaded.network
        segments = isinstance(network, TokenModel) and reads_segments(network.encoder.embedding)
        longest = getattr(network, "max_length", None)
        write_portable(source, folder, segments=segments, max_tokens=longest)
        if (source / PairEncoder.TARGET).is_dir():  # targets have a tokenizer of their own
            write_portable(source / PairEncoder.TARGET, folder / PairEncoder.TARGET, segments=False, max_tokens=longest)
        _carry(source, folder)
    return sorted(each.name for each in out.iterdir())


def _check_network(model: FamilyModel, source: Path) -> None:
    """Make sure that other tools know anything like it."""
    if isinstance(model.network, TextClassifier):
        raise UnsupportedError(
            f"{source} holds a model of attendo's own family, and other tools have nothing like two of its parts: the "
            "table of n-grams that its words are sums of, and the linear path beside the Transformer. For a model that "
            "can be exported, train on a base: attendo train classify DATA --base MODEL."
        )
    if isinstance(model.network, Seq2SeqModel) and isinstance(model.network.decoder.stack, Recurrence):
        raise UnsupportedError(
            f"{source} holds recurrent networks, which other tools do not know in this form. For a model that can be "
            "exported, train a Transformer: leave `task.model.family` as it is by default."
        )


def _carry(source: Path, folder: Path) -> None:
    """Copy what lies beside the model and is not written anew."""
    left = {CONFIG, CARD, *TOKENIZER_FILES}
    found = {path for pattern in (*_CARRIED, *BESIDE) for path in source.glob(pattern) if path.is_file()}
    for path in sorted(found):
        if path.name not in left and not path.name.endswith(".index.json") and not path.name.startswith("."):
            copy_file(path, folder / path.name)


def _stored_dtype(source: Path) -> torch.dtype | None:
    """The numbers that a checkpoint holds throughout; None if it holds several kinds."""
    checkpoint = Checkpoint(source)
    stored = {checkpoint.outline(name).dtype for name in checkpoint.names}
    dtypes = {dtype for dtype in stored if dtype.is_floating_point}
    return dtypes.pop() if len(dtypes) == 1 else None


def _write_folder(model: FamilyModel, folder: Path, source: Path) -> None:
    model.save(folder)


def _write_graph(model: FamilyModel, folder: Path, source: Path) -> None:
    marked = bool(Tokenizer.load(source).encode("a", "a").segments.any())  # whether second texts are marked as such
    save_onnx(model, folder, marked=marked)
    check_graph(model, folder)
    write_json(folder / CONFIG, model.config | {"architectures": [model.family.heads[model.head].architecture]})


TARGETS: dict[str, Target] = {
    "hf": Target(summary="for transformers", write=_write_folder, dtype=_stored_dtype),
    "onnx": Target(summary="for ONNX Runtime", write=_write_graph, dtype=lambda source: torch.float32),
}
"""By the names that are given for them."""
