"""Which requests are written together and under which rules; all that can be wrong with them is found here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from attendo.data import plan_in_order
from attendo.decoding import Goal, Limits, Rule
from attendo.errors import ConfigError, InputError
from attendo.models import Seq2SeqModel, TokenModel
from attendo.tasks.writing.forms import Form, form_automaton
from attendo.tasks.writing.requests import Request
from attendo.tasks.writing.ruling import Steered, usual_rules
from attendo.tasks.writing.settings import Method, WriteSettings
from attendo.tasks.writing.texts import Reading
from attendo.text import Tokenizer
from attendo.text.patterns import Steering

TOKENS = 16384
"""Places for tokens in a batch: those of prompts, of what is written, and of what it is written from."""
CELLS = 1 << 24
"""Scores that are held of a batch at a time: one of each token of the vocabulary for each text."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Group:
    """Requests that are written under the same limits and rules.

    Attributes:
        numbers: of the requests.
        costs: places that each takes up in a batch.
        goal: what the rules demand of all texts, if anything.
    """

    reading: Reading
    limits: Limits
    rules: Sequence[Rule]
    goal: Goal | None
    numbers: Sequence[int]
    costs: Sequence[int]

    def batches(self) -> Iterator[list[int]]:
        """Numbers of requests that are written at a time."""
        for places in plan_in_order(self.costs, TOKENS):
            yield [self.numbers[place] for place in places]


@dataclass(kw_only=True, eq=False)
class Planner:
    """Knows a model, and what is usual where settings leave things open.

    Attributes:
        ends: ids that end a text.
        method: how texts are written where the settings leave it open.
        most: new tokens of a text where the settings leave it open, as far as the model has positions for them.
        endless: whether texts may outgrow the model's positions.
        never: ids that are never written.
        endless: whether texts may outgrow what the model has positions for.
    """

    network: TokenModel | Seq2SeqModel
    tokenizer: Tokenizer
    ends: tuple[int, ...]
    method: Method
    most: int
    never: tuple[int, ...]
    endless: bool = False
    _steered: tuple[Form, Steering] | None = None

    def groups(self, requests: Sequence[Request], settings: WriteSettings) -> list[Group]:
        """Sort requests by what is asked of them.

        Raises:
            InputError: if a request does not suit the model, or has no room for what is to be written.
            ConfigError: if the settings ask for what the model or its tokenizer cannot do.
        """
        if settings.coverage_penalty and not isinstance(self.network, Seq2SeqModel):
            raise ConfigError(
                "`coverage_penalty` is about the text that another is written from, but this model only goes on with a "
                "text. Leave it out."
            )
        self.check(requests)
        members: dict[tuple[int, bool], list[int]] = defaultdict(list)
        for number, request in enumerate(requests):
            members[self._room(number, request, settings), self._opens(request)].append(number)
        return [
            self._group(requests, numbers, settings, new=new, opens=opens) for (new, opens), numbers in members.items()
        ]

    def check(self, requests: Sequence[Request]) -> None:
        """Refuse requests that are not for such a model.

        Raises:
            InputError: if one has no prompt, lacks a source, or has one that the model does not or cannot read.
        """
        reads = isinstance(self.network, Seq2SeqModel)
        places = self.network.max_length
        for number, request in enumerate(requests):
            if not request.prompt:
                raise InputError(f"Prompt {number} has no token; a model needs at least the one that begins a text.")
            if reads and not request.source:
                raise InputError(f"Request {number} has no source, but this model writes from another text. Give it.")
            if not reads and request.source is not None:
                raise InputError(
                    f"Request {number} has a source, but this model only goes on with a text. Put it into the prompt."
                )
            if places is not None and len(request.source or ()) > places:
                raise InputError(
                    f"The source of request {number} has {len(request.source or ()):,} tokens, but the model has "
                    f"positions for {places:,}. Shorten it, or write from parts of it."
                )

    @property
    def places(self) -> int | None:
        """Tokens of a prompt and what follows it that the model has positions for; None if there is no limit."""
        network = self.network
        if self.endless:
            return None
        return network.decoder.max_length if isinstance(network, Seq2SeqModel) else network.max_length

    def reading(self, request: Request, settings: WriteSettings) -> Reading:
        """How the tokens that are written for a request are read."""
        exact = bool(settings.form.asked)
        return Reading(tokenizer=self.tokenizer, opens=self._opens(request), exact=exact, stops=settings.stop)

    def chosen(self, settings: WriteSettings) -> Method:
        """How texts are written."""
        return settings.chosen_method or self.method

    def rows(self, settings: WriteSettings) -> int:
        """Texts that are followed for each request at a time."""
        return settings.width if self.chosen(settings) == "beam" else settings.candidates or settings.n_best

    def _group(
        self, requests: Sequence[Request], numbers: list[int], settings: WriteSettings, *, new: int, opens: bool
    ) -> Group:
        reading = self.reading(requests[numbers[0]], settings)
        rules, goal = usual_rules(settings, self.ends, self.never), None
        steering = self._steering(settings.form)
        if steering is not None:
            goal = Steered(steering, settings.form, new, opens)
            rules += goal.rules(self.chosen(settings))
        return Group(
            reading=reading,
            limits=Limits(ends=self.ends, new=new, until=reading.stopped if settings.stop else None),
            rules=rules,
            goal=goal if settings.forced else None,
            numbers=numbers,
            costs=[self._cost(requests[number], new, settings) for number in numbers],
        )

    def _steering(self, form: Form) -> Steering | None:
        """What leads to texts of a form; the last one is kept."""
        automaton = form_automaton(form)
        if automaton is None:
            return None
        if self._steered is None or self._steered[0] != form:
            self._steered = form, Steering(automaton, self.tokenizer.spelling, self.ends)
        return self._steered[1]

    def _opens(self, request: Request) -> bool:
        """Whether what is written is the beginning of a text: the prompt holds nothing but marks."""
        return not self.tokenizer.decode(request.prompt)

    def _room(self, number: int, request: Request, settings: WriteSettings) -> int:
        """New tokens that a text may have."""
        places = self.places
        room = None if places is None or self.endless else places - len(request.prompt)
        least = settings.max_new or max(1, settings.min_new)
        if room is not None and room < least:
            raise InputError(
                f"Prompt {number} has {len(request.prompt):,} tokens, which leaves room for {max(room, 0):,} more, "
                f"but {least:,} are asked for: the model has positions for {places:,}. Shorten the prompt, or ask for "
                "fewer new tokens."
            )
        usual = self.most if request.most is None else min(self.most, request.most)
        wanted = settings.max_new or max(usual, settings.min_new)
        return wanted if room is None else min(wanted, room)

    def _cost(self, request: Request, new: int, settings: WriteSettings) -> int:
        """Places that a request takes up in a batch; as many more as its scores are large beside them."""
        rows = self.rows(settings)
        scores = rows * self.tokenizer.vocab_size * TOKENS // CELLS
        return max(rows * (len(request.prompt) + new) + len(request.source or ()), scores)
