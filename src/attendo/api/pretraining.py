"""`pretrain`: from the user's own text, without labels, to a saved model that tasks can begin with."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from attendo.api.cost import Meter, operations, versions
from attendo.api.fine_tuning import bytes_per_token
from attendo.api.pretraining_settings import PretrainRunSettings
from attendo.api.run_folder import RunFolder
from attendo.api.runs import Run
from attendo.configuration import to_mapping
from attendo.data import Documents, Splits, load_documents, plan_batches
from attendo.models import FamilyModel, Seq2SeqModel, find_model
from attendo.report import Cost
from attendo.tasks import (
    Base,
    PretrainParts,
    Problem,
    prepare_pretraining,
    save_pretrained,
    settle_objective,
)
from attendo.training import (
    Listener,
    Loop,
    Outcome,
    Plan,
    autocast,
    choose_device,
    cpu_threads,
    make_plan,
    silent,
)

MEASURED = 5
"""Steps by which the pace of a run is foretold."""


@dataclass(frozen=True, kw_only=True)
class PretrainResult:
    """A pretrained model, where it was saved, how well it does on held-out text, and what it cost."""

    model: FamilyModel
    objective: str
    """What it has learned, by its name in `OBJECTIVES`."""
    folder: Path
    scores: dict[str, float]
    """Of the epoch that was kept."""
    history: tuple[dict[str, Any], ...]
    cost: Cost


def pretrain(
    data: Path | str | Sequence[Path | str],
    *,
    out: Path | str,
    dev: Path | str | None = None,
    settings: PretrainRunSettings | None = None,
    overwrite: bool = False,
    tell: Listener = silent,
) -> PretrainResult:
    """Train a model on text alone and save it; a run that was stopped goes on where it was.

    Args:
        data: a file of any known format, several, or a folder of them.
        out: the model folder; it must be new, or hold this very run unfinished.
        dev: a held-out text; some documents are held out if it is not given.
        tell: hears what is chosen, how far the run is, and its scores.
    Raises:
        DataError: if a file cannot be read, or there is too little text.
        ConfigError: if a setting is impossible.
        UnsupportedError: if the base has no head for the objective.
        InputError: if `out` holds something else, or another run is at work in it.
        DivergedError: if the loss is no longer a number.
        StorageError: if the disk refuses a file; what was finished is kept.
    """
    settings = settings or PretrainRunSettings()
    choose_device(settings.training.device)
    base = None
    if settings.task.base is not None:
        settings = replace(settings, task=replace(settings.task, base=str(find_model(settings.task.base).resolve())))
        settings = replace(settings, task=settle_objective(settings.task))
        base = Base.read(Path(str(settings.task.base)))
    documents = load_documents(data, dev=dev, settings=settings.data)
    splits = Splits(train=documents.train, dev=documents.dev)
    origin = None if base is None else base.checksums
    with RunFolder.claimed(Path(out), settings, splits, origin=origin, overwrite=overwrite) as folder:
        return _PretrainRun(folder=folder, settings=settings, documents=documents, tell=tell, meter=Meter(folder)).go()


@dataclass(frozen=True, kw_only=True)
class _PretrainRun(Run):
    settings: PretrainRunSettings
    documents: Documents

    def go(self) -> PretrainResult:
        """All stages in turn."""
        for note in self.documents.notes:
            self.note(note)
        parts = prepare_pretraining(self.documents, self.settings.task, self.settings.training.seed)
        self._describe(parts)
        plan = self.settled_plan(lambda: self._new_plan(parts))
        with cpu_threads(plan.threads):
            outcome = Loop(parts.problem, plan, self.folder.path, self.hear).run()
        parts.problem.model.cpu()
        cost = self.meter.cost(operations(parts.problem.model, outcome.tokens), outcome.tokens)
        scores = _scores_of(outcome)
        save_pretrained(parts, self.folder.out, self._card(parts, plan, scores, cost))
        self.folder.close()
        return PretrainResult(
            model=parts.model,
            objective=self.settings.task.learned,
            folder=self.folder.out,
            scores=scores,
            history=outcome.history,
            cost=cost,
        )

    def _describe(self, parts: PretrainParts) -> None:
        for note in parts.notes:
            self.note(note)
        model = parts.model
        self.note(
            f"Model: {model.family.heads[model.head].architecture} of {_parameters(model):,} parameters; "
            f"{len(parts.tokenizer.tokens()):,} entries in its vocabulary."
        )
        tokens, held_out = (int(each.starts[-1]) for each in (parts.train, parts.dev))
        self.note(f"Text: {tokens:,} tokens in {len(parts.train):,} pieces to learn from, {held_out:,} held out.")

    def _new_plan(self, parts: PretrainParts) -> Plan:
        asked = self.settings.training
        tokens = int(parts.train.starts[-1])
        filled, reasons = asked.filled(tokens, parts.width, begun=self.settings.task.base is not None)
        asked_share = 1.0 if self.settings.task.learned == "causal" else self.settings.task.share
        room = _bytes_per_token(parts, asked_share)
        if isinstance(parts.network, Seq2SeqModel):
            room = bytes_per_token(parts.network, recomputed=False)  # scores of all words are never held at once
        plan = make_plan(parts.problem, filled, bytes_per_token=room)
        if asked.epochs is None and asked.minutes is not None:
            rate = _tokens_per_second(parts.problem, plan)
            epochs = max(1, int(60 * asked.minutes * rate / tokens))
            plan = replace(plan, epochs=epochs, patience=asked.patience or max(5, epochs // 2))
            reasons.append(f"{epochs} epochs: a step read {rate:,.0f} tokens a second here, with {tokens:,} to read.")
        return replace(plan, reasons=(*reasons, *plan.reasons))

    def _card(self, parts: PretrainParts, plan: Plan, scores: dict[str, float], cost: Cost) -> dict[str, Any]:
        """What attendo.json and the model card keep: sizes and scores, no texts."""
        return {
            "title": self.folder.out.name,
            "objective": self.settings.task.learned,
            "family": parts.model.config.get("model_type"),
            "parameters": _parameters(parts.model),
            "trained_on": {
                "documents": len(self.documents.train),
                "characters": sum(len(example.text) for example in self.documents.train),
                "tokens": int(parts.train.starts[-1]),
                "held_out_documents": len(self.documents.dev),
                "held_out_tokens": int(parts.dev.starts[-1]),
            },
            "scores": scores,
            "plan": asdict(plan),
            "settings": to_mapping(self.settings),
            "cost": asdict(cost),
            "versions": versions(),
        }


_NOT_SCORES = ("epoch", "step", "tokens", "loss", "seconds")


def _scores_of(outcome: Outcome) -> dict[str, float]:
    """The held-out scores of the weights that were kept."""
    line = next(line for line in outcome.history if line["epoch"] == outcome.best_epoch)
    return {name: value for name, value in line.items() if name not in _NOT_SCORES}


def _parameters(model: FamilyModel) -> int:
    return sum(each.numel() for each in model.network.parameters())


def _bytes_per_token(parts: PretrainParts, asked_share: float) -> int:
    """Memory that a training step needs for each token, about: the blocks' vectors, and scores of the vocabulary."""
    blocks = 4 * len(parts.network.encoder.layers) * 40 * parts.width
    return round(blocks + 12 * parts.tokenizer.vocab_size * asked_share)


def _tokens_per_second(problem: Problem, plan: Plan) -> float:
    """How fast training steps are here. Nothing is trained, and the random state is put back."""
    device = torch.device(plan.device)
    lengths = problem.lengths
    batches = plan_batches(lengths, plan.micro_tokens, seed=plan.settings.seed)[:MEASURED]
    tokens = seconds = 0.0
    with cpu_threads(plan.threads), torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        for number, indices in enumerate([batches[0], *batches]):
            started = time.perf_counter()
            with autocast(device, plan.precision):
                loss = problem.loss(problem.batch(indices, device))
            loss.total.backward()
            problem.model.zero_grad(set_to_none=True)
            float(loss.total.detach())  # a GPU is waited for
            if number:  # the first one warms up
                seconds += time.perf_counter() - started
                tokens += sum(lengths[index] for index in indices)
    return tokens / max(seconds, 1e-9)
