"""`attendo search`: the texts of a file that are nearest in meaning to a query."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from attendo.cli.options import add_device, add_reading
from attendo.cli.parsing import Parser, UsageError, add_general
from attendo.cli.terminal import console, is_terminal, knows_unicode, notes_shown, one_line, say
from attendo.files import written_whole

if TYPE_CHECKING:
    from attendo.data import TextPair
    from attendo.tasks import Embedder, Found

SUMMARY = "find the texts of a file that are nearest in meaning to a query"
_DIGITS = 6
_EXAMPLES = """
# the lines of a file, or the rows of a table, that are nearest in meaning
attendo search model questions.txt "how do I get my money back"
attendo search model faq.csv "怎么退款" --column question --best 3

# keep the vectors, so that the next search of the same file takes no time
attendo search model questions.txt "refund" --index questions.vectors

# one query a line; as JSON Lines, with the place of each text that was found
attendo search model questions.txt --queries queries.txt --output found.jsonl
"""


def build_parser() -> Parser:
    """The options of `attendo search`."""
    title = (
        "Finds the texts whose vectors point most nearly where the query's does; every text is compared with it.\n"
        "On a terminal what was found is shown as lines, elsewhere written as JSON Lines."
    )
    usage = 'MODEL FILE ["QUERY" ... | --queries FILE] [options]'
    parser = Parser("attendo search", usage=usage, title=title, examples=_EXAMPLES)
    group = parser.add_argument_group("What to find")
    group.add_argument("model", metavar="MODEL", help="a model for `embed`, or one of sentence-transformers")
    group.add_argument("file", metavar="FILE", help="a file of texts: lines, or rows of a table")
    group.add_argument("texts", metavar="QUERY", nargs="*", default=[], help="what is looked for")
    group.add_argument("--queries", metavar="FILE", help="a file of queries")
    group.add_argument("--best", metavar="N", default="10", help="texts to show for each query; 10 if not given")
    group.add_argument("--column", metavar="COL", dest="data.text", help="column of the texts of FILE")
    group.add_argument("--size", metavar="N", help="numbers to which vectors are cut; all if not given")
    group = parser.add_argument_group("What comes out")
    group.add_argument("--output", metavar="FILE", help="a file for what was found, written whole or not at all")
    group.add_argument("--index", metavar="INDEX", help="a file that keeps the vectors of FILE; made if need be")
    add_reading(parser)
    add_device(parser)
    add_general(parser)
    return parser


def execute(options: Namespace) -> None:
    """Compare, and show what was found."""
    best, size = _number(options.best, "--best"), None if options.size is None else _number(options.size, "--size")
    _check_usage(options)
    from attendo.models import find_model
    from attendo.tasks import Embedder, SearchIndex, best_passages, load_task_model, vector_blocks
    from attendo.training import choose_device

    if options.index is not None:
        SearchIndex(Path(options.index)).check_replaceable()
    device = choose_device(options.device)
    with notes_shown():
        folder = find_model(options.model)
        model = load_task_model(folder)
    if not isinstance(model, Embedder):
        raise UsageError(f"{options.model} is a model for `{model.task}`; search needs one for `embed`.")
    model.network.to(device)
    queries = _queries(options)
    asked = model.encode(queries, size, prompt="query" if "query" in model.sentence.prompts else None)
    if options.index is None:
        blocks = vector_blocks((each.text for each in _passages(options)), lambda texts: model.encode(texts, size))
    else:
        blocks = _indexed(options, model, folder, size)
    found = best_passages(asked, blocks, _passages(options), best)
    if options.output is None:
        _write(queries, found, sys.stdout, options)
        return
    with written_whole(options.output) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        _write_json_lines(queries, found, file, options)
    say(f"Written: {options.output}")


def _check_usage(options: Namespace) -> None:
    if bool(options.texts) == bool(options.queries):
        raise UsageError("Give either a query or --queries FILE. `attendo search --help` shows how it is used.")
    read = {Path(each).resolve() for each in (options.file, options.queries) if each is not None}
    for option in ("output", "index"):
        named = getattr(options, option)
        if named is not None and Path(named).resolve() in read:
            raise UsageError(f"`--{option}` names a file that is read, {named}, and would replace it. Name another.")


def _number(given: str, option: str) -> int:
    if not given.isdecimal() or int(given) < 1:
        raise UsageError(f"`{option}` must be a whole number from 1 on, but is `{given}`.")
    return int(given)


def _passages(options: Namespace) -> Iterator[TextPair]:
    """The texts of the file, each time anew."""
    from attendo.cli.tasks.embedding import reading_settings
    from attendo.data import read_passages

    return read_passages(Path(options.file), reading_settings(options))


def _queries(options: Namespace) -> list[str]:
    from attendo.cli.input_texts import given_texts
    from attendo.data import read_passages

    if options.texts:
        return list(given_texts(options.texts))
    return [each.text for each in read_passages(Path(options.queries))]


def _indexed(options: Namespace, model: Embedder, folder: Path, size: int | None) -> Iterator[tuple[int, Any]]:
    """The vectors that are kept, made anew where there are none, or they are of something else."""
    from attendo.cli.tasks.embedding import reading_settings
    from attendo.files import checksum
    from attendo.tasks import SearchIndex, vector_blocks

    weights = sorted(each for kind in ("*.safetensors", "*.bin", "*.json") for each in folder.rglob(kind))
    about = {
        "file": checksum(options.file),
        "model": sha256(" ".join(checksum(each) for each in weights).encode()).hexdigest(),
        "read": repr(reading_settings(options)),
        "size": str(size or model.width),
    }
    index = SearchIndex(Path(options.index))
    if not index.is_of(about):
        if index.path.exists():
            say(f"{index.path} is of another file or model; it is made anew.", "yellow")
        passages = (each.text for each in _passages(options))
        index.write(vector_blocks(passages, lambda texts: model.encode(texts, size)), about)
        say(f"Index: {index.path}")
    return index.blocks()


def _write(queries: list[str], found: list[list[Found]], file: TextIO, options: Namespace) -> None:
    (_write_lines if is_terminal(file) else _write_json_lines)(queries, found, file, options)


def _write_lines(queries: list[str], found: list[list[Found]], file: TextIO, options: Namespace) -> None:
    """Cosine, place and text of what was found, under each query if there are several."""
    from rich.text import Text

    screen, name = console(file=file), Path(options.file).name
    for query, each in zip(queries, found, strict=True):
        if len(queries) > 1:
            screen.print(Text(one_line(query), style="bold"), no_wrap=True, overflow="ellipsis")
        for one in each:
            line = Text.assemble(
                (f"{one.cosine:6.3f}  ", "bold cyan"),
                (f"{name}:{one.passage.line}  ", "dim"),
                one_line(one.passage.text),
            )
            screen.print(line, no_wrap=True, overflow="ellipsis")


def _write_json_lines(queries: list[str], found: list[list[Found]], file: TextIO, options: Namespace) -> None:
    """One object for each text that was found."""
    ascii_only = not knows_unicode(file)
    for query, each in zip(queries, found, strict=True):
        for rank, one in enumerate(each, start=1):
            record = {
                "query": query,
                "rank": rank,
                "cosine": round(one.cosine, _DIGITS),
                "file": str(options.file),
                "line": one.passage.line,
                "text": one.passage.text,
            }
            file.write(json.dumps(record, ensure_ascii=ascii_only) + "\n")
