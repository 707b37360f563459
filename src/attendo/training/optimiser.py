"""Optimisers with the usual exclusions, the learning-rate schedule, and the running mean of the weights."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from attendo.nn import Chain, RowEmbedding
from attendo.training.layers import parameter_depths
from attendo.training.settings import Rates, TrainingSettings


class Optimisers:
    """AdamW for what every step touches, and a sparse Adam for embedding rows, of which a step touches a few.

    A chain of tags has large steps of its own: its few numbers are to grow to several units while others stay small.

    Args:
        usual: the rates where the settings leave them open.
    """

    def __init__(self, model: nn.Module, settings: TrainingSettings, usual: Rates | None = None) -> None:
        chain = [each for module in model.modules() if isinstance(module, Chain) for each in module.parameters()]
        chain = [each for each in chain if each.requires_grad]
        rows, decayed, others = parameter_groups(model)
        others = [each for each in others if all(each is not other for other in chain)]
        rates = (usual or Rates()).under(settings)
        self._rates = {
            "dense": rates.learning_rate,
            "rows": settings.row_learning_rate,
            "chain": settings.chain_learning_rate,
        }
        self._clip = settings.clip
        self._rows, self._chain, self._dense = rows, chain, decayed + others
        kinds = ((decayed, rates.weight_decay), (others, 0.0))
        groups = [
            {"params": parameters, "weight_decay": decay, "share": share}
            for kind, decay in kinds
            for share, parameters in _by_layer(model, kind, rates.layer_decay).items()
        ]
        self._each: dict[str, torch.optim.Optimizer] = {}
        if self._dense:
            self._each["dense"] = torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.98), fused=_can_fuse(self._dense))
        if rows:
            self._each["rows"] = torch.optim.SparseAdam(rows, lr=1.0, betas=(0.9, 0.99))
        if chain:
            self._each["chain"] = torch.optim.Adam(chain, lr=0.0, betas=(0.9, 0.98))

    def scale_gradients(self, factor: float) -> None:
        """Multiply the gradients that are there."""
        for parameter in self._rows + self._chain + self._dense:
            if parameter.grad is not None:
                parameter.grad *= factor

    def step(self, share: float) -> None:
        """Take a step at this share of the largest learning rates, and forget the gradients."""
        if self._clip is not None and self._dense:
            nn.utils.clip_grad_norm_(self._dense, self._clip)
        for name, optimiser in self._each.items():
            for group in optimiser.param_groups:
                group["lr"] = self._rates[name] * share * group.get("share", 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)

    def state_dict(self) -> dict[str, dict]:
        return {name: optimiser.state_dict() for name, optimiser in self._each.items()}

    def load_state_dict(self, state: dict[str, dict]) -> None:
        for name, optimiser in self._each.items():
            optimiser.load_state_dict(state[name])


def parameter_groups(model: nn.Module) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    """Embedding rows; weight matrices, which decay; and all others (biases, norms, embeddings, positions)."""
    rows: list[Tensor] = []
    decayed: list[Tensor] = []
    others: list[Tensor] = []
    seen: set[int] = set()
    for module in model.modules():
        for parameter in module.parameters(recurse=False):
            if id(parameter) in seen or not parameter.requires_grad:
                continue
            seen.add(id(parameter))
            if isinstance(module, RowEmbedding):
                rows.append(parameter)
            elif isinstance(module, nn.Linear) and parameter.ndim == 2:
                decayed.append(parameter)
            else:
                others.append(parameter)
    return rows, decayed, others


def learning_rate_share(step: int, steps: int, schedule: str, warmup: float) -> float:
    """The share of the largest learning rate at a step, counted from 0."""
    warm = max(1, round(warmup * steps))
    if step < warm:
        return (step + 1) / warm
    if schedule == "inverse_sqrt":
        return math.sqrt(warm / (step + 1))
    left = 1 - (step - warm) / max(1, steps - warm)
    if schedule == "cosine":
        return 0.5 * (1 - math.cos(math.pi * left))
    return left if schedule == "linear" else 1.0


class RunningMean:
    """A running mean of a model's weights: mean <- decay * mean + (1 - decay) * weights.

    The mean is corrected for its start, so that early means are not held back by the first weights.
    """

    def __init__(self, parameters: Iterable[Tensor], decay: float) -> None:
        self._parameters = list(parameters)
        self._decay, self._count = decay, 0
        self._mean = [parameter.detach().clone() for parameter in self._parameters]

    @torch.no_grad()
    def update(self) -> None:
        self._count += 1
        decay = min(self._decay, self._count / (self._count + 10))
        for mean, parameter in zip(self._mean, self._parameters, strict=True):
            mean.lerp_(parameter, 1 - decay)

    @torch.no_grad()
    def swap(self) -> None:
        """Exchange the weights and their mean; called twice, it leaves everything as it was."""
        for parameter, mean in zip(self._parameters, self._mean, strict=True):
            held = parameter.detach().clone()
            parameter.copy_(mean)
            mean.copy_(held)

    def state_dict(self) -> dict:
        return {"count": self._count, "mean": self._mean}

    def load_state_dict(self, state: dict) -> None:
        self._count = state["count"]
        for mean, saved in zip(self._mean, state["mean"], strict=True):
            mean.copy_(saved)


def _by_layer(model: nn.Module, parameters: list[Tensor], decay: float) -> dict[float, list[Tensor]]:
    """Parameters by the share of the learning rate that their layer gets (arXiv 1801.06146, section 3.2)."""
    if decay == 1:
        return {1.0: parameters}
    depths, top = parameter_depths(model)
    groups: dict[float, list[Tensor]] = {}
    for parameter in parameters:
        groups.setdefault(decay ** (top - depths[id(parameter)]), []).append(parameter)
    return groups


def _can_fuse(parameters: list[Tensor]) -> bool:
    return all(p.device.type in ("cpu", "cuda", "mps") and p.is_floating_point() for p in parameters)
