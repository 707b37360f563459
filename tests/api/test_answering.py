"""A run of `answer` from its file to its model: sets, threshold, report, and going on after a kill."""

from __future__ import annotations

import json
from argparse import Namespace

import pytest

import attendo
from attendo.api import AnswerRunSettings, train
from attendo.configuration import from_mapping
from attendo.data import find_splits
from attendo.errors import DataError
from attendo.report import write_evaluation
from attendo.tasks import Answerer
from attendo.training import Note, Scored


def quick(**task):
    training = {"epochs": 2, "threads": 1, "precision": "float32", "device": "cpu", "checkpoint_seconds": 1e-9}
    return from_mapping(AnswerRunSettings, {"task": {"model": {"size": "tiny"}} | task, "training": training})


@pytest.fixture(scope="module")
def file(write_questions, tmp_path_factory):
    return write_questions(tmp_path_factory.mktemp("questions") / "people.json", impossible=True)


@pytest.fixture(scope="module")
def result(file, tmp_path_factory):
    return train("answer", file, out=tmp_path_factory.mktemp("answer") / "model", settings=quick())


def test_a_run_from_scratch_ends_with_a_model_and_its_scores(result, file):
    model = attendo.load(result.folder)
    assert isinstance(model, Answerer)
    names = [system.name for system in result.story.systems]
    assert names == ["word overlap", "attendo"]
    scores = result.story.systems[-1].scores["test"]
    assert scores.rules == "squad-2.0"
    assert scores.has_answer.num_examples + scores.no_answer.num_examples == scores.num_examples
    assert model.rule.no_answer
    assert model.rule.max_tokens == 1
    card = json.loads((result.folder / "attendo.json").read_text(encoding="utf-8"))
    assert card["answers"]["threshold"] == model.rule.threshold
    assert {"f1", "exact_match"} <= card["scores"][-1].keys()
    assert any("its probability is above" in note for note in result.story.notes)
    again = model.evaluate(file)
    assert again.num_examples == 41 * 5


def test_no_passage_is_in_two_sets(file):
    from attendo.api.answering import load_questions
    from attendo.data import QuestionDataSettings

    splits = load_questions(file, dev=None, test=None, settings=QuestionDataSettings())
    passages = [{each.context for each in part} for part in splits.present().values()]
    assert len(passages) == 3
    assert sum(map(len, passages)) == len(set.union(*passages))


def test_the_report_shows_the_questions(result):
    page = (result.folder / "report.html").read_text(encoding="utf-8")
    assert "exact match" in page
    assert "What attention looks at" in page
    assert any(note.startswith("Questions: ") for note in result.story.notes)
    assert "test questions" in page
    assert "test texts" not in page
    assert "dev texts" not in page
    assert result.story.attention[0].received
    assert "words near those of the question" in page
    assert "all labels right" not in page


def test_an_evaluation_report_is_written(result, file, tmp_path):
    from attendo.cli.tasks.answering import judged
    from attendo.data import read_questions

    questions = read_questions(file).questions
    scores, hardest, _ = judged(attendo.load(result.folder), questions, Namespace(), hardest=True)
    write_evaluation("people", scores, hardest, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "none given where there is none" in page
    assert 0 < len(hardest) <= 20


@pytest.mark.parametrize("moment", [1, 2])
def test_a_run_that_was_stopped_ends_with_the_same_model(moment, result, file, tmp_path):
    def stop(event):
        if isinstance(event, Scored) and event.epoch == moment:
            raise KeyboardInterrupt

    out, told = tmp_path / "model", []
    with pytest.raises(KeyboardInterrupt):
        train("answer", file, out=out, settings=quick(), tell=stop)
    train("answer", file, out=out, settings=quick(), tell=told.append)
    went_on = [each for each in told if isinstance(each, Note) and "from a checkpoint" in each.text]
    assert len(went_on) == 1
    for name in ("model.safetensors", "features.safetensors"):
        assert (out / name).read_bytes() == (result.folder / name).read_bytes()


def test_a_run_on_a_base(make_base, write_questions, tmp_path):
    make_base(tmp_path / "base")
    file = write_questions(tmp_path / "train.json", count=11, chinese=True)
    result = train("answer", file, out=tmp_path / "model", base=tmp_path / "base", settings=quick())
    assert result.story.systems[-1].scores["test"].rules == "squad-1.1"
    assert "[CLS]" in {each.word for each in result.story.attention[0].received}
    model = attendo.load(tmp_path / "model")
    assert not model.rule.no_answer
    assert json.loads((tmp_path / "model" / "config.json").read_text())["architectures"] == ["BertForQuestionAnswering"]


def test_from_scratch_it_learns_to_answer(write_questions, tmp_path):
    file = write_questions(tmp_path / "train.json", count=97)
    settings = from_mapping(
        AnswerRunSettings,
        {
            "task": {"model": {"size": "tiny", "dropout": 0, "embedding_dropout": 0, "token_dropout": 0}},
            "training": {"epochs": 8, "threads": 1, "precision": "float32", "device": "cpu"},
        },
    )
    result = train("answer", file, out=tmp_path / "model", settings=settings)
    simple, ours = (system.scores["test"].f1.value for system in result.story.systems)
    assert ours > max(simple, 0.8)


def test_nothing_to_learn_from_is_told(tmp_path):
    rows = [{"question": "Who?", "context": f"Ada {number}.", "answers": ["Bo"]} for number in range(31)]
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(DataError, match="stands in its passage"):
        train("answer", tmp_path / "train.jsonl", out=tmp_path / "model", settings=quick())


def test_sets_are_found_in_a_folder(write_questions, tmp_path):
    from attendo.data import QUESTION_SUFFIXES

    for name in ("train", "dev", "test"):
        write_questions(tmp_path / f"{name}.json", count=3)
    assert set(find_splits(tmp_path, suffixes=QUESTION_SUFFIXES)) == {"train", "dev", "test"}
