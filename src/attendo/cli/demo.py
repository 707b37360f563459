"""`attendo demo`: all of it at work on the built-in reviews."""

from __future__ import annotations

import shutil
import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from attendo.cli.parsing import Parser, UsageError, add_general
from attendo.cli.progress import choose_progress
from attendo.cli.showing import show_result
from attendo.cli.tasks.labelled import write_lines
from attendo.cli.terminal import resumable, say
from attendo.errors import InputError

if TYPE_CHECKING:
    from attendo.tasks import Classifier

SUMMARY = "see all of it at work on built-in reviews, in under two minutes"
CORPUS, MODEL = "corpus", "model"
SENTENCES = {
    "en": (
        ("The soup was delicious, and the staff were friendly.", "positive"),
        ("The soup was not delicious at all.", "negative"),
        ("Nobody could call the room shabby, and the breakfast did not disappoint me.", "positive"),
        ("My neighbour said that the plot was dull, but I disagree.", "positive"),
        ("I wonder whether the battery is reliable.", "neutral"),
    ),
    "zh": (
        ("面条很新鲜，服务员也非常热情。", "positive"),
        ("面条一点也不新鲜。", "negative"),
        ("谁也不会说房间简陋，早餐也没有让我失望。", "positive"),
        ("邻居说剧情很无聊，我可不这么想。", "positive"),
        ("不知道电池是不是可靠。", "neutral"),
    ),
}
"""Sentences, and what is meant by them, in most of which counting good and bad words goes wrong."""
_EXAMPLES = """
# English and Chinese together
attendo demo

# only Chinese, and keep what it writes
attendo demo --language zh --out demo
"""


def build_parser() -> Parser:
    """The options of `attendo demo`."""
    title = (
        "Writes a corpus of reviews, in which opinions are denied, outweighed or somebody else's, and trains on it.\n"
        "Then shows what counting words is worth there, and what the model is worth."
    )
    parser = Parser("attendo demo", usage="[options]", title=title, examples=_EXAMPLES)
    group = parser.add_argument_group("Options")
    group.add_argument("--language", metavar="NAME", default="both", help="en, zh or both; both if not given")
    group.add_argument("--out", metavar="FOLDER", help="a new folder for everything; a temporary one if not given")
    group.add_argument(
        "--seed", metavar="N", default="0", help="seed of the corpus and of the training; 0 if not given"
    )
    add_general(parser)
    return parser


def execute(options: Namespace) -> None:
    """Write the corpus, train on it, and try the model."""
    languages = ("en", "zh") if options.language == "both" else (options.language,)
    if not set(languages) <= set(SENTENCES):
        raise UsageError(f"`--language` may be en, zh or both, but is `{options.language}`.")
    if not options.seed.isdecimal():
        raise UsageError(f"`--seed` must be a whole number of 0 or more, but is `{options.seed}`.")
    if options.out is None:
        with _temporary() as folder:
            _show(folder, options.language, int(options.seed))
    else:
        folder = Path(options.out)
        _check_free(folder)
        with resumable():
            _show(folder, options.language, int(options.seed))


@contextmanager
def _temporary() -> Iterator[Path]:
    """A temporary folder, which stays when all goes well."""
    folder = Path(tempfile.mkdtemp(prefix="attendo-demo-"))
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _check_free(folder: Path) -> None:
    """Refuse a folder with anything in it but an unfinished demo."""
    held = {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
    if folder.is_file() or held - {CORPUS, MODEL} or (folder / MODEL / "attendo.json").exists():
        raise InputError(f"{folder} is not empty. Choose a new folder, or leave `--out` away.")


def _show(folder: Path, language: Literal["en", "zh", "both"], seed: int) -> None:
    from attendo.api import RunSettings, train
    from attendo.data import write_corpus
    from attendo.tasks import ClassifySettings, ModelSettings
    from attendo.training import TrainingSettings

    say(f"Writing reviews to {folder / CORPUS}.")
    write_corpus(folder / CORPUS, language, seed=seed)
    # the grammar uses each of its words often, so less needs to be hidden than in real texts
    model = ModelSettings(size="tiny", dropout=0.1, embedding_dropout=0.1, token_dropout=0.05, ngram_dropout=0.1)
    training = TrainingSettings(seed=seed, epochs=20)
    settings = RunSettings(task=ClassifySettings(model=model), training=training)
    with choose_progress() as progress:
        spoken = "zh" if language == "zh" else "en"
        result = train(
            "classify", folder / CORPUS, out=folder / MODEL, settings=settings, language=spoken, tell=progress
        )
    show_result(result)
    _try(result.model, language)
    say("Now train on your own file: attendo train classify FILE --out MODEL")


def _try(model: Classifier, language: str) -> None:
    """Label the sentences, and say which labels are not what is meant."""
    from attendo.data import Example

    meant = {text: label for name, pairs in SENTENCES.items() if language in (name, "both") for text, label in pairs}
    examples = [Example(text) for text in meant]
    labelled = list(zip(examples, model.predict_examples(examples), strict=True))
    print("\nSentences that it has not seen:")
    write_lines(labelled, sys.stdout, model.labels, False)
    missed = [example.text for example, prediction in labelled if prediction.label != meant[example.text]]
    print(f"{len(meant) - len(missed)} of {len(meant)} are labelled as they are meant.")
    for text in missed:
        print(f"Meant as {meant[text]}: {text}")
