"""Answering questions by words of a passage: the parts that know no network."""

from attendo.tasks.answer.span_search import ScoredWindow, Span, SpanChoice, best_spans

__all__ = ["ScoredWindow", "Span", "SpanChoice", "best_spans"]
