"""From a folder, or a name on the hub, to the model that a user works with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from attendo.errors import ModelFolderError, UnsupportedError
from attendo.models import (
    CONFIG,
    DeepPath,
    FamilyModel,
    Reader,
    Seq2SeqModel,
    TextClassifier,
    find_model,
    load_model,
    read_config,
)
from attendo.tasks.answering import Answerer, load_answerer
from attendo.tasks.bare import TextModel
from attendo.tasks.chatting import Chatter, load_chatter
from attendo.tasks.embedding import MODULES, Embedder, load_embedder, load_foreign_embedder
from attendo.tasks.encoding import TextEncoder
from attendo.tasks.folder import CARD, read_card
from attendo.tasks.framing import RoleLabeller, load_labeller
from attendo.tasks.generating import Generator, load_language_model
from attendo.tasks.labels import read_labels
from attendo.tasks.model import Classifier
from attendo.tasks.pieces import PieceEncoder
from attendo.tasks.pretraining import TASK as PRETRAIN
from attendo.tasks.rating import Rater
from attendo.tasks.reading import Encoder
from attendo.tasks.tagging import Tagger, load_tagger
from attendo.tasks.task_model import TaskModel
from attendo.tasks.translating import Summarizer, Translator, load_rewriter

GIVES = {
    "bare": "vectors of tokens",
    "encoder": "vectors of tokens",
    "token": "labels of tokens",
    "span": "where an answer begins and ends",
    "masked": "words for hidden places",
    "replaced": "which words were replaced",
    "seq2seq": "texts",
}
"""What comes out of a model that labels no texts, by the kind of its head."""


def load(folder: Path | str) -> TaskModel | TextModel:
    """The model of a folder, attendo's own or one of another library; or the hub's model of that name.

    A model that labels texts is a `Classifier`, one that gives them numbers a `Rater`, one that labels words a
    `Tagger`, one that answers questions an `Answerer`, one that writes on a `Generator` (made for dialogues, a
    `Chatter`), one that writes a text from another a `Translator` (made for summaries, a `Summarizer`), a folder of
    sentence-transformers an `Embedder`; of any other, a `TextModel` gives what it says of each token.

    Raises:
        ModelFolderError: if the folder is not a model, or a file is missing, cut short, changed, or does not fit.
    """
    folder = find_model(folder)
    if (folder / MODULES).exists() and not (folder / CARD).exists():
        return load_foreign_embedder(folder)
    card = check_card(folder)
    if card.get("task") not in (None, *LOADERS):
        raise ModelFolderError(f"{folder} holds a model for `{card['task']}`. Known: {', '.join(LOADERS)}.")
    model = _read(folder)
    if not isinstance(model.network, TextClassifier | DeepPath | Reader) and model.head not in TASK_OF_HEAD:
        architecture = model.family.heads[model.head].architecture
        raise UnsupportedError(
            f"{folder} holds a {architecture}, which gives {GIVES.get(model.head, 'other scores')}, not labels of "
            "texts, and has no task here yet. Its network is to be had from `attendo.models.load_model`, `attendo "
            "export` hands it on, and `attendo train classify DATA --base FOLDER` may make a classifier of it."
        )
    try:
        return LOADERS[card.get("task") or TASK_OF_HEAD.get(model.head, PRETRAIN)](model, folder, card)
    except (KeyError, TypeError) as error:
        if not (folder / CARD).exists():
            raise ModelFolderError(f"{folder} holds no {CARD}: the model is not whole.") from None
        raise ModelFolderError(f"{folder} is damaged: {CARD} is not whole ({error}).") from None


def load_task_model(folder: Path | str) -> TaskModel:
    """The model of a folder, or the hub's model of that name, if it is for a task.

    Raises:
        ModelFolderError: as `load` does.
        UnsupportedError: if it is for none; the sentence says what it does, and how to put it to use.
    """
    model = load(folder)
    if isinstance(model, TaskModel):
        return model
    architecture = model.model.family.heads[model.head].architecture
    raise UnsupportedError(
        f"{folder} holds a {architecture}, which gives {GIVES.get(model.head, 'other scores')}, not labels of texts. "
        "`attendo.load(folder).outputs(texts)` in Python gives what it says of each token, `attendo export` hands it "
        "on, and `attendo train classify DATA --base FOLDER` makes a classifier of it."
    )


def load_text_model(folder: Path | str) -> TextModel:
    """The model of a folder, or the hub's model of that name, for what it says of each token, whatever it is for.

    Raises:
        ModelFolderError: as `load` does.
        UnsupportedError: if it does not read the pieces of a tokenizer.
    """
    folder = find_model(folder)
    card, model = check_card(folder), _read(folder)
    if not isinstance(model.network, Reader):
        what = "reads words and n-grams, not the pieces of a tokenizer"
        if isinstance(model.network, Seq2SeqModel):
            what = "writes a text from another, and says nothing of single tokens"
        raise UnsupportedError(f"{folder} {what}; use `attendo.load`.")
    return _load_bare(model, folder, card)


def _read(folder: Path) -> FamilyModel:
    config = read_config(folder)
    read_labels(config, folder)
    return load_model(folder, config=config)


def _load_classifier(model: FamilyModel, folder: Path, card: dict[str, Any]) -> Classifier | Rater:
    labels = read_labels(model.config, folder)
    encoder = _encoder(model, folder, card)
    several_numbers = model.config.get("problem_type") == "regression" and len(labels.names) > 1
    if several_numbers:
        raise UnsupportedError(
            f"{folder} gives each text {len(labels.names)} numbers. A task here gives one; `attendo export` hands the "
            "model on, and `attendo train classify DATA --base FOLDER` makes a classifier of it."
        )
    if len(labels.names) == 1 and not labels.several:  # so does the reference library tell numbers from labels
        return Rater(model=model, encoder=encoder, card=card)
    return Classifier(model=model, encoder=encoder, labels=labels, card=card)


def _load_bare(model: FamilyModel, folder: Path, card: dict[str, Any]) -> TextModel:
    encoder = _encoder(model, folder, card)
    assert isinstance(encoder, PieceEncoder)
    names = {"token": read_labels(model.config, folder).names, "span": ("start", "end")}
    return TextModel(model=model, encoder=encoder, labels=names.get(model.head, ()))


def _load_pretrained(model: FamilyModel, folder: Path, card: dict[str, Any]) -> TaskModel | TextModel:
    """What was pretrained is for no task yet, but to write on; what mends texts says nothing of their tokens.

    Raises:
        UnsupportedError: if it writes a text from another, and has not learned what to write.
    """
    if model.head == "causal":
        return load_language_model(Generator, model, folder, card)
    if model.head == "seq2seq":
        architecture = model.family.heads[model.head].architecture
        raise UnsupportedError(
            f"{folder} holds a {architecture} that was pretrained: it mends texts, and knows no task yet. `attendo "
            "train translate DATA --base FOLDER` teaches it one, `summarize` and `classify` do, too; its network is to "
            "be had from `attendo.models.load_model`."
        )
    return _load_bare(model, folder, card)


LOADERS: dict[str, Callable[[FamilyModel, Path, dict[str, Any]], TaskModel | TextModel]] = {
    Classifier.task: _load_classifier,
    Tagger.task: load_tagger,
    RoleLabeller.task: load_labeller,
    Embedder.task: load_embedder,
    Answerer.task: load_answerer,
    Chatter.task: load_chatter,
    Generator.task: partial(load_language_model, Generator),
    Translator.task: partial(load_rewriter, Translator),
    Summarizer.task: partial(load_rewriter, Summarizer),
    PRETRAIN: _load_pretrained,
}
"""By what attendo.json says that a model is for; a pretrained one is for no task yet."""

TASK_OF_HEAD = {
    "sequence": Classifier.task,
    "token": Tagger.task,
    "span": Answerer.task,
    "causal": Generator.task,
    "seq2seq": Translator.task,
}
"""What models of other libraries are for, by the kind of their head; any other is for no task."""


def check_card(folder: Path) -> dict[str, Any]:
    """What attendo.json says, all files being as they were written; nothing of a folder of another library.

    Raises:
        ModelFolderError: if the folder is not a model, or a file is missing, cut short or changed.
    """
    foreign = not (folder / CARD).exists() and (folder / CONFIG).exists()
    return {} if foreign else read_card(folder)


def _encoder(model: FamilyModel, folder: Path, card: dict[str, Any]) -> Encoder:
    """What the model reads: words and n-grams, or the pieces of a tokenizer."""
    if isinstance(model.network, TextClassifier):
        return TextEncoder.load(folder, card["encoder"])
    assert isinstance(model.network, Reader)
    paired = card.get("encoder", {}).get("paired")
    return PieceEncoder.of(folder, model.network, paired)
