"""Language models on the user's own texts: they write on, and say how probable texts are.

What is made of dialogues stands on the same parts, in a folder of its own.
"""

from attendo.tasks.generating.building import (
    build_language_model,
    build_language_model_on_base,
    chosen_size,
    load_language_model,
    trained_tokenizer,
)
from attendo.tasks.generating.judging import Foreseen, foretell, in_blocks
from attendo.tasks.generating.language_model import LanguageModel, checked_texts
from attendo.tasks.generating.learning import LanguageProblem
from attendo.tasks.generating.model import Generator, ScoredText
from attendo.tasks.generating.ngrams import CountingModel
from attendo.tasks.generating.settings import GenerateSettings, LanguageModelSettings, LanguageSettings
from attendo.tasks.generating.streams import TokenStreams, stream_texts
from attendo.tasks.generating.windows import Windows, read_windows

__all__ = [
    "CountingModel",
    "Foreseen",
    "GenerateSettings",
    "Generator",
    "LanguageModel",
    "LanguageModelSettings",
    "LanguageProblem",
    "LanguageSettings",
    "ScoredText",
    "TokenStreams",
    "Windows",
    "build_language_model",
    "build_language_model_on_base",
    "checked_texts",
    "chosen_size",
    "foretell",
    "in_blocks",
    "load_language_model",
    "read_windows",
    "stream_texts",
    "trained_tokenizer",
]
