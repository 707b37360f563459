"""Texts as numbers: batches, saving, and words' first vectors."""

import numpy as np
import pytest
import torch

from attendo.configuration import from_mapping
from attendo.errors import ConfigError, ModelFolderError
from attendo.tasks import FeatureSettings, TextEncoder
from attendo.tasks.vectors import company_vectors
from attendo.text import RowVocabulary

TEXTS = ["a good film", "这部电影很好", "", "😀 !?", "A Bad film, a bad film"] * 3
PAIRS = ["film", "电影", "x", "", "bad"] * 3


@pytest.fixture(params=["single", "paired", "chinese"])
def case(request):
    texts, pairs = (TEXTS, PAIRS) if request.param != "chinese" else (["这部电影很好", "很差的电影"] * 3, None)
    pairs = pairs if request.param == "paired" else None
    return TextEncoder.train(texts, pairs), texts, pairs


def same(one, other):
    assert all(np.array_equal(a, b) for a, b in zip(one.tokens, other.tokens, strict=True))
    assert one.features.shape == other.features.shape
    assert (one.features != other.features).nnz == 0


def test_what_was_saved_encodes_alike(case, tmp_path):
    encoder, texts, pairs = case
    settings = encoder.save(tmp_path)
    loaded = TextEncoder.load(tmp_path, settings)
    same(loaded.encode(texts, pairs), encoder.encode(texts, pairs))
    assert loaded.num_features == encoder.num_features == encoder.encode(texts, pairs).features.shape[1]
    (tmp_path / "again").mkdir()
    loaded.save(tmp_path / "again")
    name = "features.safetensors"
    assert (tmp_path / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_one_by_one_equals_together(case):
    encoder, texts, pairs = case
    together = encoder.encode(texts, pairs)
    for i in range(5):
        alone = encoder.encode(texts[i : i + 1], None if pairs is None else pairs[i : i + 1])
        assert (alone.features != together.features[i]).nnz == 0


def test_a_batch_holds_the_chosen_texts(case):
    encoder, texts, pairs = case
    whole = encoder.encode(texts, pairs)
    chosen = [4, 0, 2, 0]
    batch = whole.batch(chosen)
    apart = [whole.batch([i]) for i in chosen]
    assert list(batch.layout.query_lengths) == [whole.lengths[i] for i in chosen]
    for kind in ("tokens", "features"):
        bags = getattr(batch, kind)
        assert torch.equal(bags.rows, torch.cat([getattr(each, kind).rows for each in apart]))
        assert torch.equal(bags.weights, torch.cat([getattr(each, kind).weights for each in apart]))
    assert len(whole.batch(chosen, features=False).features.rows) == 0
    assert len(whole.batch([]).tokens.rows) == 0


def test_ngrams_that_were_not_seen_are_left_out():
    encoder = TextEncoder.train(["a good film"] * 3)
    assert encoder.features(["zzzz 汉"]).nnz < encoder.features(["good"]).nnz
    assert encoder.features([]).shape == (0, encoder.num_features)


@pytest.mark.parametrize("tree", [{"max_words": 1}, {"min_count": 0}, {"ngrams": 0}, {"ngrams": 4}])
def test_impossible_settings(tree):
    with pytest.raises(ConfigError, match=next(iter(tree))):
        from_mapping(FeatureSettings, tree)


def test_a_file_that_is_not_whole(tmp_path):
    encoder = TextEncoder.train(TEXTS)
    settings = encoder.save(tmp_path)
    path = tmp_path / "features.safetensors"
    with pytest.raises(ModelFolderError, match="is damaged"):
        TextEncoder.load(tmp_path, {**settings, "ngrams": [{"unknown": 3}]})
    path.write_bytes(path.read_bytes()[:-101])
    with pytest.raises(ModelFolderError, match="is damaged"):
        TextEncoder.load(tmp_path, settings)
    path.unlink()
    with pytest.raises(ModelFolderError, match=r"holds no features\.safetensors"):
        TextEncoder.load(tmp_path, settings)


def test_words_that_are_used_alike_have_vectors_alike():
    random = np.random.default_rng(0)
    places = {"cat": ["purrs", "sleeps", "hunts"], "car": ["drives", "brakes", "rusts"]}
    like = {"cat": "cat", "kitten": "cat", "car": "car", "truck": "car"}
    texts = [
        f"the {w} {random.choice(places[k])} and {random.choice(places[k])}" for w, k in like.items() for _ in range(40)
    ]
    vocabulary = RowVocabulary.train(texts, ngrams=1)
    rows, vectors = company_vectors(vocabulary.encode(texts), 13)
    of = dict(zip(rows.tolist(), vectors / np.linalg.norm(vectors, axis=1, keepdims=True), strict=True))
    cat, kitten, car, truck = (of[int(vocabulary.encode([word]).rows[0])] for word in like)
    assert min(cat @ kitten, car @ truck) > 0.2 + max(cat @ car, cat @ truck, kitten @ car, kitten @ truck)
    assert vectors.dtype == np.float32
    assert float(vectors[:, :10].std()) == pytest.approx(1, rel=0.05)
    assert not vectors[:, 10:].any()  # twelve words have no more to say


@pytest.mark.parametrize("texts", [[], [""], ["a"], ["a b"], ["a", "b", "c", "d"]])
def test_hardly_any_words_have_company(texts):
    vocabulary = RowVocabulary.train(texts, min_count=1)
    rows, vectors = company_vectors(vocabulary.encode(texts), 7)
    assert vectors.shape == (len(rows), 7)
    assert np.isfinite(vectors).all()
