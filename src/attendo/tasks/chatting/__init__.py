"""Answers in dialogues: turns put together by chat templates, learned from answers alone, forgotten by whole turns."""

from attendo.tasks.chatting.building import as_chatter, build_chatter, build_chatter_on_base, load_chatter
from attendo.tasks.chatting.model import Chatter, chosen_answers, dialogue_from, dialogue_scores
from attendo.tasks.chatting.retrieval import NearestAnswers
from attendo.tasks.chatting.settings import ChatSettings
from attendo.tasks.chatting.templates import ChatTemplate, find_template
from attendo.tasks.chatting.turns import TurnReader

__all__ = [
    "ChatSettings",
    "ChatTemplate",
    "Chatter",
    "NearestAnswers",
    "TurnReader",
    "as_chatter",
    "build_chatter",
    "build_chatter_on_base",
    "chosen_answers",
    "dialogue_from",
    "dialogue_scores",
    "find_template",
    "load_chatter",
]
