"""`train` on a base: what is taken over, that it learns, what is saved, and what is refused."""

import json
import shutil

import numpy as np
import pytest
import torch

import attendo
from attendo.api import train
from attendo.errors import DataError, InputError, ModelFolderError, UnsupportedError
from attendo.tasks import load
from attendo.training import Note, Scored, Warned

transformers = pytest.importorskip("transformers")

TWO_LAYERS = {f"classifier.{part}.{kind}" for part in ("dense", "out_proj") for kind in ("weight", "bias")}
TWO_DEEP = {f"classification_head.{part}.{kind}" for part in ("dense", "out_proj") for kind in ("weight", "bias")}
OUTPUT = {"classifier.weight", "classifier.bias"}
BASES = [
    ("bert", "BertForMaskedLM", OUTPUT | {"bert.pooler.dense.weight", "bert.pooler.dense.bias"}),
    ("bert", "BertModel", OUTPUT),
    ("roberta", "RobertaForMaskedLM", TWO_LAYERS),
    ("distilbert", "DistilBertModel", OUTPUT | {"pre_classifier.weight", "pre_classifier.bias"}),
    ("electra", "ElectraForPreTraining", TWO_LAYERS),
    ("modernbert", "ModernBertForMaskedLM", OUTPUT),
    ("gpt2", "GPT2LMHeadModel", {"score.weight"}),
    ("llama", "LlamaForTokenClassification", {"score.weight"}),
    ("qwen2", "Qwen2ForCausalLM", {"score.weight"}),
    ("qwen3", "Qwen3Model", {"score.weight"}),
    ("bart", "BartForConditionalGeneration", TWO_DEEP),
    ("t5", "T5ForConditionalGeneration", TWO_DEEP),
]
TEXTS = ["good film", "a b c", "bad films .", "电影很好看", "very " * 50 + "bad"]


def rows(count):
    """Texts whose label hangs on one of their words."""
    random = np.random.default_rng(3)
    for number in range(count):
        words = [str(each) for each in random.choice(list("abc012.,"), 5)]
        words[number % 5] = ("good", "bad", "不")[number % 3]
        yield " ".join(words), ("positive", "negative", "中")[number % 3]


def table(path, count):
    path.write_text("text\tlabel\n" + "".join("\t".join(row) + "\n" for row in rows(count)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return table(tmp_path_factory.mktemp("data") / "data.tsv", 127)


@pytest.fixture(scope="module")
def bert(tmp_path_factory, make_base):
    """The folder of a masked language model."""
    folder = tmp_path_factory.mktemp("bases") / "bert"
    make_base(folder)
    return folder


@pytest.fixture(scope="module")
def tuned(tmp_path_factory, bert, data, quick):
    """An undisturbed run, with a checkpoint after each step."""
    settings = quick(base=bert, checkpoint_seconds=1e-9)
    return train("classify", data, out=tmp_path_factory.mktemp("tuned") / "model", settings=settings)


def notes_of(told, kind=Note):
    return [event.text for event in told if isinstance(event, kind)]


def reference_answers(folder, most):
    """The logits of the reference library, which must miss nothing and find nothing that it does not know."""
    model, said = transformers.AutoModelForSequenceClassification.from_pretrained(folder, output_loading_info=True)
    assert not any(said[kind] for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(folder)
    kinds = ["input_ids", "attention_mask"]
    inputs = [tokenizer(text, truncation=True, max_length=most, return_tensors="pt") for text in TEXTS]
    with torch.inference_mode():
        found = [model.eval()(**{kind: each[kind] for kind in kinds}).logits for each in inputs]
    return torch.cat(found).softmax(-1).numpy(), model.config


@pytest.mark.parametrize(("family", "architecture", "new"), BASES, ids=[each[1] for each in BASES])
def test_every_family_is_trained_and_goes_back(family, architecture, new, make_base, data, quick, tmp_path):
    make_base(tmp_path / "base", family, architecture)
    told, settings = [], quick(learning_rate=3e-3, epochs=2, ema=None)
    result = attendo.train(
        "classify", data, base=tmp_path / "base", out=tmp_path / "model", settings=settings, tell=told.append
    )
    (head,) = [note for note in notes_of(told) if note.startswith("The head is new: ")]
    assert set(head.removeprefix("The head is new: ").removesuffix(".").split(", ")) == new
    assert result.story.attention[2].received
    assert result.story.shares is None
    again = load(tmp_path / "model")
    chances = again.chances(again.encoder.encode(TEXTS))
    np.testing.assert_array_equal(chances, result.model.chances(result.model.encoder.encode(TEXTS)))
    expected, config = reference_answers(tmp_path / "model", again.encoder.max_tokens)
    np.testing.assert_allclose(chances, expected, atol=2e-5)
    assert tuple(config.id2label.values()) == again.labels.names == ("negative", "positive", "中")
    assert config.problem_type == "single_label_classification"


@pytest.mark.parametrize(("family", "architecture"), [("bert", "BertForMaskedLM"), ("llama", "LlamaForCausalLM")])
def test_it_really_learns(family, architecture, make_base, quick, tmp_path):
    make_base(tmp_path / "base", family, architecture, hidden_size=24, intermediate_size=37, initializer_range=0.2)
    data = table(tmp_path / "data.tsv", 401)
    settings = quick(base=tmp_path / "base", epochs=13, learning_rate=5e-3, ema=None)
    result = train("classify", data, out=tmp_path / "model", settings=settings)
    assert result.story.systems[2].scores["test"].accuracy.value > 0.9
    assert result.story.history[-1]["loss"] < 0.3 * result.story.history[0]["loss"]


def test_the_folder_is_whole(tuned, bert, data):
    names = {path.name for path in tuned.folder.iterdir()}
    assert names >= {
        "config.json",
        "model.safetensors",
        "attendo.json",
        "README.md",
        "report.html",
        "tokenizer_config.json",
    }
    assert not names & {"run", "features.safetensors"}
    config = json.loads((tuned.folder / "config.json").read_text(encoding="utf-8"))
    assert config["num_labels"] == len(config["id2label"]) == 3
    assert config["label2id"] == {"negative": 0, "positive": 1, "中": 2}
    assert config["architectures"] == ["BertForSequenceClassification"]
    assert config["dtype"] == "float32"
    card = json.loads((tuned.folder / "attendo.json").read_text(encoding="utf-8"))
    assert card["base"]["folder"] == str(bert)
    assert "model.safetensors" in card["base"]["checksums"]
    assert set(tuned.story.parameters) == {"embeddings", "encoder", "head"}
    assert sum(tuned.story.parameters.values()) == sum(p.numel() for p in tuned.model.network.parameters())
    page = (tuned.folder / "report.html").read_text(encoding="utf-8")
    assert "two paths" not in page
    assert "What attention looks at" in page


def test_open_settings_follow_from_the_base(tuned):
    rates = tuned.story.plan["rates"]
    assert rates == {"learning_rate": 1e-3, "layer_decay": 0.9, "weight_decay": 0.01, "warmup": 0.1}
    assert "Learning rate 0.001: the base is 12 wide." in tuned.story.notes


def test_a_head_for_the_same_labels_is_kept(tuned, data, quick, make_base, tmp_path):
    told, settings = [], quick(base=tuned.folder, epochs=1, learning_rate=1e-12)
    result = train("classify", data, out=tmp_path / "again", settings=settings, tell=told.append)
    assert "The head is the base's own, which knows these labels; it is trained on." in notes_of(told)
    chances = [each.chances(each.encoder.encode(TEXTS)) for each in (tuned.model, result.model)]
    assert (chances[0].argmax(1) == chances[1].argmax(1)).all()


def test_the_base_keeps_the_order_of_its_labels(make_base, data, quick, tmp_path):
    names = {0: "中", 1: "positive", 2: "negative"}
    make_base(tmp_path / "base", architecture="BertForSequenceClassification", id2label=names)
    result = train("classify", data, out=tmp_path / "model", settings=quick(base=tmp_path / "base", epochs=1))
    assert result.model.labels.names == tuple(names.values())
    other = {0: "x", 1: "y", 2: "z"}
    make_base(tmp_path / "other", architecture="BertForSequenceClassification", id2label=other)
    told = []
    train("classify", data, out=tmp_path / "new", settings=quick(base=tmp_path / "other", epochs=1), tell=told.append)
    assert "The head is new: classifier.weight, classifier.bias." in notes_of(told)


def test_the_reference_library_can_pad(make_base, data, quick, tmp_path):
    make_base(tmp_path / "base", "gpt2", "GPT2LMHeadModel", pad_token_id=None)
    result = train("classify", data, out=tmp_path / "model", settings=quick(base=tmp_path / "base", epochs=1))
    model = transformers.AutoModelForSequenceClassification.from_pretrained(tmp_path / "model").eval()
    words = transformers.PreTrainedTokenizerFast.from_pretrained(tmp_path / "model")
    inputs = words(TEXTS, padding=True, truncation=True, max_length=29, return_tensors="pt")
    with torch.inference_mode():
        expected = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"]).logits.softmax(-1)
    np.testing.assert_allclose(result.model.chances(result.model.encoder.encode(TEXTS)), expected.numpy(), atol=2e-5)


def test_pairs_and_several_labels(bert, quick, tmp_path):
    lines = [f"{a}\t{b}\t{'same' if a == b else 'other'}|x" for a in "abc012" for b in "abc012" for _ in range(2)]
    path = tmp_path / "data.tsv"
    path.write_text("text1\ttext2\tlabel\n" + "\n".join(lines) + "\n", encoding="utf-8")
    settings = quick({"label_separator": "|"}, base=bert, epochs=2)
    result = train("classify", path, out=tmp_path / "model", settings=settings)
    assert result.model.labels.several
    assert result.model.card["settings"]["task"]["base"] == str(bert)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(tmp_path / "model").eval()
    assert model.config.problem_type == "multi_label_classification"
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "model")
    with torch.inference_mode():
        expected = model(**tokenizer("a", "b", return_tensors="pt")).logits[0].sigmoid().tolist()
    (found,) = load(tmp_path / "model").predict(["a"], ["b"])
    assert list(found.probabilities.values()) == pytest.approx(expected, abs=1e-5)


def test_long_texts_are_cut_and_counted(bert, quick, tmp_path):
    lines = [f"{'very ' * (number % 61)}{word}\t{word}" for number in range(83) for word in ("good", "bad")]
    path = tmp_path / "data.tsv"
    path.write_text("text\tlabel\n" + "\n".join(lines) + "\n", encoding="utf-8")
    told = []
    result = train("classify", path, out=tmp_path / "model", settings=quick(base=bert, epochs=1), tell=told.append)
    (warning,) = [text for text in notes_of(told, Warned) if "tokens that the base reads" in text]
    lengths = [len(example.text.split()) for example in attendo.data.load_splits(path).train]
    long = sum(length > 27 for length in lengths)
    assert warning == f"{long} training texts are longer than the 29 tokens that the base reads, and cut to them."
    assert warning in result.story.warnings


@pytest.mark.parametrize("way", [{"freeze": "encoder"}, {"freeze": 2}, {"gradient_checkpointing": True}])
def test_ways_to_train_less(way, bert, data, tuned, quick, tmp_path):
    result = train("classify", data, out=tmp_path / "model", settings=quick(base=bert, **way))
    state, whole = (each.model.network.state_dict() for each in (result, tuned))
    base = transformers.BertModel.from_pretrained(bert).state_dict()
    table = state["encoder.embedding.tokens.weight"], base["embeddings.word_embeddings.weight"]
    if "freeze" in way:
        assert torch.equal(*table)
        upper = "encoder.stack.blocks.2.feed_forward.part.down.weight"
        kept = torch.equal(state[upper], base["encoder.layer.2.output.dense.weight"])
        assert kept == (way["freeze"] == "encoder")
        assert "of them frozen" in " ".join(result.story.notes)
    else:
        assert not torch.equal(*table)
        for name, tensor in whole.items():
            torch.testing.assert_close(state[name], tensor, rtol=1e-3, atol=1e-5)


MOMENTS = ("first step", "within an epoch", "after an epoch", "trained", "model.safetensors", "attendo.json", "report")


def test_a_killed_run_ends_with_the_same_model(kill, bert, data, tuned, quick, same, tmp_path):
    settings = quick(base=bert, checkpoint_seconds=1e-9)
    kill(tmp_path, data, settings, MOMENTS)
    for moment in MOMENTS:
        told = []
        assert (tmp_path / moment / "run").exists()
        result = train("classify", data, out=tmp_path / moment, settings=settings, tell=told.append)
        same(tmp_path / moment, tuned.folder)
        assert result.story.best_epoch == tuned.story.best_epoch


def test_a_base_that_changed_is_refused(bert, data, quick, make_base, tmp_path):
    def stop(event):
        if isinstance(event, Scored):
            raise KeyboardInterrupt

    base, out = tmp_path / "base", tmp_path / "model"
    shutil.copytree(bert, base)
    with pytest.raises(KeyboardInterrupt):
        train("classify", data, out=out, settings=quick(base=base), tell=stop)
    shutil.rmtree(base)
    make_base(base, initializer_range=0.1)
    with pytest.raises(InputError, match="an unfinished run with other files in its base"):
        train("classify", data, out=out, settings=quick(base=base))
    with pytest.raises(InputError, match="an unfinished run with other settings"):
        train("classify", data, out=out, settings=quick())


def test_a_model_of_another_kind_leaves_nothing_behind(bert, data, quick, tmp_path):
    out = tmp_path / "model"
    train("classify", data, out=out, settings=quick(epochs=1))
    train("classify", data, out=out, settings=quick(base=bert, epochs=1), overwrite=True)
    assert not (out / "features.safetensors").exists()
    assert len(load(out).predict("good")) == 1
    train("classify", data, out=out, settings=quick(epochs=1), overwrite=True)
    assert not list(out.glob("*token*")) + list(out.glob("vocab*"))
    assert len(load(out).predict("good")) == 1


def test_what_is_no_base(bert, data, quick, tmp_path):
    def refused(base, kind, sentence, out="model"):
        with pytest.raises(kind, match=sentence):
            train("classify", data, base=base, out=tmp_path / out, settings=quick(epochs=1))
        assert not (tmp_path / "model" / "attendo.json").exists()

    refused(
        tmp_path / "nowhere", ModelFolderError, r"The base .*nowhere does not exist\. Give a folder with config\.json"
    )
    refused(data, ModelFolderError, "is a file, not a model folder")
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", ModelFolderError, r"holds no config\.json: it is not a model folder")
    refused(bert, InputError, "is the base itself", bert)
    shutil.copytree(bert, tmp_path / "words")
    (tmp_path / "words" / "vocab.txt").write_text("[PAD]\n[UNK]\n" + "\n".join(map(str, range(97))), encoding="utf-8")
    (tmp_path / "words" / "tokenizer.json").unlink()
    refused(
        tmp_path / "words",
        ModelFolderError,
        "largest id is [0-9]+ .*, but the model has vectors for 35 ids",
    )
    train("classify", data, out=tmp_path / "scratch", settings=quick(epochs=1))
    refused(tmp_path / "scratch", UnsupportedError, "of the type `attendo`, which cannot be a base", "other")


def test_pairs_stay_pairs(make_base, quick, tmp_path):
    make_base(tmp_path / "base")
    lines = [f"a {text}\tb good\t{label}" for text, label in rows(31)]
    (tmp_path / "pairs.tsv").write_text("query\tpassage\tlabel\n" + "\n".join(lines), encoding="utf-8")
    train("classify", tmp_path / "pairs.tsv", out=tmp_path / "model", settings=quick(base=tmp_path / "base", epochs=1))
    model = load(tmp_path / "model")
    assert len(model.predict("a good", "b good")) == 1
    with pytest.raises(DataError, match="labels pairs of texts"):
        model.predict("a good")


def test_a_base_is_looked_at_before_the_run_begins(make_base, data, quick, tmp_path):
    from safetensors.torch import load_file, save_file

    make_base(tmp_path / "base")
    tensors = load_file(tmp_path / "base" / "model.safetensors")
    tensors["bert.embeddings.word_embeddings.weight"][7, 1] = float("nan")
    save_file(tensors, tmp_path / "base" / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelFolderError, match=r"holds NaN or infinite values in .*word_embeddings"):
        train("classify", data, out=tmp_path / "model", settings=quick(base=tmp_path / "base"))
    assert not (tmp_path / "model").exists()
