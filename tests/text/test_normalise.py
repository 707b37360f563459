"""Normalisation in Python and in the `tokenizers` library must be the same function."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendo.errors import ConfigError
from attendo.text import Normalisation

EVERY = [
    Normalisation(form=form, lower=lower, half_width=half_width, clean=clean, strip_accents=strip_accents)
    for form in ("NFC", "NFKC", None)
    for lower, half_width, clean, strip_accents in itertools.product((True, False), repeat=4)
]
AWKWARD = (
    "aZé ß ﬁ İıΣς \u0301\u0323\u0307ᄒ\u1161\u11ab각Ａｂ１，！　ｶﾞ①½㎡…中文"
    " \t\r\n\u200b\u00a0\ufeff\u00ad\u200e\x00’ʼ'❤️👍🏽\u200dи\u0306हि´"
)
texts = st.text(st.one_of(st.sampled_from(AWKWARD), st.characters(max_codepoint=0x6FF)), max_size=23)


def settings_of(normalisation: Normalisation) -> str:
    return " ".join(f"{name}={value}" for name, value in dataclasses.asdict(normalisation).items())


@given(text=texts, normalisation=st.sampled_from(EVERY))
def test_python_and_the_library_agree(text: str, normalisation: Normalisation) -> None:
    assert normalisation(text) == normalisation.to_tokenizers().normalize_str(text)


@pytest.mark.parametrize(
    "normalisation", [Normalisation(), Normalisation(form="NFC", strip_accents=True)], ids=settings_of
)
def test_they_agree_on_nearly_every_character_of_the_basic_plane(normalisation: Normalisation) -> None:
    library = normalisation.to_tokenizers()
    characters = [chr(code) for code in range(0x10000) if not 0xD800 <= code < 0xE000]
    differing = [one for one in characters if normalisation(one) != library.normalize_str(one)]
    assert len(differing) < 30  # letters that one of the two Unicode tables does not know yet
    assert all(ord(one) >= 0x1C89 for one in differing)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ＨＥＬＬＯ，世界！　ok", "hello,世界! ok"),
        ("a\r\n\t b\u00a0\u3000c", "a b c"),
        ("zero\u200bwidth", "zero width"),
        ("co\u00adoper\u200eate\ufeff\x00", "cooperate"),
        ("don’t ‘x’", "don't 'x'"),
        ("cafe\u0301", "café"),
        ("ﬁve ① ㎡", "five 1 m2"),
        ("❤\ufe0f", "❤"),
        ("ΣΑΣ", "σασ"),
        ("a\ud83d\ude00b", "a\ufffd\ufffdb"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_default(text: str, expected: str) -> None:
    assert Normalisation()(text) == expected


def test_full_width_forms_become_ascii_whatever_the_form() -> None:
    for form in ("NFC", "NFKC", None):
        assert Normalisation(form=form)("ｉＰｈｏｎｅ１５（价格）") == "iphone15(价格)"
    assert Normalisation(form="NFC", half_width=False, lower=False)("Ａ") == "Ａ"


def test_accents_are_kept_unless_asked() -> None:
    assert Normalisation()("Čaj naïve é") == "čaj naïve é"
    assert Normalisation(strip_accents=True)("Čaj naïve é") == "caj naive e"
    assert Normalisation(form=None, strip_accents=True)("각がहि") == "각がहि"


def test_nothing_asked_for_nothing_changed() -> None:
    text = "Ａ \r\n\u200b’É\u0301ﬁ"
    nothing = Normalisation(form=None, lower=False, half_width=False, clean=False)
    assert nothing(text) == text == nothing.to_tokenizers().normalize_str(text)


def test_unknown_form() -> None:
    with pytest.raises(ConfigError, match="NFC"):
        Normalisation(form="NFD")  # pyright: ignore[reportArgumentType]
