"""How fast texts are learned to be written, and written, against the reference library with the same Marian model.

    ATTENDO_DATA=/path/to/data python benchmarks/writing_speed.py [--model FOLDER]

Without a folder a small model with random weights is made, which writes on to the limit; of a trained one both sides
stop where the text ends. Both sides get the same ids and compute in float32 with the same threads, in turn. What counts
is useful tokens, padding being none. Memory is measured in a process of its own for each side, on Linux.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from measuring import in_turn, memory_taken

TEXTS, STEPS = 64, 8
"""Texts that are written from, and steps of training, in each round."""
NEW = 40
"""Tokens that a text may have."""
Ways = dict[str, Callable[[], object]]


class Sides:
    """The same model in both libraries, and the same pairs as ids."""

    def __init__(self, folder: Path) -> None:
        from transformers import MarianMTModel

        import attendo
        from attendo.data import read_parallel
        from attendo.tasks.translating.pairs import encode_pairs

        pairs = read_parallel(Path(os.environ["ATTENDO_DATA"]) / "mt-multi30k_en-de" / "train").pairs
        self.ours, self.theirs = attendo.load(folder), MarianMTModel.from_pretrained(folder)
        self.pairs = encode_pairs(self.ours.encoder, pairs[:4096], 256)
        self.pad = self.theirs.config.pad_token_id

    def padded(self, rows: list[Any], filler: int) -> torch.Tensor:
        """Rows of ids, filled up to the longest."""
        longest = max(map(len, rows))
        return torch.tensor([[*row, *[filler] * (longest - len(row))] for row in rows])

    def learning(self, texts: int) -> tuple[int, Ways]:
        """Steps of an optimiser on so many pairs each, and the tokens of all of them."""
        from attendo.data import plan_batches
        from attendo.tasks import RewriteProblem

        problem = RewriteProblem.__new__(RewriteProblem)
        problem._network, problem._smoothing, problem.pairs = self.ours.writes, 0.0, self.pairs
        lengths, number = self.pairs.lengths, torch.arange(len(self.pairs.lengths))
        budget = round(texts * sum(lengths) / len(lengths))
        batches = [each for each in plan_batches(lengths, budget, seed=0) if len(each) > texts // 2][:STEPS]
        tokens = sum(lengths[index] for batch in batches for index in batch)
        drawn = number[torch.randperm(len(number), generator=torch.Generator().manual_seed(0))].tolist()
        theirs = [drawn[first : first + texts] for first in range(0, texts * STEPS, texts)]
        by_length = sorted(drawn[: texts * STEPS], key=lengths.__getitem__)
        grouped = [by_length[first : first + texts] for first in range(0, texts * STEPS, texts)]
        chosen = {"random": theirs, "of like length": grouped}
        ways: Ways = {"attendo": self._ours_learning(problem, batches)}
        shares = {}
        for name, own in chosen.items():
            ways[f"reference, batches {name}"] = self._theirs_learning(own)
            shares[f"reference, batches {name}"] = sum(lengths[i] for batch in own for i in batch)
        self.tokens = {"attendo": tokens, **shares}
        return tokens, ways

    def _ours_learning(self, problem: Any, batches: list[list[int]]) -> Callable[[], object]:
        network = self.ours.network
        optimiser = torch.optim.AdamW(network.parameters(), lr=1e-6, fused=True)

        def run() -> object:
            network.train()
            for batch in batches:
                loss = problem.loss(problem.batch(batch, torch.device("cpu")))
                (loss.total / loss.weight).backward()
                optimiser.step()
                optimiser.zero_grad(set_to_none=True)
            return network.eval()

        return run

    def _theirs_learning(self, batches: list[list[int]]) -> Callable[[], object]:
        optimiser = torch.optim.AdamW(self.theirs.parameters(), lr=1e-6, fused=True)

        def run() -> object:
            self.theirs.train()
            for batch in batches:
                source = self.padded([self.pairs.sources[i].tolist() for i in batch], self.pad)
                right = self.padded([self.pairs.targets[i].tolist() for i in batch], -100)
                found = self.theirs(input_ids=source, attention_mask=(source != self.pad).long(), labels=right)
                found.loss.backward()
                optimiser.step()
                optimiser.zero_grad(set_to_none=True)
            return self.theirs.eval()

        return run

    def writing(self, texts: int, beams: int, count: int = TEXTS) -> Ways:
        """So many texts at a time, by one path or by beams."""
        from attendo.tasks import Request, WriteSettings

        sources = [tuple(row.tolist()) for row in self.pairs.sources[:count]]
        batches = [sources[first : first + texts] for first in range(0, count, texts)]
        prompt, writer = self.ours.encoder.prompt, self.ours.writer
        settings = WriteSettings(max_new=NEW, **({"method": "greedy"} if beams == 1 else {"beams": beams}))

        def ours() -> object:
            asked = ([Request(prompt=prompt, source=source) for source in batch] for batch in batches)
            return [each[0].ids for batch in asked for each in writer.write(batch, settings)]

        @torch.inference_mode()
        def theirs() -> object:
            self.theirs.eval()
            found = []
            for batch in batches:
                source = self.padded([list(row) for row in batch], self.pad)
                mask = (source != self.pad).long()
                options = {"max_new_tokens": NEW, "num_beams": beams, "do_sample": False}
                found += self.theirs.generate(input_ids=source, attention_mask=mask, **options).tolist()
            return found

        return {"attendo": ours, "reference": theirs}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="the folder of a trained translator of the family marian")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--alone", help="one side of one kind of work, to measure its memory")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    with tempfile.TemporaryDirectory() as folder:
        model = arguments.model or made(Path(folder))
        if arguments.alone:
            alone(Sides(model), arguments.alone)
            return
        sides = Sides(model)
        print("| work | side | useful tokens a second | attendo is so many times as fast | peak memory, MiB |")
        print("|---|---|---|---|---|")
        _, ways = sides.learning(64)
        shown("training, 64 pairs a step", ways, sides.tokens, arguments, model)
        for beams in (1, 4):
            for texts in (1, 32):
                name = f"{'greedy' if beams == 1 else f'{beams} beams'}, {texts} at a time"
                ways = sides.writing(texts, beams)
                tokens = dict.fromkeys(ways, sum(map(len, ways["attendo"]())))  # type: ignore[arg-type]
                shown(name, ways, tokens, arguments, model)


def shown(work: str, ways: Ways, tokens: dict[str, int], arguments: argparse.Namespace, model: Path) -> None:
    """A row for each side."""
    timings = in_turn(ways, rounds=arguments.rounds)
    first = timings["attendo"]
    for name, timing in timings.items():
        factor = tokens["attendo"] / tokens[name]  # tokens are not the same where batches are not
        median, low, high = (factor * each for each in first.ratio(timing))
        ratio = "" if timing is first else f"{median:.2f} ({low:.2f} to {high:.2f})"
        memory = peak(model, f"{work}|{name}", arguments.threads)
        print(f"| {work} | {name} | {tokens[name] / timing.median:,.0f} | {ratio} | {memory:,.0f} |", flush=True)


def alone(sides: Sides, what: str) -> None:
    """Do one kind of work once, and print how much memory it took beyond what was there."""
    work, _, name = what.partition("|")
    if work.startswith("training"):
        ways = sides.learning(64)[1]
    else:
        beams = 1 if work.startswith("greedy") else int(work.split()[0])
        sides.writing(1, beams, count=1)[name]()  # what is loaded and made for a first text is not counted
        ways = sides.writing(int(work.split(", ")[1].split()[0]), beams)
    print(memory_taken(ways[name]))


def peak(model: Path, what: str, threads: int) -> float:
    """Memory that a side needs at its peak for a kind of work, beyond what the libraries and weights take."""
    command = [sys.executable, __file__, "--model", str(model), "--threads", str(threads), "--alone", what]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


def made(folder: Path) -> Path:
    """A translator with random weights."""
    from attendo.data import load_parallel
    from attendo.tasks import TranslateSettings, Translator, build_rewriter

    data = Path(os.environ["ATTENDO_DATA"]) / "mt-multi30k_en-de"
    from attendo.data import ParallelDataSettings

    splits = load_parallel(data, dev=None, test=None, settings=ParallelDataSettings())
    torch.manual_seed(0)
    model, _ = build_rewriter(Translator, splits.train, splits.sides, TranslateSettings())
    model.save(folder / "model")
    return folder / "model"


if __name__ == "__main__":
    main()
