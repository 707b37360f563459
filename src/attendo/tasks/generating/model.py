"""The user's model that writes on: it goes on with prompts, and says how probable texts are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attendo.data import RunningText, RunningTextSettings, read_running_texts
from attendo.errors import DataError
from attendo.metrics import LikelihoodScores
from attendo.tasks.generating.judging import Foreseen, in_blocks
from attendo.tasks.generating.language_model import LanguageModel, checked_texts
from attendo.tasks.generating.streams import TokenStreams, stream_texts
from attendo.tasks.task_model import in_windows
from attendo.tasks.writing import Part, Request, WriteSettings, Written, with_others

AT_ONCE = 64
"""Prompts that are gone on with together."""


@dataclass(frozen=True, slots=True, eq=False)
class ScoredText:
    """How probable a text is to a model.

    Attributes:
        log_probabilities: of each of its tokens, after those before it; NaN for a first one that follows nothing.
        places: where in the text each token begins.
    """

    text: str
    log_probabilities: NDArray[np.float64]
    places: NDArray[np.int32]

    @property
    def log_probability(self) -> float:
        """Of all tokens together."""
        return float(np.nansum(self.log_probabilities))


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Generator(LanguageModel):
    """A trained model for `generate`. Made by `attendo.train` or `attendo.load`."""

    task = "generate"

    def generate(self, prompts: str | Iterable[str], settings: WriteSettings | None = None) -> Written | list[Written]:
        """Go on with a prompt, or with several; of each the best text. Drawn by probability where nothing is set.

        Where the settings want more than one (`n_best`), the best holds the `others`.

        What is written for a prompt follows from the settings, the prompt, and its number among the prompts.

        Raises:
            DataError: if a prompt is not a string.
            InputError: if a prompt has no token, or what is asked of the texts cannot be met.
        """
        if isinstance(prompts, str):
            return with_others(self.several(prompts, settings))
        return [with_others(each) for each in self._written(enumerate(prompts), settings)]

    def several(self, prompt: str, settings: WriteSettings | None = None) -> list[Written]:
        """As many texts as the settings want (`n_best`), the best first.

        Raises:
            DataError, InputError: as `generate`.
        """
        return self._written([(0, prompt)], settings)[0]

    def stream(self, prompt: str, settings: WriteSettings | None = None) -> Iterator[Part]:
        """Go on with a prompt, a part at a time; the last part has the whole.

        Raises:
            DataError: if the prompt is not a string.
            InputError: if it has no token, or what is asked of the text cannot be met.
            ConfigError: if nothing is certain before the end, as with beams.
        """
        self.network.eval()
        return self.writer.stream([Request(prompt=self.prompt_ids(prompt))], settings)

    def predict(self, prompts: str | Iterable[str], settings: WriteSettings | None = None) -> list[Written]:
        """What is written after each prompt."""
        found = self.generate([prompts] if isinstance(prompts, str) else prompts, settings)
        assert isinstance(found, list)
        return found

    def predict_examples(
        self, examples: Iterable[RunningText], settings: WriteSettings | None = None, *, first: int = 0
    ) -> Iterator[Written]:
        """Go on with prompts of a stream of any length in bounded memory, in its order.

        Args:
            first: the number of the first prompt, on which what is drawn depends.
        """
        numbers = count(first)
        for window in in_windows(examples, lambda each: len(each.text)):
            for start in range(0, len(window), AT_ONCE):
                part = [(next(numbers), each.text) for each in window[start : start + AT_ONCE]]
                yield from map(with_others, self._written(part, settings))

    def score(self, texts: str | Iterable[str]) -> list[ScoredText]:
        """How probable texts are, token by token, however long they are.

        Raises:
            DataError: if a text is not a string.
        """
        found = checked_texts(texts)
        streams = self.streams([RunningText(text, ends=False) for text in found])
        nats = self.foretell(streams)
        own = [slice(*streams.starts[number : number + 2].tolist()) for number in range(len(found))]
        return [ScoredText(text, -nats[each], streams.characters[each]) for text, each in zip(found, own, strict=True)]

    def evaluate(
        self, data: Path | str | Sequence[RunningText], settings: RunningTextSettings | None = None
    ) -> LikelihoodScores:
        """Perplexity, and bits for each character and byte, of texts.

        Raises:
            DataError: if the data cannot be read, or there is no text.
        """
        texts = read_running_texts(data, settings) if isinstance(data, Path | str) else data
        if not texts:
            raise DataError("There is no text to evaluate the model on.")
        return self.foreseen(texts).scores()

    def foreseen(self, texts: Sequence[RunningText]) -> Foreseen:
        """What texts cost."""
        streams = self.streams(texts)
        return in_blocks(streams, [each.text for each in texts], self.foretell(streams))

    def streams(self, texts: Sequence[RunningText]) -> TokenStreams:
        """Texts as tokens, with the one that ends them where they end and that was learned."""
        end = self.ends[0] if self.ends and self.ends_texts else None
        said = [each.text for each in texts]
        return stream_texts(self.encoder.tokenizer, said, end=end, ends=[each.ends for each in texts])

    def summary(self) -> str:
        """What it does, in a sentence for its README.md."""
        return "Goes on with a text, token by token, and says how probable texts are."

    def _written(self, prompts: Iterable[tuple[int, str]], settings: WriteSettings | None) -> list[list[Written]]:
        self.network.eval()
        requests = [Request(prompt=self.prompt_ids(prompt), seed=number) for number, prompt in prompts]
        return self.writer.write(requests, settings)
