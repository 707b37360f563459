"""Models of the reference library: what is seen is what its own form that returns weights gives."""

from __future__ import annotations

import pytest
import torch

from attendo.attention import Observe
from attendo.observation import observe

transformers = pytest.importorskip("transformers")

ASK = Observe(entropy=True, received=True, rows=(0, -1))
V, E, H = 31, 24, 4
BERT = {"hidden_size": E, "num_hidden_layers": 2, "num_attention_heads": H, "intermediate_size": 17}
LLAMA = BERT | {"num_key_value_heads": 2, "max_position_embeddings": 64}
BART = {"d_model": E, "encoder_layers": 1, "decoder_layers": 2, "encoder_attention_heads": H,
        "decoder_attention_heads": H, "encoder_ffn_dim": 17, "decoder_ffn_dim": 17,
        "max_position_embeddings": 64}  # fmt: skip
T5 = {"d_model": E, "d_kv": 6, "num_layers": 1, "num_heads": H, "d_ff": 17, "decoder_start_token_id": 0}
NUMBERS = {
    "bert": ("BertModel", BERT),
    "roberta": ("RobertaModel", BERT),
    "distilbert": ("DistilBertModel", {"dim": E, "n_layers": 2, "n_heads": H, "hidden_dim": 17}),
    "gpt2": ("GPT2LMHeadModel", {"n_embd": E, "n_layer": 2, "n_head": H, "n_positions": 64}),
    "llama": ("LlamaForCausalLM", LLAMA),
    "mistral": ("MistralForCausalLM", LLAMA | {"sliding_window": 3}),
    "qwen3": ("Qwen3ForCausalLM", LLAMA | {"head_dim": 6}),
    "bart": ("BartForConditionalGeneration", BART),
    "t5": ("T5ForConditionalGeneration", T5),
    "marian": ("MarianMTModel", BART | {"decoder_start_token_id": 0}),
}


def made(name: str, implementation: str):
    torch.manual_seed(0)
    architecture, numbers = NUMBERS[name]
    config = transformers.AutoConfig.for_model(
        name, vocab_size=V, pad_token_id=0, bos_token_id=1, eos_token_id=2, **numbers
    )
    config._attn_implementation = implementation
    model = getattr(transformers, architecture)(config).eval().double()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.4)
    return model


def inputs() -> dict[str, torch.Tensor]:
    ids = torch.randint(3, V, (2, 7), generator=torch.Generator().manual_seed(1))
    real = torch.tensor([[1] * 7, [1, 1, 1, 1, 1, 0, 0]])
    return {"input_ids": ids, "attention_mask": real}


@torch.no_grad()
@pytest.mark.parametrize("implementation", ["sdpa", "eager"])
@pytest.mark.parametrize("name", NUMBERS)
def test_what_is_seen_is_what_eager_attention_returns(name, implementation):
    eager, model = made(name, "eager"), made(name, implementation)
    given = inputs()
    if name in ("bart", "marian", "t5"):
        given["decoder_input_ids"] = given["input_ids"][:, :4]
    with observe(model, ASK) as seen:
        found = model(**given)
    assert torch.equal(found[0], model(**given)[0])
    whole = eager(**given, output_attentions=True)
    crossed = getattr(whole, "cross_attentions", None) or ()
    kept = getattr(whole, "attentions", None)
    own = kept if kept is not None else (*whole.encoder_attentions, *whole.decoder_attentions)
    selves, crosses = seen.of("self"), seen.of("cross")
    assert (len(selves), len(crosses)) == (len(own), len(crossed))
    for look, weights in zip([*selves, *crosses], [*own, *crossed], strict=True):
        for text, observed in enumerate(look.texts):
            queries, keys = observed.entropy.shape[1], observed.received.shape[1]
            assert keys == (given["attention_mask"][text].sum() if weights.shape[3] == 7 else 4)
            exact = weights[text, :, :queries, :keys]
            for found, right in (
                (observed.entropy, torch.special.entr(exact).sum(-1)),
                (observed.received, exact.sum(-2)),
                (observed.rows, exact[:, [0, -1]]),
            ):
                # the weights that are returned went through float32 in some families
                torch.testing.assert_close(found.double(), right.double(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["gpt2", "llama", "bart"])
def test_while_it_writes_with_a_cache(name):
    model, given = made(name, "sdpa"), inputs()
    given = {each: tensor[:1] for each, tensor in given.items()}
    options = {"max_new_tokens": 4, "min_new_tokens": 4, "do_sample": False}
    expected = model.generate(**given, **options)
    with observe(model, Observe(received=True)) as seen:
        assert torch.equal(model.generate(**given, **options), expected)
    look = [each for each in seen.of("self") if "encoder" not in each.name][-1]
    keys = [each.received.shape[1] for each in look.texts]
    assert keys == list(range(keys[0], keys[0] + 4))
    for observed in look.texts[1:]:
        torch.testing.assert_close(observed.received.sum(-1), torch.ones(H, dtype=torch.float64))
