"""`train embed` from end to end: from scratch and on a base, what is learned from, what is saved, and going on."""

import json

import numpy as np
import pytest

import attendo
from attendo.api import EmbedRunSettings, embedding, train
from attendo.configuration import from_mapping
from attendo.data import TextPair
from attendo.errors import ConfigError, DataError
from attendo.tasks import Base, Embedder, build_embedder_on_base, judge_vectors
from attendo.training import Loop

WORDS = ["film", "soup", "room", "song", "park"]
KINDS = ("good", "bad", "dull")


def settings(base=None, **task):
    training = {"epochs": 3, "threads": 1, "precision": "float32", "device": "cpu", "batch_tokens": 211}
    tree = {"task": {"model": {"size": "tiny"}, "base": None if base is None else str(base)} | task}
    return from_mapping(EmbedRunSettings, tree | {"training": training})


def rows(count, seed=3):
    """Pairs that are the more alike, the more of two things they have in common."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        one, other = ((str(random.choice(KINDS)), str(random.choice(WORDS))) for _ in range(2))
        value = 1 + 2 * (one[0] == other[0]) + 2 * (one[1] == other[1])
        number = random.integers(100)
        yield f"the {one[1]} is very {one[0]} {number}", f"a {other[0]} {other[1]} {number}", value


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "data.tsv"
    lines = ["\t".join(map(str, row)) for row in rows(211)]
    path.write_text("\n".join(["sentence1\tsentence2\tscore", *lines]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    return train("embed", data, out=tmp_path_factory.mktemp("run") / "model", settings=settings())


def test_it_learns_numbers(trained, data):
    story = trained.story
    assert [system.name for system in story.systems][-1] == "attendo"
    assert {system.name for system in story.systems[:-1]} == {"tf-idf", "averaged word vectors"}
    assert story.history[-1]["loss"] < story.history[0]["loss"]
    for system in story.systems:
        for scores in system.scores.values():
            assert scores.spearman is not None
            assert -1 <= scores.spearman.value <= 1
    dev = [system.scores["dev"].spearman.value for system in story.systems[:-1]]
    assert dev == sorted(dev)  # the better of the simple ones is the one to beat
    assert any(note.startswith("Learned from 1") and "numbers that say how alike" in note for note in story.notes)


def test_the_folder_is_whole(trained):
    again = attendo.load(trained.folder)
    assert isinstance(again, Embedder)
    texts = ["the film is very good 3", "a dull song", "没有"]
    assert (again.encode(texts) == trained.model.encode(texts)).all()
    card = json.loads((trained.folder / "attendo.json").read_text())
    assert card["task"] == "embed"
    assert card["columns"] == {"text": "sentence1", "pair": "sentence2", "label": "score"}
    page = (trained.folder / "report.html").read_text(encoding="utf-8")
    assert trained.story.attention[0].received
    assert any(note.startswith("Pairs: ") for note in trained.story.notes)
    assert any(note.startswith("Model: 1 layer of width 64, ") for note in trained.story.notes)
    assert "test pairs" in page
    assert "dev texts" not in page
    for said in (
        "What attention looks at",
        "Spearman",
        "averaged word vectors",
        "The pairs that were judged most wrongly.",
        "border-top:1px dotted",
    ):
        assert said in page
    assert "sure" not in page.partition("Hardest errors")[2].partition("</table>")[0]
    assert "model.encode([" in (trained.folder / "README.md").read_text()


@pytest.mark.parametrize("kind", ["pairs", "texts"])
def test_pairs_and_single_texts(kind, tmp_path):
    texts = [row[:2] if kind == "pairs" else row[:1] for row in rows(71)]
    name = "data.tsv" if kind == "pairs" else "data.txt"
    (tmp_path / name).write_text("\n".join("\t".join(each) for each in texts) + "\n", encoding="utf-8")
    result = train("embed", tmp_path / name, out=tmp_path / "model", settings=settings())
    scores = result.story.systems[-1].scores["test"]
    assert scores.spearman is None
    assert 0 < scores.mean_reciprocal_rank.value <= 1
    assert {"mean_reciprocal_rank", "recall_at_1"} <= set(result.story.history[0])
    page = (tmp_path / "model" / "report.html").read_text(encoding="utf-8")
    assert "mean reciprocal rank" in page
    assert f"test {kind}" in page


def test_numbers_may_judge_what_texts_alone_have_taught(data, tmp_path):
    lines = "\n".join(row[0] for row in rows(61, seed=5)) + "\n"
    (tmp_path / "train.txt").write_text(lines, encoding="utf-8")
    result = train("embed", tmp_path / "train.txt", dev=data, out=tmp_path / "model", settings=settings())
    assert "spearman" in result.story.history[0]


def test_on_a_base(data, make_base, tmp_path):
    make_base(tmp_path / "base", "bert", "BertForMaskedLM")
    result = train("embed", data, out=tmp_path / "model", base=tmp_path / "base", settings=settings(pooling="max"))
    assert "[CLS]" in {each.word for each in result.story.attention[0].received}
    modules = json.loads((tmp_path / "model" / "modules.json").read_text())
    assert [each["type"].rpartition(".")[2] for each in modules] == ["Transformer", "Pooling"]
    pooling = json.loads((tmp_path / "model" / "1_Pooling" / "config.json").read_text())
    assert pooling["pooling_mode_max_tokens"]
    assert pooling["word_embedding_dimension"] == 12
    again = attendo.load(tmp_path / "model")
    assert (again.encode("a good film") == result.model.encode("a good film")).all()
    # and such a folder may be trained on again, with its own pooling
    more, new = build_embedder_on_base(Base.read(tmp_path / "model"), settings().task)
    assert (more.pooling, new) == ("max", ())
    assert (more.encode("a good film") == result.model.encode("a good film")).all()


def test_a_run_that_was_stopped_ends_with_the_same_model(data, trained, tmp_path, monkeypatch):
    scored = Loop._score
    calls = []

    def stop(self):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        scored(self)

    with monkeypatch.context() as patch:
        patch.setattr(Loop, "_score", stop)
        with pytest.raises(KeyboardInterrupt):
            train("embed", data, out=tmp_path / "model", settings=settings())
    train("embed", data, out=tmp_path / "model", settings=settings())
    for name in ("model.safetensors", "features.safetensors", "config.json"):
        assert (tmp_path / "model" / name).read_bytes() == (trained.folder / name).read_bytes(), name


def test_what_cannot_be_learned_from(tmp_path, data):
    (tmp_path / "one.txt").write_text("a film\n", encoding="utf-8")
    with pytest.raises(DataError, match="it holds one text; at least two are needed"):
        train("embed", tmp_path / "one.txt", out=tmp_path / "model", settings=settings())
    with pytest.raises(ConfigError, match=r"`task\.sizes` must hold numbers up to 64"):
        train("embed", data, out=tmp_path / "model", settings=settings(sizes=(71,)))


def test_cosines_that_are_all_one_are_nothing_to_beat():
    pairs = [TextPair(f"a {value}", f"b {value}", value=value) for value in (0.1, 0.5, 0.9)]
    draw = np.random.default_rng(0)
    judged = [
        judge_vectors(pairs, lambda texts: np.ones((len(texts), 3), np.float32)),
        judge_vectors(pairs, lambda texts: draw.normal(size=(len(texts), 3)).astype(np.float32)),
    ]
    assert embedding._main(judged[0]) == -np.inf < embedding._main(judged[1])
