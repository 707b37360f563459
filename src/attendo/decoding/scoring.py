"""How probable given texts are to a model that could have written them."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from attendo.data import plan_in_order
from attendo.decoding.writers import packed_ids
from attendo.errors import InputError
from attendo.models import Seq2SeqBatch, Seq2SeqModel, TokenModel

TOKENS = 4096
"""Tokens whose scores are made at a time: each is as long as the vocabulary."""


@torch.inference_mode()
def score_given(
    model: TokenModel | Seq2SeqModel,
    prompts: Sequence[Sequence[int]],
    outputs: Sequence[Sequence[int]],
    *,
    sources: Sequence[Sequence[int]] | None = None,
) -> list[tuple[float, ...]]:
    """The log-probability of each token of each output, after its prompt and what stands before it in the output.

    All tokens of a text are judged in one pass; texts lie end to end, without padding.

    Args:
        sources: what each text is written from, where the model reads one.
    Raises:
        InputError: if a prompt is empty, or there are not as many of one as of the other.
    """
    if len(prompts) != len(outputs) or (sources is not None and len(sources) != len(outputs)):
        raise InputError(f"There are {len(prompts)} prompts for {len(outputs)} outputs; each needs one.")
    if isinstance(model, Seq2SeqModel) and sources is None:
        raise InputError("A model that writes from texts needs one for each output.")
    if not all(prompts):
        raise InputError("A prompt has no token; a model needs at least the one that begins a text.")
    texts = [[*prompt, *output][:-1] or list(prompt) for prompt, output in zip(prompts, outputs, strict=True)]
    found: list[tuple[float, ...]] = [()] * len(outputs)
    device = next(model.parameters()).device
    for indices in plan_in_order([len(text) for text in texts], TOKENS):
        target = packed_ids([texts[index] for index in indices], device)
        if isinstance(model, Seq2SeqModel):
            assert sources is not None
            source = packed_ids([sources[index] for index in indices], device)
            scores = model(Seq2SeqBatch(source=source, target=target))
        else:
            scores = model(target)
        for index, own in zip(indices, target.layout.split(scores.float().log_softmax(-1)), strict=True):
            output = list(outputs[index])
            first = len(prompts[index]) - 1
            found[index] = tuple(own[range(first, first + len(output)), output].tolist())
    return found
