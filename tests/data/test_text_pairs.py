"""Pairs of texts and texts by themselves: which column says what, which label means the same, and what is refused."""

import pytest

from attendo.data import PairDataSettings, TextPair, kind_of, read_pairs
from attendo.errors import ConfigError, DataError


@pytest.fixture
def written(tmp_path):
    def write(text, name="data.tsv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def triples(reading):
    return [(each.text, each.pair, each.value) for each in reading.pairs]


def test_numbers_are_found_beside_labels(written):
    rows = "pair_ID\tsentence_A\tsentence_B\trelatedness_score\tentailment_judgment\n" + "".join(
        f"{n}\ta man sings {n}\ta man is loud {n}\t{1 + n / 4}\t{('NEUTRAL', 'ENTAILMENT')[n % 2]}\n" for n in range(7)
    )
    reading = read_pairs(written(rows))
    assert triples(reading)[0] == ("a man sings 0", "a man is loud 0", 1.0)
    assert triples(reading)[1] == ("a man sings 1", "a man is loud 1", 1.25)
    assert reading.pairs[1].line == 3
    assert reading.columns is not None
    assert (reading.columns.text, reading.columns.pair, reading.columns.label) == (
        *("sentence_A", "sentence_B", "relatedness_score"),
    )
    assert any("relatedness_score" in note for note in reading.notes(written(rows)))


def test_numbers_without_a_header(written):
    rows = "".join(f"怎么还款呢{n}\t如何还钱呢{n}\t{n % 2}\n" for n in range(11))
    assert [each.value for each in read_pairs(written(rows)).pairs] == [float(n % 2) for n in range(11)]


@pytest.mark.parametrize(("labels", "same", "expected"), [
    (("entailment", "neutral"), None, (1.0, 0.0)),
    (("蕴含", "矛盾"), None, (1.0, 0.0)),
    (("b", "a"), "a", (0.0, 1.0)),
])  # fmt: skip
def test_one_label_means_the_same(labels, same, expected, written):
    rows = "sentence1\tsentence2\tlabel\n" + "".join(
        f"the soup is good {n}\tthe soup tastes fine {n}\t{labels[n % 2]}\n" for n in range(7)
    )
    reading = read_pairs(written(rows), PairDataSettings(same=same, label="label"))
    assert [each.value for each in reading.pairs] == [expected[n % 2] for n in range(7)]
    assert any("taken for the same meaning" in note for note in reading.notes(written(rows)))


def test_a_label_about_something_else_is_left_aside_unless_it_is_named(written):
    rows = "sentence1\tsentence2\ttopic\n" + "".join(
        f"the soup is good {n}\tthe soup tastes fine {n}\t{('food', 'cooking')[n % 2]}\n" for n in range(7)
    )
    assert kind_of(read_pairs(written(rows)).pairs) == "pairs"
    with pytest.raises(ConfigError, match=r"`same` must name the label of column `topic`.*`cooking`, `food`"):
        read_pairs(written(rows), PairDataSettings(label="topic"))


def test_two_columns_are_pairs_and_one_is_texts(written):
    pairs = "".join(f"the soup is good {n}\tthe soup tastes fine {n}\n" for n in range(7))
    reading = read_pairs(written(pairs))
    assert triples(reading)[3] == ("the soup is good 3", "the soup tastes fine 3", None)
    assert reading.notes(written(pairs))[-1].endswith("pairs of texts that mean the same.")
    lines = read_pairs(written("A man sings.\n狗在公园里跑。\n", "lines.txt"))
    assert triples(lines) == [("A man sings.", None, None), ("狗在公园里跑。", None, None)]
    assert kind_of(lines.pairs) == "texts"


def test_all_problems_are_said_at_once(written):
    rows = "text1\ttext2\tscore\n" + "".join(f"one {n} a\ttwo {n} b\t0.{n}\n" for n in range(1001))
    rows += "x\ty\tmuch\n\ty\t0.5\nx\ty\t\n"
    reading = read_pairs(written(rows))
    assert len(reading.pairs) == 1001
    assert [str(each).partition(": ")[2] for each in reading.problems.first] == [
        "column `score` holds `much` where a number was expected.",
        "the text in column `text1` is empty.",
        "nothing stands in column `score`.",
    ]
    skipping = read_pairs(written(rows), PairDataSettings(unlabelled="skip"))
    assert (skipping.problems.count, skipping.left_out) == (2, 1)


def test_a_column_that_says_the_same_of_all(written):
    rows = "text1\ttext2\tscore\n" + "".join(f"one {n} a\ttwo {n} b\t0.5\n" for n in range(5))
    assert kind_of(read_pairs(written(rows)).pairs) == "pairs"


def test_an_empty_file(written):
    with pytest.raises(DataError, match="it is empty"):
        read_pairs(written(""))


def test_records_know_what_they_are():
    pair = TextPair(" a ", "b ", 0.5)
    assert (pair.key, pair.group, pair.labels, pair.place) == (("a", "b"), ("a", "b"), (), "no file")


@pytest.mark.data
@pytest.mark.parametrize(("name", "count", "values"), [
    ("nli-sick/SICK_trial.txt", 500, (1.0, 5.0)),
    ("pairs-afqmc/dev.tsv", 2000, (0.0, 1.0)),
    ("nli-ocnli/dev.json", 1499, (0.0, 1.0)),
])  # fmt: skip
def test_real_sets(name, count, values, data_folder):
    reading = read_pairs(data_folder / name)
    assert len(reading.pairs) == count
    found = [each.value for each in reading.pairs if each.value is not None]
    assert (min(found), max(found), len(found)) == (*values, count)
