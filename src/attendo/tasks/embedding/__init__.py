"""The task `embed`: a vector for each text, near to those of texts that mean the same."""

from attendo.tasks.embedding.baselines import AveragedVectors, TfIdfVectors
from attendo.tasks.embedding.building import (
    build_embedder,
    build_embedder_on_base,
    load_embedder,
    load_foreign_embedder,
    texts_in,
)
from attendo.tasks.embedding.foreign import MODULES
from attendo.tasks.embedding.learning import EmbedProblem, learned_kind
from attendo.tasks.embedding.model import Embedder, Likeness, TextVector
from attendo.tasks.embedding.network import TextVectors
from attendo.tasks.embedding.retrieval import Judged, compare_judged, judge_vectors, score_judged
from attendo.tasks.embedding.searching import Found, Passage, SearchIndex, best_passages, vector_blocks
from attendo.tasks.embedding.settings import EmbedSettings

__all__ = [
    "MODULES",
    "AveragedVectors",
    "EmbedProblem",
    "EmbedSettings",
    "Embedder",
    "Found",
    "Judged",
    "Likeness",
    "Passage",
    "SearchIndex",
    "TextVector",
    "TextVectors",
    "TfIdfVectors",
    "best_passages",
    "build_embedder",
    "build_embedder_on_base",
    "compare_judged",
    "judge_vectors",
    "learned_kind",
    "load_embedder",
    "load_foreign_embedder",
    "score_judged",
    "texts_in",
    "vector_blocks",
]
