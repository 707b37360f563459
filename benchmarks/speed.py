"""Training and prediction of one encoder size: attendo's parts against the reference library and plain PyTorch.

    python benchmarks/speed.py [--texts 1536] [--rounds 5] [--threads 2]

Four post-norm layers of width 256 with a vocabulary of 30,522 and a classification head, on the same texts: lengths
log-normal, median 24 tokens, at most 128. Hidden dropout 0.1 for all; attention dropout 0, which is kind to the peers
(with it PyTorch's function leaves its fused path on a CPU). Tokens per second count real tokens, never padding.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from attendo.attention import Layout
from attendo.data import plan_batches, plan_in_order
from attendo.nn import (
    Bags,
    Block,
    Dropout,
    FeedForward,
    FirstToken,
    LearnedPositions,
    MultiHeadAttention,
    Residual,
    RowEmbedding,
    Stack,
)
from attendo.tasks.classify import PREDICT_TOKENS
from attendo.training import Optimisers, TrainingSettings
from measuring import in_turn, show

VOCABULARY, WIDTH, LAYERS, HEADS, INNER, LABELS = 30_522, 256, 4, 4, 1024, 4
BATCH = 32


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=1536)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    texts, labels = make_texts(arguments.texts)
    training(texts, labels, arguments.rounds)
    prediction(texts, arguments.rounds)


def make_texts(count: int) -> tuple[list[Tensor], Tensor]:
    """Random tokens: a text's length is what costs time. Frequent words are frequent, as in real texts."""
    generator = torch.Generator().manual_seed(0)
    lengths = torch.exp(torch.randn(count, generator=generator) * 0.6 + torch.tensor(24.0).log()).round().clamp(4, 128)
    ranks = torch.rand(int(lengths.sum()), generator=generator)
    tokens = (VOCABULARY**ranks).long().clamp(max=VOCABULARY - 1)  # Zipf's law
    return list(tokens.split(lengths.long().tolist())), torch.randint(LABELS, (count,), generator=generator)


class Packed(nn.Module):
    """The encoder from attendo's parts, on packed rows."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = RowEmbedding(VOCABULARY, WIDTH, std=0.02)
        self.positions = LearnedPositions(128, WIDTH)
        self.norm, self.dropout = nn.LayerNorm(WIDTH), Dropout(0.1)
        self.stack = Stack(_block() for _ in range(LAYERS))
        self.pool, self.hidden, self.output = FirstToken(), nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, LABELS)

    def forward(self, texts: list[Tensor]) -> Tensor:
        layout = Layout(tuple(len(text) for text in texts))
        ids = torch.cat(texts)
        bags = Bags(ids, torch.arange(len(ids)), torch.ones(len(ids)))
        x = self.dropout(self.norm(self.positions(self.embedding(bags), layout)))
        read = self.pool.reads(layout)  # the last layer is computed for first tokens only: no other one is looked at
        pooled = self.pool(self.stack(x, layout, read), Layout(read.query_lengths))
        return self.output(torch.tanh(self.hidden(pooled)))


def _block() -> Block:
    attention = Residual(MultiHeadAttention(WIDTH, HEADS), after=nn.LayerNorm(WIDTH), dropout=0.1)
    return Block(attention, Residual(FeedForward(WIDTH, INNER), after=nn.LayerNorm(WIDTH), dropout=0.1))


class Padded(nn.Module):
    """The encoder as PyTorch's own layers make it."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens, self.positions = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(128, WIDTH)
        layer = nn.TransformerEncoderLayer(WIDTH, HEADS, INNER, 0.1, "gelu", batch_first=True)
        for module in layer.modules():
            if isinstance(module, nn.MultiheadAttention):
                module.dropout = 0.0
        self.encoder, self.output = (
            nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False),
            nn.Linear(WIDTH, LABELS),
        )

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        x = self.tokens(ids) + self.positions(torch.arange(ids.shape[1]))
        return self.output(self.encoder(x, src_key_padding_mask=~mask)[:, 0])


def reference_model() -> nn.Module:
    """The reference library's BERT, of the same size."""
    from transformers import BertConfig, BertForSequenceClassification

    return BertForSequenceClassification(
        BertConfig(
            vocab_size=VOCABULARY,
            hidden_size=WIDTH,
            num_hidden_layers=LAYERS,
            num_attention_heads=HEADS,
            intermediate_size=INNER,
            max_position_embeddings=128,
            attention_probs_dropout_prob=0.0,
            num_labels=LABELS,
            attn_implementation="sdpa",
        )
    )


def pad(texts: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Ids and the mask of real tokens."""
    ids = nn.utils.rnn.pad_sequence(texts, batch_first=True)
    lengths = torch.tensor([len(text) for text in texts])
    return ids, torch.arange(ids.shape[1]) < lengths[:, None]


def batches(texts: list[Tensor], how: str) -> Iterator[list[int]]:
    """Batches of 32 texts: in file order, at random, or of like lengths."""
    order = list(range(len(texts)))
    if how == "random":
        order = torch.randperm(len(texts), generator=torch.Generator().manual_seed(1)).tolist()
    elif how == "sorted":
        order.sort(key=lambda i: len(texts[i]))
    for start in range(0, len(order), BATCH):
        yield order[start : start + BATCH]


def training(texts: list[Tensor], labels: Tensor, rounds: int) -> None:
    """One pass over the texts, optimiser included."""
    tokens = sum(len(text) for text in texts)
    lengths = [len(text) for text in texts]
    torch.manual_seed(0)
    packed, padded, reference = Packed().train(), Padded().train(), reference_model().train()
    optimisers = Optimisers(packed, TrainingSettings())
    budget = round(BATCH * tokens / len(texts))

    def ours(precision: str) -> Callable[[], None]:
        def run() -> None:
            for chosen in plan_batches(lengths, budget, seed=0):
                with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
                    scores = packed([texts[i] for i in chosen])
                F.cross_entropy(scores.float(), labels[chosen]).backward()
                optimisers.step(0.1)

        return run

    def theirs(model: nn.Module, how: str, autocast: bool) -> Callable[[], None]:
        adam = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)

        def run() -> None:
            for chosen in batches(texts, how):
                ids, mask = pad([texts[i] for i in chosen])
                with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
                    found = model(ids, mask) if model is padded else model(ids, attention_mask=mask).logits
                F.cross_entropy(found.float(), labels[chosen]).backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                adam.step()
                adam.zero_grad(set_to_none=True)

        return run

    print(f"\nTraining: {len(texts):,} texts, {tokens:,} tokens, tokens a second")
    ways = {
        "attendo, float32": ours("float32"),
        "attendo, bfloat16": ours("bfloat16"),
        "transformers BERT, bucketed, bfloat16": theirs(reference, "sorted", True),
        "nn.TransformerEncoder, padded, random": theirs(padded, "random", False),
    }
    timings = in_turn(ways, rounds)
    best = min(("attendo, float32", "attendo, bfloat16"), key=lambda name: timings[name].median)
    show(timings, best, lambda seconds: f"{tokens / seconds:,.0f}")


@torch.inference_mode()
def prediction(texts: list[Tensor], rounds: int) -> None:
    """Scores of all texts in float32, in batches such as the product's own."""
    tokens = sum(len(text) for text in texts)
    lengths = [len(text) for text in texts]
    torch.manual_seed(0)
    packed, reference = Packed().eval(), reference_model().eval()

    @torch.inference_mode()
    def ours() -> None:
        for chosen in plan_in_order(lengths, PREDICT_TOKENS):
            packed([texts[i] for i in chosen])

    def theirs(how: str) -> Callable[[], None]:
        @torch.inference_mode()
        def run() -> None:
            for chosen in batches(texts, how):
                ids, mask = pad([texts[i] for i in chosen])
                reference(ids, attention_mask=mask)

        return run

    print(f"\nPrediction, float32: {len(texts):,} texts, {tokens:,} tokens, tokens a second")
    ways = {
        "attendo": ours,
        "transformers BERT, sorted": theirs("sorted"),
        "transformers BERT, in file order": theirs("file"),
    }
    show(in_turn(ways, rounds), "attendo", lambda seconds: f"{tokens / seconds:,.0f}")


if __name__ == "__main__":
    main()
