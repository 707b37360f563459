"""Self-pretraining: what is learned from text alone, before any labels. For what is learned from labels, see beside."""

from attendo.tasks.pretraining.making import made_config
from attendo.tasks.pretraining.masking import MaskRule, hide, keys_of
from attendo.tasks.pretraining.pieces import FRAME, Pieces, cut_texts, plain_tokens, standing_alone
from attendo.tasks.pretraining.preparing import GENERATOR, PretrainParts, check_base, end_of, prepare_pretraining
from attendo.tasks.pretraining.problems import Pair, ReplacedProblem, TokenProblem, score_places
from attendo.tasks.pretraining.reading import Batch, Masks, NextTokens
from attendo.tasks.pretraining.saving import TASK, save_pretrained
from attendo.tasks.pretraining.settings import OBJECTIVES, PretrainSettings

__all__ = [
    "FRAME",
    "GENERATOR",
    "OBJECTIVES",
    "TASK",
    "Batch",
    "MaskRule",
    "Masks",
    "NextTokens",
    "Pair",
    "Pieces",
    "PretrainParts",
    "PretrainSettings",
    "ReplacedProblem",
    "TokenProblem",
    "check_base",
    "cut_texts",
    "end_of",
    "hide",
    "keys_of",
    "made_config",
    "plain_tokens",
    "prepare_pretraining",
    "save_pretrained",
    "score_places",
    "standing_alone",
]
