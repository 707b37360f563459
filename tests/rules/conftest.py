"""The project's own source, read but not run."""

import ast
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "attendo"


class Module(NamedTuple):
    """A source file of the package."""

    path: Path
    tree: ast.Module

    @property
    def room(self) -> str:
        """The folder below the package that it lies in, or its own name if it lies in none."""
        first = self.path.relative_to(PACKAGE).parts[0]
        return first.removesuffix(".py")

    def at(self, node: ast.stmt | ast.expr) -> str:
        """Where something stands, as editors and terminals understand it."""
        return f"{self.path.relative_to(ROOT)}:{node.lineno}"


@pytest.fixture(scope="session")
def modules() -> list[Module]:
    """All source files of the package."""
    paths = sorted(PACKAGE.rglob("*.py"))
    return [Module(path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT
