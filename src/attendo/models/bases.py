"""A model's weights under a new head: what the folder has is taken over, what it lacks gets first weights."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from attendo.errors import ModelFolderError, UnsupportedError
from attendo.models.catalog import FAMILIES
from attendo.models.checkpoint import Checkpoint, Outline
from attendo.models.folder import FamilyModel, read_config, without_weights
from attendo.models.naming import Key, KeyTable
from attendo.models.seq2seq import Reader, Seq2SeqModel
from attendo.models.weights import is_finite, load_weights
from attendo.nn import initialise

HEAD, OUTPUT = "head.", "head.output."
"""How the names of a head's weights begin, and those of its last layer."""


def load_base(
    folder: Path | str, changes: Mapping[str, Any], *, head: str = "sequence", keeps_output: bool = False
) -> tuple[FamilyModel, tuple[str, ...]]:
    """The model of a folder under a head for other answers, in memory of its own, and the names of its new weights.

    Whatever head the folder's model has, its encoder is taken over, and so are inner layers of the head that both
    have. The last layer is new, unless it is said to fit; random numbers are drawn for what is new. All that is taken
    over is numbers.

    Args:
        changes: what config.json is to say otherwise, above all of labels.
        keeps_output: whether the folder's last layer says what the new one is to say.
    Raises:
        ModelFolderError: if the folder holds no model, or its encoder is not whole, or what is taken over of it holds
            NaN or infinite values.
        UnsupportedError: if it holds none that reads tokens.
    """
    folder = Path(folder)
    before = read_config(folder)
    config = before | dict(changes)
    family = FAMILIES.get(str(config.get("model_type")))
    if family is not None and head not in family.heads:
        raise _no_base(folder, config)
    model = without_weights(config, folder, head)
    network = model.network.to(torch.float32)
    if not isinstance(network, Reader | Seq2SeqModel):
        raise _no_base(folder, config)
    table = model.keys
    source = _Base(folder, _own_table(model, before), [table.find(name) for name in network.state_dict()])
    new = source.complete(table, _first_weights(network), keeps_output)
    load_weights(network, source, table, device="cpu")
    spoilt = _owned(network, table)
    if spoilt:
        raise ModelFolderError(
            f"The base {folder} holds NaN or infinite values in {', '.join(spoilt[:5])}. Copy it again."
        )
    network.eval()
    return model, new


def _owned(network: nn.Module, table: KeyTable) -> list[str]:
    """Let weights lie in memory of their own, and name those that are no numbers while they are at hand.

    A mapped file may be written over while it is still being read.
    """
    spoilt, seen = [], set()
    for name, tensor in network.state_dict(keep_vars=True).items():
        if id(tensor) in seen:
            continue
        seen.add(id(tensor))
        tensor.data = tensor.data.clone(memory_format=torch.contiguous_format)
        if tensor.is_floating_point() and not is_finite(tensor.detach()):
            spoilt.append(" + ".join(table.find(name)[1]))
    return spoilt


class _Base(Checkpoint):
    """The tensors of a folder as the new head's table spells them, with first weights for what is new."""

    def __init__(self, folder: Path, own: KeyTable, wanted: list[tuple[Key, tuple[str, ...]]]) -> None:
        super().__init__(folder)
        self._spelled = {own.plain(name): name for name in super().names}
        self._fresh: dict[str, Tensor] = {}
        named = {each for key, names in wanted for each in (*names, key.also, key.older)}
        layers = [pattern for key in own.base for pattern in _numbered(key)]
        self._shown = {
            name
            for name in self._spelled
            if name in named  # of a head that is not taken over nothing is shown, of a layer too many everything
            or (any(layer.fullmatch(name) for layer in layers) and not own.ignores(name))
        }

    @property
    def names(self) -> frozenset[str]:
        """All names that the model has, and those of layers that it has not."""
        return frozenset(self._shown | self._fresh.keys())

    def outline(self, name: str) -> Outline:
        """What is known of a tensor before it is read."""
        fresh = self._fresh.get(name)
        return super().outline(self._spelled[name]) if fresh is None else Outline(fresh.shape, fresh.dtype)

    def read(self, name: str) -> Tensor:
        """One tensor: a new one where there is one."""
        return self._fresh[name] if name in self._fresh else super().read(self._spelled[name])

    def fill(self, targets: Mapping[str, Tensor]) -> None:
        """Read tensors into others of their shapes."""
        for name in targets.keys() & self._fresh.keys():
            targets[name].copy_(self._fresh[name])
        super().fill({self._spelled[name]: targets[name] for name in targets.keys() - self._fresh.keys()})

    def complete(self, table: KeyTable, first: Mapping[str, Tensor], keeps_output: bool) -> tuple[str, ...]:
        """Take first weights where the head is new, and return their names."""
        new: list[str] = []
        for ours, tensor in first.items():
            theirs = table.export({ours: tensor})
            plain = {table.plain(name): value for name, value in theirs.items()}
            if not self._fits(table, ours, tensor) or (ours.startswith(OUTPUT) and not keeps_output):
                self._fresh |= plain
                new += theirs
        return tuple(new)

    def _fits(self, table: KeyTable, ours: str, tensor: Tensor) -> bool:
        """Whether the folder holds a weight of this shape, under any of its names."""
        key, names = table.find(ours)
        parts = dict(zip(names, key.split(tensor), strict=True))
        if not all(name in self._spelled for name in names):
            parts = {other: tensor for other in (key.also, key.older) if other in self._spelled}
        return bool(parts) and all(self.outline(name).shape == part.shape for name, part in parts.items())


def _no_base(folder: Path, config: Mapping[str, Any]) -> UnsupportedError:
    return UnsupportedError(
        f"{folder} holds a model of the type `{config['model_type']}`, which cannot be a base: it is trained from "
        "scratch, or writes texts. Give a folder with a model such as BERT, ModernBERT or Llama."
    )


def _own_table(model: FamilyModel, config: Mapping[str, Any]) -> KeyTable:
    """How the folder spells the encoder under its own head; an unknown head spells it like the usual one."""
    named = str((config.get("architectures") or [""])[0])
    return model.family.keys(model.shape, model.family.head_of(named) or model.head)


def _numbered(key: Key) -> Iterator[re.Pattern[str]]:
    """Patterns of a key's names that have a layer's number in them."""
    for theirs in (key.theirs,) if isinstance(key.theirs, str) else key.theirs:
        if "*" in theirs:
            yield re.compile(re.escape(theirs).replace(r"\*", r"\d+") + r"(\..+)?")


def _first_weights(network: Reader | Seq2SeqModel) -> dict[str, Tensor]:
    """First weights of a head by rule, under our names; none for what it shares with the encoder."""
    if network.head is None:
        return {}
    shared = {id(parameter) for parameter in network.encoder.parameters()}
    own = {name for name, parameter in network.head.named_parameters() if id(parameter) not in shared}
    head = copy.deepcopy(network.head).to_empty(device="cpu")
    for module in head.modules():
        if isinstance(module, nn.LayerNorm | nn.RMSNorm):
            module.reset_parameters()
    initialise(head, last=head.output if isinstance(head.output, nn.Linear) else None)
    return {HEAD + name: tensor.detach() for name, tensor in head.state_dict().items() if name in own}
