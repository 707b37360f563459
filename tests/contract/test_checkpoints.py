"""Every family against the reference library: the same numbers in, the same out, and back without a difference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from attendo.attention import Layout
from attendo.models import FAMILIES, Rereader, Seq2SeqBatch, Seq2SeqModel, TokenBatch, load_model
from attendo.nn import Cache

transformers = pytest.importorskip("transformers")

LENGTHS, TARGET_LENGTHS = (7, 1, 12, 5), (3, 9, 1, 6)
SMALL = {"vocab_size": 37, "hidden_size": 24, "num_hidden_layers": 3, "num_attention_heads": 3, "intermediate_size": 29}
TOWERS = {
    "vocab_size": 37, "d_model": 24, "encoder_layers": 3, "decoder_layers": 2, "encoder_attention_heads": 3,
    "decoder_attention_heads": 2, "encoder_ffn_dim": 29, "decoder_ffn_dim": 31, "max_position_embeddings": 17,
}  # fmt: skip
T5 = {
    "vocab_size": 37, "d_model": 24, "d_kv": 7, "d_ff": 29, "num_layers": 3, "num_decoder_layers": 2, "num_heads": 3,
    "relative_attention_num_buckets": 8, "relative_attention_max_distance": 11, "decoder_start_token_id": 0,
}  # fmt: skip
NUMBERS: dict[str, dict[str, Any]] = {
    "bert": SMALL | {"max_position_embeddings": 17},
    "roberta": SMALL | {"max_position_embeddings": 17, "type_vocab_size": 1},
    "xlm-roberta": SMALL | {"max_position_embeddings": 17, "type_vocab_size": 1},
    "distilbert": {
        "vocab_size": 37, "dim": 24, "n_layers": 3, "n_heads": 3, "hidden_dim": 29, "max_position_embeddings": 17,
    },
    "electra": SMALL | {"max_position_embeddings": 17, "embedding_size": 10},
    "modernbert": SMALL | {"local_attention": 6, "pad_token_id": 1, "cls_token_id": 2, "sep_token_id": 3},
    "bart": TOWERS,
    "mbart": TOWERS | {"scale_embedding": True, "decoder_start_token_id": 4},
    "marian": TOWERS | {
        "scale_embedding": True, "activation_function": "swish", "pad_token_id": 3, "decoder_start_token_id": 3,
    },
    "t5": T5,
    "mt5": T5,
    "gpt2": {"vocab_size": 37, "n_positions": 17, "n_embd": 24, "n_layer": 3, "n_head": 3, "pad_token_id": 1},
    "llama": SMALL | {"num_attention_heads": 6, "num_key_value_heads": 2, "pad_token_id": 1},
    "qwen2": SMALL | {
        "num_attention_heads": 6, "num_key_value_heads": 3, "pad_token_id": 1, "use_sliding_window": True,
        "sliding_window": 4, "max_window_layers": 1,
    },
    "qwen3": SMALL | {"num_attention_heads": 6, "num_key_value_heads": 3, "head_dim": 10, "pad_token_id": 1},
}  # fmt: skip
LLAMA3 = {
    "rope_type": "llama3", "rope_theta": 100.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}  # fmt: skip
MODELS = [(name, head, {}) for name in NUMBERS for head in FAMILIES[name].heads]
MODELS += [
    ("bert", "masked", {"tie_word_embeddings": False, "hidden_act": "gelu_new"}),
    ("electra", "masked", {"embedding_size": 24}),
    ("electra", "masked", {"tie_word_embeddings": False}),
    ("modernbert", "sequence", {"classifier_pooling": "mean", "norm_bias": True, "attention_bias": True}),
    ("modernbert", "masked", {"mlp_bias": True, "decoder_bias": False, "tie_word_embeddings": False}),
    ("gpt2", "causal", {"tie_word_embeddings": False, "n_inner": 31}),
    ("gpt2", "causal", {"scale_attn_by_inverse_layer_idx": True}),
    ("gpt2", "causal", {"scale_attn_weights": False}),
    ("llama", "causal", {"tie_word_embeddings": True, "attention_bias": True, "mlp_bias": True}),
    ("llama", "causal", {"rope_parameters": LLAMA3}),
    ("llama", "causal", {"rope_parameters": {"rope_type": "linear", "rope_theta": 100.0, "factor": 3.0}}),
    ("qwen2", "causal", {"tie_word_embeddings": True, "use_sliding_window": False}),
    ("qwen3", "causal", {"tie_word_embeddings": True}),
]
MODELS += [
    ("bart", "seq2seq", {"tie_word_embeddings": False, "scale_embedding": True}),
    ("mbart", "seq2seq", {"tie_word_embeddings": False}),
    ("marian", "seq2seq", {"share_encoder_decoder_embeddings": False, "decoder_vocab_size": 41}),
    ("marian", "bare", {"share_encoder_decoder_embeddings": False, "decoder_vocab_size": 41}),
    ("marian", "seq2seq", {"tie_word_embeddings": False}),
    ("t5", "seq2seq", {"feed_forward_proj": "gated-gelu"}),
    ("t5", "seq2seq", {"feed_forward_proj": "gelu", "tie_word_embeddings": False}),
]
SINUSOIDS = {"encoder.embed_positions.weight", "decoder.embed_positions.weight"}
"""Not learned and not saved: the reference library makes Marian's anew, and yet says that a bare model lacks them."""
every_model = pytest.mark.parametrize(("name", "head", "changes"), MODELS)
every_writer = pytest.mark.parametrize(
    ("name", "head", "changes"), [model for model in MODELS if model[1] in ("causal", "seq2seq")]
)


def reference(name: str, head: str, **changes: Any) -> Any:
    """A small random model of the reference library, no weight of it zero or one."""
    torch.manual_seed(0)
    config = transformers.AutoConfig.for_model(
        name, **NUMBERS[name] | {"num_labels": 5 if head != "span" else 2} | changes
    )
    model = getattr(transformers, FAMILIES[name].heads[head].architecture)(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * 0.1)
        if (shared := getattr(getattr(model, "model", None), "shared", None)) is not None:
            shared.weight.copy_(model.model.encoder.embed_tokens.weight)  # never read where words are not tied
        if name == "bert" and head == "masked":
            model.cls.predictions.bias.copy_(model.cls.predictions.decoder.bias)  # one of the two is never read
    return model.eval()


def texts_of(config: Any, lengths: tuple[int, ...] = LENGTHS, seed: int = 1) -> tuple[TokenBatch, Tensor, Tensor]:
    """Texts as a packed row, and as a padded batch with its mask; each ends as texts end where the family says how."""
    layout = Layout(lengths)
    ids = torch.randint(5, 37, (sum(lengths),), generator=torch.Generator().manual_seed(seed))
    if config.is_encoder_decoder:
        ids[[start + length - 1 for start, length in zip(layout.query_starts, lengths, strict=True)]] = (
            config.eos_token_id
        )
    padded = layout.pad(ids, config.pad_token_id)
    return TokenBatch(layout=layout, ids=ids), padded, layout.pad(torch.ones(len(ids), dtype=torch.long), 0)


def both_of(config: Any, network: Any) -> tuple[TokenBatch | Seq2SeqBatch, dict[str, Tensor], Layout]:
    """The same texts for both libraries, and how the answer lies."""
    batch, ids, mask = texts_of(config)
    inputs = {"input_ids": ids, "attention_mask": mask}
    if not isinstance(network, Seq2SeqModel) or isinstance(network, Rereader):
        return batch, inputs, batch.layout
    target, ids, mask = texts_of(config, TARGET_LENGTHS, seed=2)
    inputs |= {"decoder_input_ids": ids, "decoder_attention_mask": mask}
    return Seq2SeqBatch(source=batch, target=target), inputs, target.layout


def pair(name: str, head: str, changes: dict[str, Any], folder: Path) -> tuple[Any, Any]:
    """A model of the reference library, and the same of ours."""
    theirs = reference(name, head, **changes)
    theirs.save_pretrained(folder)
    return theirs, load_model(folder).network


def opened(model: Any, batch: TokenBatch | Seq2SeqBatch, rows: int) -> Cache:
    """Room for the texts of a batch, and for more of them."""
    if isinstance(batch, Seq2SeqBatch):
        return model.cache(model.encode(batch.source), rows, capacity=13)
    return model.cache(rows, capacity=13, texts=batch.layout.num_texts)


def answer(model: Any, inputs: dict[str, Tensor], layout: Layout) -> Tensor:
    """What the reference library says, without its padding."""
    found = model(**inputs)
    if hasattr(found, "start_logits"):
        return layout.unpad(torch.stack([found.start_logits, found.end_logits], -1))
    if getattr(found, "pooler_output", None) is not None:
        return found.pooler_output
    scores = found.logits if hasattr(found, "logits") else found.last_hidden_state
    return scores if scores.shape[1:] == (5,) else layout.unpad(scores)


@every_model
def test_outputs_and_gradients_are_those_of_the_reference_library(name, head, changes, tmp_path):
    theirs = reference(name, head, **changes)
    theirs.save_pretrained(tmp_path)
    mine = load_model(tmp_path)
    assert (mine.head, mine.family) == (head, FAMILIES[name])
    batch, inputs, layout = both_of(theirs.config, mine.network)
    expected, found = answer(theirs, inputs, layout), mine.network(batch)
    close(found.reshape(expected.shape), expected, 1e-5)
    expected.square().mean().backward()
    found.square().mean().backward()
    table = mine.family.keys(mine.shape, head)
    gradients = table.export({n: p.grad for n, p in mine.network.named_parameters() if p.grad is not None})
    wanted = {n: p.grad for n, p in theirs.named_parameters(remove_duplicate=False) if p.grad is not None}
    assert set(gradients) - set(wanted) <= {"cls.predictions.bias", "model.shared.weight"}  # not read if not tied
    least = 1e-4 * max(float(gradient.abs().max()) for gradient in wanted.values())
    for each in gradients.keys() & wanted.keys():  # a key's bias has no effect: its gradient is nothing but rounding
        close(gradients[each], wanted[each], 1e-4, least)


def test_every_family_is_asked():
    own = {"attendo", "attendo-recurrent"}  # the reference library has neither
    assert set(NUMBERS) == set(FAMILIES) - own


@pytest.mark.parametrize("name", ["bert", "roberta", "gpt2", "llama"])
def test_padding_in_front_makes_no_difference(name, tmp_path):
    theirs = reference(name, "token")
    theirs.save_pretrained(tmp_path)
    batch, ids, mask = texts_of(theirs.config)
    ids, mask = ids.flip(1), mask.flip(1)  # what stands behind stands in front, and each text is read backwards
    places = (mask.cumsum(1) - 1).clamp(min=0) + (2 if name == "roberta" else 0)
    found = theirs(input_ids=ids, attention_mask=mask, position_ids=places * mask).logits
    backwards = torch.cat([text.flip(0) for text in batch.layout.split(batch.ids)])
    mine = load_model(tmp_path).network(TokenBatch(layout=batch.layout, ids=backwards))
    close(mine, torch.cat([row[real.bool()] for row, real in zip(found, mask, strict=True)]), 1e-5)


@every_writer
def test_written_token_by_token_as_read_at_once(name, head, changes, tmp_path):
    """Each text leaves when it is done; the others go on, with the scores that the reference library has for them."""
    theirs, mine = pair(name, head, changes, tmp_path)
    batch, inputs, layout = both_of(theirs.config, mine)
    expected = layout.split(answer(theirs, inputs, layout))
    texts = layout.split(batch.target.ids if isinstance(batch, Seq2SeqBatch) else batch.ids)
    cache = opened(mine, batch, rows=len(texts))
    new, done = [min(len(text), 2) for text in texts], [0] * len(texts)
    alive = list(range(len(texts)))
    while alive:
        pieces = [texts[number][done[number] : done[number] + new[number]] for number in alive]
        scores = mine.step(TokenBatch(layout=Layout(tuple(map(len, pieces))), ids=torch.cat(pieces)), cache)
        for number, found in zip(alive, scores, strict=True):
            done[number] += new[number]
            close(found, expected[number][done[number] - 1], 1e-5)
            new[number] = 1
        staying = [at for at, number in enumerate(alive) if done[number] < len(texts[number])]
        cache.keep(staying)
        alive = [alive[at] for at in staying]


@every_writer
def test_beams_go_on_from_each_other(name, head, changes, tmp_path):
    """Three ways to go on with each of two texts, chosen anew after each token."""
    theirs, mine = pair(name, head, changes, tmp_path)
    source, ids, mask = texts_of(theirs.config, (7, 5))
    batch = Seq2SeqBatch(source=source, target=source) if isinstance(mine, Seq2SeqModel) else source
    chance = torch.Generator().manual_seed(3)
    cache, written = opened(mine, batch, rows=6), torch.tensor([[6], [7]])
    mine.step(TokenBatch(layout=Layout((1, 1)), ids=written.flatten()), cache)
    beams = torch.tensor([0, 0, 0, 1, 1, 1])
    for _ in range(5):
        cache.keep(beams.tolist())
        new = torch.randint(5, 37, (6, 1), generator=chance)
        written = torch.cat([written[beams], new], 1)
        found = mine.step(TokenBatch(layout=Layout((1,) * 6), ids=new.flatten()), cache)
        told = {"input_ids": written}
        if isinstance(mine, Seq2SeqModel):
            told = {"input_ids": ids, "attention_mask": mask}
            told = {key: value.repeat_interleave(3, 0) for key, value in told.items()} | {"decoder_input_ids": written}
        close(found, theirs(**told).logits[:, -1], 1e-5)
        beams = torch.cat([torch.randint(first, first + 3, (3,), generator=chance) for first in (0, 3)])


@every_model
def test_a_saved_model_is_the_one_that_was_loaded(name, head, changes, tmp_path):
    theirs = reference(name, head, **changes)
    theirs.save_pretrained(tmp_path / "theirs")
    load_model(tmp_path / "theirs").save(tmp_path / "mine")
    again, said = type(theirs).from_pretrained(tmp_path / "mine", output_loading_info=True)
    differing = {key for kind in ("missing_keys", "unexpected_keys", "mismatched_keys") for key in said[kind]}
    assert differing <= (SINUSOIDS if name == "marian" else set())
    for each, tensor in theirs.state_dict().items():
        assert torch.equal(again.state_dict()[each], tensor), each


def close(found: Tensor, expected: Tensor, share: float, least: float = 0.0) -> None:
    """Equal up to a share of the largest value, or of the `least` that counts as one."""
    assert found.shape == expected.shape
    assert float((found - expected).detach().abs().max()) <= share * max(float(expected.detach().abs().max()), least)
