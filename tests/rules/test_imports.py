"""Who may import whom, and when. The order of the rooms stands in pyproject.toml, where import-linter reads it too."""

import ast
import subprocess
import sys
import tomllib

import pytest


@pytest.fixture
def floors(root) -> dict[str, int]:
    """How high each room lies."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = settings["tool"]["importlinter"]["contracts"]
    lines = reversed(contract["layers"])
    return {room.strip(): floor for floor, line in enumerate(lines) for room in line.split("|")}


def imported_rooms(node: ast.AST) -> list[str]:
    """The rooms that an import statement reaches into; `` for the package itself."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are written in full"
        names = [f"{node.module}.{alias.name}" for alias in node.names]
    else:
        return []
    return [f"{name}.".split(".")[1] for name in names if name.split(".")[0] == "attendo"]


def test_every_room_has_its_floor(modules, floors):
    assert {module.room for module in modules} - {"__init__"} == set(floors)


def test_a_room_imports_only_from_lower_rooms(modules, floors):
    wrong = [
        f"{module.at(node)}: {module.room} imports {room}"
        for module in modules
        if module.room != "__init__"
        for node in ast.walk(module.tree)
        for room in imported_rooms(node)
        if room in floors and room != module.room and floors[room] >= floors[module.room]
    ]
    assert not wrong


def test_only_the_command_line_imports_its_own_project_late(modules):
    wrong = [
        module.at(node)
        for module in modules
        if module.room != "cli"  # `attendo --help` is to answer at once
        for function in ast.walk(module.tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
        if isinstance(node, ast.stmt) and imported_rooms(node)
    ]
    assert not wrong


def test_only_the_command_line_prints(modules):
    wrong = [
        module.at(node)
        for module in modules
        if module.room != "cli"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not wrong


@pytest.mark.parametrize("name", ["attendo", "attendo.errors"])
def test_importing_the_package_costs_nothing(name):
    script = f"import sys, {name}; print(*sorted(set(sys.modules) & {{'torch', 'numpy', 'pydantic', 'yaml', 'rich'}}))"
    line = [sys.executable, "-W", "error", "-c", script]
    ended = subprocess.run(line, capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout.strip() == ""


@pytest.mark.parametrize("collecting", [True, False])
def test_garbage_is_collected_after_an_import_as_before(collecting):
    switch = "enable" if collecting else "disable"
    script = f"import gc; gc.{switch}(); import attendo; attendo.data; print(gc.isenabled())"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout.strip() == str(collecting)
