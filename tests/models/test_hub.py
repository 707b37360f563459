"""Names of the hub: a folder wins, then the hub's cache, then the hub itself, here a small one in this process."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from attendo.errors import ModelFolderError
from attendo.models import find_model

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SHARDS = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
NEEDED = {
    "config.json": b"{}",
    "vocab.txt": b"[PAD]\n",
    "tokenizer_config.json": b"{ }",
    "model.safetensors": b"1234567",
}
UNWANTED = {
    "model.py": b"x",
    "tf_model.h5": b"x",
    "onnx/model.onnx": b"x",
    "flax_model.msgpack": b"x",
    "notes.md": b"x",
}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder in which no name of these tests is a folder, and an empty cache."""
    from huggingface_hub import constants

    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))


def cached(cache: Path, name: str, files: dict[str, bytes]) -> Path:
    """A model in the cache, laid out as the hub's library does."""
    home = cache / f"models--{name.replace('/', '--')}"
    folder = home / "snapshots" / COMMIT
    folder.mkdir(parents=True)
    (home / "refs").mkdir()
    (home / "blobs").mkdir()
    (home / "refs" / "main").write_text(COMMIT)
    for file, content in files.items():
        blob = home / "blobs" / hashlib.sha256(content + file.encode()).hexdigest()
        blob.write_bytes(content)
        (folder / file).symlink_to(blob)
    return folder


@pytest.mark.parametrize(
    "name", ["./tiny", "a/b/c", "tiny/", "org/tiny/", "/x/y", "~/tiny", "a--b", "..", "", "a b", "x\\y"]
)
def test_a_path_is_never_looked_for_on_the_hub(name):
    assert find_model(name) == Path(name)
    assert find_model(Path("bert-base-chinese")) == Path("bert-base-chinese")


def test_a_folder_wins(tmp_path):
    cached(tmp_path / "cache", "tiny", NEEDED)
    Path("tiny").mkdir()
    assert find_model("tiny") == Path("tiny")
    Path("runs").mkdir()  # a slip in a path of one's own is no reason to ask the hub
    assert find_model("runs/one") == Path("runs/one")


@pytest.mark.parametrize("name", ["tiny", "org/tiny-base.v2"])
def test_the_cache_is_asked_without_any_network(name, tmp_path):
    folder = cached(tmp_path / "cache", name, NEEDED)
    assert find_model(name) == folder


def test_shards_count_when_all_are_there(tmp_path):
    index = json.dumps({"weight_map": SHARDS}).encode()
    files = {"config.json": b"{}", "vocab.txt": b"", "model.safetensors.index.json": index}
    folder = cached(tmp_path / "cache", "tiny", files | dict.fromkeys(SHARDS.values(), b"x"))
    assert find_model("tiny") == folder
    (folder / SHARDS["b"]).unlink()
    with pytest.raises(ModelFolderError, match="HF_HUB_OFFLINE forbids to fetch it"):
        find_model("tiny")


def test_a_model_without_tokenizer_is_better_than_none(tmp_path):
    folder = cached(tmp_path / "cache", "tiny", {"config.json": b"{}", "pytorch_model.bin": b"x"})
    assert find_model("tiny") == folder


def test_nothing_is_there_and_nobody_may_ask():
    with pytest.raises(ModelFolderError) as error:
        find_model("org/tiny")
    said = str(error.value)
    assert "There is no folder `org/tiny`" in said
    assert "cache" in said
    assert "Give the path of a model folder" in said


class _Hub(BaseHTTPRequestHandler):
    """As much of the hub as a download needs."""

    models: dict[str, dict[str, bytes]]
    asked: list[str]

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, body: bool) -> None:
        path = self.path.split("?")[0]
        if path.startswith("/api/models/"):
            self._describe(path.removeprefix("/api/models/").split("/revision/")[0])
            return
        name, _, file = path[1:].partition("/resolve/main/")
        content = self.models.get(name, {}).get(file)
        if content is None:
            self._send(404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        if body:
            self.asked.append(file)
        tag = hashlib.sha1(content).hexdigest()
        self._send(200, content, {"ETag": f'"{tag}"', "X-Repo-Commit": COMMIT}, body=body)

    def _describe(self, name: str) -> None:
        if name == "org/gated":
            self._send(403, b"{}", {"X-Error-Code": "GatedRepo"})
        elif name == "org/broken":
            self._send(418, b"{}", {})
        elif name in self.models:
            files = [{"rfilename": file, "size": len(content)} for file, content in self.models[name].items()]
            self._send(200, json.dumps({"id": name, "sha": COMMIT, "siblings": files}).encode(), {})
        else:
            self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})

    def _send(self, status: int, content: bytes, headers: dict[str, str], *, body: bool = True) -> None:
        self.send_response(status)
        for key, value in ({"Content-Length": str(len(content)), "Content-Type": "application/json"} | headers).items():
            self.send_header(key, value)
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[tuple[dict[str, dict[str, bytes]], list[str], Callable[..., Any]]]:
    """A hub's models, what was taken from it, and a way to look for models there in a process of its own."""
    handler = type("Hub", (_Hub,), {"models": {}, "asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()

    def find(*names: str, **more: str) -> subprocess.CompletedProcess[str]:
        script = (
            "import logging, sys; logging.basicConfig(level=logging.INFO, format='%(name)s: %(message)s')\n"
            "from attendo.models import find_model\n"
            "from attendo.errors import ModelFolderError\n"
            "refused = 0\n"
            "for name in sys.argv[1:]:\n"
            "    try: print(find_model(name))\n"
            "    except ModelFolderError as error: print('Refused:', error); refused += 1\n"
            "sys.exit(refused)"
        )
        address = f"http://127.0.0.1:{server.server_port}"
        surroundings = {
            "HF_HUB_OFFLINE": "0", "HF_ENDPOINT": address, "HF_HUB_DISABLE_XET": "1", "HF_HUB_CACHE": "",
            "HF_HOME": str(tmp_path / "home"), "NO_PROXY": "127.0.0.1", "HF_HUB_DISABLE_TELEMETRY": "1",
        }  # fmt: skip
        surroundings = {key: value for key, value in (os.environ | surroundings | more).items() if value}
        line = [sys.executable, "-c", script, *names]
        return subprocess.run(line, capture_output=True, text=True, env=surroundings, timeout=120)

    yield handler.models, handler.asked, find
    server.shutdown()
    server.server_close()
    thread.join()


def test_what_is_needed_is_fetched_and_nothing_else(hub):
    models, asked, find = hub
    models["org/tiny"] = NEEDED | UNWANTED | {"pytorch_model.bin": b"worse"}
    ended = find("org/tiny")
    assert ended.returncode == 0, ended.stderr
    folder = Path(ended.stdout.strip())
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == NEEDED
    assert sorted(asked) == sorted(NEEDED)
    assert "attendo.models.hub: Fetching org/tiny from http" in ended.stderr
    assert "Fetching model.safetensors (0.0 MB)" in ended.stderr
    asked.clear()
    again = find("org/tiny", HF_HUB_OFFLINE="1")
    assert (again.stdout, asked) == (ended.stdout, [])


def test_shards_are_fetched_by_their_index(hub):
    models, asked, find = hub
    index = json.dumps({"weight_map": SHARDS | {"c": "../config.json", "d": SHARDS["a"]}}).encode()
    files = {"config.json": b"{}", "tokenizer.json": b"{ }", "model.safetensors.index.json": index}
    models["tiny"] = files | {shard: shard.encode() for shard in SHARDS.values()} | {"other.safetensors": b"x"}
    ended = find("tiny")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert sorted(asked) == sorted([*files, *SHARDS.values()])


NOT_GIVEN: dict[str, tuple[dict[str, bytes] | None, str]] = {
    "org/absent": (None, "nor does http"),
    "org/gated": (None, "gives it only to those whom its makers let in. Ask at http"),
    "org/broken": (None, "it could not be fetched ("),
    "org/foreign": ({"config.json": b"{}", "tf_model.h5": b"x"}, "neither model.safetensors nor pytorch_model.bin"),
    "org/other": ({"model.safetensors": b"x"}, "holds no config.json"),
}


def test_what_the_hub_does_not_give(hub):
    models, _, find = hub
    models |= {name: files for name, (files, _) in NOT_GIVEN.items() if files is not None}
    ended = find(*NOT_GIVEN)
    assert ended.returncode == len(NOT_GIVEN), ended.stderr
    for line, (_, message) in zip(ended.stdout.splitlines(), NOT_GIVEN.values(), strict=True):
        assert line.startswith("Refused: ")
        assert message in line


def test_a_hub_out_of_reach(hub):
    _, _, find = hub
    ended = find("org/tiny", HF_ENDPOINT="http://127.0.0.1:9")
    assert ended.returncode == 1, ended.stderr
    assert "Refused: There is no folder `org/tiny`" in ended.stdout
    assert "from http://127.0.0.1:9 it could not be fetched" in ended.stdout
