"""Two files whose lines belong together: finding the other one, the direction, and where lines part."""

import gzip
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendo.data import ParallelDataSettings, SummaryDataSettings, read_parallel, read_sources
from attendo.data.side_files import joined_files, where_they_part
from attendo.errors import ConfigError, DataError

EN = ["The dog runs.", "A man sings to the child.", "She is out."]
DE = ["Der Hund läuft.", "Ein Mann singt dem Kind vor.", "Sie ist draußen."]
ZH = ["狗在跑。", "一个男人给孩子唱歌。", "她出去了。"]


@pytest.fixture
def put(tmp_path):
    """Writes lines into files of one folder."""

    def write(folder="", **files):
        place = tmp_path / folder
        place.mkdir(parents=True, exist_ok=True)
        for name, lines in files.items():
            content = "".join(f"{line}\n" for line in lines).encode()
            path = place / name.replace("__", ".")
            path.write_bytes(gzip.compress(content) if name.endswith("gz") else content)
        return place

    return write


def texts(reading):
    return [(pair.text, pair.target) for pair in reading.pairs]


@pytest.mark.parametrize(("ending", "expected"), [
    ("train", list(zip(EN, DE, strict=True))),
    ("train.en", list(zip(EN, DE, strict=True))),
    ("train.de", list(zip(DE, EN, strict=True))),
])  # fmt: skip
def test_one_file_finds_the_other_and_is_the_source(ending, expected, put):
    folder = put(train__en=EN, train__de=DE, other__en=EN)
    reading = read_parallel(folder / ending)
    assert texts(reading) == expected
    assert reading.pairs[1].line == 2
    assert reading.columns is not None
    assert (reading.columns.text, reading.columns.pair) == (reading.sides.source, reading.sides.target)
    assert reading.pairs[2].place == f"train.{reading.sides.source} line 3"
    assert bool(reading.notes(folder)) == (ending == "train")


@pytest.mark.parametrize(("folder", "expected"), [
    ("de-en", "de"), ("wmt_de2en", "de"), ("corpus_en_de", "en"), ("news", "en"), ("garden-enclave", "en"),
])  # fmt: skip
def test_the_folder_tells_the_direction_or_else_english_is_first(folder, expected, put):
    reading = read_parallel(put(folder, a__de=DE, a__en=EN) / "a")
    assert reading.sides.source == expected
    assert "Guessed: source is `" in reading.notes(put())[0]


@pytest.mark.parametrize(("source", "target"), [("src", "tgt"), ("source", "target"), ("src", "trg")])
@pytest.mark.parametrize("given", [0, 1, 2])
def test_files_called_source_and_target(source, target, given, put):
    folder = put(**{f"a__{source}": EN, f"a__{target}": ZH})
    reading = read_parallel(folder / ("a", f"a.{source}", f"a.{target}")[given])
    assert texts(reading) == list(zip(EN, ZH, strict=True))
    assert (reading.sides.source_language, reading.sides.target_language) == ("en", "zh")


def test_documents_and_summaries(put):
    folder = put(a__article=EN, a__highlights=["a", "b", "c"])
    reading = read_parallel(folder / "a", SummaryDataSettings())
    assert texts(reading)[0] == (EN[0], "a")
    assert {pair.noun for pair in reading.pairs} == {"document"}


def test_more_endings_regions_and_packed_files(put):
    folder = put(**{"a__en-US__txt": EN, "a__zh_CN__gz": ZH})
    reading = read_parallel(folder / "a")
    assert texts(reading) == list(zip(EN, ZH, strict=True))
    assert (reading.sides.source, reading.sides.target, reading.sides.target_language) == ("en-US", "zh_CN", "zh")
    swapped = read_parallel(folder / "a", ParallelDataSettings(source="chinese", target="en"))
    assert texts(swapped) == list(zip(ZH, EN, strict=True))


def test_several_languages_are_chosen_among(put):
    folder = put(a__en=EN, a__de=DE, a__zh=ZH)
    with pytest.raises(ConfigError, match=r"a has 3 languages: `de`, `en`, `zh`. Name two with `source` and `target`"):
        read_parallel(folder / "a")
    with pytest.raises(ConfigError, match="has 3 languages"):
        read_parallel(folder / "a.en")
    assert texts(read_parallel(folder / "a.en", ParallelDataSettings(target="zh")))[0] == (EN[0], ZH[0])
    assert texts(read_parallel(folder / "a.en", ParallelDataSettings(source="zh")))[0] == (ZH[0], EN[0])
    with pytest.raises(ConfigError, match=r"`de`, `zh` may all be meant; name it with `target`"):
        read_parallel(folder / "a", ParallelDataSettings(source="en"))
    with pytest.raises(ConfigError, match=r"`target` names `fr`, which .*a does not have. It has `de`, `en`, `zh`"):
        read_parallel(folder / "a", ParallelDataSettings(source="en", target="fr"))
    with pytest.raises(ConfigError, match="must be two columns or files, but both are `zh`"):
        read_parallel(folder / "a", ParallelDataSettings(source="zh", target="Chinese"))


def test_a_file_without_another(put):
    folder = put(a__en=EN, b__de=DE)
    with pytest.raises(DataError, match=r"one of two files, but there is no other one .* such as a.de. Put both into"):
        read_parallel(folder / "a.en")
    with pytest.raises(DataError, match="there is no such file"):
        read_parallel(folder / "c.en")
    (folder / "c.zh.txt").write_text("a b\t中文\n", encoding="utf-8")
    assert texts(read_parallel(folder / "c.zh.txt")) == [("a b", "中文")]
    with pytest.raises(DataError, match="there is no such file"):
        read_parallel(folder / "none" / "c")


def test_the_same_file_twice(put):
    folder = put(a__en=EN, b__en=EN, b__de=EN, c__en=EN, c__en__gz=EN, c__de=DE)
    (folder / "a.de").symlink_to(folder / "a.en")
    with pytest.raises(DataError, match=r"source and target are the same file"):
        read_parallel(folder / "a")
    with pytest.raises(DataError, match=r"each target is the same as its source; was `en` copied to `de`\?"):
        read_parallel(folder / "b")
    with pytest.raises(DataError, match=r"c.en and c.en.gz may both be meant; keep one"):
        read_parallel(folder / "c")


def test_only_line_feeds_end_a_line(tmp_path):
    odd = ["a\u2028b c", "a\rb\tc", "a\u00a0b\x0bc\x85d"]
    (tmp_path / "a.en").write_bytes("".join(f"{line}\r\n" for line in odd).encode())
    (tmp_path / "a.de").write_bytes("".join(f"{line}!\n" for line in odd).encode())
    reading = read_parallel(tmp_path / "a")
    assert texts(reading) == [(line, f"{line}!") for line in odd]
    assert [pair.line for pair in reading.pairs] == [1, 2, 3]


def test_blank_lines_move_nothing(put):
    folder = put(a__en=["one 1", "", "three", "  ", "five", "six"], a__de=["eins 1", "zwei", "", "\t", "fünf", "sechs"])
    reading = read_parallel(folder / "a")
    assert [(pair.text, pair.target, pair.line) for pair in reading.pairs] == [
        *[("one 1", "eins 1", 1), ("five", "fünf", 5), ("six", "sechs", 6)],
    ]
    assert [note.partition("a: ")[2] for note in reading.notes(folder / "a")[1:]] == [
        "Left out 1 pair without a target, the first on line 3.",
        "Left out 1 pair without a source, the first on line 2.",
        "Left out 1 pair of empty texts, the first on line 4.",
    ]


def test_blank_lines_at_the_end_of_one_file(put):
    reading = read_parallel(put(a__en=EN, a__de=[*DE, "", " "]) / "a")
    assert len(reading.pairs) == 3
    assert "One file ends in 2 more blank lines than the other; they are left aside." in reading.said


def test_a_side_that_is_empty(put):
    folder = put(a__en=EN, a__de=["", "", ""], b__en=[""], b__de=[""], c__en=["x", ""], c__de=["", "y"])
    for name, file in (("a", "a.de"), ("b", "b.en")):
        with pytest.raises(DataError, match=rf"{file}: it is empty"):
            read_parallel(folder / name)
    with pytest.raises(DataError, match="no row has both a source and a target"):
        read_parallel(folder / "c")


def test_odd_pairs_are_counted(put):
    lines = [f"This is the line with the number {n}, and it is long." for n in range(31)]
    right = [f"Das ist die Zeile mit der Nummer {n}, und sie ist lang." for n in range(31)]
    right[7], right[11] = "@@", right[11] * 5
    right[13:19] = lines[13:19]
    notes = read_parallel(put(a__en=lines, a__de=right) / "a").notes(put() / "a")
    assert notes[1].endswith("6 targets are equal to their sources, the first on line 14.")
    assert notes[2].endswith("2 targets are far longer or shorter than others of such sources, the first on line 8.")


def test_different_numbers_of_lines_are_refused_with_the_place(put):
    draw = random.Random(0)
    lines = [" ".join(draw.choice(("dog", "a", "mountain")) for _ in range(draw.randint(1, 30))) for _ in range(211)]
    folder = put(a__en=lines, a__de=[*lines[:97], *lines[98:]], b__en=EN, b__de=DE[:2])
    with pytest.raises(DataError) as caught:
        read_parallel(folder / "a")
    said = str(caught.value)
    assert f"{folder / 'a.en'} has 211 lines and {folder / 'a.de'} 210 lines, but each line of the one" in said
    assert f"they part near line 98: “{lines[97][:40]}” beside “{lines[98][:40]}”" in said
    with pytest.raises(DataError, match=r"Remove the lines of b.en that have no partner, or give those that are miss"):
        read_parallel(folder / "b")


@given(st.lists(st.integers(1, 90), min_size=2, max_size=40), st.lists(st.integers(1, 90), min_size=1, max_size=41))
def test_the_place_is_the_one_that_fits_best(ours, theirs):
    place = where_they_part(["x" * size for size in ours], ["x" * size for size in theirs])
    assert place is None or 0 <= place < min(len(ours), len(theirs))
    if len(ours) == len(theirs):
        assert place is None


@given(
    st.lists(
        st.tuples(*[st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=5)] * 2),
        max_size=7,
    )
)
def test_whatever_stands_in_lines(tmp_path_factory, lines):
    folder = tmp_path_factory.mktemp("lines")
    lines = [("the first", "die erste"), *((a.rstrip("\r"), b.rstrip("\r")) for a, b in lines)]
    for place, ending in enumerate(("en", "de")):
        content = "".join(f"{pair[place]}\n" for pair in lines)
        (folder / f"a.{ending}").write_bytes(content.encode())
    reading = read_parallel(folder / "a.en", ParallelDataSettings(encoding="utf-8"))
    expected = [(number, *pair) for number, pair in enumerate(lines, start=1) if pair[0].strip() and pair[1].strip()]
    assert [(pair.line, pair.text, pair.target) for pair in reading.pairs] == expected
    assert reading.without_target.number == sum(bool(a.strip()) and not b.strip() for a, b in lines)
    assert [each.text for each in read_sources(folder / "a.en", ParallelDataSettings(encoding="utf-8"))] == [
        a for a, _ in lines
    ]


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("gap", [1, 5])
@pytest.mark.parametrize("place", [0, 41, 130])
def test_a_gap_is_found(place, gap, swapped):
    draw = random.Random(place)
    whole = ["x" * draw.randint(5, 150) for _ in range(199)]
    lacking = [*whole[:place], *whole[place + gap :]]
    found = where_they_part(lacking, whole) if swapped else where_they_part(whole, lacking)
    assert found is not None
    assert abs(found - place) <= 1


def test_what_belongs_together_in_a_folder(put):
    folder = put(train__en=EN, train__de=DE, val__en=EN, notes__txt=EN, table__tsv=EN)
    assert joined_files(folder, ParallelDataSettings()) == {
        folder / "train": [folder / "train.de", folder / "train.en"]
    }


def test_undecodable_bytes_are_named(put):
    folder = put(a__en=EN, a__de=DE)
    (folder / "a.de").write_bytes("Der Hund läuft.\nÜber die Straße.\n".encode() + b"a\xff\xfe\n")
    with pytest.raises(DataError, match=r"a.de, line 3: the bytes here are not UTF-8"):
        read_parallel(folder / "a")
