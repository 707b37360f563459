import gzip
import json
import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendo.data import TagDataSettings, join_words, read_tag_inputs, read_tagged
from attendo.errors import ConfigError, DataError
from attendo.spans import SCHEMES, LabelledSpan, read_tags, write_tags
from attendo.text import split_words

FOLDER = os.environ.get("ATTENDO_DATA")
ENGLISH = "Ada\tB-PER\nLovelace\tI-PER\nwrote\tO\n.\tO\n\nto\tO\nLondon\tB-LOC\n"


@pytest.fixture
def write(tmp_path):
    def written(content, name="train.conll"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def said(reading):
    return "\n".join(reading.problems.sentences())


def marked(text):
    """The parts of a text that have a label."""
    return [(text.text[start:end], label) for start, end, label in text.spans]


WORDS = st.text("ab#7,'-.–科技\u3000\u00a0É", min_size=1, max_size=5).filter(str.strip)


@st.composite
def files(draw):
    """Texts as words with tags of a scheme, and the bytes of a file that has them."""
    scheme = draw(st.sampled_from([name for name in SCHEMES if name != "plain"]))
    separator = draw(st.sampled_from(["\t", " "]))
    texts = []
    for _ in range(draw(st.integers(1, 5))):
        words = draw(st.lists(WORDS, min_size=2, max_size=7))
        bounds = sorted(draw(st.sets(st.integers(0, len(words)), max_size=5)))
        labels = st.sampled_from(["PER", "LOC.NAM", "地-名"])
        spans = [LabelledSpan(*pair, draw(labels)) for pair in pairwise(bounds) if draw(st.booleans())]
        texts.append((words, spans))
    texts.append((["x", "y", "z"], [LabelledSpan(0, 3, "PER")]))
    extra = draw(st.sampled_from(["", "NN" + separator]))
    blocks = [
        "".join(
            f"{word}{separator}{extra}{tag}\n"
            for word, tag in zip(words, write_tags(spans, len(words), scheme), strict=True)
        )
        for words, spans in texts
    ]
    between = draw(st.sampled_from(["\n", "\n\n", " \t\n", "\n-DOCSTART- -X- O\n\n", "\n# id = 7\n"]))
    content = draw(st.sampled_from(["", "\ufeff"])) + between.join(blocks)
    return texts, content.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))).encode()


@given(files())
def test_what_was_written_is_read(tmp_path_factory, case):
    texts, content = case
    path = tmp_path_factory.mktemp("tagged") / "x.conll.gz"
    path.write_bytes(gzip.compress(content, mtime=0))
    reading = read_tagged(path, TagDataSettings(strip_digits=False))
    assert said(reading) == ""
    assert reading.repairs == 0
    for found, (words, spans) in zip(reading.texts, texts, strict=True):
        assert [found.text[start:end] for start, end in found.words] == words
        assert read_tags(found.tags, "BIO") == (tuple(spans), 0)
        assert [(span.start, span.end) for span in found.spans] == [
            (found.words[start][0], found.words[end - 1][1]) for start, end, _ in spans
        ]
    inputs = list(read_tag_inputs(path, TagDataSettings(strip_digits=False)))
    assert [each.words for each in inputs] == [each.words for each in reading.texts]
    assert not any(each.tags for each in inputs)


def test_a_file_is_read(write):
    path = write(ENGLISH)
    first, second = read_tagged(path).texts
    assert first.text == "Ada Lovelace wrote ."
    assert marked(first) == [("Ada Lovelace", "PER")]
    assert first.tags == ("B-PER", "I-PER", "O", "O")
    assert (second.line, second.place, second.scheme) == (6, "train.conll line 6", "BIO")
    assert read_tagged(path).notes(path) == [f"{path}: tags are written in BIO."]


@pytest.mark.parametrize(
    ("content", "scheme", "words", "tags"),
    [
        ("EU NNP I-NP I-ORG\nin IN I-PP O\nRome NNP I-NP I-LOC\n", "IOB1", "EU in Rome", "B-ORG O B-LOC"),
        ("1\tEU\tB-ORG\n2\tin\tO\n\n1\tRome\tB-LOC\n", "BIO", "EU in", "B-ORG O"),
        ("EU,S-ORG\nin,O\n", "BIOES", "EU in", "B-ORG O"),
        ('",",O\nEU,U-ORG\n', "BILOU", ", EU", "O B-ORG"),
        ("高 B-N\n勇 M-N\n男 E-N\n", "BMES", "高勇男", "B-N I-N I-N"),
        ("我 S\n爱 S\n北 B\n京 E\n大 B\n学 M\n生 E\n", "BMES", "我爱北京大学生", "B B B I B I I"),
        ("Word,Tag\nThe,DT\nfilm,NN\n", "plain", "The film", "DT NN"),
        ("The DT\nfilm NN\n", "plain", "The film", "DT NN"),
        ("#\tO\n#win\tO\nEU\tB-ORG\n", "BIO", "# #win EU", "O O B-ORG"),
        ("# B-LOC\n7 O\n\n# newdoc\nx O\n", "BIO", "# 7", "B-LOC O"),
        ("# sent 1\nEU\tB-ORG\nwon\tO\n", "BIO", "EU won", "B-ORG O"),
        ("iPhone\tB-X\n8\tI-X\n手\tO\n机\tO\n很\tO\n好\tO\n", "BIO", "iPhone 8手机很好", "B-X I-X O O O O"),
    ],
)
def test_layouts_are_found(write, content, scheme, words, tags):
    reading = read_tagged(write(content))
    assert said(reading) == ""
    assert (reading.scheme, reading.texts[0].text, " ".join(reading.texts[0].tags)) == (scheme, words, tags)


def test_a_file_without_empty_lines_is_told_to_be_one_text(write):
    path = write("a\tO\nb\tB-A\n" * 503)
    assert "all 1,006 words are one text" in read_tagged(path).notes(path)[-1]


def test_columns_and_scheme_may_be_named(write):
    path = write("x|I-A|NN|EU\nx|B-A|NN|in\n")
    settings = TagDataSettings(separator="|", word=3, tag=1, scheme="IOB1", between="")
    reading = read_tagged(path, settings)
    assert (reading.texts[0].text, reading.texts[0].tags) == ("EU in", ("B-A", "B-A"))
    assert "words are in column 3, tags in column 1" in reading.notes(path)[0]
    assert read_tagged(path, TagDataSettings(separator="|", word=3, tag=2)).texts[0].tags == ("NN", "NN")
    with pytest.raises(ConfigError, match=r"`tag` is 4, but .* has 4 columns"):
        read_tagged(path, TagDataSettings(tag=4))


def test_numbers_behind_characters_are_taken_off(write):
    words = [*"科技", "\ufffd\ufffd", *"全方位资讯智能"]
    numbers = [0, 1, 0, 0, 1, 2, 0, 1, 0, 1]
    path = write("".join(f"{word}{number}\tO\n" for word, number in zip(words, numbers, strict=True)))
    reading = read_tagged(path)
    assert reading.texts[0].text == "科技\ufffd\ufffd全方位资讯智能"
    assert "a digit that is not part of it" in " ".join(reading.notes(path))
    assert read_tagged(path, TagDataSettings(strip_digits=False)).texts[0].text.startswith("科0技1")
    assert next(read_tag_inputs(path)).text == reading.texts[0].text


def test_a_long_word_is_numbered_beyond_nine(write):
    path = write("".join(f".{number}\tO\n" for number in range(13)))
    assert read_tagged(path).texts[0].text.replace(" ", "") == "." * 13


def test_numbers_that_are_words_stay(write):
    path = write("".join(f"{number}\tO\n" for number in range(10, 29)))
    assert read_tagged(path).texts[0].text.startswith("10 11 12")


def test_repairs_and_empty_words_are_told(write):
    path = write("a\tO\n\nb\tI-A\n\tO\nc\tB-A\n\nd\tB-A\ne\tI-B\n f\tB-A\n")
    reading = read_tagged(path)
    assert [each.tags for each in reading.texts] == [("O",), ("B-A", "B-A"), ("B-A", "B-B", "B-A")]
    assert reading.notes(path)[1:] == [
        f"{path}: repaired 2 tags that break the scheme, the first in the text of line 3.",
        f"{path}: left out 1 empty word, the first on line 4.",
    ]


def test_all_that_is_wrong_is_said_with_its_line(write):
    reading = read_tagged(write("a\tO\nb\tB-A\nc\n\nd\tO\n\ne\t \nf\tO\n\ng\tB-A\nh\tO\n"))
    assert [each.text for each in reading.texts] == ["d", "g h"]
    lines = said(reading).split("\n")
    assert [line.partition("line ")[2].partition(":")[0] for line in lines] == ["3", "7"]
    assert "1 column where 2 were expected" in lines[0]


def test_columns_that_change_are_named_where_they_change(write):
    reading = read_tagged(write("a\tO\nb\tB-A\n\n" * 5 + "c\tx\tO\nd\tx\tO\n\n" * 3))
    (sentence,) = reading.problems.sentences()
    assert "line 16: 3 columns where 2 were expected" in sentence
    assert len(reading.texts) == 5


def test_strange_tags_are_named_by_line(write):
    path = write("a\tB-A\nb\tO\n\nc\tX-A\n")
    with pytest.raises(DataError, match="line 4: `X-A` is not written as the other tags"):
        read_tagged(path)
    reading = read_tagged(path, TagDataSettings(scheme="BIO"))
    assert "line 4: `X-A` is no tag of the scheme BIO" in said(reading)


@pytest.mark.parametrize("key", ["spans", "entities", "label", "labels"])
def test_spans_of_characters_are_read(write, key):
    values = [[0, 3, "PER"], {"start": 9, "end": 12, "label": "X"}]
    rows = [{"text": "Ada wrotecode in Rome", key: values}, {"text": "李明在上海", key: [[3, 5, "地名"]]}]
    reading = read_tagged(write("".join(json.dumps(row) + "\n" for row in rows), "x.jsonl"))
    first, second = reading.texts
    assert [first.text[start:end] for start, end in first.words] == ["Ada", "wrotecode", "in", "Rome"]
    assert marked(first) == [("Ada", "PER"), ("wrotecode", "X")]
    assert (marked(second), second.tags, second.line) == ([("上海", "地名")], ("O", "O", "O", "B-地名", "I-地名"), 2)


def test_spans_inside_words_are_counted(write):
    rows = [
        {"text": "Mary went to Paris", "spans": [[0, 4, "PER"], [13, 17, "LOC"]]},
        {"text": "in NewYork", "spans": [[3, 6, "A"], [6, 10, "B"]]},
        {"text": "Bob", "spans": [[1, 3, "PER"]]},
    ]
    path = write("".join(json.dumps(row) + "\n" for row in rows), "x.jsonl")
    reading = read_tagged(path)
    assert [marked(text) for text in reading.texts] == [
        [("Mary", "PER"), ("Paris", "LOC")],
        [("New", "A"), ("York", "B")],
        [("Bob", "PER")],
    ]
    told = " ".join(reading.notes(path))
    assert "4 spans begin or end inside a word, the first on line 1; taken for the whole word" in told


@given(st.text("a科 '.\u200d", max_size=13).filter(str.strip), st.data())
def test_words_are_cut_by_spans_and_by_nothing_else(tmp_path_factory, text, data):
    bounds = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=5)))
    covered = {place for start, end in split_words(text) for place in range(start, end)}
    pairs = [pair for pair in pairwise(bounds) if covered.intersection(range(*pair))]
    path = tmp_path_factory.mktemp("spans") / "x.jsonl"
    path.write_text(json.dumps({"text": text, "spans": [[*pair, "A"] for pair in pairs]}) + "\n", encoding="utf-8")
    (found,) = read_tagged(path).texts
    assert {place for start, end in found.words for place in range(start, end)} == covered
    cuts = {bound for pair in pairs for bound in pair}
    assert {end for _, end in found.words} <= cuts | {end for _, end in split_words(text)}
    words = split_words(text)
    touched = [[word for word in words if word[0] < end and start < word[1]] for start, end in pairs]
    if all(one[-1] != other[0] for one, other in pairwise(touched)):
        assert found.words == tuple(words)
        assert found.spans == tuple((each[0][0], each[-1][1], "A") for each in touched)
    else:
        trimmed = [sorted(covered.intersection(range(*pair))) for pair in pairs]
        assert found.spans == tuple((places[0], places[-1] + 1, "A") for places in trimmed)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"text": "Ada wrote", "spans": [[0, 3, "A"], [1, 5, "B"]]}, r"\[0, 3, 'A'\] and \[1, 5, 'B'\] overlap"),
        ({"text": "Ada", "spans": [[0, 4, "A"]]}, "outside of the text, which has 3 characters"),
        ({"text": "Ada", "spans": [[2, 1, "A"]]}, "ends before it begins"),
        (
            {"text": "Ada", "spans": [{"start": 0, "end": 2, "label": "A", "text": "da"}]},
            "said to be `da`, but `Ad` stands",
        ),
        ({"text": "Ada", "spans": [[1, 1, "A"]]}, "is empty"),
        ({"text": "Ada  x", "spans": [[3, 4, "A"]]}, "holds no word"),
        ({"text": "Ada", "spans": [["A", 0, 3]]}, "a span .* was expected"),
        ({"text": "Ada", "spans": {"A": [0, 3]}}, "must be a list of .start, end, label."),
        ({"text": " ", "spans": []}, "the text is empty"),
        ({"text": "Ada"}, "no spans under `spans`"),
        ({"spans": []}, "no text under `text`"),
        ({"tokens": ["a", "b"], "tags": ["O"]}, "2 words, but 1 tags"),
        ({"tokens": ["a"], "tags": [3]}, "write the names of tags"),
    ],
)
def test_spans_that_cannot_be_used_are_named_by_line(write, row, sentence):
    reading = read_tagged(write('{"text": "x", "spans": []}\n' + json.dumps(row) + "\n", "x.jsonl"))
    with pytest.raises(DataError, match=f"line 2: .*{sentence}"):
        reading.problems.raise_if_any()


def test_words_with_tags_in_json_are_read(write):
    rows = [{"tokens": ["EU", "won"], "ner_tags": ["S-ORG", "O"]}, {"tokens": ["x"], "ner_tags": ["O"]}]
    path = write("".join(json.dumps(row) + "\n" for row in rows), "x.jsonl")
    reading = read_tagged(path)
    assert (reading.scheme, reading.texts[0].text, reading.texts[0].tags) == ("BIOES", "EU won", ("B-ORG", "O"))
    assert [each.text for each in read_tag_inputs(path)] == ["EU won", "x"]


@pytest.mark.parametrize(
    ("name", "content", "task"),
    [
        ("x.json", json.dumps({"data": [{"paragraphs": [{"qas": [], "context": ""}]}]}), "answer"),
        ("x.json", json.dumps({"data": [{"paragraphs": [{"qas": []}]}]}, indent=1), "answer"),
        ("x.jsonl", '{"text": "good", "label": "pos"}\n', "classify"),
        ("x.csv", "text,label\ngood film,1\nbad,0\n", "classify"),
        ("x.tsv", "a film that is good\t1\na film that is bad\t0\n", "classify"),
        ("x.conllu", "\n".join(f"{i}\tw" + "\t_" * 8 + "\tgo.01\tA0" for i in (1, 2)) + "\n\n1" + "\tx" * 11, "roles"),
        ("x.conll", "He PRP (ARG0*)\nran VBD (V*)\n\nNo DT *\n", "roles"),
    ],
)
def test_files_of_other_tasks_are_named(write, name, content, task):
    with pytest.raises(DataError, match=f"did you mean the task `{task}`"):
        read_tagged(write(content, name))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "it is empty"),
        ("\n \n", "it is empty"),
        ("one\ntwo\n", "nothing cuts most lines"),
        ("a b c d e f\n" * 3, "6 columns; name those"),
        ("1\tw" + "\t_" * 8 + "\n2\tw" + "\t_" * 8 + "\n\n1\tw\n", "looks like CoNLL-U"),
        ("-DOCSTART- O\n\n-DOCSTART- O\n", "it holds no words with tags|nothing cuts"),
    ],
)
def test_files_without_tags_are_refused(write, content, sentence):
    with pytest.raises(DataError, match=sentence):
        read_tagged(write(content))


def test_inputs_are_texts_lines_or_words(write):
    plain = list(read_tag_inputs(write("Ada wrote.\n\n李明在\n", "x.txt")))
    assert [(each.text, each.line, len(each.words)) for each in plain] == [
        ("Ada wrote.", 1, 3),
        ("", 2, 0),
        ("李明在", 3, 3),
    ]
    objects = list(read_tag_inputs(write('{"text": "Ada"}\n', "x.jsonl")))
    assert [(each.text, each.words) for each in objects] == [("Ada", ((0, 3),))]
    assert [each.text for each in read_tag_inputs(write("Ada\nwrote\n\nso\n"))] == ["Ada wrote", "so"]
    assert [each.text for each in read_tag_inputs(write(ENGLISH, "x.txt"))] == ["Ada Lovelace wrote .", "to London"]


def test_inputs_are_a_column_of_a_table(write):
    lines = 'id,text,note\n1,Ada wrote to Alan.,a note of some length that is no text\n2,"Rome, too",b\n'
    for name, content in (("x.csv", lines), ("x.tsv", "id\ttext\n1\tAda wrote to Alan.\n2\tRome, too\n")):
        found = list(read_tag_inputs(write(content, name)))
        assert [(each.text, each.line, len(each.words)) for each in found] == [
            ("Ada wrote to Alan.", 2, 5),
            ("Rome, too", 3, 3),
        ]
    assert next(read_tag_inputs(write(lines, "x.csv"), TagDataSettings(text="note"))).text.startswith("a note")
    assert next(read_tag_inputs(write(lines, "x.csv"), TagDataSettings(text=1))).text == "Ada wrote to Alan."
    with pytest.raises(ConfigError, match="`text` names column `review`"):
        list(read_tag_inputs(write(lines, "x.csv"), TagDataSettings(text="review")))
    with pytest.raises(DataError, match="the key `review` is missing"):
        list(read_tag_inputs(write('{"text": "Ada"}\n', "x.jsonl"), TagDataSettings(text="review")))
    with pytest.raises(DataError, match=r"suffix \.conll have a word a line"):
        list(read_tag_inputs(write("Ada\tB-PER\n"), TagDataSettings(text="review")))


def test_inputs_are_a_column_of_parquet(tmp_path):
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    parquet.write_table(arrow.table({"id": [1], "review": ["Ada wrote"]}), tmp_path / "x.parquet")
    assert [each.text for each in read_tag_inputs(tmp_path / "x.parquet")] == ["Ada wrote"]


@pytest.mark.parametrize(
    "content",
    [
        "Ada\tB-PER\nwrote\tO\n\nso\tO\n",
        "Ada\tNNP\nwrote\tVBD\n\nso\tRB\n",
        "word\ttag\nAda\tNNP\nwrote\tVBD\n\nso\tRB\n",
    ],
)
def test_words_with_tags_in_a_table_stay_words(write, content):
    assert [each.text for each in read_tag_inputs(write(content, "x.tsv"))] == ["Ada wrote", "so"]
    (whole,) = read_tag_inputs(write("Ada\tB-PER\nwrote\tO\n", "x.tsv"))
    assert whole.text == "Ada wrote"


@given(st.lists(WORDS, max_size=11), st.sampled_from(["", " "]))
def test_words_are_found_again_in_their_text(words, between):
    text, places = join_words(words, between)
    assert [text[start:end] for start, end in places] == words
    assert len(text) == sum(map(len, words)) + text.count(" ") - sum(word.count(" ") for word in words)


@pytest.mark.parametrize(
    "options",
    [
        {"format": "csv"},
        {"separator": "||"},
        {"word": -1},
        {"word": 1, "tag": 1},
        {"scheme": "BOO"},
        {"between": "_"},
        {"dev_fraction": 0},
        {"test_fraction": 1},
        {"dev_fraction": 0.5, "test_fraction": 0.5},
    ],
)
def test_settings_that_make_no_sense_are_refused(options):
    with pytest.raises(ConfigError):
        TagDataSettings(**options)


@pytest.mark.data
@pytest.mark.skipif(FOLDER is None, reason="ATTENDO_DATA does not name the folder of the real data sets")
@pytest.mark.parametrize(
    ("name", "texts", "scheme", "types", "entities"),
    [
        ("ner-resume/train.char.bmes", 3821, "BMES", 8, 13440),
        ("ner-resume/dev.char.bmes", 463, "BMES", 8, 1497),
        ("ner-resume/test.char.bmes", 477, "BMES", 8, 1630),
        ("ner-weibo/weiboNER_2nd_conll.train", 1350, "BIO", 8, 1895),
        ("ner-weibo/weiboNER_2nd_conll.dev", 270, "BIO", 8, 389),
        ("ner-msra/train.conll", 11000, "BIO", 3, 16426),
        ("ner-msra/dev.conll", 1500, "BIO", 3, 2211),
        ("ner-msra/test.conll", 1500, "BIO", 3, 2164),
        ("ner-wnut17/train.conll", 3394, "BIO", 6, 1975),
        ("ner-wnut17/dev.conll", 1009, "BIO", 6, 836),
        ("ner-wikigold/train.conll", 1196, "IOB1", 4, 2507),
        ("ner-wikigold/dev.conll", 200, "IOB1", 4, 396),
        ("ner-wikigold/test.conll", 300, "IOB1", 4, 655),
        ("ner-btc/train.conll", 6338, "BIO", 3, 8779),
        ("ner-btc/dev.conll", 1000, "BIO", 3, 1730),
    ],
)
def test_real_sets_are_read_whole(name, texts, scheme, types, entities):
    path = Path(FOLDER or "") / name
    reading = read_tagged(path)
    assert (len(reading.texts), reading.scheme, said(reading)) == (texts, scheme, "")
    assert reading.strip_digits == ("weibo" in name)
    assert reading.between == ("" if any(each in name for each in ("resume", "weibo", "msra")) else " ")
    labels = [span.label for text in reading.texts for span in text.spans]
    assert (len(set(labels)), len(labels)) == (types, entities)
    seqeval = pytest.importorskip("seqeval.metrics.sequence_labeling", reason="seqeval is not installed")
    rows = [line.replace("\tM-", "\tI-") for line in path.read_text(encoding="utf-8").split("\n")]
    tags = [row.split()[-1].replace("M-", "I-", 1) if row.strip() else "O" for row in rows]
    assert len(seqeval.get_entities(tags)) == entities
