"""Writing texts token by token, for all tasks that do: strings in the settings, strings in the answers."""

from attendo.tasks.writing.requests import Part, Piece, Request, Why, Written, with_others
from attendo.tasks.writing.reranking import ranked_by_agreement
from attendo.tasks.writing.settings import Method, WriteSettings
from attendo.tasks.writing.writer import TextWriter

__all__ = [
    "Method",
    "Part",
    "Piece",
    "Request",
    "TextWriter",
    "Why",
    "WriteSettings",
    "Written",
    "ranked_by_agreement",
    "with_others",
]
