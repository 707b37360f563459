"""Self-pretraining: what is learned from text alone, before any labels. For what is learned from labels, see beside."""

from attendo.tasks.pretraining.masking import MaskRule, hide, keys_of
from attendo.tasks.pretraining.pieces import FRAME, Pieces, cut_texts, plain_tokens, standing_alone
from attendo.tasks.pretraining.preparing import GENERATOR, PretrainParts, check_base, prepare_pretraining
from attendo.tasks.pretraining.problems import Pair, ReplacedProblem, TokenProblem
from attendo.tasks.pretraining.reading import Masks, NextTokens
from attendo.tasks.pretraining.saving import TASK, save_pretrained
from attendo.tasks.pretraining.settings import OBJECTIVES, PretrainSettings

__all__ = [
    "FRAME",
    "GENERATOR",
    "OBJECTIVES",
    "TASK",
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
    "hide",
    "keys_of",
    "plain_tokens",
    "prepare_pretraining",
    "save_pretrained",
    "standing_alone",
]
