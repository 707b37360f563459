"""Numbers for texts: the scale, the linear model, the shares, and the user's model."""

import numpy as np
import pytest
import torch

from attendo.data import Example
from attendo.errors import DataError, ModelFolderError, UnsupportedError
from attendo.models import TextClassifier
from attendo.tasks import (
    ClassifySettings,
    ModelSettings,
    NumberScale,
    Rater,
    RatingProblem,
    TextEncoder,
    build_rater,
    encode_rated,
    fit_ridge_path,
    fit_ridge_reference,
    load,
    texts_of,
)
from attendo.tasks.rating.learning import fit_number_shares
from attendo.tasks.rating.ridge import fit_ridge

CPU = torch.device("cpu")
WORTH = {"awful": 90.0, "bad": 96.5, "fine": 101.0, "great": 107.5, "很好": 109.0}


def examples(count, *, paired=False):
    random = np.random.default_rng(7)
    for number in range(count):
        words = random.choice(list(WORTH), 3).tolist()
        value = np.mean([WORTH[word] for word in words])
        pair = f"the soup {words[0]}" if paired else None
        yield Example(f"the soup {' '.join(words)} {number % 13}", pair, (f"{value:.3f}",))


def problem_of(rows):
    encoder = TextEncoder.train(*texts_of(rows))
    train = encode_rated(encoder, rows)
    scale = NumberScale.of(train.values)
    linear = fit_ridge_path(train.texts.features, scale.standardised(train.values))
    built = build_rater(encoder, linear, ClassifySettings(model=ModelSettings(size="tiny")), train.texts)
    network = built.network.eval()
    assert isinstance(network, TextClassifier)
    with torch.no_grad():
        network.deep.head.output.weight.normal_(std=0.3)
    return RatingProblem(network, scale, train, train), Rater(model=built, encoder=encoder), train


@pytest.fixture(params=["single", "paired"])
def made(request):
    return problem_of(list(examples(59, paired=request.param == "paired")))


def test_the_scale():
    values = np.array([1.0, 2.0, 6.0])
    scale = NumberScale.of(values)
    standardised = scale.standardised(values)
    assert (standardised.mean(), standardised.std()) == pytest.approx((0, 1))
    assert NumberScale.of(values, centred=False) == NumberScale(mean=0.0, scale=np.sqrt(41 / 3))
    assert NumberScale.of(np.array([3.0, 3.0])).scale == 1


def test_the_linear_model_is_ridge_regression():
    from scipy.sparse import csr_matrix

    random = np.random.default_rng(3)
    features, values = random.normal(size=(43, 7)), random.normal(size=43)
    found = fit_ridge(csr_matrix(features), values, 3.0)
    centred = features - features.mean(0)
    expected = np.linalg.solve(centred.T @ centred + 3 * np.eye(7), centred.T @ (values - values.mean()))
    np.testing.assert_allclose(found.weights[:, 0], expected, atol=2e-3)
    np.testing.assert_allclose(found.bias, values.mean() - features.mean(0) @ expected, atol=2e-3)


def test_the_penalty_is_chosen_on_texts_that_were_not_seen():
    from scipy.sparse import csr_matrix

    random = np.random.default_rng(5)
    features, noise = csr_matrix(random.normal(size=(53, 97))), random.normal(size=53)
    strongest = fit_ridge(features, noise, 30.0)
    np.testing.assert_allclose(fit_ridge_path(features, noise).weights, strongest.weights)
    dev = csr_matrix(random.normal(size=(31, 97)))
    np.testing.assert_allclose(fit_ridge_reference(features, noise, dev, np.zeros(31)).weights, strongest.weights)


def test_shares_of_many_texts_are_least_squares_and_of_few_the_usual():
    random = np.random.default_rng(3)
    parts = random.normal(size=(2, 9973))
    gold = 0.7 * parts[0] + 0.2 * parts[1]
    assert fit_number_shares(parts, gold) == pytest.approx((0.7, 0.2), abs=1e-3)
    assert fit_number_shares(parts, -gold) == (0.01, 0.01)  # never against a path
    assert fit_number_shares(parts[:, :1] / 1e6, gold[:1]) == pytest.approx((0.5, 0.5), abs=1e-3)


def test_the_loss_is_the_squared_error_on_the_scale(made):
    problem, _, train = made
    batch = problem.batch(range(11), CPU)
    loss = problem.loss(batch)
    with torch.no_grad():
        found = problem.model.deep(batch.texts)[:, 0].numpy()
    expected = ((found - problem.scale.standardised(train.values[:11])) ** 2).sum()
    assert float(loss.total.detach()) == pytest.approx(expected, rel=1e-5)
    assert loss.weight == 11


def test_the_scale_is_folded_into_the_model(made):
    problem, rater, train = made
    scores = problem.scores()
    before = problem.scale.mean + problem.scale.scale * rater.values(train.texts)
    problem.settle()
    found = rater.values(train.texts)
    np.testing.assert_allclose(found, before, rtol=1e-5)
    error = np.mean((found - train.values) ** 2) / problem.scale.scale**2
    assert scores["loss_dev"] == pytest.approx(error, rel=1e-3)
    assert scores["pearson"] == pytest.approx(np.corrcoef(found, train.values)[0, 1], rel=1e-4)
    assert error < 0.3  # the linear path alone has learned something


def test_what_was_saved_rates_alike(made, tmp_path):
    problem, rater, train = made
    problem.settle()
    rater.save(tmp_path / "model")
    again = load(tmp_path / "model")
    assert isinstance(again, Rater)
    np.testing.assert_array_equal(again.values(train.texts), rater.values(train.texts))
    assert "number" in (tmp_path / "model" / "README.md").read_text(encoding="utf-8")


def test_predictions_keep_their_order_and_do_not_depend_on_their_neighbours():
    _, rater, _ = problem_of(list(examples(37)))
    texts = ["soup", "", "the soup great " * 331, "很好", "awful soup"]
    together = [each.value for each in rater.predict(texts)]
    alone = [rater.predict(text)[0].value for text in texts]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert all(isinstance(each, float) for each in together)
    assert rater.predict([]) == []


@pytest.mark.parametrize(
    ("texts", "pairs", "message"),
    [
        (None, None, "`texts` must be a text or several, but is NoneType"),
        ([None], None, "Every text must be a string, but one is NoneType"),
        (["a"], ["b"], "labels single texts"),
        (["a"], 7, "`pairs` must be a text or several, but is int"),
    ],
)
def test_what_cannot_be_rated(texts, pairs, message):
    _, rater, _ = problem_of(list(examples(23)))
    with pytest.raises(DataError, match=message):
        rater.predict(texts, pairs)


def test_evaluation():
    rows = list(examples(41))
    problem, rater, train = problem_of(rows)
    problem.settle()
    scores = rater.evaluate(rows)
    assert scores.mean_squared_error.value == pytest.approx(np.mean((rater.values(train.texts) - train.values) ** 2))
    with pytest.raises(DataError, match=r"`good` .* is none"):
        rater.evaluate([Example("a", labels=("good",))])
    with pytest.raises(DataError, match="no texts to evaluate"):
        rater.evaluate([])


@pytest.mark.parametrize(
    ("family", "architecture"),
    [("bert", "BertForSequenceClassification"), ("gpt2", "GPT2ForSequenceClassification")],
)
@pytest.mark.parametrize("said", [{"problem_type": "regression"}, {}])
def test_a_folder_of_the_reference_library(family, architecture, said, make_base, tmp_path):
    transformers = pytest.importorskip("transformers")
    make_base(tmp_path / "score", family, architecture, num_labels=1, pad_token_id=0, **said)
    rater = load(tmp_path / "score")
    assert isinstance(rater, Rater)
    texts = ["good film", "a b c", "电影很好看 ."]
    theirs = transformers.AutoModelForSequenceClassification.from_pretrained(tmp_path / "score").eval()
    words = transformers.PreTrainedTokenizerFast.from_pretrained(tmp_path / "score")
    with torch.inference_mode():
        inputs = [words(text, return_tensors="pt") for text in texts]
        expected = [float(theirs(each["input_ids"]).logits) for each in inputs]
    np.testing.assert_allclose([each.value for each in rater.predict(texts)], expected, atol=2e-5)


def test_a_folder_that_gives_several_numbers(make_base, tmp_path):
    architecture = "BertForSequenceClassification"
    make_base(tmp_path / "three", architecture=architecture, num_labels=3, problem_type="regression")
    with pytest.raises(UnsupportedError, match="gives each text 3 numbers"):
        load(tmp_path / "three")


def test_weights_that_are_no_numbers():
    _, rater, _ = problem_of(list(examples(23)))
    with torch.no_grad():
        rater.network.deep.head.output.bias.fill_(float("nan"))
    with pytest.raises(ModelFolderError, match="holds NaN or infinite values in"):
        rater.predict("soup")
