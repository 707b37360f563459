"""Each file format: what is read, on which line, and what is said about lines that cannot be read."""

import csv
import gzip
import io
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendo.data import FORMATS, ReadOptions, read_rows
from attendo.data.formats import detect_format
from attendo.errors import ConfigError, DataError


def saved(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows(path: Path, **options) -> list[tuple[dict, int]]:
    return [(dict(row.values), row.line) for row in read_rows(path, **options)]


def problems(path: Path, **options) -> list[str]:
    found: list[DataError] = []
    list(read_rows(path, on_problem=found.append, **options))
    return [str(problem).removeprefix(f"{path}, ") for problem in found]


class TestDelimited:
    def test_line_is_where_the_record_begins_also_after_fields_of_several_lines(self, tmp_path):
        path = saved(tmp_path, "a.csv", 'text,label\n"one\ntwo ""2"", three",好\n\nfour,坏\n')
        assert rows(path) == [({"text": 'one\ntwo "2", three', "label": "好"}, 2), ({"text": "four", "label": "坏"}, 5)]

    @pytest.mark.parametrize(
        ("content", "names"),
        [
            ("review,sentiment\nfine,good\npoor,bad\n", ["review", "sentiment"]),
            ("评论,标签\n很好,1\n很差,0\n", ["评论", "标签"]),
            ("Words,Number\nfine day,1\npoor day,0\n", ["Words", "Number"]),
            ("first,second\na b,x\nc d,y\ne f,x\ng h,y\n", ["first", "second"]),
            (",text,label\n0,fine,1\n1,poor,0\n", ["0", "text", "label"]),
            ('"A film, of sorts.",3\nAnother one,1\n', ["0", "1"]),
            ("anchor,positive\na man sings,singing\n", ["anchor", "positive"]),
            ("a fine day,positive\na poor day,bad\n", ["0", "1"]),
            ("很好,1\n很差,0\n", ["0", "1"]),
            ("good,review\nbad,news\nnice,review\n", ["0", "1"]),
        ],
    )
    def test_header_is_told_from_data(self, tmp_path, content, names):
        assert list(rows(saved(tmp_path, "a.csv", content))[0][0]) == names

    def test_header_option_overrules(self, tmp_path):
        path = saved(tmp_path, "a.csv", "text,label\nfine,1\n")
        assert rows(path, options=ReadOptions(header=False))[0] == ({"0": "text", "1": "label"}, 1)
        path = saved(tmp_path, "b.csv", "fine,1\npoor,0\n")
        assert rows(path, options=ReadOptions(header=True)) == [({"fine": "poor", "1": "0"}, 2)]

    @pytest.mark.parametrize("delimiter", [";", "\t", "|", ","])
    def test_delimiter_is_found(self, tmp_path, delimiter):
        content = f'text{delimiter}label\n"say ""a, b""; c | d"{delimiter}1\n'
        assert rows(saved(tmp_path, "a.csv", content)) == [({"text": 'say "a, b"; c | d', "label": "1"}, 2)]

    def test_delimiter_option_overrules(self, tmp_path):
        path = saved(tmp_path, "a.txt", "text~label\na,b,c~1\n")
        assert rows(path, options=ReadOptions(delimiter="~")) == [({"text": "a,b,c", "label": "1"}, 2)]

    def test_ragged_rows_are_counted_out(self, tmp_path):
        path = saved(tmp_path, "a.csv", "text,label\nfine,1\nwell, well,1\npoor\nbad,0\n,\n")
        assert problems(path) == [
            "line 3: 3 fields where 2 were expected. A field that holds the delimiter needs quotation marks.",
            "line 4: 1 field where 2 were expected.",
        ]
        assert [line for _, line in rows(path, on_problem=lambda problem: None)] == [2, 5]

    def test_first_problem_of_a_stream_is_raised(self, tmp_path):
        stream = read_rows(saved(tmp_path, "a.csv", "text,label\nfine,1\npoor\n"))
        assert next(stream).line == 2
        with pytest.raises(DataError, match="line 3: 1 field where 2"):
            next(stream)

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            ('text,label\nfine,1\n"poor,0\nbad,0\n', ["line 3: a quotation mark is opened here but not closed."]),
            ('text,label\n"a" b,1\nfine,1\n', ["line 2: a quoted field is not followed by a delimiter"]),
        ],
    )
    def test_quotation_marks_that_do_not_match_are_told(self, tmp_path, content, expected):
        found = problems(saved(tmp_path, "a.csv", content))
        assert [one[: len(start)] for one, start in zip(found, expected, strict=True)] == expected

    def test_mark_left_open_does_not_swallow_a_large_file(self, tmp_path):
        path = saved(tmp_path, "a.csv", 'text,label\n"poor,0\n' + "fine,1\n" * 11_000)
        with pytest.raises(DataError, match="line 2: a quotation mark is opened"):
            list(read_rows(path, on_problem=lambda problem: None))

    def test_field_longer_than_the_csv_module_allows_by_default(self, tmp_path):
        path = saved(tmp_path, "a.csv", f"text,label\n{'x' * 200_003},1\n")
        assert len(rows(path)[0][0]["text"]) == 200_003

    def test_tabs_leave_stray_quotation_marks_alone(self, tmp_path):
        path = saved(tmp_path, "a.tsv", '"快乐时光"很无聊\t0\n"好\t1\n普通\t1\n')
        assert [values["0"] for values, _ in rows(path)] == ['"快乐时光"很无聊', '"好', "普通"]

    @pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    def test_tabs_with_quoting_as_data_frames_write_it(self, tmp_path, quoting):
        texts = ['say ""yes""\tor no', "two\nlines", "plain"]
        out = io.StringIO()
        csv.writer(out, delimiter="\t", quoting=quoting).writerows([("text", "label"), *((t, "x") for t in texts)])
        assert [values["text"] for values, _ in rows(saved(tmp_path, "a.tsv", out.getvalue()))] == texts

    def test_name_that_stands_twice_in_the_header_is_refused(self, tmp_path):
        with pytest.raises(DataError, match="line 1: the header names `text` twice"):
            rows(saved(tmp_path, "a.csv", "text,label,text\na,1,b\n"), options=ReadOptions(header=True))

    @pytest.mark.parametrize(
        ("first", "twice"), [("text,label,text", "text"), ("标签,评论,标签", "标签"), ("id,id,text", None)]
    )
    def test_only_usual_names_that_stand_twice_make_a_header(self, tmp_path, first, twice):
        path = saved(tmp_path, "a.csv", f"{first}\na,1,b\nc,2,d\n")
        if twice is None:
            assert len(rows(path)) == 3
        else:
            with pytest.raises(DataError, match=f"line 1: the header names `{twice}` twice; rename one"):
                rows(path)
        assert len(rows(path, options=ReadOptions(header=False))) == 3
        assert len(rows(saved(tmp_path, "b.csv", f"{first}\na,1,text\n标签,2,d\n"))) == 3  # which stand below too

    @given(
        table=st.lists(
            st.tuples(
                st.text(st.sampled_from('ab中 ,;"\n\té'), max_size=7).filter(str.strip), st.sampled_from(["x", "好"])
            ),
            min_size=1,
            max_size=7,
        )
    )
    def test_what_the_csv_module_writes_is_read_back_with_its_lines(self, tmp_path_factory, table):
        out, lines = io.StringIO(), []
        writer = csv.writer(out, lineterminator="\n")
        for record in [("text", "label"), *table]:
            lines.append(out.getvalue().count("\n") + 1)
            writer.writerow(record)
        path = saved(tmp_path_factory.mktemp("csv"), "a.csv", out.getvalue())
        expected = [
            ({"text": text, "label": label}, line) for (text, label), line in zip(table, lines[1:], strict=True)
        ]
        assert rows(path, options=ReadOptions(delimiter=",")) == expected


class TestJsonLines:
    @given(
        values=st.dictionaries(st.text(max_size=3), st.none() | st.booleans() | st.text() | st.integers(), max_size=3)
    )
    def test_objects_come_back_with_their_lines(self, tmp_path_factory, values):
        content = "\n" + json.dumps(values) + "\n\n" + json.dumps(values, ensure_ascii=True)
        path = saved(tmp_path_factory.mktemp("jsonl"), "a.jsonl", content)
        assert rows(path) == [(values, 2), (values, 4)]

    def test_lines_that_are_no_objects_are_told(self, tmp_path):
        path = saved(tmp_path, "a.jsonl", '{"text": "a"}\n{"text": \n[1]\n{"text": "b"}\n' + "[" * 100_000)
        found = problems(path)
        assert [one.split(":")[0] for one in found] == ["line 2", "line 3", "line 5"]
        assert "Expecting value at column" in found[0]
        assert "a JSON object" in found[1]

    @pytest.mark.parametrize("content", ['[\n{"text": "a"}\n]', '{\n"data": []}', '[{"text": "a"}]'])
    def test_one_document_is_not_json_lines(self, tmp_path, content):
        with pytest.raises(DataError, match="one object a line"):
            rows(saved(tmp_path, "a.json", content))


class TestParquet:
    def test_rows_keep_types_and_numbers(self, tmp_path):
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = tmp_path / "a.parquet"
        pq.write_table(pa.table({"text": ["很好", "poor"], "label": [1, 0], "tags": [["a"], []]}), path)
        assert rows(path) == [
            ({"text": "很好", "label": 1, "tags": ["a"]}, 1),
            ({"text": "poor", "label": 0, "tags": []}, 2),
        ]

    def test_broken_file_is_told(self, tmp_path):
        with pytest.raises(DataError, match="no readable Parquet file"):
            rows(saved(tmp_path, "a.parquet", b"PAR1 but not really"))


class TestFolders:
    def test_one_text_a_file_in_the_order_of_names(self, tmp_path):
        saved(tmp_path, "pos/2.txt", "很好\n第二行\n")
        saved(tmp_path, "pos/1", "fine")
        saved(tmp_path, "neg/1.txt", "很差".encode("gb18030"))
        saved(tmp_path, "neg/.hidden", "no")
        saved(tmp_path, "README", "not a class")
        assert [values for values, _ in rows(tmp_path)] == [
            {"text": "很差", "label": "neg"},
            {"text": "fine", "label": "pos"},
            {"text": "很好\n第二行", "label": "pos"},
        ]

    def test_folder_without_classes_is_told(self, tmp_path):
        with pytest.raises(DataError, match="neither a readable file nor a folder for each class"):
            read_rows(tmp_path)
        with pytest.raises(DataError, match="this folder cannot be read"):
            list(read_rows(tmp_path / "missing", format="folder"))


class TestPlainText:
    @pytest.mark.parametrize(
        ("content", "labelled", "expected"),
        [
            ("很好的酒店\t1\n太差\t0\n", True, "tsv"),
            ("1\t很好的酒店\n0\t太差\n没有标签\n", False, "tsv"),
            ("text,label\nfine,1\n", False, "csv"),
            ("1 fine\n0 poor\n1 good\n0 bad\n", False, "labelled"),
            ("NUM:dist How far ?\nLOC:city Where ?\nNUM:dist How near ?\nLOC:city Whence ?\n", False, "labelled"),
            ("__label__a fine\n", False, "labelled"),
            ("good fine day\nbad poor day\n", True, "labelled"),
            ("good fine day\nbad poor day\ngood show\nbad show\n", False, "lines"),
            ("Well, well.\nThe day, it was fine.\n", False, "lines"),
            ("5 stars\n", False, "lines"),
            ("酒店很好\n房间很小\n", True, "lines"),
            ("", True, "lines"),
        ],
    )
    def test_first_lines_tell_the_format(self, tmp_path, content, labelled, expected):
        assert detect_format(saved(tmp_path, "a.txt", content), labelled=labelled) == expected

    def test_label_stands_before_the_first_blank(self, tmp_path):
        path = saved(tmp_path, "a.txt", "DESC:def What is an atom ?\n\nHUM:ind  谁 写 的 ?\nDESC:def\n")
        assert rows(path, format="labelled") == [
            ({"label": "DESC:def", "text": "What is an atom ?"}, 1),
            ({"label": "HUM:ind", "text": "谁 写 的 ?"}, 3),
            ({"label": "DESC:def", "text": ""}, 4),
        ]

    def test_fasttext_labels_may_be_several_or_missing(self, tmp_path):
        path = saved(tmp_path, "a.txt", "__label__a __label__b fine day\n__label__c 好\nnothing here\n")
        assert [values for values, _ in rows(path)] == [
            {"label": ["a", "b"], "text": "fine day"},
            {"label": "c", "text": "好"},
            {"label": None, "text": "nothing here"},
        ]

    def test_lines_without_labels_keep_their_numbers(self, tmp_path):
        path = saved(tmp_path, "a.txt", "A fine day.\n\n 很好 \r\n")
        assert rows(path) == [({"text": "A fine day."}, 1), ({"text": ""}, 2), ({"text": " 很好 "}, 3)]


def test_every_text_format_is_read_from_gzip(tmp_path):
    contents = {
        "a.csv.gz": "text,label\nfine,1\n",
        "a.tsv.gz": "text\tlabel\nfine\t1\n",
        "a.jsonl.gz": '{"text": "fine", "label": "1"}\n',
        "a.txt.gz": "__label__1 fine\n",
    }
    for name, content in contents.items():
        path = saved(tmp_path, name, gzip.compress(content.encode()))
        assert rows(path)[0][0] == {"text": "fine", "label": "1"}, name


def test_table_names_each_format_once_and_describes_it():
    assert list(FORMATS) == ["tsv", "csv", "jsonl", "parquet", "tmx", "labelled", "lines", "folder"]
    assert all(entry.description and entry.name == name for name, entry in FORMATS.items())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.xlsx", "save it as CSV"),
        ("a.data", "the suffix .data is not known"),
        ("a", "no suffix"),
        ("a.conll", "a word a line, for the tasks `tag` and `roles`"),
        ("a.gold_conll.gz", "a word a line, for the tasks `tag` and `roles`"),
    ],
)
def test_unknown_suffix_is_told(tmp_path, name, message):
    with pytest.raises(DataError, match=message):
        read_rows(saved(tmp_path, name, "text"))


def test_unknown_format_and_missing_file_are_told(tmp_path):
    with pytest.raises(ConfigError, match="`format` is `xml`; it may be tsv, csv"):
        read_rows(tmp_path, format="xml")
    with pytest.raises(DataError, match="no such file"):
        read_rows(tmp_path / "a.unknown")


def test_large_file_is_read_in_little_memory(tmp_path):
    path = saved(tmp_path, "a.csv", "text,label\n" + "很好的酒店，下次还来,1\n" * 40_000)
    stream = read_rows(path, options=ReadOptions(encoding="utf-8"))
    next(stream)
    tracemalloc.start()
    count = sum(1 for _ in stream)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 39_999
    assert peak < path.stat().st_size
