"""What tagging costs: decoding by a chain, or under a mask of what is allowed, against the best tag of each token.

    python benchmarks/tagging_decoding.py [--rounds 9] [--threads 1] [--encoders family tiny small]

One batch of about 4,096 tokens in texts of 5 to 200, and three encoders: the blocks of attendo's own family (width
128, 2 layers), and those of BERT in its tiny (128, 2) and small (512, 4) size. The ways take turns; a number is the
median over the rounds, and a ratio is the median of the rounds' ratios, with the smallest and the largest.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attendo.attention import Layout
from attendo.nn import (
    Allowed,
    Block,
    Chain,
    FeedForward,
    LearnedPositions,
    LocalMixing,
    MultiHeadAttention,
    Residual,
    Stack,
    TokenEmbedding,
)
from measuring import Timing, in_turn, milliseconds

TOKENS, SHORTEST, LONGEST, VOCABULARY = 4096, 5, 200, 8192
ENCODERS = {"family": (128, 2, 4, 256), "tiny": (128, 2, 2, 512), "small": (512, 4, 8, 2048)}
"""Width, layers, heads and the width of the feed-forward part."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tags", type=int, nargs="+", default=[9, 17, 33])
    parser.add_argument("--encoders", nargs="+", choices=ENCODERS, default=list(ENCODERS))
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    layout = make_layout()
    texts = f"{layout.num_queries} tokens in {layout.num_texts} texts"
    print(f"{texts}, {arguments.threads} threads, {arguments.rounds} rounds; ratios against softmax")
    for num_tags in arguments.tags:
        scores, chain, allowed = torch.randn(layout.num_queries, num_tags), chain_of(num_tags), bio(num_tags)
        compare(f"{num_tags} tags, decoding alone", decoders(scores, layout, chain, allowed), arguments.rounds)
        for name in arguments.encoders:
            tagger = Tagger(name, num_tags)
            ids = torch.randint(VOCABULARY, (layout.num_queries,))
            compare(f"{num_tags} tags, {name}", predictions(tagger, ids, layout, chain, allowed), arguments.rounds)
            compare(f"{num_tags} tags, {name}, training", steps(tagger, ids, layout, chain), arguments.rounds)


class Tagger(nn.Module):
    """An encoder with a score for each tag at each token."""

    def __init__(self, name: str, num_tags: int) -> None:
        super().__init__()
        width, layers, heads, inner = ENCODERS[name]
        self.embedding = TokenEmbedding(VOCABULARY, width, positions=LearnedPositions(LONGEST, width))
        blocks = (_block(width, heads, inner, local=name == "family") for _ in range(layers))
        self.stack, self.output = Stack(blocks, norm=nn.LayerNorm(width)), nn.Linear(width, num_tags)

    def forward(self, ids: Tensor, layout: Layout) -> Tensor:
        return self.output(self.stack(self.embedding(ids, layout), layout))


def _block(width: int, heads: int, inner: int, *, local: bool) -> Block:
    def residual(part: nn.Module) -> Residual:
        return Residual(part, before=nn.LayerNorm(width))

    mixing = residual(LocalMixing(width)) if local else None
    return Block(residual(MultiHeadAttention(width, heads)), residual(FeedForward(width, inner)), mixing)


def make_layout() -> Layout:
    """Texts of all lengths alike, until the batch is full."""
    lengths: list[int] = []
    while (left := TOKENS - sum(lengths)) >= SHORTEST:
        lengths.append(min(int(torch.randint(SHORTEST, LONGEST + 1, ())), left))
    return Layout(tuple(lengths))


def chain_of(num_tags: int) -> Chain:
    chain = Chain(num_tags)
    for parameter in chain.parameters():
        nn.init.normal_(parameter)
    return chain


def bio(num_tags: int) -> Allowed:
    """O, then begin and inside of each kind: nothing is continued that has not begun."""
    tags = torch.arange(num_tags)
    inside = (tags > 0) & (tags % 2 == 0)
    begun = (tags[:, None] == tags) | (tags[:, None] == tags - 1)
    return Allowed(~inside, begun | ~inside, torch.ones(num_tags, dtype=torch.bool))


def decoders(scores: Tensor, layout: Layout, chain: Chain, allowed: Allowed) -> dict[str, Callable[[], object]]:
    plain = Chain(scores.shape[1])
    return {
        "softmax": lambda: scores.argmax(1),
        "allowed": lambda: plain.best(scores, layout, allowed),
        "chain": lambda: chain.best(scores, layout),
        "chain, allowed": lambda: chain.best(scores, layout, allowed),
        "marginals": lambda: chain.marginals(scores, layout),
    }


def predictions(
    tagger: Tagger, ids: Tensor, layout: Layout, chain: Chain, allowed: Allowed
) -> dict[str, Callable[[], object]]:
    plain = Chain(len(chain.starts))

    def run(decode: Callable[[Tensor], Tensor]) -> Callable[[], object]:
        def way() -> Tensor:
            with torch.inference_mode():
                return decode(tagger(ids, layout))

        return way

    return {
        "softmax": run(lambda scores: scores.argmax(1)),
        "allowed": run(lambda scores: plain.best(scores, layout, allowed)),
        "chain": run(lambda scores: chain.best(scores, layout)),
        "chain, allowed": run(lambda scores: chain.best(scores, layout, allowed)),
    }


def steps(tagger: Tagger, ids: Tensor, layout: Layout, chain: Chain) -> dict[str, Callable[[], object]]:
    tags = torch.randint(len(chain.starts), (len(ids),))

    def run(loss: Callable[[Tensor], Tensor]) -> Callable[[], object]:
        def way() -> None:
            loss(tagger(ids, layout)).backward()
            tagger.zero_grad()
            chain.zero_grad()

        return way

    return {
        "softmax": run(lambda scores: F.cross_entropy(scores, tags)),
        "chain": run(lambda scores: -chain.log_likelihood(scores, tags, layout).sum() / len(tags)),
    }


def compare(title: str, ways: dict[str, Callable[[], object]], rounds: int) -> None:
    """A line for each way: its time, and how many times as long as softmax it takes."""
    timings = in_turn(ways, rounds, warm_up=2)
    print(f"{title}\n" + "\n".join(_line(timing, timings["softmax"]) for timing in timings.values()), flush=True)


def _line(timing: Timing, softmax: Timing) -> str:
    median, low, high = softmax.ratio(timing)
    return f"  {timing.name:16s} {milliseconds(timing.median):>12s} {median:8.2f} ({low:.2f} to {high:.2f})"


if __name__ == "__main__":
    main()
