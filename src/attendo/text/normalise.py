"""Different ways to write the same text, made one; in Python and, step for step, in the `tokenizers` library."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from attendo.errors import ConfigError
from attendo.text.characters import INVISIBLE, ODD_WHITE, without_surrogates

if TYPE_CHECKING:
    from tokenizers.normalizers import Normalizer

_INVISIBLE = f"[{INVISIBLE}]+"
_WHITE = f"[{ODD_WHITE}][ {ODD_WHITE}]*| [ {ODD_WHITE}]+"  # whatever is not already one plain blank
_ACCENTS = "[\u0300-\u036f]+"
_FULL_WIDTH = "[\uff01-\uff5e]"
_CURLY = ("\u2018", "\u2019", "\u02bc")
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


@dataclass(frozen=True, kw_only=True)
class Normalisation:
    """How texts are made alike before they are cut into tokens. Call it with a text.

    Both forms of it agree on every character that Python's and the library's Unicode tables know.
    """

    form: Literal["NFC", "NFKC"] | None = "NFKC"
    """Unicode form. NFKC also makes variants of characters plain: full-width letters, ligatures, circled digits."""
    lower: bool = True
    """Turn capital letters into small ones."""
    half_width: bool = True
    """Turn full-width letters, digits and punctuation into ASCII, whatever the form."""
    clean: bool = True
    """Drop invisible characters, make white space of any kind and length one blank, straighten curly apostrophes."""
    strip_accents: bool = False
    """Drop the accents of Latin, Greek and Cyrillic letters; composes what is left, whatever the form."""

    def __post_init__(self) -> None:
        if self.form not in ("NFC", "NFKC", None):
            raise ConfigError(f'`form` must be "NFC", "NFKC" or null, but is {self.form!r}.')

    def __call__(self, text: str) -> str:
        text = without_surrogates(text)
        if self.clean:
            text = re.sub(_INVISIBLE, "", text)
        if self.strip_accents:
            text = re.sub(_ACCENTS, "", unicodedata.normalize("NFD", text))
        if form := self._composition:
            text = unicodedata.normalize(form, text)
        if self._widths_left and re.search(_FULL_WIDTH, text):
            text = text.translate(_HALF_WIDTH)
        if self.lower:
            text = text.replace("Σ", "σ").lower()  # a sigma at the end of a word is no special case for the library
        if self.clean:
            for apostrophe in _CURLY:
                text = text.replace(apostrophe, "'")
            text = re.sub(_WHITE, " ", text)
        return text

    def to_tokenizers(self) -> Normalizer:
        """The same steps for the `tokenizers` library, which keeps track of where each character came from."""
        from tokenizers import Regex, normalizers

        steps: list[Normalizer] = []
        if self.clean:
            steps.append(normalizers.Replace(Regex(_INVISIBLE), ""))
        if self.strip_accents:
            steps += [normalizers.NFD(), normalizers.Replace(Regex(_ACCENTS), "")]
        if form := self._composition:
            steps.append(getattr(normalizers, form)())
        if self._widths_left:
            steps += [normalizers.Replace(chr(full), chr(half)) for full, half in _HALF_WIDTH.items()]
        if self.lower:
            steps.append(normalizers.Lowercase())
        if self.clean:
            steps += [normalizers.Replace(apostrophe, "'") for apostrophe in _CURLY]
            steps.append(normalizers.Replace(Regex(_WHITE), " "))
        return normalizers.Sequence(steps)

    @property
    def _composition(self) -> Literal["NFC", "NFKC"] | None:
        return self.form or ("NFC" if self.strip_accents else None)

    @property
    def _widths_left(self) -> bool:
        return self.half_width and self.form != "NFKC"
