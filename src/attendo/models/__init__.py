"""Models, put together from the parts in `nn/`: families, their catalog, and weights on disk.

A family is one file: its shape (the numbers), and a `build` that reads like a figure. Nothing here knows strings.
"""

from attendo.models.bases import load_base
from attendo.models.catalog import FAMILIES, Family
from attendo.models.checkpoint import WEIGHTS, Checkpoint
from attendo.models.classifier import Scores, TextBatch, TextClassifier
from attendo.models.encoder import TokenBatch, TokenModel
from attendo.models.folder import CONFIG, FamilyModel, load_model, read_config
from attendo.models.seq2seq import Rereader, Seq2SeqBatch, Seq2SeqModel
from attendo.models.weights import load_weights, save_weights

__all__ = [
    "CONFIG",
    "FAMILIES",
    "WEIGHTS",
    "Checkpoint",
    "Family",
    "FamilyModel",
    "Rereader",
    "Scores",
    "Seq2SeqBatch",
    "Seq2SeqModel",
    "TextBatch",
    "TextClassifier",
    "TokenBatch",
    "TokenModel",
    "load_base",
    "load_model",
    "load_weights",
    "read_config",
    "save_weights",
]
