"""A model is written over nothing but a model."""

import json

import pytest

from attendo.errors import InputError
from attendo.models import check_place

MODEL = json.dumps({"model_type": "bert"})


@pytest.mark.parametrize(
    "files",
    [
        None,
        {},
        {"config.json": MODEL, "notes.txt": ""},
        {"config.json": '{"architectures": ["X"]}'},
        {"run.lock": "", ".hidden": "", "model.safetensors": "left by a save that was stopped"},
    ],
)
def test_a_place_for_a_model(files, tmp_path):
    if files is not None:
        (tmp_path / "out").mkdir()
        for name, content in files.items():
            (tmp_path / "out" / name).write_text(content)
    check_place(tmp_path / "out", overwrite=True)


def test_a_model_is_replaced_only_if_that_is_asked_for(tmp_path):
    (tmp_path / "config.json").write_text(MODEL)
    with pytest.raises(InputError, match=r"holds a model already\. Choose .*overwrite=True"):
        check_place(tmp_path)


@pytest.mark.parametrize(
    "files",
    [
        {"notes.txt": ""},
        {"config.json": "{}"},
        {"config.json": '{"name": "a web page"}'},
        {"config.json": "not JSON"},
        {"config.json": "[]"},
        {"README.md": ""},
    ],
)
def test_no_place_for_a_model(files, tmp_path):
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=r"holds other files .* and no model\. Choose a new or empty folder"):
        check_place(tmp_path)


def test_a_file_is_no_place(tmp_path):
    (tmp_path / "out").touch()
    with pytest.raises(InputError, match="is a file"):
        check_place(tmp_path / "out")
