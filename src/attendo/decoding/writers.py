"""A model at work on several texts at once: what may come next in each, token by token."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor, nn

from attendo.attention import Layout, Observe, Observed, listen
from attendo.errors import InputError, UnsupportedError
from attendo.models import Seq2SeqModel, TokenBatch, TokenModel
from attendo.nn import Written

_ALL = 1 << 30  # cells of a map: as many as there are tokens


class Writer:
    """Scores of the next token for texts that a model is writing; texts may leave, or go on in several ways.

    Prompts are read in one pass, each text's keys and values are computed once.

    Args:
        model: a language model, or one that writes from a text.
        prompts: what each text begins with; a language model continues it.
        rows: texts that there is room for at a time; at least as many as prompts.
        new: tokens that each text may grow by.
        sources: what each text is written from, where the model reads one.
        watched: whether to keep what is looked at in the sources.
    Raises:
        UnsupportedError: if that is asked of a model that writes from no other text.
        InputError: if a prompt is empty, or prompt and new tokens are more than the model has positions for.
    """

    def __init__(
        self,
        model: TokenModel | Seq2SeqModel,
        prompts: Sequence[Sequence[int]],
        *,
        rows: int,
        new: int,
        sources: Sequence[Sequence[int]] | None = None,
        watched: bool = False,
    ) -> None:
        _check(model, prompts, new)
        self._watcher = _Watcher(model) if watched else None
        self.prompts = [tuple(prompt) for prompt in prompts]
        self._model, self._device = model, next(model.parameters()).device
        self._cache = self._opened(rows, max(map(len, prompts), default=0) + new, sources)

    @torch.inference_mode()
    def begin(self) -> Float[Tensor, "B V"]:
        """Read the prompts, and score what may follow each."""
        return self._step(self.prompts)

    @torch.inference_mode()
    def go_on(self, texts: Sequence[int], tokens: Sequence[int]) -> Float[Tensor, "B V"]:
        """Give some of the texts a token each, and score what may follow; the others leave.

        Args:
            texts: numbers of the texts as they last were, in their order; one named twice goes on in two ways.
        """
        self._cache.keep(texts)
        return self._taken(TokenBatch(layout=_one_each(len(tokens)), ids=torch.tensor(tokens, device=self._device)))

    @property
    def looked(self) -> list[Float[Tensor, " S"]]:
        """How much each text looked at each token of its source while what may follow was scored; means over heads."""
        return [] if self._watcher is None else self._watcher.rows

    def _step(self, tokens: Sequence[Sequence[int]]) -> Tensor:
        """Take in new tokens of each text."""
        return self._taken(self._batch(tokens))

    def _taken(self, batch: TokenBatch) -> Tensor:
        if self._watcher is None:
            return self._model.step(batch, self._cache).float()
        with listen(self._watcher):
            scores = self._model.step(batch, self._cache).float()
        self._watcher.settle(batch.layout.query_lengths)
        return scores

    @torch.inference_mode()
    def _opened(self, rows: int, capacity: int, sources: Sequence[Sequence[int]] | None) -> Written:
        """Room for the texts, and beside it what they are written from."""
        if not isinstance(self._model, Seq2SeqModel):
            return self._model.cache(rows, capacity, len(self.prompts))
        if sources is None or len(sources) != len(self.prompts):
            raise InputError("A model that writes from texts needs one for each text that it is to write.")
        return self._model.cache(self._model.encode(self._batch(sources)), rows, capacity)

    def _batch(self, texts: Sequence[Sequence[int]]) -> TokenBatch:
        return packed_ids(texts, self._device)


class _Watcher:
    """Hears what the last block of a decoder looks at in the texts that are written from."""

    def __init__(self, model: TokenModel | Seq2SeqModel) -> None:
        if not isinstance(model, Seq2SeqModel):
            raise UnsupportedError("This model only goes on with a text, so there is no other that it could look at.")
        if not model.cross_attentions:
            raise UnsupportedError("This model has no attention that looks at the text it writes from.")
        self._attention = model.cross_attentions[-1]
        self.rows: list[Tensor] = []

    def request(self, module: nn.Module) -> Observe | None:
        return Observe(map=_ALL) if module is self._attention else None

    def report(self, module: nn.Module, observed: Observed) -> None:
        assert isinstance(observed.map, tuple)
        self.rows = [row for each in observed.map for row in each.mean(0)]

    def settle(self, lengths: Sequence[int]) -> None:
        """Keep what the last token of each text looked at."""
        lasts = itertools.accumulate(lengths)
        self.rows = [self.rows[last - 1] for last in lasts]


@lru_cache(maxsize=256)
def _one_each(texts: int) -> Layout:
    """One token of each text."""
    return Layout((1,) * texts)


def packed_ids(texts: Sequence[Sequence[int]], device: torch.device) -> TokenBatch:
    """Texts end to end."""
    ids = torch.tensor([token for text in texts for token in text], dtype=torch.int64, device=device)
    return TokenBatch(layout=Layout(tuple(map(len, texts))), ids=ids)


def _check(model: TokenModel | Seq2SeqModel, prompts: Sequence[Sequence[int]], new: int) -> None:
    """Refuse what cannot be written."""
    if new < 1:
        raise InputError(f"There must be room for at least 1 new token, but `new` is {new}.")
    places = model.decoder.max_length if isinstance(model, Seq2SeqModel) else model.max_length
    for number, prompt in enumerate(prompts):
        if not prompt:
            raise InputError(f"Prompt {number} has no token; a model needs at least the one that begins a text.")
        if places is not None and len(prompt) + new > places:
            raise InputError(
                f"Prompt {number} has {len(prompt):,} tokens, which leaves no room for {new:,} more: the model has "
                f"positions for {places:,}. Shorten the prompt, or ask for fewer."
            )
