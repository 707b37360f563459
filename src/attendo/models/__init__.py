"""Models, put together from the parts in `nn/`: families, their catalog, and weights on disk.

A family is one file: its shape (the numbers), and a `build` that reads like a figure. Nothing here knows strings.
"""

from attendo.models.bases import load_base
from attendo.models.catalog import FAMILIES, Family
from attendo.models.checkpoint import WEIGHTS, Checkpoint
from attendo.models.classifier import DeepPath, Scores, TextBatch, TextClassifier
from attendo.models.encoder import Encoder, TokenBatch, TokenModel
from attendo.models.folder import CONFIG, FamilyModel, load_model, read_config
from attendo.models.fresh import new_model
from attendo.models.hub import BESIDE, find_model
from attendo.models.onnx import ONNX, check_graph, reads_segments, save_onnx
from attendo.models.places import check_place
from attendo.models.seq2seq import Reader, Rereader, Seq2SeqBatch, Seq2SeqModel, one_later
from attendo.models.weights import load_weights, save_weights

__all__ = [
    "BESIDE",
    "CONFIG",
    "FAMILIES",
    "ONNX",
    "WEIGHTS",
    "Checkpoint",
    "DeepPath",
    "Encoder",
    "Family",
    "FamilyModel",
    "Reader",
    "Rereader",
    "Scores",
    "Seq2SeqBatch",
    "Seq2SeqModel",
    "TextBatch",
    "TextClassifier",
    "TokenBatch",
    "TokenModel",
    "check_graph",
    "check_place",
    "find_model",
    "load_base",
    "load_model",
    "load_weights",
    "new_model",
    "one_later",
    "read_config",
    "reads_segments",
    "save_onnx",
    "save_weights",
]
