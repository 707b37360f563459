"""Training on a base: its loss and its dev scores against plain formulas, and what its layers look at."""

import numpy as np
import pytest
import torch

from attendo.data import Example
from attendo.errors import ModelFolderError
from attendo.tasks import Base, ClassifySettings, FineTuning, LabelSet, build_classifier_on_base, encode_pieces, look

CPU = torch.device("cpu")
ROWS = [
    Example("good film", labels=("good",)),
    Example("very bad films .", labels=("bad",)),
    Example("", labels=("bad",)),
    Example("电影很好看", labels=("good",)),
    Example("not very good . " * 9, labels=("不",)),
]
SEVERAL = [
    Example(each.text, labels=each.labels[: number % 2] + ("x",) * (number % 3)) for number, each in enumerate(ROWS)
]


@pytest.fixture
def bert(make_base, tmp_path):
    make_base(tmp_path / "bert", architecture="BertModel")
    return Base.read(tmp_path / "bert")


def problem_on(base, rows, **settings):
    """A problem with scores that are not near zero, and its classifier."""
    labels = LabelSet.of(row.labels for row in rows)
    model, _ = build_classifier_on_base(base, labels)
    with torch.no_grad():
        model.network.head.output.weight.mul_(97)
    data = encode_pieces(model.encoder, labels, rows)
    return FineTuning(model.network.eval(), labels, data, data, ClassifySettings(**settings)), model, data


def logits_of(base, model, rows):
    """What the reference library says, with the very weights."""
    transformers = pytest.importorskip("transformers")
    model.save(base.folder.parent / "saved")
    theirs = transformers.BertForSequenceClassification.from_pretrained(base.folder.parent / "saved").eval()
    words = transformers.AutoTokenizer.from_pretrained(base.folder.parent / "saved")
    with torch.inference_mode():
        found = [theirs(**words(row.text, truncation=True, return_tensors="pt")).logits for row in rows]
    return torch.cat(found).double().numpy()


@pytest.mark.parametrize("smoothing", [None, 0.2])
def test_the_loss_of_one_label(smoothing, bert):
    problem, model, data = problem_on(bert, ROWS, label_smoothing=smoothing, class_weights="balanced")
    loss = problem.loss(problem.batch(range(5), CPU))
    scores = logits_of(bert, model, ROWS)
    logs = scores - np.log(np.exp(scores).sum(1, keepdims=True))
    weights = 1 / np.bincount(data.labels)
    weights /= weights.mean()
    targets = np.eye(3)[data.labels] * (1 - (smoothing or 0)) + (smoothing or 0) / 3
    assert float(loss.total.detach()) == pytest.approx(-(targets * weights * logs).sum(), rel=1e-4)
    assert loss.weight == pytest.approx(weights[data.labels].sum(), rel=1e-5)


def test_the_loss_of_several_labels(bert):
    problem, model, data = problem_on(bert, SEVERAL)
    loss = problem.loss(problem.batch(range(5), CPU))
    chances = 1 / (1 + np.exp(-logits_of(bert, model, SEVERAL)))
    expected = -(data.labels * np.log(chances) + (1 - data.labels) * np.log(1 - chances)).mean(1).sum()
    assert float(loss.total.detach()) == pytest.approx(expected, rel=1e-4)
    assert loss.weight == 5


@pytest.mark.parametrize("rows", [ROWS, SEVERAL], ids=["one", "several"])
def test_scores_are_settled_as_they_were_judged(rows, bert):
    problem, model, _ = problem_on(bert, rows)
    before, judged = model.probabilities(rows), problem.scores()
    assert judged["score"] == -judged["loss_dev"]
    stretch = problem.settle()
    after = model.probabilities(rows)
    assert 0 < stretch < 1  # it was far too sure of itself
    assert ((after > 0.5) == (before > 0.5)).all() if rows is SEVERAL else (after.argmax(1) == before.argmax(1)).all()
    gold = model.labels.encode([row.labels for row in rows])
    losses = []
    for chances in (before, after):
        right = np.where(gold == 1, chances, 1 - chances) if rows is SEVERAL else chances[np.arange(5), gold]
        losses.append(-np.log(right).mean())
    assert losses[1] == pytest.approx(judged["loss_dev"], rel=1e-4)
    assert losses[1] < losses[0]


def test_a_base_says_what_it_is(make_base, tmp_path):
    names = {0: "good", 1: "bad"}
    make_base(tmp_path / "judge", architecture="BertForSequenceClassification", id2label=names)
    make_base(tmp_path / "tagger", architecture="BertForTokenClassification", id2label=names)
    judge, tagger = Base.read(tmp_path / "judge"), Base.read(tmp_path / "tagger")
    assert judge.labels == LabelSet(("good", "bad"))
    assert tagger.labels is None
    assert judge.familiar(LabelSet(("bad", "good"))) == judge.labels
    for other in (LabelSet(("bad", "good"), several=True), LabelSet(("bad", "fair", "good")), LabelSet(("bad",))):
        assert judge.familiar(other) is other
    assert set(judge.checksums) >= {"config.json", "model.safetensors", "tokenizer_config.json"}
    with pytest.raises(ModelFolderError, match="does not exist"):
        Base.read(tmp_path / "nothing")


def test_layers_look_as_the_reference_library_says(make_base, tmp_path):
    theirs = make_base(tmp_path / "base", architecture="BertForSequenceClassification", attn_implementation="eager")
    transformers = pytest.importorskip("transformers")
    words = transformers.AutoTokenizer.from_pretrained(tmp_path / "base")
    model, _ = build_classifier_on_base(Base.read(tmp_path / "base"), LabelSet(("a", "b")))
    rows = [row for row in ROWS if row.text][:2] * 2
    entropy, distance, received, count = np.zeros((3, 2)), np.zeros((3, 2)), {}, 0
    for row in rows:
        with torch.inference_mode():
            found = theirs.bert(**words(row.text, return_tensors="pt"), output_attentions=True).attentions
        weights = torch.cat(found).double().numpy()
        length = weights.shape[-1]
        count += length
        places = np.arange(length)
        entropy += -(weights * np.log(weights)).sum((2, 3)) / np.log(length)
        distance += (weights * abs(places[:, None] - places)).sum((2, 3))
        for piece, value in zip(
            words.tokenize(row.text, add_special_tokens=True), weights[1].sum(1).mean(0), strict=True
        ):
            received.setdefault(piece.removeprefix("##"), []).append(value)
    layers = look(model.network, model.encoder.view([row.text for row in rows]))
    assert [each.layer for each in layers] == [0, 1, 2]
    np.testing.assert_allclose([each.entropy for each in layers], entropy / count, atol=1e-5)
    np.testing.assert_allclose([each.distance for each in layers], distance / count, atol=1e-4)
    often = {piece: np.mean(values) for piece, values in received.items() if len(values) >= 3}
    assert {each.word: pytest.approx(each.received, abs=1e-4) for each in layers[1].received} == often
    assert {"[CLS]", "[SEP]"} <= set(often)


@pytest.mark.parametrize(
    ("family", "architecture"), [("bert", "BertModel"), ("roberta", "RobertaModel"), ("gpt2", "GPT2Model")]
)
def test_pieces_of_pairs_come_from_their_own_text(family, architecture, make_base, tmp_path):
    make_base(tmp_path / "base", family, architecture)
    model, _ = build_classifier_on_base(Base.read(tmp_path / "base"), LabelSet(("a", "b")))
    (found, *_) = look(model.network, model.encoder.view(["good film"] * 5, ["Very BAD , a"] * 5))
    own = {each.word for each in found.received if not each.word.startswith("[")}
    assert own == {"good", "film", "very", "bad", ",", "a"}
