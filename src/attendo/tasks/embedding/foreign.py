"""The folders of sentence-transformers: a model, and a list of modules that say how its vectors are pooled.

modules.json                     what follows what, each with a folder of its own
1_Pooling/config.json            which vectors of tokens become the text's
2_Dense/, 2_Normalize/           a further layer, or vectors of length one
sentence_bert_config.json        tokens of the longest text, and whether texts are put into small letters
config_sentence_transformers.json  what may stand before a text
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from attendo.errors import InputError, ModelFolderError, UnsupportedError
from attendo.files import read_json, write_json, written_whole
from attendo.models import WEIGHTS, TokenModel
from attendo.nn import FirstToken, LastToken, MaxPool, MeanPool, SideBySide
from attendo.tasks.embedding.network import ACTIVATIONS, Dense, TextVectors, Unit

if TYPE_CHECKING:
    from attendo.tasks.embedding.inputs import PieceTexts

MODULES, SENTENCE, PROMPTS = "modules.json", "sentence_bert_config.json", "config_sentence_transformers.json"
_PREFIX = "sentence_transformers.models."
_MODES: dict[str, type[nn.Module]] = {"cls": FirstToken, "max": MaxPool, "mean": MeanPool, "lasttoken": LastToken}
"""In the order in which several are put side by side."""
_LONG_NAMES = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_lasttoken": "lasttoken",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
}


@dataclass(frozen=True, kw_only=True)
class SentenceSettings:
    """What such a folder says beside its modules.

    Attributes:
        max_tokens: of the longest text, special tokens included; None: as many as the model reads.
        lower: whether texts are put into small letters.
        prompts: what stands before a text, by the names of what is asked.
        usual: the name of the prompt that every text gets.
    """

    max_tokens: int | None = None
    lower: bool = False
    prompts: Mapping[str, str] = field(default_factory=dict)
    usual: str | None = None

    def prompt(self, name: str | None) -> str:
        """What stands before a text.

        Raises:
            InputError: if no prompt has this name.
        """
        name = name or self.usual
        if name is None:
            return ""
        if name not in self.prompts:
            known = ", ".join(f"`{each}`" for each in self.prompts) or "none"
            raise InputError(f"The model knows no prompt `{name}`. It knows: {known}.")
        return self.prompts[name]


@dataclass(frozen=True, kw_only=True, eq=False)
class SentenceFolder:
    """What a folder of sentence-transformers holds: where the model lies, what pools, and what comes behind."""

    model: Path
    pool: nn.Module
    further: tuple[nn.Module, ...]
    settings: SentenceSettings


def load_sentence_folder(folder: Path) -> SentenceFolder:
    """Read how a folder makes vectors of texts; its model itself is not read yet.

    Raises:
        ModelFolderError: if a file is missing or damaged.
        UnsupportedError: if it has a module that is not known.
    """
    modules = _modules(folder)
    kinds = [str(each.get("type", "")).rpartition(".")[2] for each in modules]
    known = ("Transformer", "Pooling", "Dense", "Normalize")
    wrong = [kind for kind in kinds if kind not in known]
    if wrong or kinds[:2] != ["Transformer", "Pooling"]:
        raise UnsupportedError(
            f"{folder / MODULES} lists the modules {', '.join(kinds)}. Known are a Transformer and a Pooling, in this "
            "order, and then Dense and Normalize."
        )
    paths = [folder / str(each.get("path", "")) for each in modules]
    settings = _settings(folder, paths[0])
    pool = _pool(paths[1], settings)
    further = tuple(_further(kind, path) for kind, path in zip(kinds[2:], paths[2:], strict=True))
    return SentenceFolder(model=paths[0], pool=pool, further=further, settings=settings)


def write_sentence_files(
    folder: Path, vectors: TextVectors, encoder: PieceTexts, settings: SentenceSettings
) -> list[str]:
    """Write what makes a folder one of sentence-transformers, and return the names of the files."""
    written = {"Pooling": _pooling_config(vectors)}
    paths, names = ["", "1_Pooling"], ["Transformer", "Pooling"]
    files = [MODULES, SENTENCE, PROMPTS, "1_Pooling/config.json"]
    (folder / "1_Pooling").mkdir(exist_ok=True)
    write_json(folder / "1_Pooling" / "config.json", written["Pooling"])
    for number, layer in enumerate(vectors.further, start=2):
        names.append("Dense" if isinstance(layer, Dense) else "Normalize")
        paths.append(f"{number}_{names[-1]}")
        if isinstance(layer, Dense):
            files += _write_dense(folder, paths[-1], layer)
    listed = [
        {"idx": number, "name": str(number), "path": path, "type": f"{_PREFIX}{name}"}
        for number, (name, path) in enumerate(zip(names, paths, strict=True))
    ]
    with written_whole(folder / MODULES) as temporary:
        import json

        temporary.write_text(json.dumps(listed, indent=2) + "\n", encoding="utf-8")
    most = encoder.pieces.max_tokens
    write_json(folder / SENTENCE, {"max_seq_length": most, "do_lower_case": settings.lower})
    beside = {"prompts": dict(settings.prompts), "default_prompt_name": settings.usual, "similarity_fn_name": "cosine"}
    write_json(folder / PROMPTS, beside)
    return files


def _modules(folder: Path) -> list[dict[str, Any]]:
    import json

    try:
        modules = json.loads((folder / MODULES).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelFolderError(f"{folder} holds no {MODULES}.") from None
    except (OSError, ValueError) as error:
        raise ModelFolderError(f"{folder / MODULES} cannot be read ({error}).") from None
    if not isinstance(modules, list) or not all(isinstance(each, dict) for each in modules):
        raise ModelFolderError(f"{folder / MODULES} must be a list of modules, each a mapping with `type` and `path`.")
    return modules


def _settings(folder: Path, model: Path) -> SentenceSettings:
    said = read_json(model / SENTENCE, "") if (model / SENTENCE).exists() else {}
    beside = read_json(folder / PROMPTS, "") if (folder / PROMPTS).exists() else {}
    most = said.get("max_seq_length")
    return SentenceSettings(
        max_tokens=most if isinstance(most, int) else None,
        lower=bool(said.get("do_lower_case", False)),
        prompts={str(name): str(text) for name, text in (beside.get("prompts") or {}).items()},
        usual=beside.get("default_prompt_name"),
    )


def _pool(folder: Path, settings: SentenceSettings) -> nn.Module:
    path = folder / "config.json"
    config = read_json(path, f"{folder} holds no config.json, which says how vectors are pooled.")
    modes = config.get("pooling_mode")
    modes = [modes] if isinstance(modes, str) else list(modes or ())
    modes += [short for long, short in _LONG_NAMES.items() if config.get(long) and short not in modes]
    wrong = [mode for mode in modes if mode not in _MODES]
    if wrong or not modes:
        known = ", ".join(_MODES)
        raise UnsupportedError(f"{path} pools by {', '.join(wrong) or 'nothing'}, which is not known. Known: {known}.")
    if config.get("include_prompt") is False and any(settings.prompts.values()):
        raise UnsupportedError(
            f"{path} leaves the tokens of prompts out of the pooling, which is not known here. Take the prompts out of "
            f"{PROMPTS} to use the model without them."
        )
    pools = [pool() for mode, pool in _MODES.items() if mode in modes]
    return pools[0] if len(pools) == 1 else SideBySide(pools)


def _further(kind: str, folder: Path) -> nn.Module:
    if kind == "Normalize":
        return Unit()
    config = read_json(folder / "config.json", f"{folder} holds no config.json for a Dense layer.")
    name = str(config.get("activation_function", "torch.nn.modules.activation.Tanh")).rpartition(".")[2]
    if name not in ACTIVATIONS:
        raise UnsupportedError(f"{folder} bends by {name}, which is not known. Known: {', '.join(ACTIVATIONS)}.")
    try:
        layer = Dense(config["in_features"], config["out_features"], bias=config.get("bias", True), activation=name)
        layer.load_state_dict(_dense_weights(folder))
    except (KeyError, TypeError, RuntimeError) as error:
        raise ModelFolderError(f"{folder} holds no whole Dense layer ({str(error).splitlines()[0]}).") from None
    return layer


def _dense_weights(folder: Path) -> dict[str, torch.Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        if (folder / WEIGHTS).exists():
            return load_file(folder / WEIGHTS)
        return torch.load(folder / "pytorch_model.bin", weights_only=True)
    except (SafetensorError, OSError) as error:
        raise ModelFolderError(f"The weights of {folder} cannot be read ({error}). Copy the model again.") from None


def _write_dense(folder: Path, name: str, layer: Dense) -> list[str]:
    from safetensors.torch import save_file

    place, linear = folder / name, layer.linear
    place.mkdir(exist_ok=True)
    config = {
        "in_features": linear.in_features,
        "out_features": linear.out_features,
        "bias": linear.bias is not None,
        "activation_function": f"{type(layer.activation).__module__}.{type(layer.activation).__name__}",
    }
    write_json(place / "config.json", config)
    with written_whole(place / WEIGHTS) as temporary:
        save_file({key: each.detach().cpu().contiguous() for key, each in layer.state_dict().items()}, temporary)
    return [f"{name}/config.json", f"{name}/{WEIGHTS}"]


def _pooling_config(vectors: TextVectors) -> dict[str, Any]:
    pools = list(vectors.pool.pools) if isinstance(vectors.pool, SideBySide) else [vectors.pool]
    modes = {mode for mode, pool in _MODES.items() if any(type(each) is pool for each in pools)}
    assert isinstance(vectors.network, TokenModel)
    said = {long: short in modes for long, short in _LONG_NAMES.items()}
    return {"word_embedding_dimension": vectors.network.encoder.width, **said, "include_prompt": True}
