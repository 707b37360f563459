"""How fast texts are understood, against the reference library with a model of the same size and the same weights.

    ATTENDO_DATA=/path/to/data python benchmarks/understanding_speed.py

Both sides get the same questions or texts and do the whole work: cutting into pieces, the network, and what is read off
its scores. The reference side is the usual loop: texts in their order, in batches, padded. Both take the same threads,
in turn, and a line of TASKS is all that a further task needs. What counts is useful tokens, padding being none.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from measuring import in_turn

BATCH = 32


@dataclass(frozen=True)
class Contest:
    """The same work in several ways, and how many useful tokens it is."""

    tokens: int
    ways: dict[str, Callable[[], object]]


def answering(folder: Path, count: int, work: Path) -> Contest:
    """Questions about passages: the reference library pads to the longest of a batch, or to the length of a window."""
    from transformers import AutoTokenizer, BertForQuestionAnswering

    import attendo
    from attendo.data import read_questions

    questions = read_questions(folder / "qa-squad11_devonly" / "test.json").questions[:count]
    make_bert(work, "BertForQuestionAnswering", [each.context for each in questions])
    ours, theirs = attendo.load(work), BertForQuestionAnswering.from_pretrained(work).eval()
    words = AutoTokenizer.from_pretrained(work)
    inputs = ours.encoder.encode_questions(questions)

    def padded(padding: str | bool) -> Callable[[], object]:
        def run() -> object:
            return [part for batch in batches(questions) for part in reference(batch, padding)]

        return run

    @torch.inference_mode()
    def reference(batch: list[Any], padding: str | bool) -> list[Any]:
        encoded = words(
            [each.question for each in batch],
            [each.context for each in batch],
            truncation="only_second",
            max_length=384,
            stride=128,
            return_overflowing_tokens=True,
            padding=padding,
            return_tensors="pt",
        )
        encoded.pop("overflow_to_sample_mapping")
        out = theirs(**encoded)
        best = out.start_logits.topk(20).indices, out.end_logits.topk(20).indices
        return list(zip(*best, strict=True))

    return Contest(
        sum(inputs.lengths),
        {
            "attendo, with probabilities": lambda: list(ours.predict_examples(questions)),
            "reference, padded to the longest of a batch": padded(True),
            "reference, padded to the window": padded("max_length"),
        },
    )


def tagging(folder: Path, count: int, work: Path) -> Contest:
    """Names in tweets; attendo decodes under the rules of the scheme and gives each span its probability."""
    from transformers import AutoTokenizer, BertForTokenClassification

    import attendo
    from attendo.data import read_tagged

    texts = read_tagged(folder / "ner-wnut17" / "train.conll").texts[:count]
    tags = ["O", *(f"{letter}-{label}" for label in ("PER", "LOC", "ORG", "MISC") for letter in "BI")]
    changes = {"id2label": dict(enumerate(tags)), "label2id": {tag: number for number, tag in enumerate(tags)}}
    make_bert(work, "BertForTokenClassification", [each.text for each in texts], **changes)
    ours, theirs = attendo.load(work), BertForTokenClassification.from_pretrained(work).eval()
    words = AutoTokenizer.from_pretrained(work)
    inputs = ours.encoder.encode_words([each.text for each in texts], [each.words for each in texts])

    @torch.inference_mode()
    def padded() -> object:
        found = []
        for batch in batches(texts):
            encoded = words([each.text for each in batch], truncation=True, padding=True, return_tensors="pt")
            best = theirs(**encoded).logits.argmax(-1).tolist()
            found += [[tags[number] for number in row] for row in best]
        return found

    return Contest(
        sum(inputs.lengths),
        {
            "attendo, tags": lambda: ours.found(texts),
            "attendo, with probabilities": lambda: list(ours.predict_examples(texts)),
            "reference, padded to the longest of a batch": padded,
        },
    )


TASKS: dict[str, Callable[[Path, int, Path], Contest]] = {"answer": answering, "tag": tagging}
"""For each task the same work in several ways, given the data, how many texts, and a folder to work in."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", choices=TASKS, action="append")
    parser.add_argument("--count", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print("| task | way | useful tokens a second | the first is so many times as fast |\n|---|---|---|---|")
    for name in arguments.task or TASKS:
        with tempfile.TemporaryDirectory() as folder:
            contest = TASKS[name](Path(os.environ["ATTENDO_DATA"]), arguments.count, Path(folder))
            timings = in_turn(contest.ways, rounds=arguments.rounds)
        first = timings[next(iter(timings))]
        for way, timing in timings.items():
            median, low, high = first.ratio(timing)
            ratio = "" if timing is first else f"{median:.2f} ({low:.2f} to {high:.2f})"
            print(f"| {name} | {way} | {contest.tokens / timing.median:,.0f} | {ratio} |", flush=True)


def batches(items: list[Any]) -> list[list[Any]]:
    """The items in their order, so many at a time."""
    return [items[start : start + BATCH] for start in range(0, len(items), BATCH)]


def make_bert(folder: Path, architecture: str, texts: list[str], **changes: Any) -> None:
    """A BERT of four layers with random weights, and a tokenizer of the words of some texts."""
    import transformers

    from attendo.text import split_words

    words = sorted({text[start:end].lower() for text in texts for start, end in split_words(text)})
    letters = sorted({letter for word in words for letter in word})
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words, *(f"##{each}" for each in letters)]
    (folder / "vocab.txt").write_text("\n".join(dict.fromkeys(vocabulary)) + "\n", encoding="utf-8")
    sizes = {"hidden_size": 256, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 1024}
    config = transformers.BertConfig(vocab_size=len(dict.fromkeys(vocabulary)), **sizes, **changes)
    torch.manual_seed(0)
    getattr(transformers, architecture)(config).save_pretrained(folder)
    transformers.BertTokenizer.from_pretrained(folder, model_max_length=512).save_pretrained(folder)


if __name__ == "__main__":
    main()
