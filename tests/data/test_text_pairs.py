"""Pairs of texts and texts by themselves: which column says what, which label means the same, and what is refused."""

import json

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
        "`much` in column `score` is not a number.",
        "the text in column `text1` is empty.",
        "nothing stands in column `score`.",
    ]
    skipping = read_pairs(written(rows), PairDataSettings(unlabelled="skip"))
    assert (skipping.problems.count, skipping.left_out) == (2, 1)


@pytest.mark.parametrize("label", [None, "judged"])
@pytest.mark.parametrize("name", ["score", "judged"])
@pytest.mark.parametrize(("cell", "said"), [
    ("", "nothing stands in column `{}`."),
    ("nan", "`nan` in column `{}` is not a number."),
    ("high", "`high` in column `{}` is not a number."),
    ("1e400", "`1e400` in column `{}` is not a finite number."),
])  # fmt: skip
def test_a_bad_cell_does_not_make_scores_into_labels(cell, said, name, label, written):
    cells = [f"{n / 4}" for n in range(11)]
    cells[7] = cell
    lines = [f"a man sings {n}\ta man is loud {n}\t{cell}" for n, cell in enumerate(cells)]
    path = written(f"text1\ttext2\t{name}\n" + "\n".join(lines) + "\n")
    settings = PairDataSettings(label=label and name)
    reading = read_pairs(path, settings)
    assert [each.value for each in reading.pairs] == [n / 4 for n in range(11) if n != 7]
    with pytest.raises(DataError) as caught:
        reading.sound()
    assert str(caught.value) == f"{path}, line 9: {said.format(name)}"


def test_the_name_of_a_score_tells_where_many_cells_are_bad(written):
    cells = ["0.5", "high", "low", "0.25"]
    rows = "".join(f"a man sings {n}\ta man is loud {n}\t{cell}\n" for n, cell in enumerate(cells))
    path = written("sentence1\tsentence2\tscore\n" + rows)
    assert read_pairs(path).problems.count == 2
    skipping = read_pairs(path, PairDataSettings(skip_labels=("high", "low")))
    assert ([each.value for each in skipping.pairs], skipping.left_out, skipping.problems.count) == ([0.5, 0.25], 2, 0)


@pytest.mark.parametrize(("first", "second"), [
    ("anchor", "positive"),
    ("text", "pair"),
    ("Query", "Positive"),
    ("question", "answer"),
    ("sentence1", "sentence2"),
    ("text1", "text2"),
    ("premise", "hypothesis"),
])  # fmt: skip
@pytest.mark.parametrize("kind", ["tsv", "csv", "jsonl"])
def test_columns_are_known_by_their_names(first, second, kind, written):
    cells = [(f"loud singing {n}", f"a man who sings at the top of his voice for {n} hours") for n in range(5)]
    if kind == "jsonl":
        lines = [json.dumps({"number": "x", second: b, first: a}) for a, b in cells]
    else:
        sign = "\t" if kind == "tsv" else ","
        lines = [sign.join(("number", second, first)), *(sign.join(("x", b, a)) for a, b in cells)]
    path = written("\n".join(lines) + "\n", f"data.{kind}")
    reading = read_pairs(path)
    assert triples(reading) == [(a, b, None) for a, b in cells]
    notes = [note.removeprefix(f"{path}: ") for note in reading.notes(path)]
    assert notes[:2] == [f"Guessed: text is column `{first}`, pair is column `{second}`.", "Not used: column `number`."]


def test_two_known_names_alone_are_a_header_and_negatives_are_said_not_to_be_used(written):
    alone = written("anchor\tpositive\na man sings\tsinging\n")
    assert triples(read_pairs(alone)) == [("a man sings", "singing", None)]
    rows = "".join(f"a man sings {n}\tsomeone is singing {n}\ta dog runs {n}\t{n}\n" for n in range(5))
    path = written("anchor\tpositive\tnegative\trow\n" + rows)
    reading = read_pairs(path)
    assert triples(reading)[0] == ("a man sings 0", "someone is singing 0", None)
    assert f"{path}: Not used: columns `negative`, `row`." in reading.notes(path)


def test_names_that_are_given_prove_a_header(written):
    path = written("quelle\tziel\n" + "".join(f"a man sings {n}\tsinging {n}\n" for n in range(5)))
    reading = read_pairs(path, PairDataSettings(text="quelle", pair="ziel"))
    assert triples(reading)[0] == ("a man sings 0", "singing 0", None)
    assert len(reading.pairs) == 5


def test_a_bad_cell_does_not_hide_the_header(written):
    cells = ["0.5"] * 5 + ["high"] + [f"0.{n}" for n in range(10, 19)]
    rows = "".join(f"a man sings {n}\ta man is loud {n}\t{cell}\n" for n, cell in enumerate(cells))
    reading = read_pairs(written("quelle\tziel\tgleich\n" + rows))
    assert (len(reading.pairs), kind_of(reading.pairs)) == (14, "numbers")
    assert [problem.line for problem in reading.problems.first] == [7]


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
