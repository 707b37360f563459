"""What the `tokenizers` library raises when its tables are damaged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from attendo.errors import InputError, ModelFolderError


@contextmanager
def damage_told(what: str, everything: bool = False) -> Iterator[None]:
    """Turn a panic of the library, which is no `Exception`, into a sentence.

    Args:
        what: what the sentence says of the tokenizer; the library's own words follow in brackets.
        everything: whether the same becomes of its exceptions, which are no more precise.
    Raises:
        ModelFolderError: if the library panics.
    """
    try:
        yield
    except InputError:
        raise
    except BaseException as error:
        if type(error).__name__ == "PanicException" or (everything and isinstance(error, Exception)):
            raise ModelFolderError(f"{what} ({error}). Files may be cut short or changed: fetch them again.") from None
        raise
