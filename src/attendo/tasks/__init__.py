"""Tasks: what a record is, how it becomes numbers, what is learned, and what the user gets back.

`Classifier` is the user's model and `load` reads one from its folder. Not for the training loop (`training/`) or for
reading files (`data/`).
"""

from attendo.tasks.classify import (
    ClassifyProblem,
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
from attendo.tasks.linear import Baseline, LinearModel, fit_baseline, fit_linear_path, fit_multilabel_path
from attendo.tasks.looking import LayerLook, WordReceived, look
from attendo.tasks.model import Classifier, Prediction, load
from attendo.tasks.problem import Loss, Problem
from attendo.tasks.settings import SIZES, ClassifySettings, ModelSettings

__all__ = [
    "CARD",
    "SIZES",
    "Baseline",
    "Classifier",
    "ClassifyProblem",
    "ClassifySettings",
    "EncodedTexts",
    "FeatureSettings",
    "LabelSet",
    "LabelledTexts",
    "LayerLook",
    "LinearModel",
    "Loss",
    "ModelSettings",
    "Prediction",
    "Problem",
    "TextEncoder",
    "WordReceived",
    "build_model",
    "decided",
    "encode_examples",
    "fit_baseline",
    "fit_linear_path",
    "fit_mixture",
    "fit_multilabel_path",
    "load",
    "look",
    "probabilities",
    "read_card",
    "score_chances",
    "score_texts",
    "texts_of",
]
