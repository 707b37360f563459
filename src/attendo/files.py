"""Files are written whole or not at all, by one process at a time, and read with a checksum where a byte matters."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from attendo.errors import InputError, ModelFolderError, StorageError


@contextlib.contextmanager
def written_whole(path: Path | str) -> Iterator[Path]:
    """A place to write a file to; it takes the name `path` when the block ends well, and vanishes otherwise.

    Raises:
        StorageError: if the disk is full, or the place cannot be written to.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise _storage_error(path, error) from error
    temporary = Path(name)
    try:
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        raise _storage_error(path, error) from error
    except Exception as error:
        if _means_full_disk(error):
            raise _storage_error(path, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def written_on(path: Path | str, about: str) -> Iterator[tuple[Path, int]]:
    """A place to write lines to, one after the other, and how many an earlier attempt has left there.

    It takes the name `path` when the block ends well; otherwise whole lines stay beside it for a later attempt.

    Args:
        about: what the lines depend on; those of an attempt at something else are not gone on with.
    Raises:
        StorageError: if the disk is full, or the place cannot be written to.
    """
    path = Path(path)
    started = path.with_name(f".{path.name}.{hashlib.sha256(about.encode()).hexdigest()[:16]}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = started.read_bytes().splitlines(keepends=True) if started.exists() else []
        whole = [line for line in lines if line.endswith(b"\n")]
        if len(whole) < len(lines) or not lines:
            started.write_bytes(b"".join(whole))
        yield started, len(whole)
        os.replace(started, path)
    except OSError as error:
        raise _storage_error(path, error) from error
    finally:
        if started.exists() and not started.stat().st_size:
            started.unlink()


@contextlib.contextmanager
def folder_written_whole(folder: Path | str) -> Iterator[Path]:
    """A place for files that all come to lie in `folder` when the block ends well, config.json last, or none of them.

    Raises:
        InputError: if the folder is not empty, or a file.
        StorageError: if the disk is full, or the place cannot be written to.
    """
    folder = Path(folder)
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        what = "a file" if folder.is_file() else "not empty"
        raise InputError(f"{folder} is {what}. Choose a folder that is new or empty.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise _storage_error(folder, error) from error
    try:
        yield temporary
        folder.mkdir(exist_ok=True)
        for path in sorted(temporary.iterdir(), key=lambda path: path.name == "config.json"):
            path.replace(folder / path.name)
    except OSError as error:
        raise _storage_error(folder, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def copy_file(source: Path | str, path: Path | str) -> None:
    """Copy the content of a file, whole or not at all."""
    with written_whole(path) as temporary:
        shutil.copyfile(source, temporary)


def write_text(path: Path | str, text: str) -> None:
    """Write a UTF-8 text file, whole or not at all."""
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path | str, value: Any) -> None:
    """Write a JSON file that people can read, whole or not at all."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def read_json(path: Path | str, otherwise: str) -> dict[str, Any]:
    """Names and values from a JSON file of a model folder.

    Raises:
        ModelFolderError: saying `otherwise`, if there is no such file, or why it cannot be read.
    """
    path = Path(path)
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelFolderError(otherwise) from None
    except (OSError, ValueError, RecursionError) as error:
        raise ModelFolderError(f"{path} is damaged ({error}). Copy it again from where it came from.") from None
    if not isinstance(value, dict):
        raise ModelFolderError(f"{path} must hold names and values, but holds a {type(value).__name__}.")
    return value


@contextlib.contextmanager
def held_alone(path: Path | str, otherwise: str) -> Iterator[None]:
    """Keep other processes out while the block runs; the operating system ends the lock of one that is killed.

    The file `path` only carries the lock: one that was left behind locks nobody out.

    Raises:
        InputError: saying `otherwise`, if somebody else is inside.
        StorageError: if the file cannot be made.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    except OSError as error:
        raise _storage_error(path, error) from error
    with file:
        if not (_locked(file) and _is_there(file, path)):
            raise InputError(otherwise)
        try:
            yield
        finally:
            with contextlib.suppress(PermissionError):  # Windows keeps a file that is open
                path.unlink(missing_ok=True)


def checksum(path: Path | str) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _locked(file: BinaryIO) -> bool:
    """Lock an empty file until it is closed, unless somebody else has."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a file system that knows no locks should not keep anybody from working
        return True
    return True


def _is_there(file: BinaryIO, path: Path) -> bool:
    """Whether `path` still names the open file: whoever held it may have removed it meanwhile."""
    return path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat())


def _storage_error(path: Path, error: OSError) -> StorageError:
    reason = error.strerror or str(error)
    hint = "Free some space and run the same command again." if error.errno == errno.ENOSPC else "Choose another place."
    return StorageError(f"{path} could not be written: {reason}. {hint} Nothing there was changed.")


def _means_full_disk(error: Exception) -> bool:
    """Libraries that write in Rust or C++ wrap the operating system's error in a text."""
    text = str(error).lower()
    return "no space left" in text or "os error 28" in text or "file write failed" in text


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
