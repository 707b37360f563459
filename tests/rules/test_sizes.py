"""Files and functions stay short enough to be read at one go."""

import ast

LONGEST_FILE, LONGEST_SOURCE, LONGEST_FUNCTION = 600, 400, 60


def test_files_are_short(root):
    paths = [path for folder in ("src", "tests", "benchmarks", "examples") for path in (root / folder).rglob("*.py")]
    assert len(paths) > 100
    lengths = {str(path.relative_to(root)): path.read_text(encoding="utf-8").count("\n") for path in paths}
    limits = {path: LONGEST_SOURCE if path.startswith("src") else LONGEST_FILE for path in lengths}
    assert not {path: length for path, length in lengths.items() if length > limits[path]}


def test_functions_are_short(modules):
    functions = [
        (module.at(node), 1 + (node.end_lineno or 0) - node.lineno)
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert len(functions) > 300
    assert not [(place, length) for place, length in functions if length > LONGEST_FUNCTION]
