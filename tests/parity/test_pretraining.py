"""Losses of every objective against the reference library's own, on the same masked tokens."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from attendo.models import Seq2SeqModel, TokenModel, load_model
from attendo.tasks.pretraining import (
    FRAME,
    Denoising,
    DenoisingProblem,
    Infilling,
    MaskRule,
    Masks,
    NextTokens,
    Pair,
    Pieces,
    ReplacedProblem,
    SpanCorruption,
    TokenProblem,
)
from attendo.tasks.seq2seq import Marks

transformers = pytest.importorskip("transformers")

LENGTHS = (13, 5, 2, 17)
SMALL = {
    "vocab_size": 37, "hidden_size": 24, "num_hidden_layers": 3, "num_attention_heads": 3, "intermediate_size": 29,
    "max_position_embeddings": 19,
}  # fmt: skip
NUMBERS: dict[str, dict[str, Any]] = {
    "bert": SMALL,
    "modernbert": SMALL | {"local_attention": 6, "pad_token_id": 0, "cls_token_id": 2, "sep_token_id": 3},
    "electra": SMALL | {"embedding_size": 10},
    "gpt2": {"vocab_size": 37, "n_positions": 19, "n_embd": 24, "n_layer": 3, "n_head": 3, "pad_token_id": 0},
    "llama": SMALL | {"num_key_value_heads": 1, "pad_token_id": 0},
}
SIDES = {
    f"{side}_{name}": number
    for side in ("encoder", "decoder")
    for name, number in (("layers", 2), ("attention_heads", 3), ("ffn_dim", 29))
}
WRITERS: dict[str, dict[str, Any]] = {
    "bart": SIDES | {"vocab_size": 37, "d_model": 24, "max_position_embeddings": 19, "decoder_start_token_id": 3},
    "mbart": SIDES | {"vocab_size": 37, "d_model": 24, "max_position_embeddings": 19},
    "t5": {
        "vocab_size": 37,
        "d_model": 24,
        "d_kv": 7,
        "d_ff": 29,
        "num_layers": 2,
        "num_heads": 3,
        "decoder_start_token_id": 0,
    },
}
NUMBERS |= {name: each | {"pad_token_id": 0, "eos_token_id": 3} for name, each in WRITERS.items()}
RULE = MaskRule(share=0.3, as_mask=0.7, as_random=0.2, mask=4, plain=np.arange(5, 37, dtype=np.int32), alone=None)


def pieces(seed: int = 1) -> Pieces:
    rng = np.random.default_rng(seed)
    ids = np.concatenate([[2, *rng.integers(5, 37, length - 1)] for length in LENGTHS]).astype(np.int32)
    words = np.concatenate([[FRAME, *range(length - 1)] for length in LENGTHS]).astype(np.int32)
    return Pieces(ids, words, np.cumsum([0, *LENGTHS]))


def reference(name: str, kind: str, folder: Any, **changes: Any) -> Any:
    """A small random model of the reference library, saved to a folder."""
    torch.manual_seed(0)
    config = transformers.AutoConfig.for_model(name, **NUMBERS[name] | changes)
    model = getattr(transformers, kind)(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
        if name == "bert":
            model.cls.predictions.bias.copy_(model.cls.predictions.decoder.bias)  # one of the two is never read
    model.save_pretrained(folder)
    return model.eval()


def network(folder: Any) -> TokenModel:
    found = load_model(folder).network
    assert isinstance(found, TokenModel)
    return found


def asked(batch: Any, shown: Tensor | None = None) -> tuple[dict[str, Tensor], Tensor]:
    """What the reference library takes of a batch: padded tokens, their mask, and labels, -100 elsewhere."""
    layout, ids = batch.texts.layout, batch.texts.ids if shown is None else shown
    labels = torch.full_like(ids, -100)
    labels[batch.places] = batch.targets
    inputs = {"input_ids": layout.pad(ids, 0), "attention_mask": layout.pad(torch.ones_like(ids), 0)}
    return inputs, layout.pad(labels, -100)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("bert", "BertForMaskedLM"), ("modernbert", "ModernBertForMaskedLM"), ("electra", "ElectraForMaskedLM")],
)
def test_masked(name, kind, tmp_path):
    theirs = reference(name, kind, tmp_path)
    problem = TokenProblem(network(tmp_path), pieces(), pieces(2), Masks(RULE, 7))
    batch = problem.batch([3, 0, 2, 1], torch.device("cpu"))
    inputs, labels = asked(batch)
    loss = problem.loss(batch)
    assert loss.weight == (labels != -100).sum() > 5
    expected = theirs(**inputs, labels=labels).loss
    torch.testing.assert_close(loss.total / loss.weight, expected, rtol=1e-5, atol=1e-5)
    (loss.total / loss.weight).backward()
    expected.backward()
    ours = problem.model.encoder.embedding.tokens.weight.grad
    torch.testing.assert_close(ours, theirs.get_input_embeddings().weight.grad, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("name", "kind"), [("gpt2", "GPT2LMHeadModel"), ("llama", "LlamaForCausalLM")])
def test_causal(name, kind, tmp_path):
    theirs = reference(name, kind, tmp_path)
    problem = TokenProblem(network(tmp_path), pieces(), pieces(2), NextTokens())
    batch = problem.batch([1, 3, 0, 2], torch.device("cpu"))
    inputs, _ = asked(batch)
    labels = inputs["input_ids"].masked_fill(inputs["attention_mask"] == 0, -100)
    loss = problem.loss(batch)
    assert loss.weight == sum(LENGTHS) - len(LENGTHS)
    torch.testing.assert_close(loss.total / loss.weight, theirs(**inputs, labels=labels).loss, rtol=1e-5, atol=1e-5)


def test_replaced(tmp_path):
    """The generator's loss and the discriminator's, which is asked about what the generator has drawn."""
    wide = reference("electra", "ElectraForPreTraining", tmp_path / "wide")
    narrow = reference("electra", "ElectraForMaskedLM", tmp_path / "narrow", hidden_size=12)
    ours, theirs = narrow.electra.embeddings, wide.electra.embeddings
    for part in ("word_embeddings", "position_embeddings", "token_type_embeddings"):
        setattr(ours, part, getattr(theirs, part))
    narrow.tie_weights()
    pair = Pair(network(tmp_path / "narrow"), network(tmp_path / "wide")).eval()
    rule = MaskRule(share=0.4, as_mask=1.0, as_random=0.0, mask=4, plain=RULE.plain, alone=None)
    problem = ReplacedProblem(pair, pieces(), pieces(2), Masks(rule, 7), weight=50.0)
    batch = problem.batch([0, 3, 1, 2], torch.device("cpu"))
    inputs, labels = asked(batch)
    filled = narrow(**inputs, labels=labels)
    scores = batch.texts.layout.unpad(filled.logits)[batch.places]
    below = scores.softmax(-1).double().cumsum(-1) <= batch.draws[:, None].double()
    drawn = batch.texts.ids.clone()
    drawn[batch.places] = below.sum(-1)
    told_labels = torch.zeros_like(drawn)
    told_labels[batch.places] = (drawn[batch.places] != batch.targets).long()
    assert 0 < told_labels.sum() <= len(batch.places)
    inputs, _ = asked(batch, drawn)
    told = wide(**inputs, labels=batch.texts.layout.pad(told_labels, 0)).loss
    loss = problem.loss(batch)
    torch.testing.assert_close(loss.total / loss.weight, filled.loss + 50 * told, rtol=1e-5, atol=1e-4)


def test_the_pair_reads_with_one_table(tmp_path):
    reference("electra", "ElectraForPreTraining", tmp_path / "wide")
    reference("electra", "ElectraForMaskedLM", tmp_path / "narrow", hidden_size=12)
    pair = Pair(network(tmp_path / "narrow"), network(tmp_path / "wide"))
    table = pair.discriminator.encoder.embedding.tokens.weight
    assert pair.generator.encoder.embedding.tokens.weight is table
    assert pair.generator.head is not None
    assert pair.generator.head.output.weight is table


@pytest.mark.parametrize("name", ["modernbert", "gpt2"])
def test_the_loss_of_gathered_places_is_that_of_all(name, tmp_path):
    kind, asking = {
        "modernbert": ("ModernBertForMaskedLM", Masks(RULE, 7)),
        "gpt2": ("GPT2LMHeadModel", NextTokens()),
    }[name]
    reference(name, kind, tmp_path)
    model = network(tmp_path)
    problem = TokenProblem(model, pieces(), pieces(2), asking)
    batch = problem.batch(range(4), torch.device("cpu"))
    labels = torch.full_like(batch.texts.ids, -100)
    labels[batch.places] = batch.targets
    whole = F.cross_entropy(model(batch.texts), labels, reduction="sum")
    torch.testing.assert_close(problem.loss(batch).total, whole, rtol=1e-5, atol=1e-5)


def test_tokens_are_drawn_by_their_chances():
    from attendo.tasks.pretraining.problems import drawn_tokens

    scores = torch.tensor([0.5, 0.0, 0.3, 0.2]).log().expand(10_007, 4)
    draws = torch.arange(10_007) / 10_007
    shares = torch.bincount(drawn_tokens(scores, draws), minlength=4) / 10_007
    torch.testing.assert_close(shares, torch.tensor([0.5, 0.0, 0.3, 0.2]), rtol=0, atol=2e-4)


def closed_pieces(seed: int = 1) -> Pieces:
    """Pieces that end with the token that is to end what is written."""
    rng = np.random.default_rng(seed)
    ids = np.concatenate([[*rng.integers(5, 31, length - 1), 3] for length in LENGTHS]).astype(np.int32)
    words = np.concatenate([[*range(length - 1), FRAME] for length in LENGTHS]).astype(np.int32)
    return Pieces(ids, words, np.cumsum([0, *LENGTHS]))


INFILLING = Infilling(share=0.3, mean=3.0, mask=4, whole_words=True)
SPANS = SpanCorruption(share=0.3, mean=3.0, sentinels=np.arange(36, 30, -1, dtype=np.int32), whole_words=True)


@pytest.mark.parametrize(
    ("name", "kind", "noise"),
    [
        ("bart", "BartForConditionalGeneration", INFILLING),
        ("mbart", "MBartForConditionalGeneration", INFILLING),
        ("t5", "T5ForConditionalGeneration", SPANS),
    ],
)
def test_denoising(name, kind, noise, tmp_path):
    theirs = reference(name, kind, tmp_path)
    model = load_model(tmp_path)
    assert isinstance(model.network, Seq2SeqModel)
    marks = Marks(start=model.shape.decoder_start_token_id, ends=(3,))
    problem = DenoisingProblem(model.network, closed_pieces(), closed_pieces(2), Denoising(noise, marks, 7))
    batch = problem.batch([3, 0, 1], torch.device("cpu"))
    loss = problem.loss(batch)
    source, target = batch.texts.source, batch.texts.target
    shown = source.layout.pad(source.ids, 0)[:3]  # what follows fills up
    mask = source.layout.pad(torch.ones_like(source.ids), 0)[:3]
    labels = target.layout.pad(batch.right, -100)[:3]
    assert loss.weight == (labels != -100).sum() > 5
    expected = theirs(input_ids=shown, attention_mask=mask, labels=labels).loss
    torch.testing.assert_close(loss.total / loss.weight, expected, rtol=1e-5, atol=1e-5)
    (loss.total / loss.weight).backward()
    expected.backward()
    ours = model.network.encoder.embedding.tokens.weight.grad
    torch.testing.assert_close(ours, theirs.get_input_embeddings().weight.grad, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("noise", [INFILLING, SPANS])
def test_scores_of_denoising(noise, tmp_path):
    theirs = reference("t5", "T5ForConditionalGeneration", tmp_path)
    network = load_model(tmp_path).network
    assert isinstance(network, Seq2SeqModel)
    asking = Denoising(noise, Marks(start=0, ends=(3,)), 7)
    problem = DenoisingProblem(network, closed_pieces(), closed_pieces(2), asking)
    total = right = count = 0.0
    for piece in range(len(LENGTHS)):
        batch = asking(closed_pieces(2), [piece], 2**32 - 1)
        source, answer = batch.texts.source, batch.texts.target.layout.split(batch.right)[0]
        ids = source.layout.split(source.ids)[0]
        with torch.no_grad():
            scores = theirs(input_ids=ids[None], labels=answer[None]).logits[0]
        total += float(F.cross_entropy(scores, answer, reduction="sum"))
        right, count = right + int((scores.argmax(-1) == answer).sum()), count + len(answer)
    with torch.no_grad():
        found = problem.scores()
        again = problem.scores()
    assert found["loss_dev"] == pytest.approx(total / count, rel=1e-5)
    assert found["accuracy"] == pytest.approx(right / count)
    assert found["perplexity"] == pytest.approx(np.exp(total / count), rel=1e-4)
    assert again == found, "the held-out text keeps its noise"
