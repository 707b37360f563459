import json
from functools import partial
from itertools import chain, pairwise

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from attendo.errors import DataError, InputError, ShapeError
from attendo.metrics import score_spans, score_tags
from attendo.spans import SCHEMES, LabelledSpan

quick = partial(score_tags, resamples=3)


@st.composite
def tagging_pairs(draw, schemes=tuple(SCHEMES)):
    """A scheme, and gold and predicted tags of it in any order: whole, broken, of types that only one side has."""
    name = draw(st.sampled_from(schemes))
    letters = SCHEMES[name].letters
    gold = ["O", *(f"{letter}-{label}" for letter in letters for label in ("PER", "a-b"))] if letters else ["NN", "VB"]
    said = [*gold, *(f"{letter}-X" for letter in letters or "X")]
    sizes = draw(st.lists(st.integers(0, 7), min_size=1, max_size=5))
    pairs = []
    for size in sizes:
        truth = draw(st.lists(st.sampled_from(gold), min_size=size, max_size=size))
        guess = draw(st.lists(st.sampled_from(said), min_size=size, max_size=size))
        keep = draw(st.lists(st.booleans(), min_size=size, max_size=size))
        pairs.append((truth, [a if kept else b for a, b, kept in zip(truth, guess, keep, strict=True)]))
    return name, [truth for truth, _ in pairs], [guess for _, guess in pairs]


def for_seqeval(tags):
    """The same tags with the letters that its default mode knows."""
    letters = str.maketrans("MLU", "IES")
    return [[tag if tag == "O" else tag[0].translate(letters) + tag[1:] for tag in text] for text in tags]


def check_against_seqeval(scores, gold, said, **options):
    seqeval = pytest.importorskip("seqeval.metrics.sequence_labeling", reason="seqeval is not installed")
    options["zero_division"] = 0
    overall = seqeval.precision_recall_fscore_support(gold, said, average="micro", **options)
    assert (scores.precision.value, scores.recall.value, scores.f1.value) == pytest.approx(overall[:3])
    table = seqeval.precision_recall_fscore_support(gold, said, average=None, **options)
    ours = [(each.precision, each.recall, each.f1, each.support) for each in scores.classes]
    assert np.array(ours).reshape(-1, 4) == pytest.approx(np.array(table).T.reshape(-1, 4))
    if ours:
        assert scores.macro_f1.value == pytest.approx(np.mean(table[2]))
    if any(gold):
        assert scores.accuracy.value == pytest.approx(seqeval.accuracy_score(gold, said))


@given(tagging_pairs(schemes=("BIO", "IOB1", "BIOES", "BMES", "BILOU")))
def test_scores_equal_seqeval(pair):
    name, gold, said = pair
    check_against_seqeval(quick(gold, said, scheme=name), for_seqeval(gold), for_seqeval(said))


@given(tagging_pairs(schemes=("BIO", "BIOES", "BMES", "BILOU")))
def test_strict_scores_equal_seqeval(pair):
    name, gold, said = pair
    rules = pytest.importorskip("seqeval.scheme", reason="seqeval is not installed")
    scheme = {"BIO": rules.IOB2, "BILOU": rules.BILOU}.get(name, rules.IOBES)
    theirs = (gold, said) if name == "BILOU" else (for_seqeval(gold), for_seqeval(said))
    scores = quick(gold, said, scheme=name, strict=True)
    seqeval = pytest.importorskip("seqeval.metrics.v1", reason="seqeval is not installed")
    options = {"scheme": scheme, "zero_division": 0}
    table = seqeval.precision_recall_fscore_support(*theirs, average=None, **options)
    ours = [(each.precision, each.recall, each.f1, each.support) for each in scores.classes]
    assert np.array(ours).reshape(-1, 4) == pytest.approx(np.array(table).T.reshape(-1, 4))
    overall = seqeval.precision_recall_fscore_support(*theirs, average="micro", **options)
    assert (scores.precision.value, scores.recall.value, scores.f1.value) == pytest.approx(overall[:3])


def conlleval(gold, said):
    """Right, predicted and gold chunks by the rules of the script: one pass over both columns, word by word."""
    lines = [("O", "O")]
    for truth, guess in zip(gold, said, strict=True):
        lines += [*zip(truth, guess, strict=True), ("O", "O")]
    right = guessed = found = tags = 0
    inside = False
    for before, now in pairwise(lines):
        (gold_ends, gold_starts), (said_ends, said_starts) = (boundary(before[side], now[side]) for side in (0, 1))
        if inside and gold_ends and said_ends:
            right, inside = right + 1, False
        elif inside and (gold_ends != said_ends or kind(now[0]) != kind(now[1])):
            inside = False
        if gold_starts and said_starts and kind(now[0]) == kind(now[1]):
            inside = True
        found, guessed = found + gold_starts, guessed + said_starts
    tags = sum(a == b for truth, guess in zip(gold, said, strict=True) for a, b in zip(truth, guess, strict=True))
    return right, guessed, found, tags


def kind(tag):
    return tag.partition("-")[2]


def boundary(before, now):
    """Whether a chunk ends before a word, and whether one starts with it."""
    moves = before[0] + now[0]
    other = kind(before) != kind(now)
    ends = moves in ("BB", "BO", "IB", "IO") or (before != "O" and other)
    starts = moves in ("BB", "IB", "OB", "OI") or (now != "O" and other)
    return ends, starts


@given(tagging_pairs(schemes=("BIO", "IOB1")))
def test_scores_equal_the_script_of_conll(pair):
    name, gold, said = pair
    right, guessed, found, tags = conlleval(gold, said)
    scores = quick(gold, said, scheme=name)
    precision, recall = right / max(1, guessed), right / max(1, found)
    assert scores.precision.value == pytest.approx(precision)
    assert scores.recall.value == pytest.approx(recall)
    assert scores.f1.value == pytest.approx(2 * precision * recall / ((precision + recall) or 1))
    assert scores.accuracy.value == pytest.approx(tags / max(1, sum(map(len, gold))))


@pytest.mark.parametrize(
    ("gold", "said", "scheme", "f1", "strict_f1"),
    [
        ("B-A I-A O", "I-A I-A O", "BIO", 1, 0),
        ("B-A I-A O B-B", "B-A I-A O B-A", "BIO", 0.5, 0.5),
        ("B-A I-A I-A", "B-A B-A I-A", "BIO", 0, 0),
        ("B-A I-B", "B-A I-B", "BIO", 1, 1),
        ("U-A U-A", "U-A U-A", "BILOU", 1, 1),
        ("B-A L-A", "B-A I-A", "BILOU", 1, 0),
        ("S-A", "B-A", "BIOES", 1, 0),
        ("S-A", "O", "BIOES", 0, 0),
        ("O", "O", "BIO", 0, 0),
        ("O", "S-A", "BIOES", 0, 0),
        ("B-A E-A B-A E-A", "B-A M-A M-A E-A", "BMES", 0, 0),
        ("I-A B-A I-A", "I-A I-A I-A", "IOB1", 0, 0),
        ("B M E S", "B E B E", "BMES", 0, 0),
        ("B-7 I-7", "B-7 I-7", "BIO", 1, 1),
    ],
)
def test_known_cases(gold, said, scheme, f1, strict_f1):
    score = partial(quick, [gold.split()], [said.split()], scheme=scheme)
    assert score().f1.value == pytest.approx(f1)
    assert score(strict=True).f1.value == pytest.approx(strict_f1)


@given(tagging_pairs(schemes=("plain",)).filter(lambda pair: any(pair[1])))
def test_labels_of_single_words_are_scored_as_classes(pair):
    _, gold, said = pair
    scores = quick(gold, said, scheme="plain")
    flat_gold, flat_said = list(chain(*gold)), list(chain(*said))
    right = sklearn.metrics.accuracy_score(flat_gold, flat_said)
    found = (scores.accuracy.value, scores.f1.value, scores.precision.value, scores.recall.value)
    assert found == pytest.approx((right,) * 4)
    macro = sklearn.metrics.f1_score(flat_gold, flat_said, average="macro", zero_division=0)
    assert scores.macro_f1.value == pytest.approx(macro)


def test_intervals_are_those_of_texts_drawn_again():
    random = np.random.default_rng(0)
    tags = np.array(["O", "B-A", "I-A", "B-B"])
    gold = [tags[random.integers(4, size=11)].tolist() for _ in range(31)]
    said = [[tag if random.random() < 0.7 else "O" for tag in text] for text in gold]
    scores = score_tags(gold, said, resamples=53, seed=7)
    draws = np.random.default_rng(7).integers(31, size=(53, 31))
    drawn = [quick([gold[i] for i in draw], [said[i] for i in draw]) for draw in draws]
    for name in ("precision", "recall", "f1", "macro_f1", "accuracy"):
        ends = np.quantile([getattr(each, name).value for each in drawn], [0.025, 0.975])
        assert (getattr(scores, name).low, getattr(scores, name).high) == pytest.approx(tuple(ends)), name
    ends = np.quantile([each.class_f1[1].value for each in drawn], [0.025, 0.975])
    assert (scores.class_f1[1].low, scores.class_f1[1].high) == pytest.approx(tuple(ends))


def test_spans_may_be_nested_and_count_once():
    gold = [[LabelledSpan(0, 3, "ORG"), LabelledSpan(1, 2, "LOC")], []]
    said = [
        [LabelledSpan(1, 2, "LOC"), LabelledSpan(1, 2, "LOC"), LabelledSpan(0, 2, "ORG")],
        [LabelledSpan(0, 1, "X")],
    ]
    scores = score_spans(gold, said, ["LOC", "GPE", "ORG"], resamples=5)
    assert (scores.num_examples, scores.precision.value, scores.recall.value) == (2, pytest.approx(1 / 3), 0.5)
    assert [(each.label, each.f1, each.support) for each in scores.classes] == [
        ("LOC", 1, 1),
        ("GPE", 0, 0),
        ("ORG", 0, 1),
        ("X", 0, 0),
    ]
    assert scores.macro_f1.value == pytest.approx(1 / 3)  # of LOC, ORG and X; nobody spoke of GPE
    assert scores.accuracy is None


def test_texts_without_spans_or_words_score_nothing():
    scores = quick([[], ["O"]], [[], ["O"]])
    assert (scores.f1.value, scores.macro_f1.value, scores.accuracy.value, scores.classes) == (0, 0, 1, ())
    assert quick([[]], [[]]).accuracy.value == 0


def test_scores_are_ready_for_json():
    plain = quick([["B-A"]], [["B-A"]]).as_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["classes"][0] == {"label": "A", "precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 1}


@pytest.mark.parametrize(
    ("gold", "said", "error", "words"),
    [
        ([["O"]], [["O", "O"]], ShapeError, "Text 1 has 1 gold tags, but 2 predicted"),
        ([["O"]], [], ShapeError, "`gold` has 1 texts, but `predicted` has 0"),
        ([["O"]], [["X-A"]], DataError, "`X-A` is no tag"),
        ([], [], InputError, "at least one example"),
    ],
)
def test_what_does_not_fit_is_refused(gold, said, error, words):
    with pytest.raises(error, match=words):
        quick(gold, said)
