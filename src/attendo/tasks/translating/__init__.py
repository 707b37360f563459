"""Texts that are written from others: `translate` and `summarize`."""

from attendo.tasks.translating.alignments import WordAlignment
from attendo.tasks.translating.building import build_rewriter, build_rewriter_on_base, load_rewriter
from attendo.tasks.translating.contexts import with_context
from attendo.tasks.translating.learning import RewriteProblem
from attendo.tasks.translating.model import Rewriter, Rewritten, Summarizer, Translator
from attendo.tasks.translating.pairs import EncodedPairs, PairEncoder
from attendo.tasks.translating.reach import Reach
from attendo.tasks.translating.settings import RewriteSettings, SummarizeSettings, TranslateSettings
from attendo.tasks.translating.teaching import taught_to_copy

__all__ = [
    "EncodedPairs",
    "PairEncoder",
    "Reach",
    "RewriteProblem",
    "RewriteSettings",
    "Rewriter",
    "Rewritten",
    "SummarizeSettings",
    "Summarizer",
    "TranslateSettings",
    "Translator",
    "WordAlignment",
    "build_rewriter",
    "build_rewriter_on_base",
    "load_rewriter",
    "taught_to_copy",
    "with_context",
]
