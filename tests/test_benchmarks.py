"""What benchmarks share: runs that are there are not repeated, and each table has its place in docs/results.md."""

import importlib.util
import json
import re
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def running() -> ModuleType:
    spec = importlib.util.spec_from_file_location("running", ROOT / "benchmarks" / "running.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_run_is_started_once(running, tmp_path, monkeypatch):
    started = []

    def start(command, check):
        assert check
        started.append(command[1:])
        name, seed = command[4], int(command[6])
        running.add_line(tmp_path, {"name": name, "seed": seed, "scores": {"dev": 0.5}})

    monkeypatch.setattr(subprocess, "run", start)
    runs = [{"name": name, "seed": seed} for seed in (0, 1) for name in ("a set", "b")]
    running.run_missing("it.py", tmp_path, runs, "b", options=("--set", "x=1"))
    assert started[0] == ["it.py", "one", "--only", "b", "--seed", "0", "--out", str(tmp_path), "--set", "x=1"]
    assert [command[3] for command in started] == ["b", "b"]
    running.run_missing("it.py", tmp_path, runs)
    assert [(command[3], command[5]) for command in started[2:]] == [("a set", "0"), ("a set", "1")]
    running.run_missing("it.py", tmp_path, runs)
    assert len(started) == 4
    assert running.read_lines(tmp_path)[0] == {"name": "b", "seed": 0, "scores": {"dev": 0.5}}
    assert json.loads((tmp_path / running.RESULTS).read_text().splitlines()[-1])["name"] == "a set"


def test_a_table_replaces_the_one_between_its_marks(running, tmp_path):
    page = tmp_path / "results.md"
    begin, end = running.marks("tag", "somewhere/tagging.py")
    page.write_text(f"# Results\n\n{begin}\n\n| old |\n\n{end}\n\nAs before.\n", encoding="utf-8")
    running.put("tag", "somewhere/tagging.py", running.table(("set", "F1"), [("one", "2")]), page)
    shown = "| set | F1 |\n|---|---|\n| one | 2 |"
    assert page.read_text(encoding="utf-8") == f"# Results\n\n{begin}\n\n{shown}\n\n{end}\n\nAs before.\n"
    with pytest.raises(SystemExit, match="roles"):
        running.put("roles", "roles.py", shown, page)


def test_the_page_has_a_place_for_each_table(running):
    pages = "".join(path.read_text(encoding="utf-8") for path in running.PAGE.parent.glob("*.md"))
    scripts = {path: path.read_text(encoding="utf-8") for path in (ROOT / "benchmarks").glob("*.py")}
    found = [(path, name) for path, text in scripts.items() for name in re.findall(r'\bput\("(\w+)", __file__', text)]
    assert len(found) == 15
    for path, name in found:
        assert [pages.count(mark) for mark in running.marks(name, str(path))] == [1, 1]
