"""`attendo search`, and `predict` and `evaluate` with a model for vectors."""

import json

import pytest

LINES = ["the film is good", "the soup is bad", "电影很好看", "a very dull film", "房间不干净", "a good soup"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    from attendo.cli.main import run

    folder = tmp_path_factory.mktemp("vectors")
    said = (("film", "good"), ("soup", "bad"))
    rows = [f"the {a} is {b} {n}\ta {b} {a}\t{n % 3}" for n in range(17) for a, b in said]
    (folder / "train.tsv").write_text("text1\ttext2\tscore\n" + "\n".join(rows) + "\n", encoding="utf-8")
    words = ["train", "embed", folder / "train.tsv", "--out", folder / "model", "--quiet", "--size", "tiny"]
    words += ["--epochs", "1", "--set", "training.precision=float32", "--set", "training.threads=1"]
    assert run([str(word) for word in words]) == 0
    return folder / "model"


@pytest.fixture
def texts(tmp_path):
    (tmp_path / "texts.txt").write_text("\n".join(LINES) + "\n", encoding="utf-8")
    return tmp_path / "texts.txt"


def objects(out):
    return [json.loads(line) for line in out.splitlines()]


def test_the_nearest_texts_with_their_places(cli, model, texts):
    import attendo

    ended = cli("search", model, texts, "a good film", "电影", "--best", 2)
    assert ended.code == 0, ended.err
    found = objects(ended.out)
    assert [(each["query"], each["rank"]) for each in found] == [
        *(("a good film", 1), ("a good film", 2), ("电影", 1), ("电影", 2)),
    ]
    cosines = attendo.load(model).similarity("a good film", LINES)[0]
    best = cosines.argsort()[::-1][:2]
    assert [each["text"] for each in found[:2]] == [LINES[number] for number in best]
    assert [each["line"] for each in found[:2]] == [number + 1 for number in best]
    assert found[0]["cosine"] == pytest.approx(cosines[best[0]], abs=1e-5)
    assert found[0]["file"] == str(texts)


def test_empty_lines_are_left_out_but_counted(cli, model, texts):
    texts.write_text("\n\na good film\n\nthe soup\n", encoding="utf-8")
    found = objects(cli("search", model, texts, "a good film").out)
    assert [(each["text"], each["line"]) for each in found] == [("a good film", 3), ("the soup", 5)]


def test_an_index_is_kept_and_made_anew_when_the_file_changes(cli, model, texts, tmp_path):
    index = tmp_path / "index"
    words = ("search", model, texts, "a good film", "--index", index, "--best", 3)
    first, again = cli(*words), cli(*words)
    assert (first.code, first.out) == (0, again.out)
    assert "Index:" in first.err
    assert "Index:" not in again.err
    assert first.out == cli("search", model, texts, "a good film", "--best", 3).out
    texts.write_text("a good film\n" + texts.read_text(encoding="utf-8"), encoding="utf-8")
    changed = cli(*words)
    assert "is of another file or model; it is made anew" in changed.err
    assert objects(changed.out)[0]["text"] == "a good film"
    smaller = cli(*words, "--size", 7)
    assert "made anew" in smaller.err


def test_only_an_index_is_replaced(cli, model, texts, tmp_path):
    index = tmp_path / "index"
    words = ("search", model, texts, "a good film", "--index")
    assert cli(*words, index).code == 0
    whole = index.read_bytes()
    weights = next(model.glob("*.safetensors")).read_bytes()
    for held in (b"my notes\n", b"", weights, whole[:-4], whole.replace(b'"model"', b'"maker"')):
        index.write_bytes(held)
        ended = cli(*words, index)
        assert ended.code == 2
        assert "it is no index of attendo, or a damaged one, and is not replaced" in " ".join(ended.err.split())
        assert index.read_bytes() == held
    assert cli(*words, tmp_path).code == 2


def test_tables_and_queries_from_files(cli, model, tmp_path):
    table = tmp_path / "faq.csv"
    table.write_text("number,question,answer\n" + "".join(f"{n},{t},none\n" for n, t in enumerate(LINES)))
    (tmp_path / "queries.txt").write_text("soup\nfilm\n")
    out = tmp_path / "found.jsonl"
    words = ("--queries", tmp_path / "queries.txt", "--column", "question", "--best", 1, "--output", out)
    ended = cli("search", model, table, *words)
    assert (ended.code, ended.out) == (0, ""), ended.err
    found = objects(out.read_text(encoding="utf-8"))
    assert [each["query"] for each in found] == ["soup", "film"]
    assert all(LINES[each["line"] - 2] == each["text"] for each in found)


@pytest.mark.parametrize(("words", "said"), [
    ((), "Give either a query or --queries FILE"),
    (("x", "--best", "0"), "`--best` must be a whole number from 1 on, but is `0`"),
    (("x", "--size", "999"), "`size` must lie between 1 and 64, the width of the model's vectors, but is 999"),
])  # fmt: skip
def test_wrong_usage(words, said, cli, model, texts):
    ended = cli("search", model, texts, *words)
    assert ended.code == 2
    assert said in ended.err


def test_a_file_that_is_read_is_not_replaced(cli, model, texts):
    before = texts.read_bytes()
    for option in ("--index", "--output"):
        ended = cli("search", model, texts, "x", option, texts)
        assert ended.code == 2
        assert "would replace it" in ended.err
    assert texts.read_bytes() == before


def test_predict_and_evaluate(cli, model, texts, tmp_path):
    ended = cli("predict", model, "a good film", "--pair", "the film is good")
    (pair,) = objects(ended.out)
    assert -1 <= pair["cosine"] <= 1
    (single,) = objects(cli("predict", model, "a good film").out)
    assert len(single["vector"]) == 64
    table = cli("predict", model, "--input", texts, "--format", "tsv").out.splitlines()
    assert [len(line.split("\t")) for line in table] == [64] * len(LINES)
    lines = cli("predict", model, "a good film", "--format", "lines").out
    assert lines.rstrip().endswith("a good film")
    ended = cli("evaluate", model, model.parent / "train.tsv", "--report", tmp_path / "report.html")
    assert ended.code == 0, ended.err
    assert "Spearman" in ended.out
    assert "judged most wrongly" in (tmp_path / "report.html").read_text(encoding="utf-8")
    scores = json.loads(cli("evaluate", model, model.parent / "train.tsv", "--json").out)
    assert set(scores) == {"model", "data", "num_examples", "spearman", "pearson"}
