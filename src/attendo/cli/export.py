"""`attendo export`: a model for other tools."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from attendo.cli.parsing import Parser, UsageError, add_general
from attendo.cli.terminal import notes_shown

SUMMARY = "hand a model on to other tools"
_USAGE = "MODEL --to hf|onnx --out FOLDER"
_EXAMPLES = """
# a folder that transformers loads, tokenizer included
attendo export model --to hf --out model-hf

# a graph for ONNX Runtime, for batches of any size and length
attendo export model --to onnx --out model-onnx

# a model of the hub, fetched if it is not in the hub's cache
attendo export bert-base-chinese --to onnx --out bert-onnx
"""


def build_parser() -> Parser:
    """The options of `attendo export`."""
    title = "Writes a model, and the tokenizer that belongs to it, in a form that other tools read."
    parser = Parser("attendo export", usage=f"{_USAGE} [options]", title=title, examples=_EXAMPLES)
    group = parser.add_argument_group("What to export")
    group.add_argument("model", metavar="MODEL", help="a model folder, or the hub's name of a model")
    group.add_argument("--to", metavar="FORM", help="hf (for transformers) or onnx (for ONNX Runtime)")
    group.add_argument("--out", metavar="FOLDER", help="a new or empty folder, written whole or not at all")
    add_general(parser)
    return parser


def execute(options: Namespace) -> None:
    """Export, and show which files came of it."""
    missing = [name for name, value in (("--to hf|onnx", options.to), ("--out FOLDER", options.out)) if value is None]
    if missing:
        raise UsageError(f"Missing: {', '.join(missing)}. It is used as `attendo export {_USAGE}`.")
    from attendo.api import export

    with notes_shown():
        files = export(options.model, options.to, out=options.out)
    for name in files:
        print(Path(options.out) / name)
