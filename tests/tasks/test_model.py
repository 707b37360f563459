"""The user's model: the order and independence of predictions, its folder, and what is said of a damaged one."""

import json

import numpy as np
import pytest

from attendo.data import Example
from attendo.errors import DataError, ModelFolderError
from attendo.files import checksum
from attendo.tasks import load
from attendo.tasks.task_model import WINDOW

MIXED = ["good", "", "这部电影很好" * 31, "A dull film.", "😀", " \n ", "the cook is kind " * 157, "x"]


def chances(predictions):
    return np.array([list(each.probabilities.values()) for each in predictions])


def test_predictions_keep_their_order_and_do_not_depend_on_their_neighbours(single):
    together = single.predict(MIXED)
    alone = [single.predict(text)[0] for text in MIXED]
    np.testing.assert_allclose(chances(together), chances(alone), atol=1e-5)
    np.testing.assert_allclose(chances(single.predict(MIXED[::-1]))[::-1], chances(alone), atol=1e-5)
    for each in together:
        assert sum(each.probabilities.values()) == pytest.approx(1)
        assert each.probability == max(each.probabilities.values()) == each.probabilities[each.label]


def test_it_learned_something(single, examples):
    right = [p.labels == e.labels for p, e in zip(single.predict([e.text for e in examples]), examples, strict=True)]
    assert np.mean(right) > 0.5


def test_a_long_text(single):
    (found,) = single.predict("这部电影很好, the film is good. " * 40_000)
    assert np.isfinite(found.probability)


def test_nothing_to_predict(single):
    assert single.predict([]) == []
    assert single.probabilities([]).shape == (0, 3)


def test_a_stream_is_read_as_far_as_it_must_be(single):
    read = 0

    def stream():
        nonlocal read
        for number in range(2 * WINDOW + 3):
            read += 1
            yield Example("good" if number % 2 else "dull")

    predictions = single.predict_examples(stream())
    assert read == 0
    next(predictions)
    assert read == WINDOW
    assert sum(1 for _ in predictions) == 2 * WINDOW + 2
    assert len(single.predict(text for text in ("a", "b"))) == 2


def test_a_stream_of_long_texts_is_read_by_their_amount(single, monkeypatch):
    monkeypatch.setattr("attendo.tasks.task_model.WINDOW_CHARACTERS", 1009)
    texts = [("很好 " if number % 3 else "a dull film ") * (number % 7 * 31 + 1) for number in range(61)]
    read = 0

    def stream():
        nonlocal read
        for text in texts:
            read += len(text)
            yield Example(text)

    found, seen = [], 0
    for prediction, text in zip(single.predict_examples(stream()), texts, strict=True):
        assert read - seen < 1009 + max(map(len, texts))
        found.append(prediction)
        seen += len(text)
    monkeypatch.undo()
    np.testing.assert_allclose(chances(found), chances(single.predict(texts)), atol=1e-5)


def test_pairs(paired):
    found = paired.predict(["soup good", "soup good", ""], ["the good", "the bad", ""])
    np.testing.assert_allclose(chances(found)[:1], chances(paired.predict("soup good", "the good")), atol=1e-5)
    assert abs(chances(found)[0] - chances(found)[1]).max() > 1e-3


def test_several_labels_may_be_none(several):
    both, one, none = several.predict(["great plot 1", "great cast 2", "无聊 3"])
    assert (both.labels, one.labels, none.labels) == (("good", "剧情"), ("good",), ())
    assert (both.label, none.label) == ("good, 剧情", "")
    assert none.probability < 0.5


@pytest.mark.parametrize(
    ("kind", "texts", "pairs", "message"),
    [
        ("single", ["a", 3], None, "Every text must be a string, but one is int"),
        ("single", "a", "b", "labels single texts"),
        ("paired", "a", None, "give each text its second text"),
        ("paired", ["a", "b"], "c", "There are 2 texts but 1 second texts"),
    ],
)
def test_what_cannot_be_predicted(kind, texts, pairs, message, request):
    with pytest.raises(DataError, match=message):
        request.getfixturevalue(kind).predict(texts, pairs)


def test_evaluation(single, examples):
    scores = single.evaluate(examples[:41])
    right = [
        p.labels == e.labels for p, e in zip(single.predict([e.text for e in examples]), examples[:41], strict=False)
    ]
    assert scores.accuracy.value == pytest.approx(np.mean(right))
    with pytest.raises(DataError, match="no texts to evaluate"):
        single.evaluate([])
    with pytest.raises(DataError, match="does not know these labels: `odd`"):
        single.evaluate([Example("a", labels=("odd",))])


@pytest.mark.parametrize("kind", ["single", "paired", "several"])
def test_what_was_saved_predicts_alike(kind, request, tmp_path):
    model = request.getfixturevalue(kind)
    model.save(tmp_path)
    again = load(tmp_path)
    pairs = MIXED[::-1] if kind == "paired" else None
    assert again.predict(MIXED, pairs) == model.predict(MIXED, pairs)
    assert (again.labels, again.model.shape) == (model.labels, model.model.shape)
    again.save(tmp_path / "again")
    for name in ("model.safetensors", "features.safetensors", "config.json", "README.md", "attendo.json"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_scores_that_are_no_numbers_are_told_with_the_weights_to_blame(value, saved):
    model = load(saved)
    model.network.get_parameter("deep.head.output.weight").data[0, 3] = value
    with pytest.raises(ModelFolderError) as caught:
        model.predict("anything")
    assert str(caught.value) == (
        "The model's scores are no numbers: it holds NaN or infinite values in deep.head.output.weight. "
        "Copy or train it again."
    )


def change(folder, name, **values):
    """Change a JSON file, and the checksum with it."""
    path, card = folder / name, folder / "attendo.json"
    tree = json.loads(path.read_text(encoding="utf-8")) | values
    path.write_text(json.dumps({k: v for k, v in tree.items() if v is not None}), encoding="utf-8")
    if path != card:
        change(folder, "attendo.json", checksums={name: checksum(path)})


FILES = ("config.json", "model.safetensors", "features.safetensors")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["missing", "cut", "changed", "folder"])
def test_a_damaged_file_is_named(name, damage, saved):
    path = saved / name
    whole = path.read_bytes()
    path.unlink()
    if damage == "cut":
        path.write_bytes(whole[:-1])
    elif damage == "changed":
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    elif damage == "folder":
        path.mkdir()
    said = {"missing": "is missing", "folder": "cannot be read"}.get(damage, "was changed or cut short")
    with pytest.raises(ModelFolderError, match=rf"is damaged: {name} {said}"):
        load(saved)


def test_all_damage_is_named_at_once(saved):
    for name in FILES:
        (saved / name).unlink()
    with pytest.raises(ModelFolderError) as error:
        load(saved)
    assert all(name in str(error.value) for name in FILES)


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("attendo.json", {"format": 99}, "newer version"),
        ("attendo.json", {"task": "sing"}, "a model for `sing`"),
        ("config.json", {"id2label": {"one": "good"}}, "`id2label` must give each label its number"),
        ("config.json", {"id2label": {"0": "a", "1": "a", "2": "b"}}, "a name of its own, not \\['a'\\] twice"),
        ("config.json", {"architectures": ["BertModel"]}, "holds a `BertModel`, which is not known"),
        ("attendo.json", {"encoder": None}, "is not whole"),
        ("config.json", {"model_type": "abacus"}, "of type `abacus`, which is not known. Known: "),
        ("config.json", {"num_rows": None}, "cannot be a model: `num_rows`"),
        ("config.json", {"d_ff": 131}, "does not fit its config.json"),
    ],
)
def test_a_folder_of_another_kind(name, values, message, saved):
    change(saved, name, **values)
    with pytest.raises(ModelFolderError, match=message):
        load(saved)


@pytest.mark.parametrize(
    ("text", "message"), [("{", "is damaged"), ("[]", "must hold names and values"), ("\udcff", "is damaged")]
)
def test_a_card_that_is_none(text, message, saved):
    (saved / "attendo.json").write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(ModelFolderError, match=message):
        load(saved)


def test_a_place_without_a_model(tmp_path):
    with pytest.raises(ModelFolderError, match="There is no model folder"):
        load(tmp_path / "nowhere")
    with pytest.raises(ModelFolderError, match=r"holds no config\.json: it is not a model folder"):
        load(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(ModelFolderError, match="is a file"):
        load(tmp_path / "file")
