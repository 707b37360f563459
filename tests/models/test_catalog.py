"""The table of families, asked row by row."""

import dataclasses

import pytest

from attendo.models import FAMILIES, Family


@pytest.mark.parametrize("name", FAMILIES)
def test_the_table_says_what_a_family_is(name):
    family = FAMILIES[name]
    assert isinstance(family, Family)
    assert family.summary
    assert family.shape.__dataclass_params__.frozen
    assert all(field.kw_only for field in dataclasses.fields(family.shape))
    architectures = [kind.architecture for kind in family.heads.values()]
    assert len(set(architectures)) == len(architectures)
    assert [family.head_of(each) for each in architectures] == list(family.heads)
    assert family.head_of("NoSuchModel") is None


def test_no_architecture_is_claimed_twice():
    claimed = [kind.architecture for family in FAMILIES.values() for kind in family.heads.values()]
    assert len(set(claimed)) == len(claimed)
