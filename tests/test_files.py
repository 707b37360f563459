"""A file is written whole or not at all."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from attendo import files
from attendo.errors import InputError, StorageError
from attendo.files import (
    checksum,
    copy_file,
    folder_written_whole,
    held_alone,
    write_json,
    write_text,
    written_on,
    written_whole,
)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def old(tmp_path):
    """A file that must survive."""
    path = tmp_path / "数据.txt"
    path.write_text("old", encoding="utf-8")
    return path


def survives(path: Path) -> bool:
    return path.read_text(encoding="utf-8") == "old" and names(path.parent) == [path.name]


def test_a_file_takes_its_name_at_the_end(old):
    with written_whole(old) as place:
        place.write_text("new")
        assert old.read_text() == "old"
        assert place.parent == old.parent
    assert old.read_text() == "new"
    assert names(old.parent) == [old.name]


def test_folders_are_made(tmp_path):
    write_text(tmp_path / "a" / "b" / "c.txt", "中文\n")
    assert (tmp_path / "a" / "b" / "c.txt").read_bytes() == "中文\n".encode()


def test_permissions_are_those_of_any_new_file(tmp_path):
    (tmp_path / "plain").write_text("")
    write_text(tmp_path / "whole", "")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "whole")]
    assert modes[0] == modes[1]


@pytest.mark.parametrize("error", [KeyError("x"), KeyboardInterrupt(), RuntimeError("no")], ids=repr)
def test_an_error_leaves_the_old_file(old, error):
    def write(place):
        place.write_text("half")
        raise error

    with pytest.raises(type(error)), written_whole(old) as place:
        write(place)
    assert survives(old)


def full(*_args, **_options):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("step", ["replace", "fsync"])
def test_a_full_disk_leaves_the_old_file(old, step, monkeypatch):
    monkeypatch.setattr(files.os, step, full)
    with pytest.raises(StorageError) as caught:
        write_text(old, "new")
    monkeypatch.undo()
    assert str(caught.value) == (
        f"{old} could not be written: No space left on device. Free some space and run the same command again. "
        "Nothing there was changed."
    )
    assert survives(old)


def test_a_full_disk_while_writing(old, monkeypatch):
    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(StorageError, match="No space left"):
        write_json(old, {"a": 1})
    monkeypatch.undo()
    assert survives(old)


def test_a_full_disk_before_anything_is_written(old, monkeypatch):
    monkeypatch.setattr(files.tempfile, "mkstemp", full)
    with pytest.raises(StorageError, match="No space left"):
        write_text(old, "new")
    assert survives(old)


@pytest.mark.parametrize(
    "words", ["I/O error: No space left on device (os error 28)", "PytorchStreamWriter failed: file write failed"]
)
def test_a_full_disk_told_by_a_library(old, words):
    def write(place):
        place.write_text("half")
        raise RuntimeError(words)

    with pytest.raises(StorageError, match="No space left"), written_whole(old) as place:
        write(place)
    assert survives(old)


def test_another_refusal_says_to_choose_another_place(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match=r"Choose another place\. Nothing there was changed"):
        write_text(tmp_path / "file" / "below", "x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StorageError, match="could not be written"):
        write_text(tmp_path / "folder", "x")
    assert names(tmp_path) == ["file", "folder"]


def test_json_for_people(tmp_path):
    write_json(tmp_path / "a.json", {"标签": ["好", 1]})
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == '{\n  "标签": [\n    "好",\n    1\n  ]\n}\n'


def test_checksum(old):
    before = checksum(old)
    assert before == "cba06b5736faf67e54b07b561eae94395e774c517a7d910a54369e1263ccfbd4"
    old.write_text("Old")
    assert checksum(old) != before


def test_a_place_is_held_by_one_at_a_time(tmp_path):
    place = tmp_path / "new" / "锁"
    with held_alone(place, "Busy."):
        with pytest.raises(InputError, match=r"^Busy\.$"), held_alone(place, "Busy."):
            pytest.fail("two were inside")
        assert place.exists()
    assert not place.exists()
    with pytest.raises(KeyError), held_alone(place, "Busy."):
        raise KeyError
    with held_alone(place, "Busy."):
        pass


HOLDER = """
import sys
from attendo.files import held_alone
with held_alone(sys.argv[1], ""):
    print(flush=True)
    input()
"""


def test_a_killed_process_keeps_nobody_out(tmp_path):
    place = tmp_path / "lock"
    line = [sys.executable, "-c", HOLDER, str(place)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(InputError, match="Busy"), held_alone(place, "Busy."):
            pytest.fail("two were inside")
        other.kill()
        other.wait()
        assert place.exists()
        with held_alone(place, "Busy."):
            pass
    assert names(tmp_path) == []


def test_a_lock_whose_file_was_removed_is_none(tmp_path, monkeypatch):
    """Who opened the file just before its holder removed it would else share the place with who makes it anew."""
    place, locked = tmp_path / "lock", files._locked

    def late(file):
        place.unlink()
        return locked(file)

    monkeypatch.setattr(files, "_locked", late)
    with pytest.raises(InputError, match="Busy"), held_alone(place, "Busy."):
        pytest.fail("the lock was of another file")


def test_a_lock_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="Choose another place"), held_alone(tmp_path / "file" / "lock", "Busy."):
        pytest.fail("there was no lock")


def test_a_folder_is_written_whole(tmp_path):
    with folder_written_whole(tmp_path / "new" / "out") as place:
        (place / "config.json").write_text("1")
        (place / "weights").write_text("2")
        assert not (tmp_path / "new" / "out").exists()
    assert {each.name for each in (tmp_path / "new" / "out").iterdir()} == {"config.json", "weights"}
    assert [each.name for each in (tmp_path / "new").iterdir()] == ["out"]


def test_a_folder_that_fails_is_not_there(tmp_path):
    (tmp_path / "empty").mkdir()

    def fail(folder):
        with folder_written_whole(folder) as place:
            (place / "weights").write_text("2")
            raise ZeroDivisionError

    for name in ("new", "empty"):
        with pytest.raises(ZeroDivisionError):
            fail(tmp_path / name)
    assert [each.name for each in tmp_path.iterdir()] == ["empty"]
    assert not list((tmp_path / "empty").iterdir())


@pytest.mark.parametrize(("kind", "said"), [("file", "is a file"), ("folder", "is not empty")])
def test_a_folder_that_holds_something(kind, said, tmp_path):
    out = tmp_path / "out"
    if kind == "folder":
        out.mkdir()
    (out / "x" if kind == "folder" else out).touch()
    with pytest.raises(InputError, match=said), folder_written_whole(out):
        raise AssertionError
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def test_a_copied_file_holds_the_same(tmp_path):
    (tmp_path / "one").write_bytes(b"\x00\xff")
    copy_file(tmp_path / "one", tmp_path / "deep" / "two")
    assert (tmp_path / "deep" / "two").read_bytes() == b"\x00\xff"


def test_lines_of_an_attempt_that_failed_are_gone_on_with(tmp_path):
    path = tmp_path / "deep" / "数据.jsonl"

    def fail(about, content):
        with written_on(path, about) as (place, done):
            assert (done, place.read_bytes()) == (0, b"")
            place.write_bytes(content)
            raise ZeroDivisionError

    for about, content in (("a", b"1\n2\n3 is torn"), ("of something else", b"")):
        with pytest.raises(ZeroDivisionError):
            fail(about, content)
    assert not path.exists()
    with written_on(path, "a") as (place, done):
        assert (done, place.read_bytes()) == (2, b"1\n2\n")
        with place.open("ab") as file:
            file.write(b"3\n")
    assert path.read_bytes() == b"1\n2\n3\n"
    assert names(path.parent) == [path.name]


def test_lines_need_a_place(old):
    with pytest.raises(StorageError), written_on(old / "below a file", "a"):
        raise AssertionError
