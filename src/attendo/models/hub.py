"""Models by the name that they have on the hub: found in its cache, or fetched where a name is all there is.

Only what a model is read from is fetched, and nothing that could be run. `HF_HOME`, `HF_HUB_CACHE`, `HF_ENDPOINT`,
`HF_TOKEN` and `HF_HUB_OFFLINE` mean what they mean everywhere.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from attendo.errors import ModelFolderError
from attendo.models.checkpoint import INDEX, PICKLED, WEIGHTS
from attendo.models.folder import CONFIG
from attendo.text import TOKENIZER_FILES

BESIDE = ("generation_config.json", "chat_template.jinja", "chat_template.json")
"""Small files that belong to a model and are carried along with it."""

_SETTINGS = {"tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"}
_VOCABULARIES = [name for name in TOKENIZER_FILES if name not in _SETTINGS]
_OF_SENTENCES = re.compile(
    r"modules\.json|sentence_bert_config\.json|config_sentence_transformers\.json"
    r"|\d+_[A-Za-z]+/(config\.json|model\.safetensors|pytorch_model\.bin)"
)
"""What says how vectors of tokens become vectors of texts."""
_log = logging.getLogger(__name__)
_ID = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9_.-]*/)?[A-Za-z0-9][A-Za-z0-9_.-]*")
_PATIENCE = 10  # seconds until a hub that does not answer counts as out of reach


def find_model(name: Path | str) -> Path:
    """The folder of a model: that folder if there is one, else the hub's model of this name, fetched if need be.

    What can only be a path is never looked for on the hub: a `Path`, `./x`, `a/b/c`, `x/`, or `a/b` where `a` exists.

    Raises:
        ModelFolderError: if the name is the hub's, but neither its cache nor the hub itself gives the model.
    """
    folder = Path(name)
    if isinstance(name, Path) or folder.exists() or not _may_be_id(name):
        return folder
    cached = _cached(name)
    if cached is not None and _is_whole(cached) and _has(cached, *_VOCABULARIES):
        return cached
    try:
        return _fetch(name)
    except ModelFolderError:
        if cached is not None and _is_whole(cached):  # a model without a tokenizer, and nobody there to ask for one
            return cached
        raise


def _may_be_id(name: str) -> bool:
    """Whether the hub could have a model of this name, and no folder says otherwise."""
    if not _ID.fullmatch(name) or "--" in name or ".." in name:
        return False
    owner, slash, _ = name.partition("/")
    return not (slash and Path(owner).exists())


def _cached(name: str) -> Path | None:
    """The folder in the hub's cache that holds at least config.json."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(name, CONFIG)
    return Path(found).parent if isinstance(found, str) else None


def _is_whole(folder: Path) -> bool:
    """Whether all weights are there; a fetch may have been broken off."""
    for file in (WEIGHTS, PICKLED):
        if _has(folder, file):
            return True
        if _has(folder, file + INDEX):
            return all(_has(folder, shard) for shard in _shards(folder / (file + INDEX)))
    return False


def _has(folder: Path, *names: str) -> bool:
    """Whether one of these files is there."""
    return any((folder / name).is_file() for name in names)


def _shards(index: Path) -> list[str]:
    """The files that an index names, as far as they may be its neighbours."""
    try:
        named = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ModelFolderError(f"{index} is damaged ({error}). Remove it, and it will be fetched again.") from None
    return sorted(str(each) for each in named if Path(str(each)).name == each)


def _fetch(name: str) -> Path:
    """Fetch what a model is read from.

    Raises:
        ModelFolderError: in a sentence that says why it is not to be had.
    """
    from huggingface_hub import HfApi, constants
    from huggingface_hub.errors import GatedRepoError, OfflineModeIsEnabled, RepositoryNotFoundError

    tried = f"There is no folder `{name}`, and the hub's cache ({constants.HF_HUB_CACHE}) holds no such model"
    host = constants.ENDPOINT
    try:
        listed = HfApi().model_info(name, files_metadata=True, timeout=_PATIENCE).siblings or []
        return _fetch_files(name, host, {each.rfilename: each.size or 0 for each in listed})
    except GatedRepoError:
        raise ModelFolderError(
            f"{tried}; {host} gives it only to those whom its makers let in. Ask at {host}/{name}, then set HF_TOKEN."
        ) from None
    except RepositoryNotFoundError:
        raise ModelFolderError(
            f"{tried}; nor does {host}, unless it is private. Give the path of a model folder, or the name in full, "
            "with its owner."
        ) from None
    except OfflineModeIsEnabled:
        raise ModelFolderError(f"{tried}; HF_HUB_OFFLINE forbids to fetch it. {_WAY_OUT}") from None
    except ModelFolderError:
        raise
    except Exception as error:  # whatever the network's library of the day raises
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ModelFolderError(f"{tried}; from {host} it could not be fetched ({reason}). {_WAY_OUT}") from None


_WAY_OUT = "Give the path of a model folder, or fetch it where there is a network."


def _fetch_files(name: str, host: str, sizes: Mapping[str, int]) -> Path:
    """Fetch files of a model that the hub lists, config.json last: with it the folder counts."""
    from huggingface_hub import hf_hub_download

    small = [each for each in (*TOKENIZER_FILES, *BESIDE) if each in sizes]
    small += [each for each in sizes if _OF_SENTENCES.fullmatch(each)]
    _log.info("Fetching %s from %s.", name, host)
    for file in small:
        hf_hub_download(name, file)
    for file in _weights(name, sizes):
        _log.info("Fetching %s (%s) ...", file, _shown(sizes.get(file, 0)))
        hf_hub_download(name, file)
    if CONFIG not in sizes:
        raise ModelFolderError(f"`{name}` on {host} holds no {CONFIG}: it is no model that can be read.")
    return Path(hf_hub_download(name, CONFIG)).parent


def _weights(name: str, sizes: Mapping[str, int]) -> Iterator[str]:
    """The files of the weights, an index before those that it names; safetensors before pickles."""
    from huggingface_hub import hf_hub_download

    for file in (WEIGHTS, PICKLED):
        if file in sizes:
            yield file
            return
        if file + INDEX in sizes:
            yield from _shards(Path(hf_hub_download(name, file + INDEX)))
            return
    others = ", ".join(sorted(each for each in sizes if os.path.splitext(each)[1] in _UNREADABLE)) or "none"
    raise ModelFolderError(f"`{name}` on the hub holds neither {WEIGHTS} nor {PICKLED}; other weights: {others}.")


_UNREADABLE = (".h5", ".msgpack", ".gguf", ".onnx", ".ot", ".pt", ".safetensors", ".bin")


def _shown(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"
