"""Where in a model the code that runs is: the path of the innermost module, and what is padding in its batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

REAL, PADDED = "attention_mask", "src_key_padding_mask"
"""What models call the argument that says which tokens are real, or which are not."""
OTHERS_REAL = "encoder_attention_mask"
"""The same of the texts that are written from."""
OTHERS = ("key_value_states", "encoder_hidden_states", "memory")
"""What modules call the vectors of such texts."""


class Frame(NamedTuple):
    """A module that is running, and what it was told.

    Attributes:
        real: (B, T), true at real tokens; `others_real` likewise, of the texts that are written from.
        crossed: whether it looks at other texts.
    """

    path: str
    module: nn.Module | None = None
    real: Tensor | None = None
    others_real: Tensor | None = None
    crossed: bool = False

    @property
    def attends(self) -> bool:
        """Whether it is an attention, by the name of its class."""
        return type(self.module).__name__.endswith("Attention")


OUTSIDE = Frame("")


class Places:
    """The modules that are running, from the outermost to the innermost; of this thread or task alone.

    Args:
        mask: (B, T), which tokens are real; what the model is told otherwise.
    """

    def __init__(self, mask: Tensor | None = None) -> None:
        self._given = mask
        self._running: ContextVar[tuple[Frame, ...]] = ContextVar("running", default=())
        self.attentions: list[str] = []
        self.ran = False

    @property
    def innermost(self) -> Frame:
        """The innermost module that is running."""
        running = self._running.get()
        return running[-1] if running else OUTSIDE

    def real(self, *, crossed: bool) -> Tensor | None:
        """(B, S), true at real tokens of the texts that are looked at; None where nobody says so."""
        if crossed:
            return self.innermost.others_real
        return self._given if self._given is not None else self.innermost.real

    def hooks(self, network: nn.Module) -> Iterator[RemovableHandle]:
        """Follow what runs, until these are removed."""
        for path, module in network.named_modules():
            yield module.register_forward_pre_hook(self._entering(path), with_kwargs=True, prepend=True)
            yield module.register_forward_hook(self._leaving, always_call=True)

    def _entering(self, path: str) -> Callable[..., None]:
        def enter(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            around, self.ran = self.innermost, True
            frame = Frame(
                path,
                module,
                _told(kwargs, REAL, around.real, padded=PADDED),
                _told(kwargs, OTHERS_REAL, around.others_real if around.others_real is not None else around.real),
                any(kwargs.get(name) is not None for name in OTHERS),
            )
            self._running.set((*self._running.get(), frame))
            if frame.attends and path not in self.attentions:
                self.attentions.append(path)

        return enter

    def _leaving(self, module: nn.Module, args: object, output: object) -> None:
        running = self._running.get()
        last = max((place for place, frame in enumerate(running) if frame.module is module), default=len(running))
        self._running.set(running[:last])


def _told(arguments: dict[str, Any], name: str, before: Tensor | None, padded: str = "") -> Tensor | None:
    """Which tokens are real, by the arguments of a module, or by what those around it were told."""
    if name not in arguments and padded in arguments:
        mask = arguments[padded]
        return ~mask if isinstance(mask, Tensor) and mask.dtype == torch.bool and mask.ndim == 2 else before
    mask = arguments.get(name, before)
    if mask is None or not isinstance(mask, Tensor):
        return None
    return mask.bool() if mask.ndim == 2 and not torch.is_floating_point(mask) else before
