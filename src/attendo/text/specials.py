"""The tokens that stand for no text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal

from attendo.errors import UnsupportedError

if TYPE_CHECKING:
    import tokenizers

    from attendo.text.marian import MarianBackend

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
"""The first entries of every vocabulary trained here, in the order of the fields of `Specials`."""

_COMMON_NAMES = {
    "pad": ("[PAD]", "<pad>"),
    "unk": ("[UNK]", "<unk>"),
    "cls": ("[CLS]", "<s>"),
    "sep": ("[SEP]", "</s>"),
    "mask": ("[MASK]", "<mask>"),
    "bos": ("<s>",),
    "eos": ("</s>",),
}
_NEVER_GUESSED = ("bos", "eos")  # "<s>" may be anything to a tokenizer that does not name it


@dataclass(frozen=True, kw_only=True)
class Specials:
    """Ids of the tokens that stand for no text; None for those that a tokenizer from elsewhere does not have."""

    pad: int | None = 0
    """Fills up rows where a tool needs rows of one length."""
    unk: int | None = 1
    """Stands for what is not in the vocabulary."""
    cls: int | None = 2
    """Opens every text; its state speaks for the whole."""
    sep: int | None = 3
    """Stands between the texts of a pair and closes the second."""
    mask: int | None = 4
    """Hides a token that a model in pretraining has to guess."""
    bos: int | None = None
    """Opens a text that is written token by token."""
    eos: int | None = None
    """Ends a text that is written token by token."""

    def need(self, role: Literal["pad", "unk", "cls", "sep", "mask", "bos", "eos"]) -> int:
        """The id of a token that something cannot do without.

        Raises:
            UnsupportedError: if the tokenizer has none.
        """
        number = getattr(self, role)
        if number is None:
            names = " or ".join(_COMMON_NAMES[role])
            raise UnsupportedError(
                f"The tokenizer has no special token for {role} (such as {names}), which is needed here. "
                "Take a model whose tokenizer has one."
            )
        return number


def find_specials(backend: tokenizers.Tokenizer | MarianBackend, names: Mapping[str, str | None]) -> Specials:
    """The special tokens of a tokenizer: by the names given for their roles, else by their common names."""
    found: dict[str, int | None] = {}
    for role in (field.name for field in fields(Specials)):
        guessed = () if role in _NEVER_GUESSED else _COMMON_NAMES[role]
        spellings = (names[role],) if role in names else guessed
        ids = [backend.token_to_id(spelling) for spelling in spellings if spelling is not None]
        found[role] = next((number for number in ids if number is not None), None)
    return Specials(**found)
