"""Command lines: what is understood, and how mistakes are told."""

import shlex

import pytest

import attendo
from attendo.cli.main import COMMANDS

USAGE_MISTAKES = [
    ("trian classify x --out y", "There is no command `trian`. Did you mean `train`?"),
    ("列出", "There is no command `列出`. There are: data, train"),
    ("--verbose", "There is no option `--verbose`."),
    ("train", "Missing: TASK. It is used as `attendo train TASK DATA --out MODEL"),
    ("train reviews.csv --out m", "Missing: DATA. It is used as"),
    ("train classify reviews.csv", "Missing: --out MODEL."),
    ("train classify a.csv b.csv --out m", "`b.csv` is one word too many"),
    ("train classify a.csv --out", "`--out` needs a value after it."),
    ("train classify a.csv --outt m", "There is no option `--outt`. Did you mean `--out`?"),
    ("train classify a.csv --out m --quie", "There is no option `--quie`. Did you mean `--quiet`?"),
    ("train classify a.csv --out m --overwrite=yes", "`--overwrite`: ignored explicit argument 'yes'."),
    ("evaluate model", "Missing: DATA."),
    ("predict", "Missing: MODEL."),
    ("predict model", "Give either texts or --input FILE"),
    ("predict model text --input file.csv", "Give either texts or --input FILE"),
    ("predict model text --format xml", "`--format` may be lines, jsonl, tsv, conll, json, but is `xml`."),
    ("data", "Missing: FILE."),
    ("demo --language fr", "`--language` may be en, zh or both, but is `fr`."),
    ("demo --seed -1", "`--seed` must be a whole number of 0 or more, but is `-1`."),
    ("demo now", "`now` is one word too many"),
]


@pytest.mark.parametrize(("line", "sentence"), USAGE_MISTAKES)
def test_usage_mistake_is_a_sentence_and_code_2(cli, line, sentence):
    ended = cli(*shlex.split(line))
    assert ended.code == 2
    assert ended.out == ""
    assert ended.err.startswith(f"Error: {sentence}")
    assert ended.err.count("\n") == 1


def test_version(cli):
    assert cli("--version").out == f"attendo {attendo.__version__}\n"


def test_nothing_asked_shows_the_help_and_fails(cli):
    ended = cli()
    assert ended.code == 2
    assert ended.err.startswith("Usage: attendo COMMAND")


def test_help_names_every_command_and_its_summary(cli):
    ended = cli("--help")
    assert ended.code == 0
    for name, module in COMMANDS.items():
        assert f"  {name:10}{module.SUMMARY}\n" in ended.out


@pytest.mark.parametrize("name", COMMANDS)
def test_examples_in_the_help_of_a_command_are_real_command_lines(cli, name):
    ended = cli(name, "--help")
    assert ended.code == 0
    assert ended.out.startswith(f"Usage: attendo {name} ")
    examples = [line.strip() for line in ended.out.partition("Examples:")[2].splitlines()]
    commands = [line[line.index("attendo ") :].partition(" > ")[0] for line in examples if "attendo " in line]
    assert commands
    for command in commands:
        _, verb, *words = shlex.split(command)
        assert verb == name
        assert COMMANDS[verb].build_parser().parse_line(words)


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("name", COMMANDS)
def test_explanations_of_options_fit_the_terminal(cli, monkeypatch, name, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    options = cli(name, "--help").out.partition("What ")[2].partition("General:")[0]
    words = [line for line in options.splitlines() if line.startswith(" ")]
    assert all(len(line) <= max(columns, 50) for line in words)
    assert "--debug" in cli(name, "--help").out


def test_options_and_texts_may_stand_in_any_order():
    parse = COMMANDS["predict"].build_parser().parse_line
    for line in ("m --all a b", "--all m a b", "m a --all b", "m a b --all"):
        options = parse(line.split())
        assert (options.model, options.texts, options.all) == ("m", ["a", "b"], True)


def test_texts_after_a_double_hyphen_may_look_like_options():
    options = COMMANDS["predict"].build_parser().parse_line(["m", "--", "--all", "-5", "太吵"])
    assert options.texts == ["--all", "-5", "太吵"]
    assert not options.all


def test_options_for_settings_are_stored_under_their_keys():
    line = "classify d --out m --size base --epochs 3 --seed 7 --device cpu --text 0 --label-separator | --set a=1"
    options = vars(COMMANDS["train"].build_parser().parse_line([*line.split(), "--set", "b=2"]))
    assert options["task.model.size"] == "base"
    assert options["training.epochs"] == "3"
    assert options["training.seed"] == "7"
    assert options["training.device"] == "cpu"
    assert options["data.text"] == "0"
    assert options["data.label_separator"] == "|"
    assert options["data.pair"] is None
    assert options["overrides"] == ["a=1", "b=2"]
