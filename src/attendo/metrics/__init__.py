"""How good predictions are: pure functions on plain values, numbers out as frozen dataclasses, intervals by bootstrap.

Knows no task, no model and no file: it is given label ids, probabilities or numbers, one entry per example.
"""

from attendo.metrics.alignment import AlignmentScores, paired_alignment, score_alignment
from attendo.metrics.answer_rules import ANSWER_RULES, AnswerRules, answer_language
from attendo.metrics.answers import AnswerPart, AnswerScores, AnswerThresholds, answer_f1, paired_answers, score_answers
from attendo.metrics.bootstrap import Interval, PairedDifference, interval, intervals, paired_bootstrap
from attendo.metrics.calibration import (
    ReliabilityBin,
    brier_score,
    calibration_error,
    fit_temperature,
    negative_log_likelihood,
    reliability_bins,
    softmax,
)
from attendo.metrics.classification import (
    ClassScore,
    accuracy,
    class_f1,
    class_scores,
    confusion_matrix,
    macro_f1,
    matthews_correlation,
    micro_f1,
    weighted_f1,
)
from attendo.metrics.dialogue import DialogueScores, score_dialogue
from attendo.metrics.diversity import DiversityScores, score_diversity
from attendo.metrics.frames import FrameScores, paired_roles
from attendo.metrics.likelihood import LikelihoodScores, paired_bits, score_likelihood
from attendo.metrics.regression import (
    NumberBin,
    RegressionScores,
    mean_absolute_error,
    mean_squared_error,
    number_bins,
    pearson,
    pearson_or_none,
    score_regression,
    spearman,
    spearman_or_none,
)
from attendo.metrics.roles import RoleScores, score_frames
from attendo.metrics.rouge import ROUGE_KINDS, SummaryScores, paired_rouge, score_summaries, text_rouge
from attendo.metrics.scores import ClassificationScores, MultilabelScores, score_classification, score_multilabel
from attendo.metrics.similarity import (
    SimilarityScores,
    compare_ranks,
    compare_similarity,
    partner_ranks,
    score_ranks,
    score_similarity,
)
from attendo.metrics.sums import Metric, SumMetric, sum_metric
from attendo.metrics.tagging import TaggingScores, paired_f1, score_spans, score_tags
from attendo.metrics.translation import (
    BLEU_TOKENIZERS,
    TranslationScores,
    bleu_tokenizer,
    paired_bleu,
    paired_chrf,
    score_translation,
    text_chrf,
)
from attendo.metrics.units import UNITS, primary_language, units_of, written_language

__all__ = [
    "ANSWER_RULES",
    "BLEU_TOKENIZERS",
    "ROUGE_KINDS",
    "UNITS",
    "AlignmentScores",
    "AnswerPart",
    "AnswerRules",
    "AnswerScores",
    "AnswerThresholds",
    "ClassScore",
    "ClassificationScores",
    "DialogueScores",
    "DiversityScores",
    "FrameScores",
    "Interval",
    "LikelihoodScores",
    "Metric",
    "MultilabelScores",
    "NumberBin",
    "PairedDifference",
    "RegressionScores",
    "ReliabilityBin",
    "RoleScores",
    "SimilarityScores",
    "SumMetric",
    "SummaryScores",
    "TaggingScores",
    "TranslationScores",
    "accuracy",
    "answer_f1",
    "answer_language",
    "bleu_tokenizer",
    "brier_score",
    "calibration_error",
    "class_f1",
    "class_scores",
    "compare_ranks",
    "compare_similarity",
    "confusion_matrix",
    "fit_temperature",
    "interval",
    "intervals",
    "macro_f1",
    "matthews_correlation",
    "mean_absolute_error",
    "mean_squared_error",
    "micro_f1",
    "negative_log_likelihood",
    "number_bins",
    "paired_alignment",
    "paired_answers",
    "paired_bits",
    "paired_bleu",
    "paired_bootstrap",
    "paired_chrf",
    "paired_f1",
    "paired_roles",
    "paired_rouge",
    "partner_ranks",
    "pearson",
    "pearson_or_none",
    "primary_language",
    "reliability_bins",
    "score_alignment",
    "score_answers",
    "score_classification",
    "score_dialogue",
    "score_diversity",
    "score_frames",
    "score_likelihood",
    "score_multilabel",
    "score_ranks",
    "score_regression",
    "score_similarity",
    "score_spans",
    "score_summaries",
    "score_tags",
    "score_translation",
    "softmax",
    "spearman",
    "spearman_or_none",
    "sum_metric",
    "text_chrf",
    "text_rouge",
    "units_of",
    "weighted_f1",
    "written_language",
]
