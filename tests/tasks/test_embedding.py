"""Vectors of texts: losses, windows, sizes, what is saved, and the folders of sentence-transformers."""

import json

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import attendo
from attendo.data import TextPair
from attendo.errors import ConfigError, DataError, InputError, ModelFolderError, UnsupportedError
from attendo.tasks import (
    AveragedVectors,
    Base,
    Embedder,
    EmbedProblem,
    EmbedSettings,
    FeatureSettings,
    ModelSettings,
    SearchIndex,
    TfIdfVectors,
    best_passages,
    build_embedder,
    build_embedder_on_base,
    judge_vectors,
    vector_blocks,
)
from attendo.tasks.embedding.losses import contrast, meet_values, order_cosines, over_sizes

TEXTS = ["a very good film", "电影不好看", "very dull", "a b c film", ""]
PAIRS = [TextPair(f"good film {n}", f"{'very ' * (n % 3)}good film {n}", (n % 5) / 4) for n in range(17)]
PAIRS += [TextPair(f"电影很好看{n}", f"差的电影{n}", (n % 4) / 4) for n in range(13)]
TINY = EmbedSettings(model=ModelSettings(size="tiny"))


@pytest.fixture(scope="module")
def own():
    torch.manual_seed(7)
    return build_embedder(PAIRS, TINY)


@pytest.fixture(scope="module")
def bert(make_base, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bases") / "bert"
    return folder, make_base(folder, "bert", "BertModel")


# losses


def test_contrast_one_by_one():
    one, other = torch.randn(7, 5), torch.randn(7, 5)
    same = torch.zeros(7, 7, dtype=torch.bool)
    same[2, 4] = same[4, 2] = True
    expected = 0.0
    for i in range(7):
        for a, b in ((one, other), (other, one)):
            cosines = [float(F.cosine_similarity(a[i], b[j], dim=0)) / 0.3 for j in range(7)]
            rivals = [cosines[j] for j in range(7) if j == i or not same[i, j]]
            expected -= (cosines[i] - np.log(np.exp(rivals).sum())) / 14
    assert float(contrast(one, other, 0.3, same)) == pytest.approx(expected, rel=1e-5)


def test_order_one_by_one():
    one, other, values = torch.randn(7, 5), torch.randn(7, 5), torch.tensor([0.0, 1, 0.5, 0.5, 1, 0, 0.2])
    cosines = F.cosine_similarity(one, other, dim=-1) / 0.3
    total = 1.0
    for i in range(7):
        for j in range(7):
            if values[i] > values[j]:
                total += float(torch.exp(cosines[j] - cosines[i]))
    assert float(order_cosines(one, other, 0.3, values)) == pytest.approx(np.log(total), rel=1e-5)
    assert float(order_cosines(one, other, 0.3, torch.ones(7))) == 0  # nothing is in any order


def test_sizes_are_learned_together():
    one, other, values = torch.randn(7, 6), torch.randn(7, 6), torch.rand(7)

    def loss(a, b):
        return meet_values(a, b, values)

    expected = (loss(one, other) + loss(one[:, :2], other[:, :2])) / 2
    assert float(over_sizes(loss, one, other, (6, 2))) == pytest.approx(float(expected))


# the model


def test_vectors_have_length_one_and_may_be_cut(own):
    vectors = own.encode(TEXTS)
    assert vectors.shape == (5, own.width)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors[:4], axis=1) == pytest.approx(1, abs=1e-5)
    assert not vectors[4].any()  # a text without words points nowhere
    cut = own.encode(TEXTS, size=11)
    whole = own.encode(TEXTS, normalise=False)[:, :11]
    expected = whole[:4] / np.linalg.norm(whole[:4], axis=1, keepdims=True)
    assert cut[:4] == pytest.approx(expected, abs=1e-6)
    assert own.similarity(TEXTS[:2], TEXTS[:3]) == pytest.approx(vectors[:2] @ vectors[:3].T)
    with pytest.raises(InputError, match=r"`size` must lie between 1 and 64.*but is 65"):
        own.encode(TEXTS, size=65)
    with pytest.raises(DataError, match="must be a string, but one is int"):
        own.encode(["a", 3])
    with pytest.raises(InputError, match="knows no prompt `query`"):
        own.encode(TEXTS, prompt="query")


def test_answers_do_not_hang_on_the_company(own):
    together = own.encode(TEXTS)
    assert np.concatenate([own.encode(text) for text in TEXTS]) == pytest.approx(together, abs=1e-5)
    assert own.encode([]).shape == (0, own.width)


def test_predictions(own):
    pair, single = own.predict_examples([TextPair("a film", "a good film"), TextPair("very dull")])
    one, other = own.encode(["a film", "a good film"])
    assert pair.cosine == pytest.approx(float(one @ other), abs=1e-5)
    assert (pair.text, pair.pair) == ("a film", "a good film")
    assert single.vector == pytest.approx(own.encode("very dull")[0], abs=1e-5)
    assert own.predict(["a film"], ["a good film"])[0].cosine == pytest.approx(pair.cosine, abs=1e-5)


def test_a_long_text_is_the_mean_of_its_windows():
    torch.manual_seed(3)
    model = build_embedder(
        PAIRS, EmbedSettings(model=ModelSettings(size="tiny"), features=FeatureSettings(max_words=8))
    )
    words = ["a", "very", "good", "film", "is", "not", "dull", "and", "not", "bad", "at", "all"]
    inputs = model.encoder.windows([" ".join(words)])
    assert len(inputs.owners) == 2
    assert inputs.weights.sum() == len(words)  # each word counts once
    cut = [" ".join(words[:8]), " ".join(words[4:])]
    parts = model.encode(cut, normalise=False)
    expected = (parts * inputs.weights[:, None]).sum(0) / inputs.weights.sum()
    assert model.encode(" ".join(words), normalise=False)[0] == pytest.approx(expected, abs=1e-5)


def test_saved_and_loaded_it_says_the_same(own, tmp_path):
    own.save(tmp_path / "model")
    again = attendo.load(tmp_path / "model")
    assert isinstance(again, Embedder)
    assert (again.encode(TEXTS) == own.encode(TEXTS)).all()
    assert not (tmp_path / "model" / "modules.json").exists()
    with pytest.raises(InputError, match="holds a model already"):
        own.save(tmp_path / "model")


# on a base, and the folders of sentence-transformers


def test_pooling_as_the_reference_library_has_it(bert):
    folder, reference = bert
    transformers = pytest.importorskip("transformers")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    for pooling in ("mean", "first", "last", "max"):
        model, new = build_embedder_on_base(Base.read(folder), EmbedSettings(pooling=pooling))
        assert not new
        for text in TEXTS:
            with torch.inference_mode():
                tokens = reference(**tokenizer(text, return_tensors="pt")).last_hidden_state[0]
            pooled = {"mean": tokens.mean(0), "first": tokens[0], "last": tokens[-1], "max": tokens.amax(0)}[pooling]
            assert model.encode(text, normalise=False)[0] == pytest.approx(pooled.numpy(), abs=1e-5)


def sentence_folder(folder, make_base, *, modes=("mean",), max_tokens=19, **beside):
    """A folder in the layout of sentence-transformers, with a dense layer, and what it should give."""
    from safetensors.torch import save_file

    reference = make_base(folder, "bert", "BertModel")
    for name in ("1_Pooling", "2_Dense", "3_Normalize"):
        (folder / name).mkdir()
    kinds = ("Transformer", "Pooling", "Dense", "Normalize")
    paths = ("", "1_Pooling", "2_Dense", "3_Normalize")
    modules = [
        {"idx": n, "name": str(n), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for n, (kind, path) in enumerate(zip(kinds, paths, strict=True))
    ]
    names = {"cls": "cls_token", "mean": "mean_tokens", "max": "max_tokens", "sqrt": "mean_sqrt_len_tokens"}
    pooling = {"word_embedding_dimension": 12} | {f"pooling_mode_{full}": key in modes for key, full in names.items()}
    dense = {"in_features": 12 * len(modes), "out_features": 7, "bias": True}
    dense |= {"activation_function": "torch.nn.modules.activation.Tanh"}
    files = {"modules.json": modules, "1_Pooling/config.json": pooling, "2_Dense/config.json": dense}
    files |= {"sentence_bert_config.json": {"max_seq_length": max_tokens, "do_lower_case": True}}
    files |= {
        "config_sentence_transformers.json": {"prompts": {"query": "very "}, "default_prompt_name": None} | beside
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content))
    torch.manual_seed(11)
    weights = {"linear.weight": torch.randn(7, 12 * len(modes)), "linear.bias": torch.randn(7)}
    save_file(weights, folder / "2_Dense" / "model.safetensors")

    def expected(text):
        transformers = pytest.importorskip("transformers")
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        with torch.inference_mode():
            tokens = reference(**tokenizer(text.lower(), return_tensors="pt")).last_hidden_state[0]
        pooled = {"cls": tokens[0], "max": tokens.amax(0), "mean": tokens.mean(0)}
        whole = torch.cat([pooled[mode] for mode in ("cls", "max", "mean") if mode in modes])
        return F.normalize(torch.tanh(weights["linear.weight"] @ whole + weights["linear.bias"]), dim=0).numpy()

    return expected


@pytest.mark.parametrize("modes", [("mean",), ("cls",), ("max",), ("cls", "mean")])
def test_a_folder_of_sentence_transformers(modes, make_base, tmp_path):
    expected = sentence_folder(tmp_path / "foreign", make_base, modes=modes)
    model = attendo.load(tmp_path / "foreign")
    assert isinstance(model, Embedder)
    assert model.width == 7
    model.save(tmp_path / "copy")
    again = attendo.load(tmp_path / "copy")
    (tmp_path / "copy" / "attendo.json").unlink()
    foreign = attendo.load(tmp_path / "copy")
    for each in (model, again, foreign):
        for text in ("A very good film", "电影不好看"):
            assert each.encode(text)[0] == pytest.approx(expected(text), abs=1e-5)
            assert each.encode(text, prompt="query")[0] == pytest.approx(expected(f"very {text}"), abs=1e-5)
    assert model.encoder.pieces.max_tokens == 19
    assert len(model.encoder.windows(["a " * 30]).owners) > 1


def test_the_usual_prompt_stands_before_every_text(make_base, tmp_path):
    expected = sentence_folder(tmp_path / "foreign", make_base, default_prompt_name="query")
    model = attendo.load(tmp_path / "foreign")
    assert model.encode("good film")[0] == pytest.approx(expected("very good film"), abs=1e-5)


def test_a_masked_language_model_may_lie_in_such_a_folder(make_base, tmp_path):
    sentence_folder(tmp_path / "foreign", make_base)
    reference = make_base(tmp_path / "masked", "bert", "BertForMaskedLM")
    for name in ("config.json", "model.safetensors"):
        (tmp_path / "foreign" / name).write_bytes((tmp_path / "masked" / name).read_bytes())
    model = attendo.load(tmp_path / "foreign")
    ids = model.encoder.encode(["good film"]).encodings[0].ids
    with torch.inference_mode():
        tokens = reference.bert(torch.tensor(ids[None].astype(np.int64))).last_hidden_state[0]
        batch = model.encoder.encode(["good film"]).batch([0])
        assert model.model.network.encoder(batch).numpy() == pytest.approx(tokens.numpy(), abs=1e-5)


def test_what_is_not_known_is_refused(make_base, tmp_path):
    folder = tmp_path / "foreign"
    sentence_folder(folder, make_base, modes=("sqrt",))
    with pytest.raises(UnsupportedError, match="pools by mean_sqrt_len_tokens, which is not known"):
        attendo.load(folder)
    modules = json.loads((folder / "modules.json").read_text())
    modules[2]["type"] = "sentence_transformers.models.LSTM"
    (folder / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(UnsupportedError, match="lists the modules Transformer, Pooling, LSTM, Normalize"):
        attendo.load(folder)
    (folder / "modules.json").write_text("{")
    with pytest.raises(ModelFolderError, match=r"modules\.json cannot be read"):
        attendo.load(folder)


def test_sentence_transformers_gives_the_same(bert, tmp_path):
    library = pytest.importorskip("sentence_transformers")
    model, _ = build_embedder_on_base(Base.read(bert[0]), EmbedSettings())
    model.save(tmp_path / "model")
    theirs = library.SentenceTransformer(str(tmp_path / "model"), device="cpu").encode(TEXTS[:4])
    assert model.encode(TEXTS[:4], normalise=False) == pytest.approx(theirs, abs=1e-5)


# learning


@pytest.mark.parametrize("learn", ["numbers", "pairs", "texts"])
def test_what_is_learned_from(learn, own):
    problem = EmbedProblem(own.vectors, own.encoder, PAIRS, PAIRS, EmbedSettings(learn=learn))
    texts = {text for each in PAIRS for text in (each.text, each.pair)}
    count = {"numbers": 30, "pairs": sum(each.value > 0.5 for each in PAIRS), "texts": len(texts)}[learn]
    assert len(problem.lengths) == count
    batch = problem.batch([0, 3, 2], torch.device("cpu"))
    assert batch.texts.layout.num_texts == 6
    loss = problem.loss(batch)
    assert loss.weight == 3
    assert torch.isfinite(loss.total)
    assert set(problem.scores()) == {"spearman", "pearson"}


def test_texts_that_are_as_right_are_no_rivals(own):
    pairs = [TextPair("a film", "a good film"), TextPair("a film", "very dull"), TextPair("a b c", "a film")]
    problem = EmbedProblem(own.vectors, own.encoder, pairs, pairs, EmbedSettings())
    assert problem.main == "mean_reciprocal_rank"
    own.vectors.eval()
    one, other = own.vectors(problem.batch([0, 1, 2], torch.device("cpu")).texts).chunk(2)
    same = torch.zeros(3, 3, dtype=torch.bool)
    same[0, 1] = same[1, 0] = True  # both are partners of the same text
    same[0, 2] = same[1, 2] = True  # the text itself
    found = problem.loss(problem.batch([0, 1, 2], torch.device("cpu"))).total / 3
    expected = over_sizes(lambda a, b: contrast(a, b, 0.05, same), one, other, problem.sizes)
    assert found.item() == pytest.approx(expected.item(), rel=1e-4)


def test_settings_that_cannot_be(own):
    singles = [TextPair(each.text) for each in PAIRS]
    with pytest.raises(ConfigError, match=r"`task\.learn` is numbers, but the training data hold only texts"):
        EmbedProblem(own.vectors, own.encoder, singles, PAIRS, EmbedSettings(learn="numbers"))
    with pytest.raises(ConfigError, match=r"`task\.sizes` must hold numbers up to 64"):
        EmbedProblem(own.vectors, own.encoder, PAIRS, PAIRS, EmbedSettings(sizes=(65,)))


# judging, baselines and search


def test_halves_of_single_texts_are_partners(own):
    judged = judge_vectors([TextPair("a very good film"), TextPair("dull"), TextPair("电影不好看")], own.encode)
    assert [(each.text, each.pair) for each in judged.pairs] == [("a good", "very film"), ("电 不 看", "影 好")]
    assert judged.ranks is not None
    assert set(judged.ranks.tolist()) <= {1, 2}


def test_the_simplest_vectors():
    texts = [f"a man {word} in the park" for word in ("sings", "runs", "sleeps", "walks")] * 3
    for make in (TfIdfVectors.of, AveragedVectors.of):
        vectors = make(texts)(["a man sings in the park", "the man sings", "quite other words"])
        dense = vectors if isinstance(vectors, np.ndarray) else vectors.toarray()
        lengths = np.linalg.norm(dense, axis=1)
        assert lengths[:2] == pytest.approx(1, abs=1e-4)
        cosines = dense @ dense.T
        assert cosines[0, 1] != 0


def test_search_sees_every_text(monkeypatch, tmp_path):
    from attendo.tasks.embedding import searching

    monkeypatch.setattr(searching, "BLOCK", 7)
    random = np.random.default_rng(5)
    vectors = random.normal(size=(31, 5)).astype(np.float32)
    passages = [TextPair(str(n), line=n + 1) for n in range(31)]
    queries = random.normal(size=(3, 5)).astype(np.float32)

    def encode(texts):
        return vectors[[int(text) for text in texts]]

    index = SearchIndex(tmp_path / "index")
    index.write(vector_blocks((each.text for each in passages), encode), {"file": "x"})
    assert index.is_of({"file": "x"})
    assert not index.is_of({"file": "y"})
    assert not SearchIndex(tmp_path / "none").is_of({"file": "x"})
    for blocks in (vector_blocks((each.text for each in passages), encode), index.blocks()):
        found = best_passages(queries, blocks, passages, 4)
        for query, each in zip(queries, found, strict=True):
            expected = np.argsort(-(vectors @ query))[:4]
            assert [int(one.passage.text) for one in each] == expected.tolist()
            assert [one.cosine for one in each] == pytest.approx((vectors @ query)[expected], abs=1e-5)
            assert [one.passage.line for one in each] == (expected + 1).tolist()
    (tmp_path / "index").write_bytes((tmp_path / "index").read_bytes()[:4500])
    assert not index.is_of({"file": "x"})
