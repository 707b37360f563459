"""Writing beside the reference library's `generate`: all texts at once against each by itself."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from attendo.decoding import (
    AtLeast,
    Banned,
    Beams,
    Best,
    Drawn,
    Limits,
    NoRepeat,
    RepetitionPenalty,
    Writer,
    score_given,
    search,
    write,
)
from attendo.models import Seq2SeqModel, load_model

transformers = pytest.importorskip("transformers")

END, NEW = 2, 8
PROMPTS = ((5, 9, 30), (7,), (11, 12, 13, 14, 11, 12), (20, 6))
TEXT = {"vocab_size": 37, "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 29}
TOWERS = {
    "vocab_size": 37, "d_model": 24, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 3,
    "decoder_attention_heads": 2, "encoder_ffn_dim": 29, "decoder_ffn_dim": 31, "max_position_embeddings": 17,
}  # fmt: skip
NUMBERS: dict[str, tuple[str, dict[str, Any]]] = {
    "gpt2": ("GPT2LMHeadModel", {"vocab_size": 37, "n_positions": 17, "n_embd": 24, "n_layer": 2, "n_head": 3}),
    "llama": ("LlamaForCausalLM", TEXT),
    "bart": ("BartForConditionalGeneration", TOWERS),
    "marian": ("MarianMTModel", TOWERS | {"decoder_start_token_id": 3, "pad_token_id": 3}),
    "t5": (
        "T5ForConditionalGeneration",
        {"vocab_size": 37, "d_model": 24, "d_kv": 7, "d_ff": 29, "num_layers": 2, "num_heads": 3},
    ),
}
START = 3


@pytest.fixture(scope="module", params=NUMBERS)
def both(request, tmp_path_factory):
    """A small random model of the reference library that often ends its texts, and the same as attendo reads it."""
    torch.manual_seed(0)
    architecture, numbers = NUMBERS[request.param]
    theirs = getattr(transformers, architecture)(transformers.AutoConfig.for_model(request.param, **numbers))
    with torch.no_grad():
        for parameter in theirs.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * 0.2)
    theirs.config.bos_token_id = theirs.config.eos_token_id = theirs.config.pad_token_id = None
    folder = tmp_path_factory.mktemp(request.param)
    theirs.eval().save_pretrained(folder)
    return theirs, load_model(folder).network.eval()


def opened(model: Any, width: int = 1) -> Writer:
    """All prompts at once: continued, or written from."""
    sources = PROMPTS if isinstance(model, Seq2SeqModel) else None
    prompts = [(START,)] * len(PROMPTS) if sources else PROMPTS
    return Writer(model, prompts, rows=width * len(PROMPTS), new=NEW, sources=sources)


def generated(theirs: Any, prompt: tuple[int, ...], **options: Any) -> list[list[int]]:
    """What the reference library writes for one prompt, up to the end."""
    settings = transformers.GenerationConfig(
        max_new_tokens=NEW, eos_token_id=END, pad_token_id=0, decoder_start_token_id=START, do_sample=False, **options
    )
    theirs.generation_config = transformers.GenerationConfig()
    ids = torch.tensor([prompt])
    found = theirs.generate(ids, attention_mask=torch.ones_like(ids), generation_config=settings)
    new = [each.tolist()[1 if theirs.config.is_encoder_decoder else len(prompt) :] for each in found]
    return [each[: each.index(END) + 1] if END in each else each for each in new]


@pytest.mark.parametrize(
    ("rules", "options"),
    [
        ((), {}),
        ((RepetitionPenalty(1.7), AtLeast(5, (END,))), {"repetition_penalty": 1.7, "min_new_tokens": 5}),
        (
            (NoRepeat(2), Banned(((9,), (11, 12), (30, 31)))),
            {"no_repeat_ngram_size": 2, "bad_words_ids": [[9], [11, 12], [30, 31]]},
        ),
    ],
)
def test_the_best_token_each_time(rules, options, both):
    theirs, mine = both
    found = write(opened(mine), Best(), Limits(ends=(END,), new=NEW), rules)
    for prompt, output in zip(PROMPTS, found, strict=True):
        assert list(output.ids) == generated(theirs, prompt, **options)[0]
        assert output.ended == (output.ids[-1] == END)


def test_what_was_written_is_as_probable_when_it_is_given(both):
    _, mine = both
    writer, limits = opened(mine), Limits(ends=(END,), new=NEW)
    outputs = write(writer, Drawn([], range(len(PROMPTS))), limits)
    given = [output.ids for output in outputs]
    found = score_given(mine, writer.prompts, given, sources=PROMPTS if isinstance(mine, Seq2SeqModel) else None)
    for output, scores in zip(outputs, found, strict=True):
        assert scores == pytest.approx(output.log_probabilities, abs=1e-5)


@pytest.mark.parametrize(("penalty", "rules"), [(1.0, ()), (-1.0, ()), (0.5, (NoRepeat(2),))])
def test_beams(penalty, rules, both):
    theirs, mine = both
    options = {"no_repeat_ngram_size": 2} if rules else {}
    beams = Beams(width=4, length_penalty=penalty, best=3)
    found = search(opened(mine, 4), beams, Limits(ends=(END,), new=NEW), rules)
    for prompt, outputs in zip(PROMPTS, found, strict=True):
        options |= {"num_beams": 4, "num_return_sequences": 3, "length_penalty": penalty, "early_stopping": "never"}
        assert [list(output.ids) for output in outputs] == generated(theirs, prompt, **options)
