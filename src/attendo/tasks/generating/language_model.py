"""What all of the user's models have in common that write on: a window of text, and tokens at which texts end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from attendo.errors import DataError, InputError
from attendo.models import TokenModel
from attendo.tasks.generating.judging import foretell
from attendo.tasks.generating.streams import TokenStreams
from attendo.tasks.pieces import PieceEncoder
from attendo.tasks.task_model import TaskModel
from attendo.tasks.writing import TextWriter


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LanguageModel(TaskModel):
    """A model that goes on with a text, token by token."""

    encoder: PieceEncoder
    window: int
    """Tokens that are read at once."""
    ends: tuple[int, ...] = ()
    """Tokens at which a text ends."""
    ends_texts: bool = False
    """Whether it was learned that texts end, so that an end is a token like others where texts are judged."""

    @property
    def writes(self) -> TokenModel:
        """What computes."""
        network = self.model.network
        assert isinstance(network, TokenModel)
        return network

    @cached_property
    def before(self) -> tuple[int, ...]:
        """What stands before every text that is read."""
        return tuple(self.encoder.tokenizer.frame[0])

    @cached_property
    def writer(self) -> TextWriter:
        """What writes, without a limit to the length of texts."""
        return TextWriter(
            self.writes,
            self.encoder.tokenizer,
            ends=self.ends,
            method="sample",
            never=self._marks,
            window=self.window,
            before=self.before,
        )

    @property
    def _marks(self) -> tuple[int, ...]:
        """Tokens that stand for no text, but for those that end one."""
        tokenizer = self.encoder.tokenizer
        named = {number for number in asdict(tokenizer.specials).values() if number is not None}
        return tuple(sorted({*named, *self.before} - set(self.ends)))

    def prompt_ids(self, text: str) -> tuple[int, ...]:
        """The tokens of a text that is to be gone on with, after what stands before every text.

        Raises:
            DataError: if it is no text.
            InputError: if that is no token at all.
        """
        if not isinstance(text, str):
            raise DataError(f"Every prompt must be a string, but one is {type(text).__name__}.")
        found = self.encoder.tokenizer.encode(text)
        ids = tuple(found.ids[: len(found) - len(self.encoder.tokenizer.frame[1])].tolist())
        if not ids:
            raise InputError(
                "The prompt has no token, and nothing stands before a text that this model reads. Give it a prompt."
            )
        return ids

    @torch.inference_mode()
    def foretell(self, streams: TokenStreams) -> NDArray[np.float64]:
        """What each token of the texts costs in nats; NaN for those that are not asked about."""
        self.network.eval()
        nats = foretell(self.writes, streams, self.window)
        asked = ~nats.isnan()
        self.finite(torch.where(asked, nats, 0.0))
        return nats.numpy()

    def described(self) -> dict[str, Any]:
        """What attendo.json keeps of the model beyond its story."""
        return {"window": self.window, "ends": list(self.ends), "ends_texts": self.ends_texts}


def checked_texts(texts: str | Iterable[str]) -> list[str]:
    """One text or many as a list.

    Raises:
        DataError: if one of them is no text.
    """
    found = [texts] if isinstance(texts, str) else list(texts)
    for each in found:
        if not isinstance(each, str):
            raise DataError(f"Every text must be a string, but one is {type(each).__name__}.")
    return found
