"""The parts of a model whose parameters a report counts: each has a name in both languages."""

from pathlib import Path

import pytest

from attendo.api import Result
from attendo.api.fine_tuning import parts_of
from attendo.models import FAMILIES, Reader
from attendo.models.folder import without_weights
from attendo.report.words import Words

TWO_TOWERS = {"bart", "mbart", "t5", "mt5"}
BASES = [name for name, family in FAMILIES.items() if name != "attendo" and "sequence" in family.heads]


def spoken(parts: set[str]) -> set[str]:
    """The parts whose Chinese name is written in Chinese."""
    names = {part: Words("zh").name(part) for part in parts}
    return {part for part, name in names.items() if all("一" <= character <= "鿿" for character in name)}


@pytest.mark.parametrize("name", BASES)
def test_every_part_of_a_base_has_a_name(name: str) -> None:
    network = without_weights({"model_type": name}, Path(), "sequence").network
    assert isinstance(network, Reader)
    parts = set(parts_of(network))
    assert parts == {"embeddings", "encoder", "head"} | ({"decoder"} if name in TWO_TOWERS else set())
    assert spoken(parts) == parts


def test_every_part_of_a_model_from_scratch_has_a_name(undisturbed: Result) -> None:
    parts = set(undisturbed.story.parameters)
    assert parts == {"deep path", "linear path"}
    assert spoken(parts) == parts
