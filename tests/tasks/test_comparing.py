"""What the linear path sees of pairs, against plain Python."""

import numpy as np
import pytest

from attendo.tasks import TextEncoder
from attendo.tasks.comparing import STEP_WEIGHT, STEPS

FIRSTS = ["a dog runs", "the cat sleeps", "a man eats soup", "nothing", "dogs run fast", "a dog runs", "good good soup"]
SECONDS = ["a cat runs", "the cat sleeps", "a man eats", "", "a dog runs", "a cat runs", "bad soup"]
CHINESE = ["花呗怎么开通", "借呗可以还吗", "很好", "花呗怎么开通", "不好"]
OTHERS = ["怎么开通花呗", "借呗不能还", "很好", "怎么开通花呗", "好"]


@pytest.fixture(params=["words", "chinese"])
def pairs(request):
    return (FIRSTS, SECONDS) if request.param == "words" else (CHINESE, OTHERS)


def test_ngrams_that_only_one_text_has(pairs):
    encoder = TextEncoder.train(*pairs)
    found = encoder.features(*pairs).toarray()
    place = 0
    for block in encoder.blocks:
        first, second = (block.matrix(texts).toarray() for texts in pairs)
        for own, other in ((first, second), (second, first)):
            np.testing.assert_array_equal(found[:, place : place + own.shape[1]], np.where(other > 0, 0, own))
            place += own.shape[1]
    assert place + encoder.comparing.size == found.shape[1] == encoder.num_features


def test_each_measure_of_overlap_is_in_one_step(pairs):
    encoder = TextEncoder.train(*pairs)
    count = len(encoder.comparing.steps)
    end = encoder.num_features - len(encoder.comparing.kept)
    steps = encoder.features(*pairs).toarray()[:, end - count * STEPS : end].reshape(len(pairs[0]), count, STEPS)
    np.testing.assert_allclose(steps.sum(2), STEP_WEIGHT, rtol=1e-6)
    assert ((steps > 0).sum(2) == 1).all()
    alike = pairs[0].index("很好") if "很好" in pairs[0] else 1
    assert (steps.argmax(2)[alike, :3] >= steps.argmax(2)[:, :3]).all()  # nothing is more alike than the same


def test_words_against_each_other():
    encoder = TextEncoder.train(FIRSTS, SECONDS)
    kept = len(encoder.comparing.kept)
    assert kept == 1  # (dog, cat): the one crossing that two pairs have
    crossed = encoder.features(FIRSTS, SECONDS).toarray()[:, -kept:]
    assert crossed[:, 0].tolist() == [1, 0, 0, 0, 0, 1, 0]


def test_it_depends_on_nothing_but_the_pair(pairs):
    encoder = TextEncoder.train(*pairs)
    together = encoder.features(*pairs).toarray()
    for number, both in enumerate(zip(*pairs, strict=True)):
        alone = encoder.features([both[0]], [both[1]]).toarray()
        np.testing.assert_array_equal(alone[0], together[number])


def test_what_was_saved_compares_alike(pairs, tmp_path):
    encoder = TextEncoder.train(*pairs)
    again = TextEncoder.load(tmp_path, encoder.save(tmp_path))
    np.testing.assert_array_equal(again.features(*pairs).toarray(), encoder.features(*pairs).toarray())


def test_an_older_folder_sees_each_text_alone(pairs, tmp_path):
    encoder = TextEncoder.train(*pairs)
    settings = encoder.save(tmp_path)
    del settings["comparing"]
    older = TextEncoder.load(tmp_path, settings)
    alone = np.concatenate([block.matrix(texts).toarray() for texts in pairs for block in older.blocks], 1)
    np.testing.assert_array_equal(older.features(*pairs).toarray(), alone)
    assert older.num_features == alone.shape[1]


def test_long_texts_and_empty_ones():
    long = " ".join(f"w{number}" for number in range(997))
    encoder = TextEncoder.train([long, "", "a"], ["b", "", long])
    found = encoder.features([long, "", ""], ["", "", long])
    assert np.isfinite(found.data).all()
    assert found.shape == (3, encoder.num_features)
