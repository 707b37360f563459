"""`train` where labels are numbers: from scratch and on a base, what is saved, resumed and refused."""

import json

import numpy as np
import pytest
import torch

import attendo
from attendo.api import train
from attendo.errors import ConfigError, DataError, InputError
from attendo.metrics import RegressionScores
from attendo.tasks import Rater, load
from attendo.training import Note, TrainingSettings

TEXTS = ["good film", "a b c", "bad films .", "电影很好看", "very " * 50 + "bad"]
WORTH = {"good": 1.5, "bad": -2.5, "film": 0.25, "不": -1.0}


def table(path, count, *, paired=False):
    random = np.random.default_rng(3)
    lines = ["text1\ttext2\tscore" if paired else "text\tscore"]
    for number in range(count):
        words = random.choice(list(WORTH), 3).tolist()
        texts = [" ".join([*words, *random.choice(list("abc012"), 3)]) + f" {number % 17}"]
        value = 70 + sum(WORTH[word] for word in words)
        if paired:
            texts.append(" ".join(words[: 1 + number % 3]))
            value = 70 + number % 3 * 2.25
        lines.append("\t".join([*texts, f"{value:.2f}"]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


COLUMN = {"label": "score"}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return table(tmp_path_factory.mktemp("numbers") / "numbers.tsv", 131)


@pytest.fixture(scope="module")
def settings(quick):
    return quick(data=COLUMN, checkpoint_seconds=1e-9)


@pytest.fixture(scope="module")
def undisturbed_rater(tmp_path_factory, data, settings):
    return train("classify", data, out=tmp_path_factory.mktemp("rater") / "model", settings=settings)


def test_it_learns_and_is_compared(undisturbed_rater, data):
    story = undisturbed_rater.story
    assert [system.name for system in story.systems] == ["mean number", "linear n-grams", "attendo"]
    mean, _, ours = (system.scores["test"] for system in story.systems)
    assert isinstance(ours, RegressionScores)
    assert mean.pearson.value == 0
    assert ours.pearson.value > 0.8
    assert ours.mean_squared_error.value < 0.5 * mean.mean_squared_error.value
    assert any("numbers are predicted" in note for note in story.notes)
    assert not any("which train does not have" in note for note in story.warnings)
    misses = [case.miss for case in story.hardest]
    assert misses == sorted(misses, reverse=True)
    again = attendo.load(undisturbed_rater.folder)
    assert isinstance(again, Rater)
    expected = [each.value for each in undisturbed_rater.model.predict(TEXTS)]
    assert [each.value for each in again.predict(TEXTS)] == expected
    assert 60 < expected[0] < 80
    card = json.loads((undisturbed_rater.folder / "attendo.json").read_text(encoding="utf-8"))
    assert card["numbers"] is True
    assert card["scores"][-1]["pearson"]["value"] == ours.pearson.value
    assert again.evaluate(data).pearson.value > 0.8


def test_the_report_shows_numbers(undisturbed_rater):
    page = (undisturbed_rater.folder / "report.html").read_text(encoding="utf-8")
    assert "Predicted and true numbers" in page
    assert "What attention looks at" in page
    assert undisturbed_rater.story.attention[0].received
    assert "off by" in page
    assert "Class by class" not in page
    assert "mean of the training texts" in page


@pytest.mark.parametrize("moments", [("first step", "within an epoch", "trained", "attendo.json")])
def test_a_killed_run_ends_with_the_same_model(moments, kill, data, settings, undisturbed_rater, same, tmp_path):
    killed = kill(tmp_path, data, settings, moments)
    for moment in moments:
        assert (killed / moment / "run").exists()
        train("classify", data, out=killed / moment, settings=settings)
        same(killed / moment, undisturbed_rater.folder)


def test_pairs_are_compared(quick, tmp_path):
    data = table(tmp_path / "pairs.tsv", 149, paired=True)
    settings = quick(data=COLUMN | {"numbers": True})
    result = train("classify", data, out=tmp_path / "model", settings=settings)
    _, linear, ours = (system.scores["test"].pearson.value for system in result.story.systems)
    assert linear > 0.9
    assert ours > 0.9
    assert len(result.model.predict("good bad film", "good")) == 1
    with pytest.raises(DataError, match="give each text its second text"):
        result.model.predict("good")
    assert all(case.pair is not None for case in result.story.hardest)
    assert result.story.noun == "pair"
    assert "mean of the training pairs" in (tmp_path / "model" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("family", "architecture"),
    [
        *[("bert", "BertForMaskedLM"), ("roberta", "RobertaForMaskedLM"), ("gpt2", "GPT2LMHeadModel")],
        *[("llama", "LlamaForCausalLM"), ("t5", "T5ForConditionalGeneration")],
    ],
)
def test_every_kind_of_base_goes_back(family, architecture, make_base, data, quick, tmp_path):
    transformers = pytest.importorskip("transformers")
    make_base(tmp_path / "base", family, architecture)
    settings = quick(data=COLUMN, learning_rate=3e-3, epochs=2, ema=None)
    result = train("classify", data, base=tmp_path / "base", out=tmp_path / "model", settings=settings)
    again = load(tmp_path / "model")
    found = [each.value for each in again.predict(TEXTS)]
    assert found == [each.value for each in result.model.predict(TEXTS)]
    folder = tmp_path / "model"
    theirs, said = transformers.AutoModelForSequenceClassification.from_pretrained(folder, output_loading_info=True)
    assert not any(said[kind] for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    assert (theirs.config.problem_type, theirs.config.num_labels) == ("regression", 1)
    words = transformers.PreTrainedTokenizerFast.from_pretrained(folder)
    inputs = [words(text, truncation=True, max_length=again.encoder.max_tokens, return_tensors="pt") for text in TEXTS]
    with torch.inference_mode():
        logits = [theirs.eval()(each["input_ids"], attention_mask=each["attention_mask"]).logits for each in inputs]
    np.testing.assert_allclose(found, [float(each) for each in logits], rtol=1e-5, atol=1e-4)
    if family in ("bert", "roberta", "t5"):  # those whose last layer can add the mean
        assert 60 < np.mean(found) < 80


def test_numbers_may_be_taken_for_classes(data, quick, tmp_path):
    told = []
    few = tmp_path / "few.tsv"
    few.write_text("text\tscore\n" + "".join(f"text {n} {n % 3}\t{n % 3}\n" for n in range(60)), encoding="utf-8")
    result = train("classify", few, out=tmp_path / "model", settings=quick(data=COLUMN, epochs=1), tell=told.append)
    assert result.model.labels.names == ("0", "1", "2")
    assert not any("numbers are predicted" in event.text for event in told if isinstance(event, Note))
    classes = train(
        "classify", data, out=tmp_path / "other", settings=quick(data=COLUMN | {"numbers": False}, epochs=1)
    )
    assert len(classes.model.labels.names) > 7


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((None, "a.csv", "out"), "`task` must be the name of a task, but is NoneType"),
        (("classify", None, "out"), "`data` must be the path of a file or folder, but is NoneType"),
        (("classify", "a.csv", None), "`out` must be the path of a file or folder, but is NoneType"),
    ],
)
def test_what_is_none_is_told(arguments, message):
    task, data, out = arguments
    with pytest.raises(InputError, match=message):
        attendo.train(task, data, out=out)


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_settings_without_end_are_refused(value, quick):
    for name in ("learning_rate", "checkpoint_seconds"):
        with pytest.raises(ConfigError, match=f"`{name}` must be a finite number"):
            TrainingSettings(**{name: value})
    with pytest.raises(ConfigError, match="learning_rate"):
        quick(learning_rate=value)
