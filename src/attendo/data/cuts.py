"""Cutting one set of examples into several, the same way on any machine."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import ceil

from attendo.data.records import AnyRecord, Record

Group = tuple[str | None, ...]
_TINY = 1e-9  # so that a product such as 0.1 * 30 does not round up


@dataclass(frozen=True, kw_only=True)
class CutSettings:
    """How much of a set is set apart where none is given for dev and test."""

    dev_fraction: float = 0.1
    """Share of a file's texts that is set apart for choosing, where no dev set is given."""
    test_fraction: float = 0.1
    """Share of a single file's texts that is set apart for the final test; 0 for none."""
    seed: int = 0
    """Decides which texts are set apart."""

    def cut_problems(self) -> list[str]:
        """What is wrong with the shares, as sentences."""
        problems = []
        if not 0 < self.dev_fraction < 1:
            problems.append(f"`dev_fraction` must lie between 0 and 1, but is {self.dev_fraction}.")
        if not 0 <= self.test_fraction < 1:
            problems.append(f"`test_fraction` must be 0 or more and less than 1, but is {self.test_fraction}.")
        if self.dev_fraction + self.test_fraction >= 1:
            problems.append("`dev_fraction` and `test_fraction` together leave nothing to train on.")
        return problems


def split_examples(
    examples: Sequence[AnyRecord], *, dev_fraction: float, test_fraction: float, seed: int = 0, classes: bool = True
) -> tuple[list[AnyRecord], list[AnyRecord], list[AnyRecord]]:
    """Cut examples into train, dev and test sets, each class alike, keeping their order within a set.

    On which side a text falls depends on the texts and the seed, not on their order. What is of one group, such as
    equal texts, stays together, and every class keeps a text in train.

    Args:
        classes: whether labels are classes; if they are numbers, all texts are cut alike.
    """
    side: dict[Group, int] = {}
    wanted, taken = [0.0, 0.0], [0, 0]
    strata = _strata(examples) if classes else [list({example.group: None for example in examples})]
    for texts in strata:
        texts.sort(key=lambda key: _digest(key, seed))
        left = len(texts) - 1
        for part, fraction in enumerate((dev_fraction, test_fraction)):
            wanted[part] += fraction * len(texts)  # summed over the classes, so that the totals come out right
            count = min(left, ceil(wanted[part] - _TINY) - taken[part])
            side |= dict.fromkeys(texts[left - count : left], part + 1)
            taken[part] += count
            left -= count
    sets: tuple[list[AnyRecord], ...] = ([], [], [])
    for example in examples:
        sets[side.get(example.group, 0)].append(example)
    return sets[0], sets[1], sets[2]


def _strata(examples: Sequence[Record]) -> list[list[Group]]:
    """The different texts of each class; one with several labels counts for the rarest of them."""
    labels: dict[Group, set[str]] = defaultdict(set)
    for example in examples:
        labels[example.group].update(example.labels)
    sizes = Counter(label for several in labels.values() for label in several)
    strata: dict[str, list[Group]] = defaultdict(list)
    for key, several in labels.items():
        strata[min(several, key=lambda label: (sizes[label], label), default="")].append(key)
    return [strata[label] for label in sorted(strata)]


def _digest(group: Group, seed: int) -> bytes:
    return blake2b("\0".join((str(seed), *(part or "" for part in group))).encode(), digest_size=16).digest()
