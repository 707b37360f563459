"""What a run must know of a base, whatever it is trained for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import nn

from attendo.api.candidates import BYTES, Candidate, Judgement
from attendo.errors import ModelFolderError
from attendo.models import Encoder, Reader, Seq2SeqModel
from attendo.tasks import Base, EncodedPieces, PieceEncoder, Problem, TaskModel
from attendo.training import TrainingSettings, habits_on_base


def candidate_on_base(
    base: Base,
    model: TaskModel,
    problem: Problem,
    settings: TrainingSettings,
    *,
    texts: int,
    judge: Callable[[float], Judgement],
    notes: tuple[str, ...],
    warnings: tuple[str, ...] = (),
    settle: Callable[[], tuple[str, ...]] = tuple,
) -> Candidate:
    """A base under a head, ready to be trained.

    Args:
        texts: how many there are to learn from.
        notes: what is to be said of the head and the task; what the base is stands before it.
    """
    network = model.network
    assert isinstance(network, Reader)
    return Candidate(
        model=model,
        problem=problem,
        habits=habits_on_base(network.encoder.width, texts, settings),
        bytes_per_token=bytes_per_token(network, settings.gradient_checkpointing),
        parts=parts_of(network),
        at_work=network,
        judge=judge,
        notes=(described(base, network), *notes),
        warnings=warnings,
        settle=settle,
        origin=base.origin,
    )


def check_segments(base: Base, network: Reader, texts: EncodedPieces) -> None:
    """Make sure that the base's tables have rows for what its tokenizer gives.

    Raises:
        ModelFolderError: if second texts are marked with a number that the weights do not know.
    """
    table = network.encoder.embedding.segments
    highest = max((int(each.segments.max(initial=0)) for each in texts.encodings), default=0)
    if table is not None and highest >= table.num_embeddings:
        raise ModelFolderError(
            f"The tokenizer of the base {base.folder} marks second texts with segment {highest}, but its weights hold "
            f"vectors for {table.num_embeddings}. Train on single texts, or take a base that was made for pairs."
        )


def parts_of(network: Reader) -> dict[str, nn.Module]:
    """What the report counts the parameters of."""
    stacks = {name: tower.stack for name, tower in _towers(network).items()}
    return {"embeddings": network.encoder.embedding, **stacks, "head": network.get_submodule("head")}


def _towers(network: Reader | Seq2SeqModel) -> dict[str, Encoder]:
    return {name: each for name, each in network.named_children() if isinstance(each, Encoder)}


def bytes_per_token(network: Reader | Seq2SeqModel, recomputed: bool) -> int:
    """What goes into the layers and out of them, and as much again for norms, sums and dropout in between."""
    blocks = [
        sum(each.in_features + each.out_features for each in block.modules() if isinstance(each, nn.Linear))
        for tower in _towers(network).values()
        for block in tower.layers
    ]
    kept = max(blocks, default=0) + len(blocks) * network.encoder.width // 2 if recomputed else sum(blocks)
    return 2 * BYTES * max(kept, 1)


def described(base: Base, network: Reader | Seq2SeqModel) -> str:
    """What the base is, in a sentence."""
    learned = sum(p.numel() for p in network.parameters() if p.requires_grad)
    frozen = sum(p.numel() for p in network.parameters()) - learned
    kind, layers = base.config.get("model_type"), len(network.encoder.layers)
    held = f", {frozen:,} of them frozen" if frozen else ""
    return (
        f"Base: {base.folder}, {kind} with {layers} layer{'s' * (layers != 1)} of width {network.encoder.width}, "
        f"{learned + frozen:,} parameters{held}."
    )


def about_head(new: Sequence[str], known: str = "knows these labels") -> str:
    """Which weights of the head are new, in a sentence; where none is, what it does."""
    if not new:
        return f"The head is the base's own, which {known}; it is trained on."
    return f"The head is new: {', '.join(new)}."


def about_lengths(texts: EncodedPieces, encoder: PieceEncoder, noun: str) -> tuple[str, ...]:
    """How many training texts are cut, in a sentence, if any is.

    Args:
        noun: what they are called.
    """
    cut = sum(each.truncated > 0 for each in texts.encodings)
    if not cut:
        return ()
    which = f"training {noun} is" if cut == 1 else f"training {noun}s are"
    return (f"{cut:,} {which} longer than the {encoder.max_tokens:,} tokens that the base reads, and cut to them.",)
