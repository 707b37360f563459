"""How `answer` begins: attendo's own network over question and passage, or a base under a head for spans."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from attendo.api.candidates import LOOKED_AT_PASSAGES, Candidate, Judgement, own_bytes_per_token, shaped
from attendo.api.fine_tuning import about_head, candidate_on_base
from attendo.api.settings import AnswerRunSettings
from attendo.data import (
    QUESTION_SUFFIXES,
    Question,
    QuestionDataSettings,
    Splits,
    find_splits,
    load_sets,
    read_questions,
)
from attendo.errors import DataError
from attendo.metrics import answer_language, paired_answers, score_answers
from attendo.models import DeepPath
from attendo.report import System, hardest_answers
from attendo.tasks import (
    Answerer,
    AnswerProblem,
    Base,
    OverlapReader,
    build_answerer,
    build_answerer_on_base,
    learned_questions,
    look,
    score_found_answers,
)
from attendo.training import Habits, arrange_layers


def load_questions(
    data: Path | str, *, dev: Path | str | None, test: Path | str | None, settings: QuestionDataSettings
) -> Splits[Question]:
    """Read the sets of a training run.

    Raises:
        DataError: if a file cannot be used, or holds nothing to learn from.
    """
    paths = find_splits(data, dev=dev, test=test, suffixes=QUESTION_SUFFIXES)
    return load_sets(paths, lambda path: read_questions(path, settings), settings, _check)


def begin_answering(
    splits: Splits[Question], settings: AnswerRunSettings, base: Base | None, folder: Path
) -> Candidate:
    """The model that is to be trained, and what it must beat."""
    torch.manual_seed(settings.training.seed)
    return _from_scratch(splits, settings) if base is None else _on_base(base, splits, settings)


def _from_scratch(splits: Splits[Question], settings: AnswerRunSettings) -> Candidate:
    """attendo's own network, with first vectors for its words and rows for what question and passage share."""
    model = build_answerer(splits.train, settings.task)
    shape, network = model.model.shape, model.network
    assert isinstance(network, DeepPath)
    note = f"Model: {shaped(shape)}, {shape.num_rows:,} rows of words, n-grams and what question and passage share."
    problem, notes = _problem(model, splits, settings)
    return Candidate(
        model=model,
        problem=problem,
        habits=Habits(),
        bytes_per_token=own_bytes_per_token(shape),
        parts={"network": network},
        at_work=network,
        judge=_Judge(splits, model),
        settle=lambda: _settled(model, splits.dev),
        notes=(note, *notes),
    )


def _on_base(base: Base, splits: Splits[Question], settings: AnswerRunSettings) -> Candidate:
    """A pretrained model under a head for where answers begin and end."""
    model, new = build_answerer_on_base(base, splits.train, settings.task)
    arrange_layers(model.network, settings.training)
    problem, notes = _problem(model, splits, settings)
    return candidate_on_base(
        base,
        model,
        problem,
        settings.training,
        texts=len(problem.lengths),
        judge=_Judge(splits, model),
        notes=(about_head(new, known="answers questions"), *notes),
        settle=lambda: _settled(model, splits.dev),
    )


def _problem(
    model: Answerer, splits: Splits[Question], settings: AnswerRunSettings
) -> tuple[AnswerProblem, tuple[str, ...]]:
    train = learned_questions(model.encoder, splits.train)
    if settings.task.max_answer is None:
        model.rule.max_tokens = train.longest_answer()
    left = len(splits.train) - len(train.windows)
    notes = [f"Answers have up to {model.rule.max_tokens} tokens."]
    if left:
        notes.append(f"{left:,} training questions have no answer in their passage to learn from.")
    windows = sum(map(len, train.windows))
    if windows > len(train.windows):
        notes.append(
            f"Some passages are longer than a window of {model.encoder.window:,} tokens: "
            f"{len(train.windows):,} training questions are read in {windows:,} windows."
        )
    dev = (splits.dev, model.encoder.encode_questions(splits.dev))
    return AnswerProblem(model.network, train, dev, model.rule), tuple(notes)


def _settled(model: Answerer, dev: Sequence[Question]) -> tuple[str, ...]:
    """From which probability on a question is left without an answer, by what is best on the dev questions."""
    if not model.rule.no_answer:
        return ()
    model.rule.threshold = 1.0
    best = score_found_answers(dev, list(model.predict_examples(dev, best=1)), resamples=1).best
    if best is None:
        model.rule.threshold = 0.5
        return ("The dev questions all have answers: none is given where that is more likely than not.",)
    model.rule.threshold = best.best_f1_threshold
    return (f"No answer is given where its probability is above {best.best_f1_threshold:.1%}, best on dev questions.",)


class _Judge:
    """Scores the words nearest to what question and passage share, and the trained model."""

    def __init__(self, splits: Splits[Question], model: Answerer) -> None:
        self._splits, self._model = splits, model

    def __call__(self, seconds: float) -> Judgement:
        sets = self._splits.present()
        reader = OverlapReader.of(sets.pop("train"))
        systems = (
            System(name="word overlap", scores={}, seconds=0.0),
            System(name="attendo", scores={}, seconds=seconds),
        )
        language = answer_language([answer.text for each in self._splits.dev for answer in each.answers])
        simple: list[str] = []
        found = []
        for name, questions in sets.items():
            simple, found = [reader.answer(each) for each in questions], list(self._model.predict_examples(questions))
            golds = [[answer.text for answer in each.answers] for each in questions]
            systems[0].scores[name] = score_answers(simple, golds, language=language)
            systems[1].scores[name] = score_found_answers(questions, found, language=language)
        last = list(sets.values())[-1]
        golds = [[answer.text for answer in each.answers] for each in last]
        return Judgement(
            systems=systems,
            against=paired_answers(golds, [each.text for each in found], simple, language=language),
            hardest=hardest_answers(last, found, language=language),
            attention=look(self._model.network, self._model.encoder.view(sets["dev"][:LOOKED_AT_PASSAGES])),
        )


def _check(questions: Sequence[Question], path: Path) -> None:
    if not any(each.placed for each in questions):
        raise DataError(
            "none of its questions has an answer that stands in its passage; nothing can be learnt.", path=path
        )
