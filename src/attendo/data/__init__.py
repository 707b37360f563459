"""Labelled texts, questions, translations and summaries: the user's files read and checked, splits, a built-in corpus.

What a text means to a task, and how it becomes tokens, is not decided here.
"""

from attendo.data.batches import plan_batches, plan_in_order
from attendo.data.columns import Columns, choose_columns
from attendo.data.corpus import built_in_corpus, write_corpus
from attendo.data.cuts import split_examples
from attendo.data.dialogue_files import DIALOGUE_FORMATS, DIALOGUE_SUFFIXES
from attendo.data.dialogues import (
    ASSISTANT,
    SYSTEM,
    USER,
    Dialogue,
    DialogueDataSettings,
    DialogueReading,
    Turn,
    dialogue_of,
    read_dialogue_inputs,
    read_dialogues,
)
from attendo.data.examples import Example, read_examples, read_inputs
from attendo.data.formats import FORMATS, Format, read_rows
from attendo.data.frame_formats import (
    FRAME_FORMATS,
    FRAME_SUFFIXES,
    Frame,
    FramedSentence,
    FrameFormat,
    Role,
    place_words,
)
from attendo.data.frames import FrameReading, RoleDataSettings, read_frame_inputs, read_frames
from attendo.data.inspect import DataReport, Lengths, SetReport, describe_splits, inspect_data
from attendo.data.languages import guess_language, language_named
from attendo.data.numbers import as_number
from attendo.data.parallel import ParallelReading, read_parallel, read_sources
from attendo.data.parallel_sets import ParallelSplits, find_parallel_test_set, load_parallel
from attendo.data.parallel_settings import ParallelDataSettings, SummaryDataSettings
from attendo.data.question_settings import QUESTION_FORMATS, QUESTION_SUFFIXES, QuestionDataSettings
from attendo.data.questions import Answer, Misplaced, Question, QuestionReading, read_question_inputs, read_questions
from attendo.data.readings import Reading
from attendo.data.records import AnyRecord, Record, content, noun_of
from attendo.data.rows import ReadOptions, Row
from attendo.data.running_texts import RunningText, RunningTextSettings, load_running_texts, read_running_texts
from attendo.data.sets import SUFFIXES, Splits, find_splits, find_test_set, load_sets
from attendo.data.settings import DataSettings
from attendo.data.sides import Sides
from attendo.data.source_target import SourceTarget, Summarised
from attendo.data.splits import familiar_settings, load_splits
from attendo.data.tag_settings import TAG_FORMATS, TAGGED_SUFFIXES, TagDataSettings
from attendo.data.tagged import TaggedReading, read_tag_inputs, read_tagged
from attendo.data.tagged_text import TaggedText, join_words
from attendo.data.text_pairs import (
    PairDataSettings,
    PairKind,
    PairReading,
    TextPair,
    kind_of,
    read_pair_inputs,
    read_pairs,
    read_passages,
)
from attendo.data.texts import Documents, TextSettings, load_documents

__all__ = [
    "ASSISTANT",
    "DIALOGUE_FORMATS",
    "DIALOGUE_SUFFIXES",
    "FORMATS",
    "FRAME_FORMATS",
    "FRAME_SUFFIXES",
    "QUESTION_FORMATS",
    "QUESTION_SUFFIXES",
    "SUFFIXES",
    "SYSTEM",
    "TAGGED_SUFFIXES",
    "TAG_FORMATS",
    "USER",
    "Answer",
    "AnyRecord",
    "Columns",
    "DataReport",
    "DataSettings",
    "Dialogue",
    "DialogueDataSettings",
    "DialogueReading",
    "Documents",
    "Example",
    "Format",
    "Frame",
    "FrameFormat",
    "FrameReading",
    "FramedSentence",
    "Lengths",
    "Misplaced",
    "PairDataSettings",
    "PairKind",
    "PairReading",
    "ParallelDataSettings",
    "ParallelReading",
    "ParallelSplits",
    "Question",
    "QuestionDataSettings",
    "QuestionReading",
    "ReadOptions",
    "Reading",
    "Record",
    "Role",
    "RoleDataSettings",
    "Row",
    "RunningText",
    "RunningTextSettings",
    "SetReport",
    "Sides",
    "SourceTarget",
    "Splits",
    "Summarised",
    "SummaryDataSettings",
    "TagDataSettings",
    "TaggedReading",
    "TaggedText",
    "TextPair",
    "TextSettings",
    "Turn",
    "as_number",
    "built_in_corpus",
    "choose_columns",
    "content",
    "describe_splits",
    "dialogue_of",
    "familiar_settings",
    "find_parallel_test_set",
    "find_splits",
    "find_test_set",
    "guess_language",
    "inspect_data",
    "join_words",
    "kind_of",
    "language_named",
    "load_documents",
    "load_parallel",
    "load_running_texts",
    "load_sets",
    "load_splits",
    "noun_of",
    "place_words",
    "plan_batches",
    "plan_in_order",
    "read_dialogue_inputs",
    "read_dialogues",
    "read_examples",
    "read_frame_inputs",
    "read_frames",
    "read_inputs",
    "read_pair_inputs",
    "read_pairs",
    "read_parallel",
    "read_passages",
    "read_question_inputs",
    "read_questions",
    "read_rows",
    "read_running_texts",
    "read_sources",
    "read_tag_inputs",
    "read_tagged",
    "split_examples",
    "write_corpus",
]
