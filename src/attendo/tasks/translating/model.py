"""The user's models that write a text from another: translations and summaries."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from attendo.data import (
    ParallelDataSettings,
    Sides,
    SourceTarget,
    SummaryDataSettings,
    find_parallel_test_set,
    read_parallel,
)
from attendo.errors import DataError
from attendo.files import write_json
from attendo.metrics import SummaryScores, TranslationScores, score_summaries, score_translation
from attendo.models import Seq2SeqModel
from attendo.tasks.task_model import TaskModel, in_windows
from attendo.tasks.translating.alignments import WordAlignment, align_words
from attendo.tasks.translating.contexts import with_context
from attendo.tasks.translating.marks import BEAMS, GENERATION, filled_in, generation_file
from attendo.tasks.translating.pairs import PairEncoder
from attendo.tasks.translating.reach import Reach
from attendo.tasks.translating.sources import read_sources
from attendo.tasks.writing import Request, TextWriter, WriteSettings, Written

AT_ONCE = 256
"""Texts that are written from together, so that those of like length meet."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A text that was written from another.

    Attributes:
        source: what it was written from.
        written: what was written, with its tokens, the best first; nothing from a blank source.
        cut: whether the source was longer than the model reads, and only its beginning was read.
        missing: what was to be copied from the source, but is not in the text.
    """

    source: str
    written: tuple[Written, ...] = ()
    cut: bool = False
    missing: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The best text."""
        return self.written[0].text if self.written else ""

    @property
    def score(self) -> float | None:
        """What it is ranked by: the mean log-probability of its tokens, unless the settings say otherwise."""
        return self.written[0].score if self.written else None


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Rewriter(TaskModel):
    """A model that reads one text and writes another."""

    data_settings: ClassVar[type[ParallelDataSettings]] = ParallelDataSettings
    whole: ClassVar[bool] = False
    """Whether sources are read to their end, in parts where they are longer than the model reads."""

    encoder: PairEncoder
    max_length: int
    """Tokens that are written at most."""
    sides: Sides = field(default_factory=lambda: Sides(source="source", target="target"))
    """What sources and targets were called in the training set, and their languages."""
    usual: WriteSettings = BEAMS
    """How texts are written, where nothing else is asked for."""
    reach: Reach | None = None
    """How long what is written may become, where nothing else is asked for; as long as it can if that is not known."""

    @property
    def writes(self) -> Seq2SeqModel:
        """What computes."""
        network = self.model.network
        assert isinstance(network, Seq2SeqModel)
        return network

    @cached_property
    def writer(self) -> TextWriter:
        """What writes."""
        marks = self.encoder.marks
        return TextWriter(
            self.writes,
            self.encoder.target,
            ends=marks.ends,
            method="beam",
            most=self.max_length,
            never=marks.never,
        )

    def predict(self, texts: str | Iterable[str], settings: WriteSettings | None = None) -> list[Rewritten]:
        """What is written from each text; nothing from a blank one.

        Args:
            settings: what they leave open is done as usual.
        Raises:
            DataError: if a text is not a string.
            InputError, ConfigError: if what is asked of the texts cannot be met.
        """
        given = [texts] if isinstance(texts, str) else list(texts)
        for text in given:
            if not isinstance(text, str):
                raise DataError(f"Every text must be a string, but one is {type(text).__name__}.")
        return list(self.predict_examples((SourceTarget(text) for text in given), settings))

    def predict_examples(
        self, examples: Iterable[SourceTarget], settings: WriteSettings | None = None, *, first: int = 0
    ) -> Iterator[Rewritten]:
        """What is written from the texts of a stream of any length, in its order, in bounded memory.

        Args:
            first: the number of the first text, on which what is drawn depends.
        """
        for window in in_windows(with_context(examples, self.encoder.context), lambda each: len(each.text)):
            for begin in range(0, len(window), AT_ONCE):
                part = window[begin : begin + AT_ONCE]
                yield from self._write(part, settings, first)
                first += len(part)

    def _write(
        self, examples: Sequence[SourceTarget], settings: WriteSettings | None, first: int
    ) -> Iterator[Rewritten]:
        """What is written from some texts at a time."""
        self.network.eval()
        is_open = settings is None or settings.max_new is None
        settings = filled_in(settings, self.usual)
        formed = set(settings.form.asked) - {"banned"}  # a form is that of a text, not of each of its parts
        reading = read_sources(self.encoder, examples, whole=self.whole and not formed)
        limits = self._limits([len(part.ids) for part in reading.parts], settings) if is_open and not formed else None
        if limits is not None:
            settings = replace(settings, max_new=None)
        requests = [
            Request(
                prompt=self.encoder.prompt,
                source=part.ids,
                seed=first + part.text,
                most=None if limits is None else limits[number],
            )
            for number, part in enumerate(reading.parts)
        ]
        found = self.writer.write(requests, settings)
        for example, cut, (written, missing) in zip(examples, reading.cut, reading.collected(found), strict=True):
            yield Rewritten(example.text, written, cut, missing)

    def _limits(self, lengths: Sequence[int], settings: WriteSettings) -> list[int] | None:
        """New tokens at most from sources of these lengths, or None if that does not depend on them."""
        if self.reach is None:
            return None
        most = settings.max_new or self.max_length
        return [min(most, self.reach.limit(length)) for length in lengths]

    def align(
        self, sources: str | Sequence[str], targets: str | Sequence[str], layers: Sequence[int] | None = None
    ) -> list[WordAlignment]:
        """Which word of its source each word of a text looks at, whoever wrote the text.

        Args:
            layers: of the decoder, counted from 0; the mean over their heads counts. All by default.
        Raises:
            DataError: if there are not as many of each, or the model has no attention between the two.
        """
        sources, targets = ([side] if isinstance(side, str) else list(side) for side in (sources, targets))
        self.network.eval()
        return align_words(self.writes, self.encoder, sources, targets, layers)

    def evaluate(
        self,
        data: Path | str | Sequence[SourceTarget],
        settings: ParallelDataSettings | None = None,
        writing: WriteSettings | None = None,
    ) -> TranslationScores | SummaryScores:
        """How near what is written comes to the targets of a file, a folder's test set, or pairs.

        Raises:
            DataError: if a file cannot be used.
        """
        pairs = self.read(data, settings) if isinstance(data, Path | str) else data
        written = self.predict_examples(pairs, writing)
        return self.score([each.text for each in written], [pair.target for pair in pairs])

    def read(self, path: Path | str, settings: ParallelDataSettings | None = None) -> list[SourceTarget]:
        """The pairs of a file, in the direction that was learned."""
        settings = settings or self.data_settings()
        path = find_parallel_test_set(Path(path), settings)
        return read_parallel(path, settings, before=self.sides).sound()

    def _one_or_many(self, texts: str | Iterable[str], settings: WriteSettings | None) -> Rewritten | list[Rewritten]:
        """What is written from a text, or from each of several."""
        found = self.predict(texts, settings)
        return found[0] if isinstance(texts, str) else found

    @abstractmethod
    def score(self, outputs: Sequence[str], targets: Sequence[str]) -> Any:
        """How near texts come to what they should be."""

    def described(self) -> dict[str, Any]:
        """What attendo.json keeps of the model beyond its story."""
        reach = {} if self.reach is None else {"reach": self.reach._asdict()}
        return {"max_length": self.max_length, "sides": asdict(self.sides) | {"notes": []}} | reach

    def save_parts(self, folder: Path) -> list[str]:
        """What other libraries must know to write as is usual here."""
        filler = self.model.config.get("pad_token_id")
        write_json(folder / GENERATION, generation_file(self.encoder.marks, self.usual, filler))
        return [GENERATION]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Translator(Rewriter):
    """A trained model for `translate`. Made by `attendo.train` or `attendo.load`."""

    task = "translate"
    whole = True

    def translate(
        self, texts: str | Iterable[str], settings: WriteSettings | None = None
    ) -> Rewritten | list[Rewritten]:
        """Translate a text, or several.

        Raises:
            DataError, InputError, ConfigError: as `predict`.
        """
        return self._one_or_many(texts, settings)

    def score(self, outputs: Sequence[str], targets: Sequence[str]) -> TranslationScores:
        """BLEU and chrF, with words told apart as suits the language."""
        return score_translation(outputs, targets, language=self.sides.target_language)

    def summary(self) -> str:
        """What it does, in a sentence for its README.md."""
        return f"Translates {self.sides.source} into {self.sides.target}."


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Summarizer(Rewriter):
    """A trained model for `summarize`. Made by `attendo.train` or `attendo.load`."""

    task = "summarize"
    data_settings = SummaryDataSettings

    def summarize(
        self, texts: str | Iterable[str], settings: WriteSettings | None = None
    ) -> Rewritten | list[Rewritten]:
        """Sum up a document, or several.

        Raises:
            DataError, InputError, ConfigError: as `predict`.
        """
        return self._one_or_many(texts, settings)

    def score(self, outputs: Sequence[str], targets: Sequence[str]) -> SummaryScores:
        """ROUGE, over words or for Chinese over characters."""
        return score_summaries(outputs, targets, language=self.sides.target_language)

    def summary(self) -> str:
        """What it does, in a sentence for its README.md."""
        return f"Writes the {self.sides.target} of a {self.sides.source}."
