"""Models, put together from the parts in `nn/`: families, their catalog, and weights on disk.

A family is one file: its shape (the numbers), and a `build` that reads like a figure. Nothing here knows strings.
"""

from attendo.models.catalog import FAMILIES, Family
from attendo.models.classifier import Scores, TextBatch, TextClassifier
from attendo.models.weights import WEIGHTS, load_weights, save_weights

__all__ = ["FAMILIES", "WEIGHTS", "Family", "Scores", "TextBatch", "TextClassifier", "load_weights", "save_weights"]
