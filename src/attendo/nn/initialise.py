"""First weights by rule, so that a model of any depth starts in balance."""

from __future__ import annotations

from torch import nn

from attendo.nn.block import Stack


def initialise(module: nn.Module, std: float = 0.02) -> None:
    """Give every linear layer and embedding below `module` its first weights.

    Linear layers get the variance that keeps a signal's size (Xavier, uniform), embeddings a normal of `std`; biases
    start at zero. The layers that write into the residual stream are scaled by 1 / sqrt(2 * number of blocks), so that
    the stream's variance does not grow with depth (GPT-2's rule).
    """
    for each in module.modules():
        if isinstance(each, nn.Linear):
            nn.init.xavier_uniform_(each.weight)
            if each.bias is not None:
                nn.init.zeros_(each.bias)
        elif isinstance(each, nn.Embedding | nn.EmbeddingBag):
            nn.init.normal_(each.weight, std=std)
    for stack in module.modules():
        if isinstance(stack, Stack):
            _scale_residuals(stack)


def _scale_residuals(stack: Stack) -> None:
    scale = (2 * max(len(stack.blocks), 1)) ** -0.5
    for name, each in stack.named_modules():
        if isinstance(each, nn.Linear) and name.rsplit(".", 1)[-1] in ("output", "down"):
            each.weight.data.mul_(scale)
