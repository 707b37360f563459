"""First weights by rule, so that a model of any depth starts in balance."""

from __future__ import annotations

from torch import nn

from attendo.nn.block import Stack


def initialise(module: nn.Module, std: float = 0.02, *, last: nn.Linear | None = None) -> None:
    """Give every linear layer and embedding below `module` its first weights.

    Linear layers get PyTorch's own weights (uniform, variance 1 / (3 * inputs)), which let a residual branch begin
    quietly, embeddings a normal of `std`; biases start at zero. In a `Stack`, the layers with which attention and
    feed-forward write into the residual stream are scaled by 1 / sqrt(2 * number of blocks), so that the stream's
    variance does not grow with depth (GPT-2's rule). What a recurrent layer makes of its state begins orthogonal
    (arXiv 1409.0473, appendix B.1), and an LSTM begins by remembering: its gate that forgets is biased by 1. The
    `last` layer, which gives the scores, starts near zero: a model that knows nothing yet should find all labels alike.
    """
    for each in module.modules():
        if isinstance(each, nn.Linear):
            each.reset_parameters()
            if each.bias is not None:
                nn.init.zeros_(each.bias)
        elif isinstance(each, nn.Embedding | nn.EmbeddingBag):
            nn.init.normal_(each.weight, std=std)
        elif isinstance(each, nn.RNNBase | nn.RNNCellBase):
            _begin_recurrence(each)
    for stack in module.modules():
        if isinstance(stack, Stack):
            _scale_residuals(stack)
    if last is not None:
        nn.init.normal_(last.weight, std=0.01)


def _scale_residuals(stack: Stack) -> None:
    scale = (2 * max(len(stack.blocks), 1)) ** -0.5
    for name, each in stack.named_modules():
        if isinstance(each, nn.Linear) and name.rsplit(".", 1)[-1] in ("output", "down"):
            each.weight.data.mul_(scale)


def _begin_recurrence(layer: nn.RNNBase | nn.RNNCellBase) -> None:
    layer.reset_parameters()
    forgets = isinstance(layer, nn.LSTM | nn.LSTMCell)
    for name, weight in layer.named_parameters():
        if name.startswith("weight_hh"):
            for gate in weight.data.split(weight.shape[1]):
                nn.init.orthogonal_(gate)
        elif name.startswith("bias"):
            nn.init.zeros_(weight)
            if forgets and name.startswith("bias_ih"):
                nn.init.ones_(weight.data.chunk(4)[1])
