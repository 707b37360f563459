"""A classifier on a pretrained model: its labels, its head, and what its tokenizer makes of texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attendo.data import Example
from attendo.errors import ModelFolderError
from attendo.files import checksum
from attendo.models import CONFIG, FAMILIES, FamilyModel, Reader, load_base, read_config
from attendo.tasks.classify import LabelledTexts, labels_in_config, texts_of
from attendo.tasks.labels import LabelSet, read_labels
from attendo.tasks.model import Classifier
from attendo.tasks.pieces import EncodedPieces, PieceEncoder
from attendo.text import TOKENIZER_FILES

WEIGHTS = ("*.safetensors", "*.safetensors.index.json", "pytorch_model*.bin", "pytorch_model*.bin.index.json")
"""What files with weights are called."""


@dataclass(frozen=True, kw_only=True)
class Base:
    """The folder of a pretrained model.

    Attributes:
        labels: what its head tells apart, if that is labels of texts.
        checksums: of all files that are taken over from it.
    """

    folder: Path
    config: dict[str, Any]
    labels: LabelSet | None
    checksums: dict[str, str]

    @classmethod
    def read(cls, folder: Path) -> Base:
        """What there is to train on. Whether its weights are whole is seen when a model is built on it.

        Raises:
            ModelFolderError: if the folder is none of a model.
        """
        if not folder.is_dir():
            what = "is a file, not a model folder" if folder.exists() else "does not exist"
            raise ModelFolderError(f"The base {folder} {what}. Give a folder with {CONFIG}, weights and a tokenizer.")
        config = read_config(folder)
        family = FAMILIES.get(str(config.get("model_type")))
        architecture = str((config.get("architectures") or [""])[0])
        answers = family is not None and family.head_of(architecture) == "sequence"
        labels = read_labels(config, folder) if answers else None
        folder = folder.resolve()
        return cls(folder=folder, config=config, labels=labels, checksums=_checksums(folder))

    @property
    def origin(self) -> dict[str, Any]:
        """What attendo.json keeps of it."""
        return {"base": {"folder": str(self.folder), "checksums": self.checksums}}

    def familiar(self, labels: LabelSet) -> LabelSet:
        """The base's own labels in its order, if they are the very same; the given ones otherwise."""
        return self.labels if self.labels is not None and _alike(self.labels, labels) else labels


def build_classifier_on_base(
    base: Base, labels: LabelSet, *, paired: bool | None = None
) -> tuple[Classifier, tuple[str, ...]]:
    """A classifier with the base's weights, and the names of those that are new; none if its head fits as it is.

    Args:
        paired: whether it learns from pairs of texts, and will label nothing else.
    Raises:
        ModelFolderError: if the base is not whole, or its tokenizer is not that of its weights.
        UnsupportedError: if it is no base for a classifier.
    """
    changes = labels_in_config(labels) | {"num_labels": len(labels.names), "dtype": "float32"}
    keeps = base.labels is not None and _alike(base.labels, labels)
    model, encoder, new = build_on_base(base, "sequence", changes, keeps_output=keeps, paired=paired)
    return Classifier(model=model, encoder=encoder, labels=labels), new


def build_on_base(
    base: Base, head: str, changes: Mapping[str, Any], *, keeps_output: bool = False, paired: bool | None = None
) -> tuple[FamilyModel, PieceEncoder, tuple[str, ...]]:
    """The base's weights under a head, its tokenizer, and the names of the weights that are new.

    Args:
        changes: what config.json is to say otherwise, above all of labels.
        keeps_output: whether the base's last layer says what the new one is to say.
        paired: whether pairs of texts are learned from, and nothing else.
    Raises:
        ModelFolderError: if the base is not whole or holds no numbers, or its tokenizer is not that of its weights.
        UnsupportedError: if the model cannot have such a head.
    """
    model, new = load_base(base.folder, changes, head=head, keeps_output=keeps_output)
    model.config.pop("torch_dtype", None)  # its older name
    network = model.network
    assert isinstance(network, Reader)
    encoder = PieceEncoder.of(base.folder, network, paired)
    pad = encoder.tokenizer.specials.pad
    if model.config.get("pad_token_id") is None and pad is not None and not hasattr(model.shape, "pad_token_id"):
        model.config["pad_token_id"] = pad  # without it the reference library takes one text at a time
    start = getattr(model.shape, "decoder_start_token_id", None)
    if start is not None:
        model.config.setdefault("decoder_start_token_id", start)
    return model, encoder, new


def encode_pieces(encoder: PieceEncoder, labels: LabelSet, examples: Sequence[Example]) -> LabelledTexts[EncodedPieces]:
    """Examples as numbers.

    Raises:
        DataError: if a label is not in the set.
    """
    ids = labels.encode([example.labels for example in examples], [example.place for example in examples])
    return LabelledTexts(texts=encoder.encode(*texts_of(examples)), labels=ids)


def _alike(one: LabelSet, other: LabelSet) -> bool:
    return one.several == other.several and set(one.names) == set(other.names)


def _checksums(folder: Path) -> dict[str, str]:
    """Of the numbers, the weights and the tokenizer."""
    paths = {path for pattern in WEIGHTS for path in folder.glob(pattern)}
    paths |= {folder / name for name in (CONFIG, *TOKENIZER_FILES) if (folder / name).is_file()}
    return {path.name: checksum(path) for path in sorted(paths)}
