"""What comes out of a graph under each kind of head, by the names that the reference library's graphs have for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from attendo.errors import UnsupportedError
from attendo.models.encoder import TokenModel
from attendo.models.onnx.parts import write_part
from attendo.models.onnx.texts import Texts

BATCH, LENGTH, HIDDEN, SCORES = "batch_size", "sequence_length", "hidden_size", "num_scores"
"""Names of the axes."""

Output: TypeAlias = tuple[str, str, list[str]]
"""A name, the value that goes by it, and its axes."""


def write_outputs(head: str, network: TokenModel, texts: Texts, x: str) -> list[Output]:
    """The nodes of a head on the vectors `x` of all tokens, and what comes out.

    Raises:
        UnsupportedError: for a kind of head without a row in `OUTPUTS`.
    """
    if head not in OUTPUTS:
        raise UnsupportedError(f"A head of the kind `{head}` cannot be written as ONNX. Known: {', '.join(OUTPUTS)}.")
    return OUTPUTS[head](network, texts, x)


def _hidden_state(network: TokenModel, texts: Texts, x: str) -> list[Output]:
    outputs = [("last_hidden_state", x, [BATCH, LENGTH, HIDDEN])]
    if network.head is not None:
        outputs.append(("pooler_output", write_part(network.head, texts, x), [BATCH, HIDDEN]))
    return outputs


def _of_text(network: TokenModel, texts: Texts, x: str) -> list[Output]:
    return [("logits", _scores(network, texts, x), [BATCH, SCORES])]


def _of_tokens(network: TokenModel, texts: Texts, x: str) -> list[Output]:
    return [("logits", _scores(network, texts, x), [BATCH, LENGTH, SCORES])]


def _one_of_tokens(network: TokenModel, texts: Texts, x: str) -> list[Output]:
    scores = _scores(network, texts, x)
    return [("logits", texts.graph.add("Squeeze", scores, texts.graph.whole(-1)), [BATCH, LENGTH])]


def _ends(network: TokenModel, texts: Texts, x: str) -> list[Output]:
    graph = texts.graph
    both = graph.split("Split", _scores(network, texts, x), outputs=2, axis=-1, num_outputs=2)
    flat = [graph.add("Squeeze", each, graph.whole(-1)) for each in both]
    return [(name, value, [BATCH, LENGTH]) for name, value in zip(("start_logits", "end_logits"), flat, strict=True)]


def _scores(network: TokenModel, texts: Texts, x: str) -> str:
    assert network.head is not None
    return write_part(network.head, texts, x)


OUTPUTS: dict[str, Callable[[TokenModel, Texts, str], list[Output]]] = {
    "bare": _hidden_state,
    "encoder": _hidden_state,
    "sequence": _of_text,
    "token": _of_tokens,
    "span": _ends,
    "masked": _of_tokens,
    "causal": _of_tokens,
    "replaced": _one_of_tokens,
}
"""What comes out under each kind of head, by the names that the reference library's graphs have for it."""
