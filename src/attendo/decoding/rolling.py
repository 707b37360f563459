"""Texts that outgrow what a model looks back on: when one is full, its last half is read anew, and it goes on."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from attendo.decoding.writers import Writer
from attendo.errors import InputError
from attendo.models import TokenModel


class RollingWriter(Writer):
    """A writer without a limit to how long texts become.

    Args:
        model: a language model.
        prompts: what each text begins with; of a longer one than the window the end is read.
        rows: texts that there is room for at a time; at least as many as prompts.
        new: tokens that each text may grow by; of room no more is taken than they need.
        window: tokens that the model looks back on at most.
        before: tokens that stand before whatever is read.
    Raises:
        InputError: if a prompt is empty, or the window has no room for anything.
    """

    def __init__(
        self,
        model: TokenModel,
        prompts: Sequence[Sequence[int]],
        *,
        rows: int,
        new: int,
        window: int,
        before: Sequence[int] = (),
    ) -> None:
        if window < 2 * (len(before) + 1):
            raise InputError(f"`window` must be at least {2 * (len(before) + 1)}, but is {window}.")
        self._window, self._before = window, list(before)
        self._views = [self._seen(list(prompt)) for prompt in prompts]
        room = window - max(map(len, self._views), default=0)
        super().__init__(model, self._views, rows=rows, new=min(new, room))
        self._rows, self.prompts = rows, [tuple(prompt) for prompt in prompts]

    @torch.inference_mode()
    def begin(self) -> Float[Tensor, "B V"]:
        """Read the prompts, and score what may follow each."""
        return self._step(self._views)

    @torch.inference_mode()
    def go_on(self, texts: Sequence[int], tokens: Sequence[int]) -> Float[Tensor, "B V"]:
        """Give some of the texts a token each, and score what may follow; the others leave."""
        views = [[*self._views[text], token] for text, token in zip(texts, tokens, strict=True)]
        self._views = [self._seen(view) for view in views]
        if max(map(len, views)) < self._window:
            return super().go_on(texts, tokens)
        assert isinstance(self._model, TokenModel)
        self._cache = self._model.cache(self._rows, self._window, len(views))
        return self.begin()

    def _seen(self, ids: list[int]) -> list[int]:
        """What is read of a text."""
        if len(ids) < self._window:
            return ids
        return [*self._before, *ids[-(self._window // 2) :]]
