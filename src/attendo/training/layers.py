"""The layers of a model: how high each weight lies, which of them learn, and what is kept for their gradients."""

from __future__ import annotations

from torch import nn

from attendo.errors import ConfigError
from attendo.nn import LearnedPositions, RowEmbedding, Stack, TokenEmbedding, recomputed
from attendo.training.settings import TrainingSettings

EMBEDDINGS = (TokenEmbedding, RowEmbedding, LearnedPositions, nn.Embedding)
"""What lies below the first block."""


def parameter_depths(model: nn.Module) -> tuple[dict[int, int], int]:
    """How high each parameter (by its `id`) lies, and how high the highest: 0 for embeddings, then the blocks by their
    numbers from 1 on, and the head above them. A norm behind the last block belongs to it."""
    depths: dict[int, int] = {}
    blocks = 0
    for stack in (each for each in model.modules() if isinstance(each, Stack)):
        for number, block in enumerate(stack.blocks, 1):
            depths |= {id(parameter): number for parameter in block.parameters()}
        depths |= {id(parameter): len(stack.blocks) for parameter in stack.norm.parameters()}
        blocks = max(blocks, len(stack.blocks))
    for module in (each for each in model.modules() if isinstance(each, EMBEDDINGS)):
        for parameter in module.parameters():
            depths.setdefault(id(parameter), 0)  # a part of a block may hold embeddings of its own
    top = blocks + 1
    return {id(parameter): depths.get(id(parameter), top) for parameter in model.parameters()}, top


def arrange_layers(model: nn.Module, settings: TrainingSettings) -> None:
    """Freeze what is to keep its weights, and let blocks be computed again where that is asked for; both lasts.

    Raises:
        ConfigError: if there are not so many blocks, or nothing is left that learns.
    """
    if settings.freeze != "none":
        _freeze(model, settings.freeze)
    for stack in (each for each in model.modules() if isinstance(each, Stack)):
        if settings.gradient_checkpointing:
            stack.call = recomputed


def _freeze(model: nn.Module, what: str | int) -> None:
    depths, top = parameter_depths(model)
    highest = {"embeddings": 0, "encoder": top - 1}[what] if isinstance(what, str) else what
    if highest >= top:
        raise ConfigError(f"`training.freeze` must be at most the number of blocks ({top - 1}), but is {what}.")
    for parameter in model.parameters():
        if depths[id(parameter)] <= highest:
            parameter.requires_grad_(False)
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise ConfigError(f"`training.freeze` leaves nothing to learn: this model has nothing above its {what}.")
