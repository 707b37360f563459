import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendo.errors import ConfigError, DataError, InputError
from attendo.spans import (
    SCHEMES,
    LabelledSpan,
    allowed,
    detect_scheme,
    find_scheme,
    read_tags,
    read_tags_strictly,
    unknown_tags,
    write_tags,
)

LABELS = ("PER", "PER-NAM", "PER.NAM", "地名", "7", "_")
LETTERED = tuple(name for name, scheme in SCHEMES.items() if scheme.letters)


@st.composite
def labelled(draw, labels=LABELS):
    """A length and spans in it that do not overlap."""
    cuts = sorted(draw(st.sets(st.integers(0, 23), max_size=11)))
    pairs = [pair for pair in itertools.pairwise(cuts) if draw(st.booleans())]
    spans = tuple(LabelledSpan(start, end, draw(st.sampled_from(labels))) for start, end in pairs)
    return 23, spans


@st.composite
def taggings(draw, labels=("PER", "LOC-X")):
    """A scheme and tags of it in any order, right or wrong."""
    name = draw(st.sampled_from(LETTERED))
    tags = ["O", *(f"{letter}-{label}" for letter in SCHEMES[name].letters for label in labels)]
    return name, draw(st.lists(st.sampled_from(tags), max_size=13))


def slow_reading(tags):
    """The published rules of the scorer of CoNLL-2000, word by word, with M as I, L as E and U as S."""
    kinds = str.maketrans("MLU", "IES")
    split = [("O", "") if tag == "O" else (tag[0].translate(kinds), tag[2:]) for tag in tags]
    begins, ends = [], []
    for (before, label_before), (now, label) in itertools.pairwise([("O", ""), *split, ("O", "")]):
        begins.append(now in "BS" or (now in "IE" and (before in "OES" or label != label_before)))
        ends.append(before in "ES" or (before in "BI" and (now in "BSO" or label != label_before)))
    starts = [place for place, begun in enumerate(begins) if begun]
    stops = [place for place, ended in enumerate(ends) if ended]
    return tuple((start, stop, split[start][1]) for start, stop in zip(starts, stops, strict=True))


@given(labelled(), st.sampled_from(LETTERED))
def test_what_is_written_is_read_again_without_repair(given_spans, name):
    length, spans = given_spans
    tags = write_tags(spans, length, name)
    assert len(tags) == length
    assert read_tags(tags, name) == (spans, 0)
    assert read_tags_strictly(tags, name) == spans
    starts, pairs, ends = allowed(tags, name)
    assert starts[0]
    assert ends[-1]
    assert all(pairs[i, i + 1] for i in range(length - 1))


@given(taggings())
def test_reading_equals_the_slow_reading(tagging):
    name, tags = tagging
    spans, repairs = read_tags(tags, name)
    assert spans == slow_reading(tags)
    assert repairs == sum(a != b for a, b in zip(tags, write_tags(spans, len(tags), name), strict=True))


@given(taggings())
def test_strict_reading_is_that_of_patterns(tagging):
    name, tags = tagging
    scheme = SCHEMES[name]
    if name == "IOB1":
        return
    expected = []
    for start, end in itertools.combinations(range(len(tags) + 1), 2):
        label = tags[start][2:]
        letters = [scheme.inside] * (end - start)
        letters[-1] = scheme.last
        letters[0] = scheme.first if end - start > 1 else scheme.single
        whole = tags[start:end] == [f"{letter}-{label}" for letter in letters]
        longer = scheme.last == scheme.inside and tags[end : end + 1] == [f"I-{label}"]
        if whole and not longer:
            expected.append((start, end, label))
    assert list(read_tags_strictly(tags, name)) == expected


@pytest.mark.parametrize(
    ("scheme", "tags", "spans", "repairs"),
    [
        ("BIO", "I-A I-A O", [(0, 2, "A")], 1),
        ("BIO", "B-A I-B", [(0, 1, "A"), (1, 2, "B")], 1),
        ("iob2", "B-A B-A", [(0, 1, "A"), (1, 2, "A")], 0),
        ("IOB1", "I-A B-A I-A", [(0, 1, "A"), (1, 3, "A")], 0),
        ("IOB1", "B-A I-A", [(0, 2, "A")], 1),
        ("BIOES", "B-A I-A O", [(0, 2, "A")], 1),
        ("BIOES", "S-A E-A", [(0, 1, "A"), (1, 2, "A")], 1),
        ("BIOES", "B-A", [(0, 1, "A")], 1),
        ("BMES", "M E B E S", [(0, 2, "_"), (2, 4, "_"), (4, 5, "_")], 1),
        ("BILOU", "U-A U-A B-A L-A", [(0, 1, "A"), (1, 2, "A"), (2, 4, "A")], 0),
        ("plain", "NN O", [(0, 1, "NN"), (1, 2, "O")], 0),
        ("BIO", "B_A I_A O", [(0, 2, "A")], 0),
        ("BIO", "", [], 0),
    ],
)
def test_tags_mean(scheme, tags, spans, repairs):
    assert read_tags(tags.split(), scheme) == (tuple(spans), repairs)


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        (["B-A I-A O B-B"], "BIO"),
        (["I-A I-A O", "I-B B-B"], "IOB1"),
        (["I-A O", "B-B O"], "BIO"),
        (["O O"], "BIO"),
        ([], "BIO"),
        (["B-A B-A"], "BIO"),
        (["B-A M-A E-A O S-A"], "BMES"),
        (["B-A E-A O S-A"], "BIOES"),
        (["B-A I-A L-A O U-A"], "BILOU"),
        (["U-A O"], "BILOU"),
        (["B M E S"], "BMES"),
        (["B_A I_A"], "BIO"),
        (["NN VBZ -LRB- O"], "plain"),
        (["B-PER.NAM I-PER.NAM", "B-地名"], "BIO"),
    ],
)
def test_scheme_is_found(texts, name):
    assert detect_scheme([text.split() for text in texts]) == name


@given(labelled(labels=LABELS[:-1]), st.sampled_from(LETTERED))
def test_found_scheme_reads_what_was_written(given_spans, name):
    length, spans = given_spans
    tags = write_tags(spans, length, name)
    assert read_tags(tags, detect_scheme([tags]))[0] == spans


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["B-A X-PER"], "`X-PER`"),
        (["B-A L-A E-A"], "mix two schemes: E"),
        (["B-A NN"], "`NN`"),
        (["b-a o"], "`b-a` has its letter"),
        (["A-B O"], "`A-B` has its letter"),
    ],
)
def test_strange_tags_are_named(texts, said):
    with pytest.raises(DataError, match=said):
        detect_scheme([text.split() for text in texts])


def test_tags_that_a_scheme_does_not_have_are_listed():
    assert unknown_tags([["B-A", "E-A", "O"], ["x"]], "BIO") == ["E-A", "x"]
    assert unknown_tags([["B-A", "E-A"]], "plain") == []
    with pytest.raises(DataError, match="`E-A` is no tag of the scheme BIO"):
        read_tags(["B-A", "E-A"], "BIO")
    with pytest.raises(ConfigError, match="`scheme` is `BOO`"):
        find_scheme("BOO")


@pytest.mark.parametrize("name", SCHEMES)
def test_allowed_sequences_are_those_that_need_no_repair(name):
    letters = SCHEMES[name].letters
    tags = ["O", *(f"{letter}-{label}" for letter in letters for label in "XY")]
    starts, pairs, ends = allowed(tags, name)
    for length in (1, 2, 3):
        for places in itertools.product(range(len(tags)), repeat=length):
            fits = starts[places[0]] and ends[places[-1]] and all(pairs[a, b] for a, b in itertools.pairwise(places))
            assert bool(fits) == (read_tags([tags[place] for place in places], name)[1] == 0)


def test_nothing_is_allowed_of_nothing():
    starts, pairs, ends = allowed([], "BIO")
    assert (starts.shape, pairs.shape, ends.shape) == ((0,), (0, 0), (0,))
    assert pairs.dtype == np.bool_


@pytest.mark.parametrize(
    ("spans", "scheme", "said"),
    [
        ([(0, 2, "A"), (1, 3, "A")], "BIO", "overlaps"),
        ([(1, 1, "A")], "BIO", "must hold a word"),
        ([(2, 4, "A")], "BIO", "within the 3 words"),
        ([(0, 2, "A")], "plain", "1 of 3 words are in no span"),
    ],
)
def test_spans_that_cannot_be_written_are_refused(spans, scheme, said):
    with pytest.raises(InputError, match=said):
        write_tags([LabelledSpan(*span) for span in spans], 3, scheme)


def test_a_scheme_that_nobody_knows_is_told():
    with pytest.raises(DataError, match=r"the tags `Q-PER`, `Z-LOC` are written in no scheme that is known"):
        detect_scheme([("Q-PER", "O", "Z-LOC")])
    assert detect_scheme([("Q-PER", "Z-LOC")]) == "plain"
