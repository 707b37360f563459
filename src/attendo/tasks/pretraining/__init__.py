"""Self-pretraining: what is learned from text alone, before any labels. For what is learned from labels, see beside."""

from attendo.tasks.pretraining.making import made_config
from attendo.tasks.pretraining.masking import MaskRule, hide, keys_of
from attendo.tasks.pretraining.noising import (
    Infilling,
    Sides,
    SpanCorruption,
    closing_tokens,
    find_sentinels,
    sentinel_names,
)
from attendo.tasks.pretraining.pieces import FRAME, Pieces, cut_texts, plain_tokens, standing_alone
from attendo.tasks.pretraining.preparing import GENERATOR, PretrainParts, end_of, prepare_pretraining, settle_objective
from attendo.tasks.pretraining.problems import (
    DenoisingProblem,
    Pair,
    ReplacedProblem,
    TokenProblem,
    places_loss,
    score_places,
)
from attendo.tasks.pretraining.reading import Batch, Denoising, Masks, NextTokens
from attendo.tasks.pretraining.saving import TASK, save_pretrained
from attendo.tasks.pretraining.settings import OBJECTIVES, PretrainSettings

__all__ = [
    "FRAME",
    "GENERATOR",
    "OBJECTIVES",
    "TASK",
    "Batch",
    "Denoising",
    "DenoisingProblem",
    "Infilling",
    "MaskRule",
    "Masks",
    "NextTokens",
    "Pair",
    "Pieces",
    "PretrainParts",
    "PretrainSettings",
    "ReplacedProblem",
    "Sides",
    "SpanCorruption",
    "TokenProblem",
    "closing_tokens",
    "cut_texts",
    "end_of",
    "find_sentinels",
    "hide",
    "keys_of",
    "made_config",
    "places_loss",
    "plain_tokens",
    "prepare_pretraining",
    "save_pretrained",
    "score_places",
    "sentinel_names",
    "settle_objective",
    "standing_alone",
]
