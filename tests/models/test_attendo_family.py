"""The family that is trained from scratch: it builds from its shape, learns, and can be told by its numbers."""

import dataclasses

import pytest
import torch
from torch import nn

from attendo.attention import Layout
from attendo.configuration import documentation
from attendo.models import FAMILIES, Scores, TextBatch, TextClassifier
from attendo.nn import Bags, LocalMixing, MultiHeadAttention

LENGTHS = (5, 0, 1, 3)
NUMBERS = {
    "num_rows": 37, "num_features": 29, "num_labels": 3, "max_length": 11, "d_model": 14, "num_layers": 2,
    "num_heads": 2, "d_ff": 17,
}  # fmt: skip


def built(**changes) -> TextClassifier:
    family = FAMILIES["attendo"]
    model = family.build(family.shape(**NUMBERS | changes), "sequence")
    assert isinstance(model, TextClassifier)
    return model


def bags(sizes, rows, generator) -> Bags:
    starts = [sum(sizes[:bag]) for bag in range(len(sizes))]
    chosen = torch.randint(rows, (sum(sizes),), generator=generator)
    return Bags(chosen, torch.tensor(starts, dtype=torch.long), torch.rand(sum(sizes), generator=generator) + 0.5)


def batch_of(lengths=LENGTHS, seed: int = 0) -> TextBatch:
    generator = torch.Generator().manual_seed(seed)
    tokens = bags([1 + token % 3 for token in range(sum(lengths))], 37, generator)
    return TextBatch(layout=Layout(lengths), tokens=tokens, features=bags([2 * n for n in lengths], 29, generator))


def cut(batch: TextBatch, text: int) -> TextBatch:
    """One text of a batch, on its own."""
    layout = batch.layout
    first = layout.query_starts[text]

    def part(all_bags: Bags, begin: int, end: int) -> Bags:
        edges = [*all_bags.starts.tolist(), len(all_bags.rows)]
        rows = slice(edges[begin], edges[end])
        return Bags(all_bags.rows[rows], all_bags.starts[begin:end] - edges[begin], all_bags.weights[rows])

    tokens = part(batch.tokens, first, first + layout.query_lengths[text])
    return TextBatch(
        layout=Layout((layout.query_lengths[text],)), tokens=tokens, features=part(batch.features, text, text + 1)
    )


def test_every_number_is_explained():
    shape = FAMILIES["attendo"].shape
    told = documentation(shape)
    assert [field.name for field in dataclasses.fields(shape)] == list(told)
    assert all(text.endswith(".") for text in told.values())


@pytest.mark.parametrize("autocast", [False, True], ids=["float32", "bfloat16"])
def test_it_builds_and_learns(autocast, device):
    model, batch = built().to(device).train(), batch_of().to(device)
    with torch.autocast(device.type, torch.bfloat16, enabled=autocast):
        scores = model(batch)
    assert isinstance(scores, Scores)
    assert all(each.shape == (len(LENGTHS), 3) and each.isfinite().all() for each in scores)
    scores.deep.float().square().sum().backward()
    learned = {name: p for name, p in model.named_parameters() if p.requires_grad}
    assert all(p.grad is not None and p.grad.to_dense().isfinite().all() for p in learned.values())
    assert not [name for name in learned if name.startswith("linear.") or name == "shares"]


def test_texts_together_score_as_each_alone(device):
    model, batch = built().to(device).eval(), batch_of().to(device)
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.3)
    together = model(batch)
    for text in range(len(LENGTHS)):
        for mine, alone in zip(together, model(cut(batch, text)), strict=True):
            torch.testing.assert_close(mine[text], alone[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("lengths", [(), (0,), (0, 0), (1,)], ids=str)
def test_the_smallest_batches(lengths):
    model, batch = built().train(), batch_of(lengths)
    assert all(each.shape == (len(lengths), 3) for each in model(batch))


def test_a_seed_decides_the_first_weights():
    models = []
    for _ in range(2):
        torch.manual_seed(11)
        models.append(built().state_dict())
    assert all(torch.equal(models[0][key], models[1][key]) for key in models[0])


def test_evaluation_is_not_random_and_training_is():
    model, batch = built().eval(), batch_of()
    assert torch.equal(model(batch).deep, model(batch).deep)
    model.train()
    assert not torch.equal(model(batch).deep, model(batch).deep)


def test_scores_are_mixed_by_the_shares():
    model, batch = built().eval(), batch_of()
    nn.init.normal_(model.linear.weight)  # type: ignore[arg-type]
    model.shares.copy_(torch.tensor([0.25, 3.0]))
    scores = model(batch)
    torch.testing.assert_close(scores.mixed, 0.25 * scores.deep + 3.0 * scores.linear)
    assert not scores.linear.requires_grad


def test_the_numbers_of_the_shape_are_those_of_the_parts():
    model = built(num_layers=3, local_width=5, attention_dropout=0.25)
    attentions = [each for each in model.modules() if isinstance(each, MultiHeadAttention)]
    assert [(each.num_heads, each.d_head, each.dropout) for each in attentions] == [(2, 7, 0.25)] * 3
    assert [each.width for each in model.modules() if isinstance(each, LocalMixing)] == [5] * 3
    without = built(local_width=0)
    assert not [each for each in without.modules() if isinstance(each, LocalMixing)]
    assert without(batch_of()).deep.shape == (4, 3)


def test_a_model_that_knows_nothing_finds_all_labels_alike():
    scores = built().eval()(batch_of())
    assert (scores.mixed.softmax(-1) - 1 / 3).abs().max() < 0.05
