"""`predict` and `evaluate` with a model that gives numbers."""

import json

import pytest

from attendo.data import Example
from attendo.tasks import NumberScale, Rater, TextEncoder, build_rater, encode_rated, fit_ridge_path, texts_of


@pytest.fixture(scope="module", params=[False, True], ids=["single", "paired"])
def rater(request, tmp_path_factory):
    """The folder of a model, and a file of texts with numbers."""
    from attendo.tasks import ClassifySettings, ModelSettings

    folder = tmp_path_factory.mktemp("rater")
    words = ["bad", "fine", "good", "很好"]
    rows = [
        Example(f"the soup {a} {b}", f"soup {b}" if request.param else None, (f"{i + j / 7:.3f}",))
        for i, a in enumerate(words)
        for j, b in enumerate(words)
    ]
    encoder = TextEncoder.train(*texts_of(rows))
    train = encode_rated(encoder, rows)
    linear = fit_ridge_path(train.texts.features, NumberScale.of(train.values).standardised(train.values))
    model = build_rater(encoder, linear, ClassifySettings(model=ModelSettings(size="tiny")), train.texts)
    Rater(model=model, encoder=encoder).save(folder / "model")
    heads = ["text1", "text2", "score"] if request.param else ["text", "score"]
    lines = [[row.text, *([row.pair] if row.pair else []), *row.labels] for row in rows]
    (folder / "data.tsv").write_text("\n".join("\t".join(line) for line in [heads, *lines]) + "\n", encoding="utf-8")
    return folder, request.param


def test_the_formats(rater, cli):
    folder, paired = rater
    ended = cli("predict", folder / "model", "--input", folder / "data.tsv", "--format", "jsonl")
    found = [json.loads(line) for line in ended.out.splitlines()]
    assert len(found) == 16
    assert set(found[0]) == {"value", "text"} | ({"pair"} if paired else set())
    ended = cli("predict", folder / "model", "--input", folder / "data.tsv", "--format", "tsv")
    head, *rows = [line.split("\t") for line in ended.out.splitlines()]
    assert head == ["value", "text", *(["pair"] if paired else [])]
    assert [float(row[0]) for row in rows] == [each["value"] for each in found]
    assert [row[1] for row in rows] == [each["text"] for each in found]
    ended = cli("predict", folder / "model", "--input", folder / "data.tsv", "--format", "lines")
    assert len(ended.out.splitlines()) == 16
    assert ended.out.split()[0] == f"{found[0]['value']:.4g}"


def test_the_scores(rater, cli, tmp_path):
    folder, paired = rater
    page = tmp_path / "page.html"
    words = ("evaluate", folder / "model", folder / "data.tsv", "--label", "score")
    ended = cli(*words, "--json", "--report", page)
    scores = json.loads(ended.out)
    assert scores["num_examples"] == 16
    assert scores["pearson"]["value"] > 0.5
    text = page.read_text(encoding="utf-8")
    assert "Predicted and true numbers" in text
    assert "a number for each" in text
    assert "‖" not in text
    assert ("border-top:1px dotted" in text) == paired
    ended = cli(*words)
    assert ended.code == 0
    assert "Spearman" in ended.out


def test_labels_that_are_none(rater, cli, tmp_path):
    folder, _ = rater
    text = (folder / "data.tsv").read_text(encoding="utf-8").replace("\t0.000", "\tgood")
    (tmp_path / "data.tsv").write_text(text, encoding="utf-8")
    ended = cli("evaluate", folder / "model", tmp_path / "data.tsv", "--label", "score")
    assert ended.code == 2
    assert "the label `good` (data.tsv line 2) is none" in ended.err
