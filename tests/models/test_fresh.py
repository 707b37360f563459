"""Models without a folder: first weights by family and head, and a new head on a trained tower."""

from __future__ import annotations

import pytest
import torch

from attendo.attention import Layout
from attendo.errors import ConfigError, UnsupportedError
from attendo.models import Seq2SeqModel, TokenBatch, load_model, new_model

SMALL = {"vocab_size": 37, "hidden_size": 24, "num_hidden_layers": 3, "num_attention_heads": 3, "intermediate_size": 29}
CONFIGS = {
    "bert": SMALL | {"max_position_embeddings": 17},
    "modernbert": SMALL,
    "electra": SMALL | {"embedding_size": 10},
    "gpt2": {"vocab_size": 37, "n_positions": 17, "n_embd": 24, "n_layer": 3, "n_head": 3},
    "llama": SMALL | {"tie_word_embeddings": True},
}
TEXTS = TokenBatch(layout=Layout((7, 4)), ids=torch.arange(11) + 5)


def made(name: str, head: str):
    torch.manual_seed(3)
    return new_model({"model_type": name, **CONFIGS[name]}, head)


@pytest.mark.parametrize(
    ("name", "head"),
    [
        *(("bert", "masked"), ("modernbert", "masked"), ("electra", "replaced"), ("electra", "masked")),
        *(("gpt2", "causal"), ("llama", "causal"), ("bert", "sequence")),
    ],
)
def test_a_new_model_finds_all_answers_about_alike_and_can_be_saved(name, head, tmp_path):
    model = made(name, head)
    scores = model.network(TEXTS).detach()
    assert scores.std() < 0.5
    if scores.shape[-1] == 37:
        loss = -scores.log_softmax(-1).mean()
        assert abs(float(loss) - torch.tensor(37.0).log()) < 0.2
    model.save(tmp_path)
    again = load_model(tmp_path)
    assert again.head == head
    torch.testing.assert_close(again.network(TEXTS), scores)


@pytest.mark.parametrize("name", CONFIGS)
def test_an_encoder_knows_its_width_before_it_computes(name):
    encoder = made(name, "sequence").network.encoder
    assert encoder.width == encoder(TEXTS).shape[-1] == 24


def test_first_weights_depend_on_the_seed_alone():
    one, two = made("bert", "masked").network, made("bert", "masked").network
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))


@pytest.mark.parametrize(("name", "size"), [("t5", 1.0), ("mt5", 0.02), ("bart", 0.02)])
def test_words_that_are_scaled_down_before_they_are_scored_begin_large(name, size):
    numbers = {"vocab_size": 997, "d_model": 24, "d_kv": 7, "num_heads": 3, "tie_word_embeddings": True}
    sides = {f"{side}_attention_heads": 3 for side in ("encoder", "decoder")}
    network = new_model({"model_type": name, **numbers, **sides}, "seq2seq").network
    assert isinstance(network, Seq2SeqModel)
    assert network.head is not None
    assert network.head.output.weight is network.encoder.embedding.tokens.weight
    assert float(network.head.output.weight.detach().std()) == pytest.approx(size, rel=0.1)


def test_what_cannot_be_made():
    with pytest.raises(
        UnsupportedError, match=r"`modernbert` has no `causal` head\. Models that have one: gpt2, llama"
    ):
        made("modernbert", "causal")
    with pytest.raises(ConfigError, match="num_hidden_layers"):
        new_model({"model_type": "bert", **CONFIGS["bert"], "num_hidden_layers": 0}, "masked")
