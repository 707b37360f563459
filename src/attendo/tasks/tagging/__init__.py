"""The task `tag`: each word gets a tag, and tags make labelled spans."""

from attendo.tasks.tagging.building import build_tagger, build_tagger_on_base, load_tagger
from attendo.tasks.tagging.learning import TaggedInputs, TagProblem, encode_tagged
from attendo.tasks.tagging.model import FoundSpan, Tagger, Tagging, score_found, untagged
from attendo.tasks.tagging.names import NameList
from attendo.tasks.tagging.scoring import WordTagger
from attendo.tasks.tagging.settings import TagModelSettings, TagSettings
from attendo.tasks.tagging.tag_set import TagSet, gold_spans

__all__ = [
    "FoundSpan",
    "NameList",
    "TagModelSettings",
    "TagProblem",
    "TagSet",
    "TagSettings",
    "TaggedInputs",
    "Tagger",
    "Tagging",
    "WordTagger",
    "build_tagger",
    "build_tagger_on_base",
    "encode_tagged",
    "gold_spans",
    "load_tagger",
    "score_found",
    "untagged",
]
