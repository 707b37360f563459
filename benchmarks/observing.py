"""What it costs to watch a model of the reference library, against its plain forward and against returned weights.

    python benchmarks/observing.py [--tokens 512] [--layers 12] [--rounds 5]
    python benchmarks/observing.py --tokens 8192 --layers 12 --rounds 0

A model of BERT-base's size with random weights reads one text. Asked for are entropy, what each key receives, the eight
largest weights of each query, and a map of 64 by 64. The other way to know these is to have the weights returned, which
needs "eager" attention, and to reduce them; both ways are timed against the plain forward with PyTorch's function.
Memory is what the work needs at its peak beyond what was there before, each way in a process of its own, on Linux;
returned weights of a text that is too long for the machine are not tried, but reckoned.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import torch

from measuring import in_turn, memory_taken

VOCABULARY, HEADS = 30522, 12
ENOUGH = 4 << 30
"""Bytes of weights up to which they are really returned."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=512)
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--alone", choices=WAYS, help="one way, to measure its memory")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    if arguments.alone:
        alone(arguments)
        return
    weights = 4 * arguments.layers * HEADS * arguments.tokens**2
    names = [name for name in WAYS if weights <= ENOUGH or not name.startswith("returned")]
    if arguments.rounds:
        ways = {name: made(arguments, name) for name in names}
        timings = in_turn(ways, rounds=arguments.rounds)
        plain = timings["plain"].median
        print("| way | seconds | times the plain forward |")
        print("|---|---|---|")
        for name, timing in timings.items():
            median, low, high = timing.ratio(timings["plain"])
            print(f"| {name} | {timing.median:.3f} | {1 / median:.2f} ({1 / high:.2f} to {1 / low:.2f}) |")
        if "returned, reduced" in timings:
            ours, theirs = (timings[name].median - plain for name in ("observed", "returned, reduced"))
            print(f"\nTime added: {ours:.3f} s observed, {theirs:.3f} s returned: {ours / theirs:.2f} of it.")
    print("\n| way | peak memory, MiB |")
    print("|---|---|")
    for name in names:
        print(f"| {name} | {peak(arguments, name):,.0f} |", flush=True)
    if weights > ENOUGH:
        print(f"| returned | {weights / 2**20:,.0f} for the weights alone |")


def made(arguments: argparse.Namespace, way: str) -> Callable[[], object]:
    """A model and a text for one way to read it."""
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    eager = way.startswith("returned")
    config = BertConfig(
        vocab_size=VOCABULARY,
        num_hidden_layers=arguments.layers,
        num_attention_heads=HEADS,
        max_position_embeddings=max(arguments.tokens, 512),
        attn_implementation="eager" if eager else "sdpa",
    )
    model = BertModel(config, add_pooling_layer=False).eval()
    ids = torch.randint(VOCABULARY, (1, arguments.tokens))
    return lambda: WAYS[way](model, ids)


@torch.inference_mode()
def plain(model: Any, ids: torch.Tensor) -> object:
    """Nobody looks."""
    return model(ids)


@torch.inference_mode()
def observed(model: Any, ids: torch.Tensor) -> object:
    """Everything that was asked for, without the weights."""
    import attendo
    from attendo.attention import Observe

    with attendo.observe(model, Observe(entropy=True, received=True, top=8, map=64)) as seen:
        model(ids)
    return seen


@torch.inference_mode()
def returned(model: Any, ids: torch.Tensor) -> object:
    """The weights themselves."""
    return model(ids, output_attentions=True)


@torch.inference_mode()
def reduced(model: Any, ids: torch.Tensor) -> object:
    """The weights, and what was asked for made of them."""
    found = []
    for weights in model(ids, output_attentions=True).attentions:
        cells = torch.nn.functional.adaptive_avg_pool2d(weights, 64)
        found.append((torch.special.entr(weights).sum(-1), weights.sum(-2), weights.topk(8, -1), cells))
    return found


WAYS: dict[str, Callable[[Any, torch.Tensor], object]] = {
    "plain": plain,
    "observed": observed,
    "returned": returned,
    "returned, reduced": reduced,
}


def alone(arguments: argparse.Namespace) -> None:
    """Go one way once, and print how much memory it took beyond what was there."""
    run = made(arguments, arguments.alone)
    made(argparse.Namespace(tokens=16, layers=1), arguments.alone)()  # what is loaded at first is not counted
    print(memory_taken(run))


def peak(arguments: argparse.Namespace, way: str) -> float:
    """Memory that a way needs at its peak, in MiB."""
    numbers = ("tokens", "layers", "threads")
    options = [word for name in numbers for word in (f"--{name}", str(getattr(arguments, name)))]
    command = [sys.executable, __file__, *options, "--alone", way]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
