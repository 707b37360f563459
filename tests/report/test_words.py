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
LISTED |= {f"COUNTED {key}": noun.many.phrases for key, noun in names.COUNTED.items()}


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
    assert [english.counted(1), english.counted(1009, "test")] == ["1 text", "1,009 test texts"]
    assert [chinese.counted(1), chinese.counted(1009, "test")] == ["1 条文本", "1,009 条测试文本"]
    assert english.those_of("train") == "training texts"
    assert chinese.those_of("dev") == "开发文本"


@pytest.mark.parametrize(
    ("noun", "one", "many", "chinese"),
    [
        ("pair", "1 pair", "1,009 test pairs", "1,009 个测试文本对"),
        ("sentence", "1 sentence", "1,009 test sentences", "1,009 个测试句子"),
        ("question", "1 question", "1,009 test questions", "1,009 个测试问题"),
    ],
)
def test_what_is_counted_stands_in_every_phrase(noun, one, many, chinese) -> None:
    said, spoken = Words("en", noun), Words("zh", noun)
    assert [said.counted(1), said.counted(1009, "test"), spoken.counted(1009, "test")] == [one, many, chinese]
    assert said.support == f"{noun}s"
    assert said.name("loss_dev") == f"dev {noun}s"
    assert said.meaning("accuracy") == f"Share of {noun}s whose label is right."
    everything = [each for words in (said, spoken) for each in _everything_said(words)]
    assert not [each for each in everything if "{one}" in each or "{many}" in each]
    assert not [each for each in _everything_said(said) if "dev texts" in each or "test texts" in each]


def _everything_said(words: Words) -> list[str]:
    phrases = [getattr(words, name) for name in PHRASES]
    return [*phrases, *map(words.name, names.NAMES), *map(words.meaning, names.MEANINGS)]


def test_what_has_no_name_stands_for_itself() -> None:
    assert Words("zh").name("accuracy") == "准确率"
    assert Words("zh").name("someone's own") == "someone's own"


def test_there_are_two_languages() -> None:
    with pytest.raises(UnsupportedError, match="'en' or 'zh', but not in 'la'"):
        Words("la")
