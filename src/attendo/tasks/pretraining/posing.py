"""What is asked of a model for each objective, with the tokens that this takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from attendo.errors import UnsupportedError
from attendo.models import FamilyModel, Seq2SeqModel, TokenModel
from attendo.tasks.pretraining.masking import MaskRule
from attendo.tasks.pretraining.noising import Infilling, Noise, SpanCorruption, closing_tokens, find_sentinels
from attendo.tasks.pretraining.pieces import Pieces, plain_tokens, standing_alone
from attendo.tasks.pretraining.problems import DenoisingProblem, Pair, ReplacedProblem, TokenProblem
from attendo.tasks.pretraining.reading import Denoising, Masks, NextTokens
from attendo.tasks.pretraining.settings import PretrainSettings
from attendo.tasks.seq2seq import Marks
from attendo.text import Tokenizer

AnyProblem: TypeAlias = TokenProblem | ReplacedProblem | DenoisingProblem


@dataclass(frozen=True, eq=False)
class Material:
    """A model, and the text that it learns from."""

    model: FamilyModel
    generator: FamilyModel | None
    tokenizer: Tokenizer
    train: Pieces
    dev: Pieces
    seed: int

    @property
    def network(self) -> TokenModel:
        """What computes, where one tower does."""
        assert isinstance(self.model.network, TokenModel)
        return self.model.network

    def masks(self, settings: PretrainSettings) -> Masks:
        """What is hidden, as the settings say."""
        as_mask, as_random = settings.shown
        rule = MaskRule(
            share=settings.share,
            as_mask=as_mask,
            as_random=as_random,
            mask=self.tokenizer.specials.need("mask"),
            plain=plain_tokens(self.tokenizer),
            alone=standing_alone(self.tokenizer) if settings.whole_words else None,
        )
        return Masks(rule, self.seed)

    def denoising(self, noise: Noise) -> DenoisingProblem:
        """What is learned with some noise."""
        network, config = self.model.network, self.model.config
        assert isinstance(network, Seq2SeqModel)
        start = getattr(self.model.shape, "decoder_start_token_id", None)
        if start is not None:
            config.setdefault("decoder_start_token_id", start)  # other libraries have no default for it
        specials = self.tokenizer.specials
        if config.get("eos_token_id") is None:
            config["eos_token_id"] = specials.need("sep") if specials.eos is None else specials.eos
        return DenoisingProblem(network, self.train, self.dev, Denoising(noise, Marks.of(config), self.seed))

    def check_rows(self, tokens: Sequence[int], which: str) -> None:
        """Make sure that the model has vectors for tokens that no text leads to."""
        assert isinstance(self.model.network, Seq2SeqModel)
        rows = self.model.network.encoder.embedding.tokens.num_embeddings
        if any(number >= rows for number in tokens):
            raise UnsupportedError(
                f"The tokenizer's {which} is number {max(tokens):,}, but the model has vectors for {rows:,} tokens. "
                "Take a model that has learned with it."
            )


def pose_problem(given: Material, settings: PretrainSettings) -> AnyProblem:
    """What training works on for an objective.

    Raises:
        UnsupportedError: if the tokenizer lacks a token that is needed, or the model a vector for it.
    """
    return _PROBLEMS[settings.learned](given, settings)


def _masked(given: Material, settings: PretrainSettings) -> TokenProblem:
    return TokenProblem(given.network, given.train, given.dev, given.masks(settings))


def _causal(given: Material, settings: PretrainSettings) -> TokenProblem:
    return TokenProblem(given.network, given.train, given.dev, NextTokens())


def _replaced(given: Material, settings: PretrainSettings) -> ReplacedProblem:
    assert given.generator is not None
    assert isinstance(given.generator.network, TokenModel)
    pair = Pair(given.generator.network, given.network)
    return ReplacedProblem(pair, given.train, given.dev, given.masks(settings), settings.replaced_weight)


def _infilling(given: Material, settings: PretrainSettings) -> DenoisingProblem:
    mask = given.tokenizer.specials.need("mask")
    given.check_rows([mask], "mask")
    noise = Infilling(
        share=settings.share,
        mean=settings.span_length,
        mask=mask,
        whole_words=settings.whole_words,
        closing=closing_tokens(given.tokenizer) if settings.permute_sentences else None,
    )
    return given.denoising(noise)


def _spans(given: Material, settings: PretrainSettings) -> DenoisingProblem:
    sentinels = find_sentinels(given.tokenizer)
    if len(sentinels) < 2:
        raise UnsupportedError(
            f"The tokenizer has {len(sentinels)} of the tokens <extra_id_0>, <extra_id_1> and so on, which stand for "
            "what was taken out, and two are needed at least. Take a model such as T5, or the objective infilling."
        )
    given.check_rows(sentinels.tolist(), "last token for what was taken out")
    noise = SpanCorruption(
        share=settings.share, mean=settings.span_length, sentinels=sentinels, whole_words=settings.whole_words
    )
    return given.denoising(noise)


_PROBLEMS: dict[str, Callable[[Material, PretrainSettings], AnyProblem]] = {
    "masked": _masked,
    "replaced": _replaced,
    "causal": _causal,
    "infilling": _infilling,
    "spans": _spans,
}
