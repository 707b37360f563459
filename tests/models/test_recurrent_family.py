"""The recurrent family: it is built by its numbers, saved and loaded, writes as it reads, and learns."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from attendo.attention import Layout
from attendo.configuration import documentation
from attendo.decoding import Beams, Best, Drawn, Limits, Writer, score_given, search, write
from attendo.errors import ConfigError, ModelFolderError
from attendo.models import FAMILIES, Seq2SeqBatch, Seq2SeqModel, TokenBatch, load_model, new_model
from attendo.nn import StateAttention, word_loss

START, END, V = 1, 2, 37
NUMBERS = {"model_type": "attendo-recurrent", "vocab_size": V, "d_model": 11, "hidden_size": 7}
KINDS = [
    {"attention": attention, "cell": cell, "encoder_layers": layers, "decoder_layers": 3 - layers}
    for attention in ("additive", "multiplicative", "none")
    for cell, layers in (("gru", 1), ("lstm", 2))
]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "-".join(map(str, kind.values())))
SOURCES = ((5, 9, 30), (), (7,), (11, 12, 13, 14, 11, 12))


def made(head: str = "seq2seq", **changes):
    """A small model, its weights spread so that what it says differs."""
    torch.manual_seed(3)
    model = new_model(NUMBERS | changes, head)
    with torch.no_grad():
        for weight in model.network.parameters():
            weight.add_(torch.randn_like(weight) * 0.3)
    return model


def packed(texts) -> TokenBatch:
    ids = torch.tensor([token for text in texts for token in text], dtype=torch.long)
    return TokenBatch(layout=Layout(tuple(map(len, texts))), ids=ids)


BATCH = Seq2SeqBatch(source=packed(SOURCES), target=packed(((START, 6), (START,), (), (START, 8, 9, 10, 30))))


def test_every_number_is_explained():
    shape = FAMILIES["attendo-recurrent"].shape
    told = documentation(shape)
    own = [field.name for field in dataclasses.fields(shape) if field.name in shape.__annotations__]
    assert set(own) <= set(told)
    assert all(told[name].endswith(".") for name in own)


@every_kind
def test_a_saved_model_says_the_same(kind, tmp_path):
    model = made(**kind)
    model.save(tmp_path)
    again = load_model(tmp_path)
    assert again.head == "seq2seq"
    scores = model.network(BATCH)
    assert scores.shape == (8, V)
    assert torch.equal(again.network(BATCH), scores)
    assert torch.equal(again.network.head(again.network.vectors(BATCH)), scores)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"tie_word_embeddings": False},
        {"share_encoder_decoder_embeddings": False, "decoder_vocab_size": 41},
        {"share_encoder_decoder_embeddings": False, "decoder_vocab_size": 41, "tie_word_embeddings": False},
    ],
    ids=str,
)
@pytest.mark.parametrize("head", ["seq2seq", "bare"])
def test_what_is_shared_is_one_table_before_and_after_a_folder(changes, head, tmp_path):
    made(head, **changes).save(tmp_path)
    model = load_model(tmp_path)
    network = model.network
    reads, writes = network.encoder.embedding.tokens.weight, network.decoder.embedding.tokens.weight
    assert (reads is writes) == changes.get("share_encoder_decoder_embeddings", True)
    if head == "seq2seq":
        assert (network.head.output.weight is writes) == changes.get("tie_word_embeddings", True)
    assert len(network(BATCH)) == 8


def test_weights_in_half_precision_are_read(tmp_path):
    made().save(tmp_path)
    half = load_model(tmp_path, dtype=torch.bfloat16)
    assert half.network(BATCH).dtype == torch.bfloat16
    half.save(tmp_path / "half")
    assert load_model(tmp_path / "half").network(BATCH).dtype == torch.float32


@every_kind
def test_texts_together_are_as_each_alone(kind):
    network = made(**kind).network.double()
    together = BATCH.target.layout.split(network(BATCH))
    for source, target, found in zip(SOURCES, BATCH.target.layout.split(BATCH.target.ids), together, strict=True):
        alone = network(Seq2SeqBatch(source=packed([source]), target=packed([target.tolist()])))
        torch.testing.assert_close(found, alone)


@every_kind
def test_what_looks_at_the_source_is_found(kind):
    network = made(**kind).network
    looking = [each for each in network.modules() if isinstance(each, StateAttention)]
    assert network.cross_attentions == looking
    assert len(looking) == (kind["attention"] != "none")


def test_what_looks_at_the_source_is_found_in_a_transformer():
    towers = {"encoder_attention_heads": 1, "decoder_attention_heads": 1, "encoder_ffn_dim": 5, "decoder_ffn_dim": 5}
    numbers = {"model_type": "marian", "vocab_size": V, "d_model": 4, "encoder_layers": 1, "decoder_layers": 3}
    network = new_model(numbers | towers | {"decoder_start_token_id": START}, "seq2seq").network
    blocks = network.decoder.stack.blocks
    assert network.cross_attentions == [block.cross.part for block in blocks]


@every_kind
def test_gradients_reach_every_weight(kind):
    network = made(**kind).network.train()
    word_loss(network.vectors(BATCH), network.head.output, BATCH.target.ids).smoothed.backward()
    for name, weight in network.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.isfinite().all(), name
        assert weight.grad.any(), name


@every_kind
def test_every_device_says_the_same_and_learns_the_same(kind, device, exact):
    network = made(**kind).network.to(dtype=exact)
    network(BATCH).square().sum().backward()
    expected = [weight.grad.clone() for weight in network.parameters()]
    scores, limits = network(BATCH), Limits(ends=(END,), new=8)
    written = write(writer(network), Best(), limits)
    network.zero_grad()
    network.to(device)
    found = network(BATCH.to(device))
    torch.testing.assert_close(found.cpu(), scores)
    found.square().sum().backward()
    torch.testing.assert_close([weight.grad.cpu() for weight in network.parameters()], expected)
    assert [each.ids for each in write(writer(network), Best(), limits)] == [each.ids for each in written]


def writer(network, sources=SOURCES, width: int = 1) -> Writer:
    prompts = [(START,)] * len(sources)
    return Writer(network, prompts, rows=width * len(sources), new=8, sources=sources)


@every_kind
def test_what_is_written_does_not_hang_on_what_else_is_written(kind):
    network, limits = made(**kind).network.double(), Limits(ends=(END,), new=8)
    best = write(writer(network), Best(), limits)
    beams = search(writer(network, width=4), Beams(width=4, best=2), limits)
    for number, source in enumerate(SOURCES):
        assert write(writer(network, [source]), Best(), limits)[0].ids == best[number].ids
        alone = search(writer(network, [source], 4), Beams(width=4, best=2), limits)[0]
        assert [each.ids for each in alone] == [each.ids for each in beams[number]]
    narrow = search(writer(network), Beams(width=1, length_penalty=0.0), limits)
    assert [one.ids for (one,) in narrow] == [output.ids for output in best]


@every_kind
def test_what_was_written_is_as_probable_when_it_is_given(kind):
    network, limits = made(**kind).network.double(), Limits(ends=(END,), new=8)
    outputs = write(writer(network), Drawn([], range(len(SOURCES))), limits)
    given = [output.ids for output in outputs]
    found = score_given(network, [(START,)] * len(SOURCES), given, sources=SOURCES)
    for output, scores in zip(outputs, found, strict=True):
        assert scores == pytest.approx(output.log_probabilities, abs=1e-5)


def test_what_cannot_be_is_said(tmp_path):
    with pytest.raises(ConfigError, match=r"`decoder_vocab_size` must be `vocab_size` \(37\).*but is 41"):
        made(decoder_vocab_size=41)
    with pytest.raises(ConfigError, match='`attention` must be "additive" or "multiplicative" or "none"'):
        made(attention="dot")
    with pytest.raises(ConfigError, match='`cell` must be "gru" or "lstm"'):
        made(cell="rnn")
    made().save(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "attendo-recurrent"}')
    with pytest.raises(ModelFolderError, match="`vocab_size` must be"):
        load_model(tmp_path)


def reversing(count: int, seed: int) -> list[tuple[int, ...]]:
    """Texts of three to six of a few words."""
    draw = torch.Generator().manual_seed(seed)
    lengths = torch.randint(3, 7, (count,), generator=draw).tolist()
    return [tuple(torch.randint(3, 11, (length,), generator=draw).tolist()) for length in lengths]


@pytest.mark.parametrize("attention", ["additive", "multiplicative"])
def test_it_learns_to_write_backwards(attention):
    torch.manual_seed(0)
    numbers = {"vocab_size": 11, "d_model": 32, "hidden_size": 32, "attention": attention, "dropout": 0.0}
    network = new_model(NUMBERS | numbers, "seq2seq").network.train()
    assert isinstance(network, Seq2SeqModel)
    steps, learner = 110, torch.optim.Adam(network.parameters(), 0.012)
    slower = torch.optim.lr_scheduler.LinearLR(learner, 1.0, 0.01, steps)
    for step in range(steps):
        sources = reversing(32, step)
        batch = Seq2SeqBatch(source=packed(sources), target=packed([(START, *text[::-1]) for text in sources]))
        targets = packed([(*text[::-1], END) for text in sources]).ids
        loss = word_loss(network.vectors(batch), network.head.output, targets).smoothed / len(targets)
        learner.zero_grad()
        loss.backward()
        learner.step()
        slower.step()
    fresh = reversing(61, 997)
    outputs = write(writer(network.eval(), fresh), Best(), Limits(ends=(END,), new=8))
    right = sum(output.body == text[::-1] for output, text in zip(outputs, fresh, strict=True))
    assert right > 50, right
