"""Both languages say the same things."""

from pathlib import Path
from string import Formatter

import pytest

from attendo.errors import UnsupportedError
from attendo.report import names
from attendo.report import words as said
from attendo.report.words import Words

PHRASES = {name: each.phrases for name, each in vars(Words).items() if hasattr(each, "phrases")}
LISTED = {f"{kind} {key}": each.phrases for kind in ("NAMES", "MEANINGS") for key, each in vars(names)[kind].items()}


def blanks(phrase: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(phrase) if name is not None}


def test_every_phrase_has_the_same_blanks_in_both_languages() -> None:
    everything = PHRASES | LISTED
    assert len(everything) > 100
    assert {name for name, each in everything.items() if blanks(each["en"]) != blanks(each["zh"])} == set()


def test_every_phrase_is_in_its_language() -> None:
    alike = {name for name, each in (PHRASES | LISTED).items() if each["en"] == each["zh"]}
    assert alike == {"NAMES matthews_correlation"}
    english = "".join(each["en"] for each in (PHRASES | LISTED).values())
    assert {character for character in english if ord(character) > 127} == {"→"}
    wordy = {name for name, each in (PHRASES | LISTED).items() if any(map(str.isalpha, each["zh"].format_map(Blank())))}
    spoken = {name for name in wordy if any("一" <= character <= "鿿" for character in (PHRASES | LISTED)[name]["zh"])}
    assert wordy - spoken == {"NAMES matthews_correlation"}


class Blank(dict):
    """Fills every blank with nothing."""

    def __missing__(self, key: str) -> str:
        return ""


def test_no_phrase_is_left_over() -> None:
    folder = Path(said.__file__).parent
    source = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    assert [name for name in PHRASES if f"words.{name}" not in source and f"self.{name}" not in source] == []


def test_texts_are_counted() -> None:
    english, chinese = Words("en"), Words("zh")
    assert [english.texts(1), english.texts(1009, "test")] == ["1 text", "1,009 test texts"]
    assert [chinese.texts(1), chinese.texts(1009, "test")] == ["1 条文本", "1,009 条测试文本"]
    assert english.texts_of("train") == "training texts"
    assert chinese.texts_of("dev") == "开发文本"


def test_what_has_no_name_stands_for_itself() -> None:
    assert Words("zh").name("accuracy") == "准确率"
    assert Words("zh").name("someone's own") == "someone's own"


def test_there_are_two_languages() -> None:
    with pytest.raises(UnsupportedError, match="'en' or 'zh', but not in 'la'"):
        Words("la")
