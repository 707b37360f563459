"""What all tests share: devices, seeds, shape checks at run time, and where the real data sets lie."""

import json
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import torch
from jaxtyping import install_import_hook

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # tests ask no network, whatever a model is called

CHECKER = "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))"  # an int is a float, too
install_import_hook(["attendo.attention", "attendo.nn", "attendo.models"], CHECKER)

hypothesis.settings.register_profile("attendo", derandomize=True, deadline=None, max_examples=50)
hypothesis.settings.load_profile("attendo")

torch.set_num_threads(1)  # tensors this small only lose by being shared

DEVICES = ["cpu"]
DEVICES += ["cuda"] if torch.cuda.is_available() else []
DEVICES += ["mps"] if torch.backends.mps.is_available() else []


@pytest.fixture(params=DEVICES)
def device(request: pytest.FixtureRequest) -> torch.device:
    """Each device at hand in turn."""
    return torch.device(request.param)


@pytest.fixture
def exact(device: torch.device) -> torch.dtype:
    """The most precise numbers that the device has."""
    return torch.float32 if device.type == "mps" else torch.float64


@pytest.fixture(autouse=True)
def _seed() -> None:
    if len(DEVICES) > 1:
        torch.manual_seed(0)
    else:
        torch.default_generator.manual_seed(0)  # the same without the milliseconds spent on absent devices


@pytest.fixture(scope="session", autouse=True)
def _unhurried() -> Iterator[None]:
    """Files of tests need not outlast a power cut; waiting for the disk takes longer than many a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: None)
        yield


@pytest.fixture
def data_folder() -> Path:
    """The real data sets."""
    folder = os.environ.get("ATTENDO_DATA")
    if not folder:
        pytest.skip("ATTENDO_DATA does not point to the real data sets")
    return Path(folder)


@pytest.fixture
def draw(device: torch.device, exact: torch.dtype) -> Callable[..., tuple[torch.Tensor, ...]]:
    """Makes random queries, keys and values that ask for gradients."""

    def random_tensors(queries=11, keys=13, *, lead=(2,), heads=6, key_heads=2, width=5, value_width=7, dtype=exact):
        shapes = (heads, queries, width), (key_heads, keys, width), (key_heads, keys, value_width)
        return tuple(torch.randn(*lead, *s, dtype=dtype, device=device).requires_grad_() for s in shapes)

    return random_tensors


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets streaming attention cut even tiny calls into several blocks, of rows and of texts."""
    from attendo.attention.kernels import streaming

    monkeypatch.setattr(streaming, "TILE", 499)
    monkeypatch.setattr(streaming, "MOST_THREADS", 1)
    monkeypatch.setattr(streaming, "MIN_ROWS", 3)


WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "a",
    "b",
    "c",
    "good",
    "bad",
    "film",
    "very",
    "not",
    "dull",
    "##s",
]
WORDS += [*"电影很好看差不的", ".", ",", *"0123456789"]
LENGTH = 29
SIZES: dict[str, Any] = {
    "hidden_size": 12, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 17,
    "max_position_embeddings": LENGTH, "initializer_range": 0.3,
}  # fmt: skip
OTHER_SIZES: dict[str, dict[str, Any]] = {
    "distilbert": {"dim": 12, "n_layers": 3, "n_heads": 2, "hidden_dim": 17, "max_position_embeddings": LENGTH},
    "electra": SIZES | {"embedding_size": 7},
    "modernbert": SIZES | {"local_attention": 6, "cls_token_id": 2, "sep_token_id": 3},
    "gpt2": {"n_positions": LENGTH, "n_embd": 12, "n_layer": 3, "n_head": 2, "bos_token_id": 2, "eos_token_id": 3},
    "llama": SIZES | {"num_key_value_heads": 1},
    "qwen2": SIZES | {"num_key_value_heads": 1},
    "qwen3": SIZES | {"num_key_value_heads": 1, "head_dim": 6},
    "bart": {
        "d_model": 12, "encoder_layers": 3, "decoder_layers": 2, "encoder_attention_heads": 2,
        "decoder_attention_heads": 2, "encoder_ffn_dim": 17, "decoder_ffn_dim": 19, "init_std": 0.3,
        "max_position_embeddings": LENGTH, "bos_token_id": 2, "eos_token_id": 3, "decoder_start_token_id": 3,
    },
    "t5": {
        "d_model": 12, "d_kv": 5, "d_ff": 17, "num_layers": 3, "num_decoder_layers": 2, "num_heads": 2,
        "relative_attention_num_buckets": 8, "relative_attention_max_distance": 11, "eos_token_id": 3,
        "decoder_start_token_id": 0,
    },
}  # fmt: skip


@pytest.fixture(scope="session")
def make_base() -> Callable[..., Any]:
    """Saves a small random model of the reference library with a tokenizer into a folder."""
    transformers = pytest.importorskip("transformers")

    def make(folder: Path, family: str = "bert", architecture: str = "BertForMaskedLM", **changes: Any) -> Any:
        torch.manual_seed(0)
        folder.mkdir(parents=True)
        (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
        tokenizer = transformers.BertTokenizer.from_pretrained(folder, model_max_length=LENGTH)
        sizes = OTHER_SIZES.get(family, SIZES) | {"vocab_size": len(WORDS), "pad_token_id": 0}
        model = getattr(transformers, architecture)(transformers.AutoConfig.for_model(family, **sizes | changes))
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        return model.eval()

    return make


NAMES = ["Ada", "Bo", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hana", "Ivo", "Juno", "Kim"]
PLACES = ["Bern", "Lima", "Oslo", "Riga", "Rome", "Kyiv", "Cairo"]
JOBS = ["baker", "pilot", "nurse", "miner", "judge"]


@pytest.fixture(scope="session")
def make_questions() -> Callable[..., list[dict[str, Any]]]:
    """Articles as SQuAD has them: where people live and what they are; some questions may have no answer."""

    def make(
        count: int = 41, *, seed: int = 0, impossible: bool = False, chinese: bool = False
    ) -> list[dict[str, Any]]:
        draw = random.Random(seed)
        articles = []
        for number in range(count):
            who, other, absent = draw.sample(NAMES, 3)
            facts = [(draw.choice(PLACES), draw.choice(JOBS)) for _ in range(2)]
            parts = [
                f"{name}住在{place}，是{job}。" if chinese else f"{name} lives in {place} and is a {job} . "
                for name, (place, job) in zip((who, other), facts, strict=True)
            ]
            context = "".join(parts)
            asked = [(name, kind) for name in (who, other) for kind in (0, 1)]
            asked += [(absent, 0)] if impossible else []
            questions = []
            for name, kind in asked:
                text = (
                    (f"{name}住在哪里？", f"{name}是什么？")
                    if chinese
                    else (f"Where does {name} live ?", f"What is {name} ?")
                )
                place = context.find(name)
                answer = "" if place < 0 else facts[0 if name == who else 1][kind]
                start = context.find(answer, place) if answer else -1
                questions.append(
                    {
                        "id": f"{seed}-{number}-{name}-{kind}",
                        "question": text[kind],
                        "answers": [{"text": answer, "answer_start": start}] if answer else [],
                        "is_impossible": not answer,
                    }
                )
            articles.append({"title": f"{number}", "paragraphs": [{"context": context, "qas": questions}]})
        return articles

    return make


@pytest.fixture(scope="session")
def write_questions(make_questions: Callable[..., list[dict[str, Any]]]) -> Callable[..., Path]:
    """Writes such articles to a file."""

    def write(path: Path, count: int = 41, **how: Any) -> Path:
        path.write_text(json.dumps({"version": "v2.0", "data": make_questions(count, **how)}), encoding="utf-8")
        return path

    return write
