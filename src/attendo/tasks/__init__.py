"""Tasks: what a record is, how it becomes numbers, what is learned, and what the user gets back.

`Classifier` is the user's model, `TextModel` one without a task, and `load` reads either from its folder.
Not for the training loop (`training/`) or for
reading files (`data/`).
"""

from attendo.tasks.answer import ScoredWindow, Span, SpanChoice, best_spans
from attendo.tasks.bare import TextModel, Token
from attendo.tasks.bases import Base, build_classifier_on_base, build_on_base, encode_pieces
from attendo.tasks.classify import (
    LabelledTexts,
    build_model,
    decided,
    encode_examples,
    fit_mixture,
    probabilities,
    score_chances,
    score_texts,
    texts_of,
)
from attendo.tasks.encoding import EncodedTexts, FeatureSettings, TextEncoder
from attendo.tasks.folder import CARD, read_card
from attendo.tasks.labels import LabelSet
from attendo.tasks.learning import ClassifyProblem, FineTuning
from attendo.tasks.linear import Baseline, LinearModel, fit_baseline, fit_linear_path, fit_multilabel_path
from attendo.tasks.loading import check_card, load, load_task_model, load_text_model
from attendo.tasks.looking import LayerLook, WordReceived, look, look_at_words
from attendo.tasks.model import Classifier, Prediction
from attendo.tasks.pieces import EncodedPieces, PieceEncoder
from attendo.tasks.pretraining import (
    OBJECTIVES,
    PretrainParts,
    PretrainSettings,
    check_base,
    prepare_pretraining,
    save_pretrained,
)
from attendo.tasks.problem import Loss, Problem, Renewed
from attendo.tasks.rating import (
    NumberScale,
    RatedTexts,
    Rater,
    Rating,
    RatingOnBase,
    RatingProblem,
    build_rater,
    build_rater_on_base,
    encode_rated,
    fit_ridge_path,
    fit_ridge_reference,
    last_layer,
)
from attendo.tasks.settings import SIZES, ClassifySettings, ModelSettings
from attendo.tasks.tagging import (
    FoundSpan,
    NameList,
    Tagger,
    Tagging,
    TagModelSettings,
    TagProblem,
    TagSet,
    TagSettings,
    WordTagger,
    build_tagger,
    build_tagger_on_base,
    encode_tagged,
    gold_spans,
    score_found,
    untagged,
)
from attendo.tasks.task_model import TaskModel
from attendo.tasks.windows import judging_windows, windows_over

__all__ = [
    "CARD",
    "OBJECTIVES",
    "SIZES",
    "Base",
    "Baseline",
    "Classifier",
    "ClassifyProblem",
    "ClassifySettings",
    "EncodedPieces",
    "EncodedTexts",
    "FeatureSettings",
    "FineTuning",
    "FoundSpan",
    "LabelSet",
    "LabelledTexts",
    "LayerLook",
    "LinearModel",
    "Loss",
    "ModelSettings",
    "NameList",
    "NumberScale",
    "PieceEncoder",
    "Prediction",
    "PretrainParts",
    "PretrainSettings",
    "Problem",
    "RatedTexts",
    "Rater",
    "Rating",
    "RatingOnBase",
    "RatingProblem",
    "Renewed",
    "ScoredWindow",
    "Span",
    "SpanChoice",
    "TagModelSettings",
    "TagProblem",
    "TagSet",
    "TagSettings",
    "Tagger",
    "Tagging",
    "TaskModel",
    "TextEncoder",
    "TextModel",
    "Token",
    "WordReceived",
    "WordTagger",
    "best_spans",
    "build_classifier_on_base",
    "build_model",
    "build_on_base",
    "build_rater",
    "build_rater_on_base",
    "build_tagger",
    "build_tagger_on_base",
    "check_base",
    "check_card",
    "decided",
    "encode_examples",
    "encode_pieces",
    "encode_rated",
    "encode_tagged",
    "fit_baseline",
    "fit_linear_path",
    "fit_mixture",
    "fit_multilabel_path",
    "fit_ridge_path",
    "fit_ridge_reference",
    "gold_spans",
    "judging_windows",
    "last_layer",
    "load",
    "load_task_model",
    "load_text_model",
    "look",
    "look_at_words",
    "prepare_pretraining",
    "probabilities",
    "read_card",
    "save_pretrained",
    "score_chances",
    "score_found",
    "score_texts",
    "texts_of",
    "untagged",
    "windows_over",
]
