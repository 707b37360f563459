"""How a pretrained model becomes one that is ready to be trained on labels."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from attendo.api.candidates import BYTES, Candidate
from attendo.api.settings import RunSettings
from attendo.api.stages import Prepared
from attendo.data import Example, Splits
from attendo.errors import ModelFolderError
from attendo.models import Encoder, Reader, find_model
from attendo.tasks import Base, EncodedPieces, FineTuning, LabelledTexts, PieceEncoder, build_on_base, encode_pieces
from attendo.training import arrange_layers, habits_on_base


def find_base(settings: RunSettings) -> Base | None:
    """The base that is asked for, if one is: the only place where its name becomes a folder.

    Raises:
        ModelFolderError: if there is no such folder, or it is none of a model.
    """
    return None if settings.task.base is None else Base.read(find_model(settings.task.base))


def on_base(base: Base, prepared: Prepared, splits: Splits, settings: RunSettings) -> Candidate:
    """A pretrained model under a head for the labels at hand."""
    torch.manual_seed(settings.training.seed)
    paired = any(example.pair is not None for example in splits.train)
    model, new = build_on_base(base, prepared.labels, paired=paired)
    network, encoder = model.network, model.encoder
    assert isinstance(network, Reader)
    assert isinstance(encoder, PieceEncoder)
    train, dev = (_encoded(base, network, encoder, prepared, each) for each in (splits.train, splits.dev))
    arrange_layers(network, settings.training)
    problem = FineTuning(network, prepared.labels, train, dev, settings.task)
    return Candidate(
        model=model,
        problem=problem,
        habits=habits_on_base(_width(network), len(splits.train), settings.training),
        bytes_per_token=_bytes_per_token(network, settings.training.gradient_checkpointing),
        parts=_parts(network),
        at_work=network,
        notes=(_described(base, network), _about_head(new)),
        warnings=_about_lengths(train.texts, encoder),
        settle=lambda: _settled(problem),
        origin={"base": {"folder": str(base.folder), "checksums": base.checksums}},
    )


def _encoded(
    base: Base, network: Reader, encoder: PieceEncoder, prepared: Prepared, examples: Sequence[Example]
) -> LabelledTexts[EncodedPieces]:
    """Examples as numbers that the base's tables have rows for."""
    texts = encode_pieces(encoder, prepared.labels, examples)
    table = network.encoder.embedding.segments
    highest = max((int(each.segments.max(initial=0)) for each in texts.texts.encodings), default=0)
    if table is not None and highest >= table.num_embeddings:
        raise ModelFolderError(
            f"The tokenizer of the base {base.folder} marks second texts with segment {highest}, but its weights hold "
            f"vectors for {table.num_embeddings}. Train on single texts, or take a base that was made for pairs."
        )
    return texts


def _towers(network: Reader) -> dict[str, Encoder]:
    return {name: each for name, each in network.named_children() if isinstance(each, Encoder)}


def _parts(network: Reader) -> dict[str, nn.Module]:
    """What the report counts the parameters of."""
    stacks = {name: tower.stack for name, tower in _towers(network).items()}
    return {"embeddings": network.encoder.embedding, **stacks, "head": network.get_submodule("head")}


def _width(network: Reader) -> int:
    embedding = network.encoder.embedding
    widen = embedding.widen
    return widen.out_features if isinstance(widen, nn.Linear) else embedding.tokens.embedding_dim


def _bytes_per_token(network: Reader, recomputed: bool) -> int:
    """What goes into the layers and out of them, and as much again for norms, sums and dropout in between."""
    blocks = [
        sum(each.in_features + each.out_features for each in block.modules() if isinstance(each, nn.Linear))
        for tower in _towers(network).values()
        for block in tower.stack.blocks
    ]
    kept = max(blocks, default=0) + len(blocks) * _width(network) // 2 if recomputed else sum(blocks)
    return 2 * BYTES * max(kept, 1)


def _described(base: Base, network: Reader) -> str:
    learned = sum(p.numel() for p in network.parameters() if p.requires_grad)
    frozen = sum(p.numel() for p in network.parameters()) - learned
    kind, layers = base.config.get("model_type"), len(network.encoder.stack.blocks)
    held = f", {frozen:,} of them frozen" if frozen else ""
    return (
        f"Base: {base.folder}, {kind} with {layers} layers of width {_width(network)}, "
        f"{learned + frozen:,} parameters{held}."
    )


def _about_head(new: Sequence[str]) -> str:
    if not new:
        return "The head is the base's own, which knows these labels; it is trained on."
    return f"The head is new: {', '.join(new)}."


def _about_lengths(texts: EncodedPieces, encoder: PieceEncoder) -> tuple[str, ...]:
    cut = sum(each.truncated > 0 for each in texts.encodings)
    if not cut:
        return ()
    which = "training text is" if cut == 1 else "training texts are"
    return (f"{cut:,} {which} longer than the {encoder.max_tokens:,} tokens that the base reads, and cut to them.",)


def _settled(problem: FineTuning) -> tuple[str, ...]:
    return (f"The scores count {problem.settle():.2f} times, so that the model is as sure as the dev texts bear out.",)
