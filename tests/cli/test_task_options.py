"""Options of one task are refused for models of others, and every command says what they do."""

from __future__ import annotations

from argparse import Namespace

import pytest

from attendo.cli.main import COMMANDS
from attendo.cli.parsing import UsageError
from attendo.cli.task_options import TASK_OPTIONS, check_task_options
from attendo.cli.tasks import TASK_FILES


@pytest.mark.parametrize(("option", "value"), [("--passage", "y"), ("--best", 3), ("--no-answer", 0.5)])
def test_predict_refuses_options_of_another_task(cli, model, option, value):
    ended = cli("predict", model, "good", option, value)
    assert (ended.code, ended.out) == (2, "")
    said = " ".join(ended.err.split())
    assert said == f"Error: `{option}` is for models of the task `answer`, but this model's is `classify`."


def test_evaluate_refuses_options_of_another_task(cli, model, corpus):
    ended = cli("evaluate", model, corpus, "--no-answer", "0.5")
    assert (ended.code, ended.out) == (2, "")
    assert "`--no-answer` is for models of the task `answer`" in ended.err


@pytest.mark.parametrize("task", TASK_FILES)
@pytest.mark.parametrize("option", TASK_OPTIONS)
def test_an_option_goes_with_its_tasks_alone(option, task):
    name, tasks = TASK_OPTIONS[option]
    check_task_options(Namespace(**{name: None}), task)
    if task in tasks:
        check_task_options(Namespace(**{name: 0}), task)
        return
    with pytest.raises(UsageError, match=f"`{option}` is for models of the tasks? .*, but this model's is `{task}`"):
        check_task_options(Namespace(**{name: 0}), task)


def test_options_are_kept_under_these_names():
    kept = [vars(COMMANDS[name].build_parser().parse_line(["m", "d"])) for name in ("predict", "evaluate")]
    for option, (name, tasks) in TASK_OPTIONS.items():
        assert [each[name] for each in kept if name in each] in ([None], [None, None]), option
        assert set(tasks) < set(TASK_FILES)


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_help_says_that_questions_may_stay_without_answer(command):
    options = COMMANDS[command].build_parser().format_help().partition("Examples:")[0]
    assert "--no-answer P" in options
    assert "give no answer where" in options
