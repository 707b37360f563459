"""Writes texts with a model and its tokenizer: settings and strings outside, ids and rules inside."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from attendo.decoding import (
    Beams,
    Best,
    Choice,
    Draft,
    Drawn,
    Output,
    RollingWriter,
    Token,
    Writer,
    score_given,
    search,
)
from attendo.decoding import stream as stream_tokens
from attendo.decoding import write as write_tokens
from attendo.errors import ConfigError, InputError
from attendo.models import Seq2SeqModel, TokenModel
from attendo.tasks.writing.planning import Group, Planner
from attendo.tasks.writing.requests import Part, Request, Why, Written
from attendo.tasks.writing.reranking import ranked_by_agreement
from attendo.tasks.writing.ruling import shapings
from attendo.tasks.writing.settings import Method, WriteSettings
from attendo.tasks.writing.texts import Reading
from attendo.text import Tokenizer

MOST_NEW = 256
"""New tokens of a text where nothing says how many."""


class TextWriter:
    """Writes, streams and scores texts.

    What is written for a request does not depend on what else is asked for with it. A text goes on with its prompt
    where that holds more than marks: its first token then keeps the blank before it.

    Args:
        network: a language model, or one that writes from another text.
        tokenizer: of the texts that are written.
        ends: ids that end a text.
        method: how texts are written where the settings leave it open.
        most: new tokens of a text where the settings leave it open, as far as the model has positions for them.
        never: ids that are never written, such as one that fills up rows.
        window: tokens that a language model looks back on, where texts may become longer; see `RollingWriter`.
        before: tokens that stand before whatever it reads.
    """

    def __init__(
        self,
        network: TokenModel | Seq2SeqModel,
        tokenizer: Tokenizer,
        *,
        ends: Sequence[int],
        method: Method = "greedy",
        most: int = MOST_NEW,
        never: Sequence[int] = (),
        window: int | None = None,
        before: Sequence[int] = (),
    ) -> None:
        self.network, self.tokenizer, self.ends, self.method = network, tokenizer, tuple(ends), method
        self.window, self.before = window, tuple(before)
        self._planner = Planner(
            network=network,
            tokenizer=tokenizer,
            ends=self.ends,
            method=method,
            most=most,
            never=tuple(never),
            endless=window is not None,
        )
        self._names = tokenizer.tokens()

    def write(self, requests: Sequence[Request], settings: WriteSettings | None = None) -> list[list[Written]]:
        """For each request as many texts as are wanted, in the order of the requests.

        Of beams and candidates the best comes first, and of candidates that are alike only one counts; other texts
        that are drawn come as they were drawn.

        Raises:
            InputError: if a prompt is empty or leaves no room for what is to be written, a source is missing or in
                vain, or rules leave nothing to be written. Only the last of these shows after work has begun.
            ConfigError: if the settings ask for what this model or its tokenizer does not do.
        """
        settings = settings or WriteSettings()
        found: list[list[Written]] = [[] for _ in requests]
        for group in self._planner.groups(requests, settings):
            for numbers in group.batches():
                own = [requests[number] for number in numbers]
                for number, outputs in zip(numbers, self._outputs(own, group, settings), strict=True):
                    written = [self._written(output, group.reading) for output in outputs]
                    found[number] = written if settings.candidates is None else _agreed(written, settings.n_best)
        return found

    def stream(self, requests: Sequence[Request], settings: WriteSettings | None = None) -> Iterator[Part]:
        """The texts as they are written, a part at a time; the parts of each make up its text.

        Raises:
            InputError, ConfigError: as for `write`; and where several texts are followed, for nobody knows before the
                end which one it will be.
        """
        settings = settings or WriteSettings()
        method = self._planner.chosen(settings)
        if method == "beam" or settings.candidates is not None or settings.n_best > 1:
            what = "`candidates`" if settings.candidates else "`n_best`" if method != "beam" else "beams"
            raise ConfigError(
                f"With {what} nothing is certain before the end, so there is nothing to stream. Write the texts "
                'whole, or set `method` to "greedy" or "sample" for one text.'
            )
        return self._parts(requests, self._planner.groups(requests, settings), settings)

    def score(self, requests: Sequence[Request], targets: Sequence[Sequence[int]]) -> list[Written]:
        """How probable given texts are, token by token; ids of the tokens that end them are part of them.

        Raises:
            InputError: if there are not as many targets as requests, a target is too long, or a request is not for
                such a model.
        """
        self._planner.check(requests)
        places = self._planner.places
        for number, (request, ids) in enumerate(zip(requests, targets, strict=False)):
            length = len(request.prompt) + len(ids)
            if places is not None and length - 1 > places:  # the last token is not read any more
                raise InputError(
                    f"Prompt and target {number} have {length:,} tokens together, but the model has positions for "
                    f"{places:,}. Shorten one of them."
                )
        found = score_given(
            self.network, [request.prompt for request in requests], targets, sources=self._sources(requests)
        )
        written = []
        for request, ids, logs in zip(requests, targets, found, strict=True):
            ended = bool(ids) and ids[-1] in self.ends
            output = Output(ids=tuple(ids), log_probabilities=logs, score=sum(logs), ended=ended)
            written.append(self._written(output, self._planner.reading(request, WriteSettings())))
        return written

    def _outputs(self, requests: Sequence[Request], group: Group, settings: WriteSettings) -> list[list[Output]]:
        """What is written for each request of a batch."""
        writer = self._opened(requests, group, settings)
        if self._planner.chosen(settings) == "beam":
            return search(writer, _beams(settings), group.limits, group.rules, group.goal)
        copies = self._planner.rows(settings)
        choice = self._choice(requests, settings)
        outputs = write_tokens(writer, choice, group.limits, group.rules, copies=copies)
        return [outputs[first : first + copies] for first in range(0, len(outputs), copies)]

    def _opened(self, requests: Sequence[Request], group: Group, settings: WriteSettings) -> Writer:
        prompts, rows = [request.prompt for request in requests], self._planner.rows(settings) * len(requests)
        if self.window is not None and isinstance(self.network, TokenModel):
            new = group.limits.new
            return RollingWriter(self.network, prompts, rows=rows, new=new, window=self.window, before=self.before)
        return Writer(
            self.network,
            prompts,
            rows=rows,
            new=group.limits.new,
            sources=self._sources(requests),
            watched=bool(settings.coverage_penalty),
        )

    def _sources(self, requests: Sequence[Request]) -> list[tuple[int, ...]] | None:
        reads = isinstance(self.network, Seq2SeqModel)
        return [request.source or () for request in requests] if reads else None

    def _choice(self, requests: Sequence[Request], settings: WriteSettings) -> Choice:
        if self._planner.chosen(settings) == "greedy":
            return Best()
        copies = range(self._planner.rows(settings))
        return Drawn(shapings(settings), [_seed(each, settings.seed, copy) for each in requests for copy in copies])

    def _parts(self, requests: Sequence[Request], groups: Sequence[Group], settings: WriteSettings) -> Iterator[Part]:
        """What becomes certain, token by token."""
        for group in groups:
            for numbers in group.batches():
                own = [requests[number] for number in numbers]
                texts = [_Unfolding(reading=group.reading) for _ in own]
                writer, choice = self._opened(own, group, settings), self._choice(own, settings)
                for token in stream_tokens(writer, choice, group.limits, group.rules):
                    number, text = numbers[token.text], texts[token.text]
                    output = text.take(token)
                    if output is not None:
                        written = self._written(output, group.reading)
                        yield Part(number, written.text[len(text.given) :], written)
                    elif more := text.more():
                        yield Part(number, more)

    def _written(self, output: Output, reading: Reading) -> Written:
        """An output as text."""
        at_end = output.ended and output.ids[-1] in self.ends
        why: Why = "end" if at_end else "stop" if output.ended else "length"
        return Written(
            text=reading.text(output.ids[:-1] if at_end else output.ids),
            score=output.score,
            tokens=reading.pieces(output.ids, output.log_probabilities, self._names),
            ids=output.ids,
            why=why,
        )


@dataclass(kw_only=True)
class _Unfolding:
    """A text that is handed on while it is being written.

    Attributes:
        given: what has been handed on.
    """

    reading: Reading
    draft: Draft = field(default_factory=Draft)
    given: str = ""

    def take(self, token: Token) -> Output | None:
        """Take in one more token; the whole if it is the last."""
        self.draft.add(token.id, token.log_probability)
        return None if token.last is None else self.draft.output(ended=token.last)

    def more(self) -> str:
        """What has become certain since it was last asked for."""
        before, self.given = self.given, self.reading.certain(self.draft.ids)
        return self.given[len(before) :]


def _beams(settings: WriteSettings) -> Beams:
    return Beams(
        width=settings.width,
        length_penalty=1.0 if settings.length_penalty is None else settings.length_penalty,
        coverage_penalty=settings.coverage_penalty or 0.0,
        best=settings.n_best,
    )


def _agreed(candidates: Sequence[Written], count: int) -> list[Written]:
    return ranked_by_agreement(candidates)[:count]


def _seed(request: Request, seed: int, copy: int) -> int:
    """A seed that belongs to a text: what is drawn for one has nothing to do with what is drawn for others."""
    parts = repr((request.prompt, request.source, request.seed, seed, copy))
    return int.from_bytes(hashlib.blake2b(parts.encode(), digest_size=8).digest(), "little") >> 1
