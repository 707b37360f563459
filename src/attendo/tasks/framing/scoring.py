"""From sentences to predicates and their roles: the network that is asked, and what its scores come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from attendo.attention import Layout
from attendo.data import Role
from attendo.tasks.framing.questions import Question, Sentences
from attendo.tasks.tagging.scoring import WordScorer, best_tags, score_words, sure_of
from attendo.tasks.tagging.tag_set import TagSet
from attendo.tasks.words import WordBatch

SURE = 0.5
"""From here on a word is taken to be a predicate."""


class RoleScorer(WordScorer):
    """A scorer of words: each tag of a role, and last whether the word is a predicate."""

    def loss(self, batch: WordBatch, answers: Tensor, about_roles: Tensor) -> Tensor:
        """How unlikely the answers are, over all words.

        Args:
            answers: the tag of each word, or 1 for a predicate where predicates are asked for.
            about_roles: of each window, whether it asks for roles.
        """
        scores = self(batch)
        lengths = batch.layout.query_lengths
        words = about_roles.repeat_interleave(torch.tensor(lengths, device=about_roles.device), output_size=len(scores))
        flags = about_roles.tolist()
        layout = Layout(tuple(length for length, asked in zip(lengths, flags, strict=True) if asked))
        roles = -self.chain.log_likelihood(scores[words, :-1], answers[words], layout).sum()
        alone, truth = scores[~words, -1], answers[~words]
        return roles + binary_cross_entropy_with_logits(alone, truth.to(alone.dtype), reduction="sum")


class SureRoles(NamedTuple):
    """The roles of one predicate in words, and how likely each is to be just so."""

    roles: tuple[Role, ...]
    probabilities: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class FrameFinder:
    """A network, the tags that it scores, and how they are chosen."""

    scorer: RoleScorer
    tags: TagSet
    decoding: str

    def predicates(self, sentences: Sentences, numbers: Sequence[int]) -> list[Tensor]:
        """For each word of some sentences, how likely it is a predicate."""
        inputs = sentences.ask([Question(number) for number in numbers])
        return [scores[:, -1].sigmoid() for scores in score_words(self.scorer, inputs, len(numbers))]

    def roles(self, sentences: Sentences, questions: Sequence[Question]) -> list[tuple[Role, ...]]:
        """The roles of each predicate that is asked about."""
        return [each.roles for each in self._found(sentences, questions, sure=False)]

    def sure_roles(self, sentences: Sentences, questions: Sequence[Question]) -> list[SureRoles]:
        """The roles of each predicate that is asked about, with their probabilities."""
        return self._found(sentences, questions, sure=True)

    def _found(self, sentences: Sentences, questions: Sequence[Question], *, sure: bool) -> list[SureRoles]:
        if not questions:
            return []
        inputs = sentences.ask(questions)
        scores = [each[:, :-1] for each in score_words(self.scorer, inputs, len(questions))]
        ruled, starts = self.decoding != "plain", [window.first for window in inputs.windows]
        best = best_tags(self.scorer.chain, scores, self.tags, constrained=ruled)
        if sure:
            found = sure_of(self.scorer.chain, scores, self.tags, best, constrained=ruled)
        else:
            found = [[(span, 0.0) for span in self.tags.spans(each)] for each in best]
        return [
            SureRoles(
                tuple(Role(role.start + start, role.end + start, role.label) for role, _ in each),
                tuple(chance for _, chance in each),
            )
            for each, start in zip(found, starts, strict=True)
        ]


def sure_predicates(chances: Tensor) -> list[int]:
    """The words that are taken to be predicates."""
    return (chances >= SURE).nonzero()[:, 0].tolist()
