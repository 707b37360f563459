"""The task `answer`: a question about a passage is answered by words of the passage."""

from attendo.tasks.answering.building import build_answerer, build_answerer_on_base, load_answerer
from attendo.tasks.answering.inputs import QuestionInputs
from attendo.tasks.answering.learning import AnswerProblem, learned_questions
from attendo.tasks.answering.model import Answerer, FoundAnswer, PossibleAnswer, asked, score_found_answers
from attendo.tasks.answering.overlap import OverlapReader
from attendo.tasks.answering.scoring import AnswerRule
from attendo.tasks.answering.settings import AnswerSettings
from attendo.tasks.answering.span_search import ScoredWindow, Span, SpanChoice, best_spans

__all__ = [
    "AnswerProblem",
    "AnswerRule",
    "AnswerSettings",
    "Answerer",
    "FoundAnswer",
    "OverlapReader",
    "PossibleAnswer",
    "QuestionInputs",
    "ScoredWindow",
    "Span",
    "SpanChoice",
    "asked",
    "best_spans",
    "build_answerer",
    "build_answerer_on_base",
    "learned_questions",
    "load_answerer",
    "score_found_answers",
]
