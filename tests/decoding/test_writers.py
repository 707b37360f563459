"""What a text looks at in its source while it is written: as the decoder's last block has it, however it is batched."""

from __future__ import annotations

import pytest
import torch

from attendo.attention import Observe, listen
from attendo.decoding import Beams, Limits, Writer, search
from attendo.decoding.writers import packed_ids
from attendo.errors import UnsupportedError
from attendo.models import Seq2SeqBatch, new_model

SHAPE = {
    "model_type": "bart", "vocab_size": 23, "d_model": 12, "encoder_layers": 1, "decoder_layers": 2,
    "encoder_attention_heads": 3, "decoder_attention_heads": 2, "encoder_ffn_dim": 13, "decoder_ffn_dim": 17,
    "max_position_embeddings": 19,
}  # fmt: skip
SOURCES = [(5, 6, 7, 8, 9), (10, 11), (12, 13, 14)]
PROMPTS = [(2,), (2, 4, 5), (3,)]


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    network = new_model(SHAPE, "seq2seq").network
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    return network


class Last:
    """Keeps what the last block looks at in full."""

    def __init__(self, model):
        self.attention = model.decoder.stack.blocks[-1].cross.part

    def request(self, module):
        return Observe(rows=(-1,)) if module is self.attention else None

    def report(self, module, observed):
        (self.row,) = (each.mean(0)[0] for each in observed.rows)


def expected(model, source, text):
    """What the last token of a text looks at, with the whole text given."""
    device, last = torch.device("cpu"), Last(model)
    with torch.inference_mode(), listen(last):
        model(Seq2SeqBatch(source=packed_ids([source], device), target=packed_ids([text], device)))
    return last.row


def test_each_text_looks_at_its_own_source(model):
    writer = Writer(model, PROMPTS, rows=5, new=4, sources=SOURCES, watched=True)
    writer.begin()
    texts = list(zip(SOURCES, PROMPTS, strict=True))
    for kept, tokens in (((0, 0, 1, 2, 2), (4, 5, 6, 7, 8)), ((1, 2, 4), (9, 10, 11)), ((0, 2), (12, 13))):
        for (source, text), row in zip(texts, writer.looked, strict=True):
            torch.testing.assert_close(row, expected(model, source, text), atol=1e-5, rtol=0)
            assert float(row.sum()) == pytest.approx(1, abs=1e-5)
        writer.go_on(kept, tokens)
        texts = [(texts[row][0], (*texts[row][1], token)) for row, token in zip(kept, tokens, strict=True)]
    for (source, text), row in zip(texts, writer.looked, strict=True):
        torch.testing.assert_close(row, expected(model, source, text), atol=1e-5, rtol=0)


def test_watching_changes_nothing(model):
    plain, watched = (Writer(model, PROMPTS, rows=3, new=4, sources=SOURCES, watched=each) for each in (False, True))
    torch.testing.assert_close(plain.begin(), watched.begin())
    assert plain.looked == []


def test_coverage_decides_alike_alone_and_together(model):
    beams = Beams(width=3, coverage_penalty=0.7, best=2)

    def found(numbers):
        sources, prompts = [SOURCES[n] for n in numbers], [PROMPTS[n] for n in numbers]
        writer = Writer(model, prompts, rows=3 * len(numbers), new=5, sources=sources, watched=True)
        return search(writer, beams, Limits(ends=(1,), new=5))

    together = found(range(3))
    for number in range(3):
        (alone,) = found([number])
        assert [output.ids for output in alone] == [output.ids for output in together[number]]
        scores = [output.score for output in together[number]]
        assert [output.score for output in alone] == pytest.approx(scores, abs=1e-4)
    plain = search(
        Writer(model, PROMPTS, rows=9, new=5, sources=SOURCES), Beams(width=3, best=2), Limits(ends=(1,), new=5)
    )
    assert [each[0].score for each in plain] != [each[0].score for each in together]


def test_a_model_without_a_source_has_nothing_to_look_at():
    shape = {"model_type": "gpt2", "vocab_size": 9, "n_positions": 6, "n_embd": 8, "n_layer": 1, "n_head": 2}
    with pytest.raises(UnsupportedError, match="there is no other that it could look at"):
        Writer(new_model(shape, "causal").network, [(1,)], rows=1, new=2, watched=True)
