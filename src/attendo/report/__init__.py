"""Reports of training and evaluation: self-contained pages, tables for the terminal, and the verdict in a sentence.

Shows what other rooms have found, in English or Chinese; measures nothing itself and never prints.
"""

from attendo.report.data_tables import data_table
from attendo.report.evaluation_page import write_evaluation
from attendo.report.hard_cases import (
    hardest_answers,
    hardest_cases,
    hardest_framings,
    hardest_likenesses,
    hardest_ratings,
    hardest_taggings,
    hardest_writings,
)
from attendo.report.judging import verdict
from attendo.report.measures import main_scores
from attendo.report.story import Cost, HardCase, Sample, Story, System, SystemScores
from attendo.report.terminal import class_table, comparison_table, confusion_table, scores_table
from attendo.report.training_page import write_report
from attendo.report.words import check_language

__all__ = [
    "Cost",
    "HardCase",
    "Sample",
    "Story",
    "System",
    "SystemScores",
    "check_language",
    "class_table",
    "comparison_table",
    "confusion_table",
    "data_table",
    "hardest_answers",
    "hardest_cases",
    "hardest_framings",
    "hardest_likenesses",
    "hardest_ratings",
    "hardest_taggings",
    "hardest_writings",
    "main_scores",
    "scores_table",
    "verdict",
    "write_evaluation",
    "write_report",
]
