"""Bytes to lines: every encoding that is detected, compression, and the line on which a file breaks."""

import codecs
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendo.data.encodings import byte_chunks, detect_encoding, read_fed_lines, read_lines
from attendo.errors import ConfigError, DataError

CHINESE = "这家店的味道很好，下次还来。\n服务员态度冷淡，菜也凉了。\n"
FRENCH = "C'est un café près de l'hôtel.\nTrès déçu par le dîner.\n"


def saved(folder: Path, content: bytes, name: str = "texts.txt") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("text", "encoding", "detected"),
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "utf-8-sig", "utf-8"),
        (CHINESE, "utf-16", "utf-16"),
        (FRENCH, "utf-32", "utf-32"),
        (CHINESE, "gb18030", "gb18030"),
        (CHINESE, "gbk", "gb18030"),
        ("這家店的味道很好，下次還會來。\n服務員態度很差，菜也涼了。\n", "big5", "big5"),
        (FRENCH, "latin-1", "latin-1"),
        ("Ação é não\n", "latin-1", "latin-1"),
        ("紅樓夢裡的賈寶玉與林黛玉，後來發現\n", "gb18030", "gb18030"),
        ("很差\n", "gbk", "gb18030"),
        ("“Très” bien\n", "cp1252", "cp1252"),
        ("plain\n", "ascii", "utf-8"),
    ],
)
def test_encoding_is_found_and_text_is_read(tmp_path, text, encoding, detected):
    path = saved(tmp_path, text.encode(encoding))
    assert detect_encoding(path) == detected
    assert "".join(read_lines(path)) == text


def test_utf16_big_endian_is_found_by_its_mark(tmp_path):
    path = saved(tmp_path, codecs.BOM_UTF16_BE + CHINESE.encode("utf-16-be"))
    assert "".join(read_lines(path)) == CHINESE


def test_mark_does_not_become_part_of_the_text_when_the_encoding_is_given(tmp_path):
    path = saved(tmp_path, CHINESE.encode("utf-8-sig"))
    assert next(read_lines(path, "UTF8")) == "这家店的味道很好，下次还来。\n"


def test_gzip_is_known_by_content_not_by_name(tmp_path):
    path = saved(tmp_path, gzip.compress(CHINESE.encode("gb18030")), "texts.txt")
    assert "".join(read_lines(path)) == CHINESE


def test_mostly_utf8_file_is_reported_broken_with_its_line(tmp_path):
    lines = ["一二三\n".encode()] * 40_000
    lines[31_337] = "一二".encode() + b"\xe4\xb8\n"
    path = saved(tmp_path, b"".join(lines))
    with pytest.raises(DataError, match=r"line 31338: the bytes here are not UTF-8\. .*`encoding`") as caught:
        list(read_lines(path))
    assert caught.value.line == 31_338


def test_broken_line_is_found_where_the_encoding_is_found_too(tmp_path):
    path = saved(tmp_path, (CHINESE * 17).encode("gbk") + b"\xff\xff\n" + CHINESE.encode("gbk"))
    with pytest.raises(DataError, match="line 35: the bytes here are not GB18030"):
        list(read_lines(path))


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_broken_line_is_found_in_other_encodings(tmp_path, encoding):
    good = "好好好\n" * 17
    bad = b"\x00\xdc\x00\xdc" if encoding == "utf-16" else b"\xff\xff"
    path = saved(tmp_path, good.encode(encoding) + bad)
    with pytest.raises(DataError) as caught:
        list(read_lines(path, encoding))
    assert caught.value.line == 18


def test_file_cut_short_within_a_character_is_reported_at_its_last_line(tmp_path):
    path = saved(tmp_path, "一二三\n四五六".encode()[:-1])
    with pytest.raises(DataError, match="line 2"):
        list(read_lines(path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("Очень хорошая гостиница, вернёмся\n".encode("koi8-r"), "its encoding is not certain, perhaps"),
        (b"PK\x03\x04\x00\x00binary", "not a text file"),
        (gzip.compress(b"text " * 1000, mtime=0)[:-20], "cut short or damaged"),
        (b"\x1f\x8b\x08\x00garbage that is no gzip stream", "cut short or damaged"),
    ],
)
def test_files_that_hold_no_text_are_told(tmp_path, content, message):
    path = saved(tmp_path, content)
    with pytest.raises(DataError, match=message):
        list(read_lines(path))


def test_missing_file_names_its_neighbour(tmp_path):
    saved(tmp_path, b"x", "reviews.csv")
    with pytest.raises(DataError, match=r"no such file; .*reviews\.csv exists"):
        list(byte_chunks(tmp_path / "review.csv"))
    with pytest.raises(DataError, match="nor a folder"):
        list(byte_chunks(tmp_path / "nowhere" / "review.csv"))


@pytest.mark.parametrize("name", ["utf9", "hex"])
def test_unknown_encoding_is_told(tmp_path, name):
    with pytest.raises(ConfigError, match=name):
        list(read_lines(saved(tmp_path, b"x"), name))


@given(text=st.text(st.sampled_from("a中\r\n é\u2028"), max_size=40))
def test_lines_are_those_of_an_editor(tmp_path_factory, text):
    path = saved(tmp_path_factory.mktemp("lines"), text.encode())
    joined = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = list(read_lines(path))
    assert "".join(lines).removesuffix("\n") == joined.removesuffix("\n")
    assert all(line.count("\n") == 1 and line.endswith("\n") for line in lines)


@given(st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=5), max_size=7))
def test_nothing_but_a_line_feed_ends_a_fed_line(tmp_path_factory, lines):
    lines = [line.rstrip("\r") for line in lines]
    for end in ("\n", "\r\n"):
        path = saved(tmp_path_factory.mktemp("fed"), "".join(line + end for line in lines).encode())
        assert list(read_fed_lines(path, "utf-8")) == [
            line.removeprefix("\ufeff" * (not n)) for n, line in enumerate(lines)
        ]


def test_fed_lines_name_the_line_that_breaks(tmp_path):
    path = saved(tmp_path, b"a\rb\r\nc\n\xff\n")
    with pytest.raises(DataError, match=r"line 3: the bytes here are not UTF-8"):
        list(read_fed_lines(path, "utf-8"))
