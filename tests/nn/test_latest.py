"""One new token of each text: the short way says what the general way says."""

from __future__ import annotations

import pytest
import torch

from attendo.attention import Layout, Observe, listen
from attendo.models import Seq2SeqModel, TokenBatch, new_model
from attendo.models import encoder as room

WORDS = 31
SHAPES = {
    "marian": {"d_model": 12, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 3,
               "decoder_attention_heads": 3, "encoder_ffn_dim": 7, "decoder_ffn_dim": 7, "max_position_embeddings": 64},
    "mbart": {"d_model": 12, "encoder_layers": 1, "decoder_layers": 2, "encoder_attention_heads": 3,
              "decoder_attention_heads": 3, "encoder_ffn_dim": 7, "decoder_ffn_dim": 7, "max_position_embeddings": 64},
    "gpt2": {"n_embd": 12, "n_layer": 2, "n_head": 3, "n_positions": 64},
    "llama": {"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 6, "num_key_value_heads": 3,
              "head_dim": 4, "intermediate_size": 7},
}  # fmt: skip
MOVES = ([0, 1, 2], [2, 0, 1], [0, 0, 2, 2], [3, 1], [0, 0, 1], [2], [0, 0, 0])
"""What goes on after each step: all, in another order, in several ways, and fewer."""


@pytest.fixture(params=SHAPES)
def model(request):
    torch.manual_seed(5)
    head = "seq2seq" if request.param in ("marian", "mbart") else "causal"
    config = {"model_type": request.param, "vocab_size": WORDS, "eos_token_id": 1, "pad_token_id": 0, "bos_token_id": 2}
    return new_model(config | SHAPES[request.param], head).network.double().eval()


def packed(texts) -> TokenBatch:
    ids = torch.tensor([token for text in texts for token in text])
    return TokenBatch(layout=Layout(tuple(map(len, texts))), ids=ids)


@torch.inference_mode()
def scored(model) -> list[torch.Tensor]:
    """The scores of each step, while texts leave, change places and go on in several ways."""
    prompts, draws = [[3, 4, 5], [6], [7, 8]], torch.Generator().manual_seed(9)
    if isinstance(model, Seq2SeqModel):
        cache = model.cache(model.encode(packed([[9, 10, 11, 12], [13, 14], [15, 16, 17]])), 12, 20)
    else:
        cache = model.cache(4, 20, 3)
    found = [model.step(packed(prompts), cache)]
    for move in MOVES:
        if isinstance(model, Seq2SeqModel):
            move = sorted(move)  # texts of one source stay neighbours
        cache.keep(move)
        tokens = torch.randint(WORDS, (len(move),), generator=draws).tolist()
        found.append(model.step(packed([[token] for token in tokens]), cache))
    return found


def test_both_ways_give_the_same(model, monkeypatch):
    short = scored(model)
    monkeypatch.setattr(room, "latest_vectors", lambda *given: None)
    for ours, theirs in zip(short, scored(model), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_the_short_way_is_taken(model, monkeypatch):
    taken = []
    short = room.latest_vectors
    monkeypatch.setattr(room, "latest_vectors", lambda *given: taken.append(short(*given)) or taken[-1])
    scored(model)
    assert [each is None for each in taken] == [False] * len(MOVES)


def test_who_hooks_on_is_called(model):
    decoder = model.decoder if isinstance(model, Seq2SeqModel) else model.encoder
    seen, quiet = [], scored(model)
    for part in (decoder.embedding, decoder.stack.blocks[0].attention.part, decoder.stack.blocks[-1].feed_forward.part):
        handle = part.register_forward_hook(lambda *given: seen.append(given))
        hooked = scored(model)
        handle.remove()
        assert len(seen) == len(MOVES) + 1
        seen.clear()
        for ours, theirs in zip(hooked, quiet, strict=True):
            torch.testing.assert_close(ours, theirs)


def test_who_listens_hears_everything(model):
    class Ear:
        heard = 0

        def request(self, module):
            return Observe(entropy=True)

        def report(self, module, observed):
            self.heard += 1

    ear, quiet = Ear(), scored(model)
    with listen(ear):
        heard = scored(model)
    decoder = model.decoder if isinstance(model, Seq2SeqModel) else model.encoder
    looks = len(decoder.stack.blocks) * (2 if isinstance(model, Seq2SeqModel) else 1)
    assert ear.heard >= looks * (len(MOVES) + 1)
    for ours, theirs in zip(heard, quiet, strict=True):
        torch.testing.assert_close(ours, theirs)
