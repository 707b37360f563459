"""What the rooms show: names that are sorted, found, explained, and hide no file."""

import ast
import importlib
import inspect

import pytest

from attendo import _ROOMS as ROOMS

PACKAGES = ("attendo", *(f"attendo.{room}" for room in ROOMS if room != "cli"))
"""All that show names; the command line shows commands."""


def rank(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions, each in order; as ruff sorts them."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def test_the_package_knows_all_its_rooms(modules):
    folders = {module.room for module in modules if module.path.parent.name == module.room}
    assert set(ROOMS) == folders


@pytest.mark.parametrize("name", PACKAGES)
def test_names_are_sorted_and_there(name):
    package = importlib.import_module(name)
    assert package.__doc__
    assert list(package.__all__) == sorted(set(package.__all__), key=rank)
    assert not [each for each in package.__all__ if not hasattr(package, each)]


@pytest.mark.parametrize("name", PACKAGES)
def test_what_is_shown_is_explained(name):
    package = importlib.import_module(name)
    shown = {each: getattr(package, each) for each in package.__all__}
    objects = {each: thing for each, thing in shown.items() if inspect.isclass(thing) or inspect.isfunction(thing)}
    bare = [each for each, thing in objects.items() if not thing.__doc__ or thing.__doc__.startswith(f"{each}(")]
    assert not bare


def test_every_module_says_what_it_is_for(modules):
    assert not [str(module.path) for module in modules if module.tree.body and not ast.get_docstring(module.tree)]


def test_no_public_function_is_named_like_a_file_or_folder_of_its_room(modules):
    places: dict[str, set[str]] = {}
    for module in modules:
        places.setdefault(module.room, set()).update({module.path.stem, module.path.parent.name})
    hidden = [
        f"{module.at(node)} {node.name}"
        for module in modules
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef) and node.name in places[module.room]
    ]
    assert not hidden


def test_the_package_shows_no_name_that_is_a_room():
    assert not set(importlib.import_module("attendo").__all__) & set(ROOMS)
