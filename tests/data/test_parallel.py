"""Pairs out of tables and JSON Lines: which columns, which direction, what is left out and what is refused."""

import json
import math

import pyarrow
import pyarrow.parquet
import pytest

from attendo.data import (
    ParallelDataSettings,
    Sides,
    SourceTarget,
    Summarised,
    SummaryDataSettings,
    language_named,
    read_parallel,
    read_sources,
)
from attendo.errors import ConfigError, DataError

EN = ["The dog runs.", "A man sings to the child.", "She is out."]
DE = ["Der Hund läuft.", "Ein Mann singt dem Kind vor.", "Sie ist draußen."]
ZH = ["狗在跑。", "一个男人给孩子唱歌。", "她出去了。"]


@pytest.fixture
def table(tmp_path):
    """Writes rows as a table of the kind that the name says."""

    def write(rows, name="data.tsv"):
        path = tmp_path / name
        between = {".tsv": "\t", ".csv": ",", ".txt": "\t"}.get(path.suffix)
        lines = [json.dumps(row, ensure_ascii=False) if between is None else between.join(row) for row in rows]
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return path

    return write


def texts(reading):
    return [(pair.text, pair.target) for pair in reading.pairs]


def three(*columns):
    return list(zip(*columns, strict=True))


@pytest.mark.parametrize(("names", "turned"), [
    (("source", "target"), False), (("target", "source"), True), (("src", "tgt"), False), (("原文", "译文"), False),
    (("English", "Chinese"), False), (("zh", "en"), True), (("zh-CN", "en_US"), True), (("text", "summary"), False),
    (("document", "summary"), False), (("highlights", "article"), True), (("Title", "Abstract"), True),
])  # fmt: skip
@pytest.mark.parametrize("ending", ["tsv", "csv", "jsonl"])
def test_names_tell_the_sides(names, turned, ending, table):
    rows = three(EN, ZH)
    written = [names, *rows] if ending != "jsonl" else [dict(zip(names, row, strict=True)) for row in rows]
    reading = read_parallel(table(written, f"data.{ending}"))
    assert texts(reading) == (three(ZH, EN) if turned else rows)
    assert reading.pairs[0].line == (2 if ending != "jsonl" else 1)
    assert bool(reading.sides.notes) == (bool(language_named(names[0])))


@pytest.mark.parametrize("extra", [[], ["CC-BY 2.0 (a)", "CC-BY 2.0 (b)", "CC-BY 2.0 (c)"]])
def test_columns_without_names_are_source_and_target(extra, table):
    path = table(three(EN, ZH, *([extra] if extra else [])))
    reading = read_parallel(path)
    assert texts(reading) == three(EN, ZH)
    guessed = (
        "Guessed: source is `0` (en), target is `1` (zh); for another choice name them with `source` and `target`."
    )
    assert reading.notes(path) == [f"{path}: {guessed}"] + [f"{path}: Not used: column `2`."] * bool(extra)


def test_columns_of_numbers_are_no_texts(table):
    path = table(three("123", EN, "456", DE))
    assert texts(read_parallel(path)) == three(EN, DE)
    named = table([("id", "text_a", "text_b"), *three("123", EN, DE)])
    assert texts(read_parallel(named)) == three(EN, DE)


@pytest.mark.parametrize(("settings", "expected"), [
    ({"source": 1, "target": 0}, (ZH, EN)), ({"source": "zh"}, (ZH, EN)), ({"target": "english"}, (ZH, EN)),
    ({"source": "0", "target": "zh-TW"}, (EN, ZH)), ({"source": 1}, (ZH, EN)), ({"target": 0}, (ZH, EN)),
])  # fmt: skip
def test_columns_by_number_or_by_the_language_of_their_texts(settings, expected, table):
    for extra in ([], [["a b", "c d", "e f"]]):
        assert texts(read_parallel(table(three(EN, ZH, *extra)), ParallelDataSettings(**settings))) == three(*expected)


def test_short_repeated_and_odd_first_rows_are_no_header(table):
    rows = [("Hi", "Hallo"), ("Hi", "Hei"), ("Hi", "Servus"), ("Hi", "Na"), ("Go", "Los")]
    assert texts(read_parallel(table(rows))) == rows
    rows = [("cat", "Katze"), ("dog", "Hund")]
    assert texts(read_parallel(table(rows))) == rows
    assert texts(read_parallel(table(rows), ParallelDataSettings(header=True))) == rows[1:]
    assert texts(read_parallel(table(rows), ParallelDataSettings(source="Katze", target="cat"))) == [("Hund", "dog")]


def test_a_summary_is_the_shorter_of_two(table):
    rows = three(["Dogs", "Songs", "Away"], [f"{text} {text}" for text in EN])
    path = table(rows)
    reading = read_parallel(path, SummaryDataSettings())
    assert texts(reading) == [(long, short) for short, long in rows]
    assert all(type(pair) is Summarised and pair.noun == "document" for pair in reading.pairs)
    assert texts(read_parallel(path)) == rows
    assert texts(read_parallel(path, SummaryDataSettings(source=0, target=1))) == rows
    assert read_parallel(path).pairs[0].noun == "pair"


def test_objects_of_translations(table, tmp_path):
    rows = [{"id": n, "translation": {"de": de, "en": en}} for n, (de, en) in enumerate(three(DE, EN))]
    path = table(rows, "data.jsonl")
    assert texts(read_parallel(path)) == three(EN, DE)
    assert texts(read_parallel(path, ParallelDataSettings(source="de", target="en"))) == three(DE, EN)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "data.parquet")
    assert texts(read_parallel(tmp_path / "data.parquet")) == three(EN, DE)
    more = table([{"translation": {"de": "a b", "en": "c d", "fr": "e f"}}], "more.jsonl")
    with pytest.raises(ConfigError, match="has 3 languages: `de`, `en`, `fr`"):
        read_parallel(more)


def test_neighbours_of_a_document(table):
    rows = [{"doc_id": number // 2, "en": en, "de": de} for number, (en, de) in enumerate(three(EN, DE))]
    path = table(rows, "data.jsonl")
    reading = read_parallel(path)
    assert [(pair.document, pair.group) for pair in reading.pairs] == [
        *[("0", ("", "0")), ("0", ("", "0")), ("1", ("", "1"))],
    ]
    assert f"{path}: Rows of the same `doc_id` stay together." in reading.notes(path)
    named = read_parallel(table([("x", "en", "de"), *three("aab", EN, DE)]), ParallelDataSettings(document="x"))
    assert [pair.document for pair in named.pairs] == ["a", "a", "b"]
    numbered = read_parallel(table(three("aab", EN, DE)), ParallelDataSettings(document=0))
    assert texts(numbered) == three(EN, DE)
    with pytest.raises(ConfigError, match=r"`document` names column `y`, which .* does not have. It has `0`, `1`"):
        read_parallel(table(three(EN, DE)), ParallelDataSettings(document="y"))


def test_rows_without_one_of_their_texts(table):
    rows = [{"en": "one dog", "de": "ein Hund"}, {"en": "two"}, {"en": None, "de": "drei"}, {"en": " ", "de": math.nan}]
    path = table(rows, "data.jsonl")
    reading = read_parallel(path)
    assert texts(reading) == [("one dog", "ein Hund")]
    assert [note.partition(": ")[2] for note in reading.notes(path)[1:]] == [
        "Left out 1 pair without a target, the first on line 2.",
        "Left out 1 pair without a source, the first on line 3.",
        "Left out 1 pair of empty texts, the first on line 4.",
    ]


def test_all_problems_are_said_at_once(table):
    rows = [{"en": "one dog", "de": "ein Hund"}, {"en": "a", "de": ["b"]}, {"en": True, "de": "b"}]
    path = table(rows, "data.jsonl")
    with path.open("a", encoding="utf-8") as file:
        file.write('{"en": "x", "de": "\\ud800"}\n{\n')
    reading = read_parallel(path)
    assert sorted(str(problem).partition(", ")[2] for problem in reading.problems.first) == [
        "line 2: column `de` holds list where a text was expected.",
        "line 3: column `en` holds bool where a text was expected.",
        "line 4: the text in column `de` holds half a character (a lone surrogate).",
        "line 5: not valid JSON: Expecting property name enclosed in double quotes at column 1.",
    ]
    with pytest.raises(DataError, match="4 rows cannot be used"):
        reading.sound()


@pytest.mark.parametrize(("rows", "settings", "said"), [
    ([["only one column"]], {}, "it holds one text on each line, but a pair needs two. Give one of two files such as"),
    ([["1", "a b"], ["2", "c d"]], {}, "only `1` of `0`, `1` holds texts; name two columns with `source` and `target`"),
    ([["1", "2"]], {}, "among `0`, `1` none holds texts; name two columns"),
    ([["id", "x", "y", "z"], ["1", "a", "b", "c"]], {}, "`x`, `y`, `z` all hold texts; name two columns"),
    ([["id", "x", "y", "z"], ["1", "a", "b", "c"]], {"source": "x"}, "`y`, `z` may all be meant; name it with `targ"),
    ([["id", "x"], ["1", "a b"]], {"target": "x"}, "among `id` none holds texts; name it with `source`"),
    ([["text", "summary"], ["a b", "c d"]], {"source": "txt"}, "`txt`, which .* does not have.*; did you mean `text`"),
])  # fmt: skip
def test_columns_that_cannot_be_told(rows, settings, said, table):
    with pytest.raises(ConfigError, match=said):
        read_parallel(table(rows, "data.txt" if len(rows[0]) == 1 else "data.tsv"), ParallelDataSettings(**settings))


def test_empty_and_missing_files(table, tmp_path):
    with pytest.raises(DataError, match="it is empty"):
        read_parallel(table([]))
    with pytest.raises(DataError, match="there is no such file"):
        read_parallel(tmp_path / "none.tsv")
    broken = table([], "data.jsonl")
    broken.write_text("{}x\n", encoding="utf-8")
    with pytest.raises(DataError, match="line 1: not valid JSON"):
        read_parallel(broken)


@pytest.mark.parametrize(("rows", "said"), [
    ([("en", "de"), ("a b", ""), ("c d", " ")], "no row has a target: `de` is empty"),
    ([("en", "de"), ("", "a b"), ("", "c d")], "no row has a source: `en` is empty"),
    ([("en", "de"), ("", "a b"), ("c d", "")], "no row has both a source and a target"),
    ([("en", "de"), ("a b", "a b"), ("c d", "c d ")], "each target is the same as its source; was `en` copied to `de`"),
])  # fmt: skip
def test_sides_that_say_nothing(rows, said, table):
    with pytest.raises(DataError, match=said):
        read_parallel(table(rows))


def test_all_wrong_settings_are_named():
    with pytest.raises(ConfigError) as caught:
        ParallelDataSettings(source="en", target="en", format="xml", delimiter="ab", dev_fraction=2)
    assert [problem.partition("`")[2].partition("`")[0] for problem in caught.value.problems] == [
        *("source", "format", "delimiter", "dev_fraction", "dev_fraction"),
    ]
    assert "must be two columns or languages" in caught.value.problems[0]


def test_the_sides_of_an_earlier_file_are_taken_where_they_are(table):
    before = Sides(source="de", target="en")
    path = table([("en", "de"), *three(EN, DE)])
    assert texts(read_parallel(path, before=before)) == three(DE, EN)
    assert texts(read_parallel(path, ParallelDataSettings(source="en", target="de"), before=before)) == three(EN, DE)
    assert texts(read_parallel(table(three(EN, DE)), before=before)) == three(EN, DE)
    spoken = Sides(source="a", target="b", source_language="zh", target_language="en")
    assert texts(read_parallel(table(three(EN, ZH)), before=spoken)) == three(ZH, EN)
    assert texts(read_parallel(table(three(EN, ZH)), ParallelDataSettings(source=0), before=spoken)) == three(EN, ZH)


def test_sources_correspond_to_lines(tmp_path):
    for name in ("a.txt", "a.en", "a.src"):
        path = tmp_path / name
        path.write_bytes("One.\n\n a\u2028b\rc \nFour.".encode())
        found = list(read_sources(path))
        assert [(each.text, each.target, each.line) for each in found] == [
            *[("One.", "", 1), ("", "", 2), (" a\u2028b\rc ", "", 3), ("Four.", "", 4)],
        ]
    assert type(found[0]) is SourceTarget
    assert found[2].key == ("a\u2028b\rc", "")


def test_sources_of_two_files_and_of_tables(table, tmp_path):
    (tmp_path / "b.en").write_text("x\n\n", encoding="utf-8")
    (tmp_path / "b.de").write_text("y\n\n", encoding="utf-8")
    assert [each.text for each in read_sources(tmp_path / "b")] == ["x", ""]
    assert [each.text for each in read_sources(tmp_path / "b", before=Sides(source="de", target="en"))] == ["y", ""]
    path = table([("en", "de"), *three(EN, DE)])
    assert [each.text for each in read_sources(path)] == EN
    assert [each.text for each in read_sources(path, ParallelDataSettings(source="de"))] == DE
    assert [each.text for each in read_sources(path, before=Sides(source="de", target="en"))] == DE
    alone = table([{"id": 1, "de": "ein Hund"}, {"id": 2, "de": None}], "data.jsonl")
    assert [each.text for each in read_sources(alone)] == ["ein Hund", ""]
    summaries = list(read_sources(alone, SummaryDataSettings()))
    assert type(summaries[0]) is Summarised
    parts = table([{"doc_id": "a", "de": "ein Hund"}, {"doc_id": None, "de": "eine Katze"}], "parts.jsonl")
    assert [(each.text, each.document) for each in read_sources(parts)] == [("ein Hund", "a"), ("eine Katze", None)]


def test_sources_that_cannot_be_read(table):
    with pytest.raises(DataError, match="it holds no texts"):
        list(read_sources(table([])))
    with pytest.raises(ConfigError, match="`source` names `zh`"):
        list(read_sources(table([("en", "de"), *three(EN, DE)]), ParallelDataSettings(source="zh")))
    with pytest.raises(DataError, match="line 1: column `en` holds list"):
        list(read_sources(table([{"en": ["a"], "x": "text"}], "data.jsonl"), ParallelDataSettings(source="en")))
