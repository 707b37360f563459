"""Translation memories: languages, variants, markup inside segments, and what is refused."""

import gzip

import pytest

from attendo.data import ParallelDataSettings, ReadOptions, read_parallel, read_rows
from attendo.errors import ConfigError, DataError

HEAD = (
    '<?xml version="1.0"{}?>\n<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n<tmx version="1.4">\n<header srclang="en"/>\n<body>\n'
)


def unit(**texts):
    inner = "".join(
        f'<tuv xml:lang="{language.replace("_", "-")}"><seg>{text}</seg></tuv>' for language, text in texts.items()
    )
    return f"<tu>{inner}</tu>\n"


def written(folder, *units, encoding="utf-8", declared="", name="memory.tmx"):
    content = (HEAD.format(declared) + "".join(units) + "</body>\n</tmx>\n").encode(encoding)
    path = folder / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def texts(reading):
    return [(pair.text, pair.target, pair.line) for pair in reading.pairs]


def test_units_are_rows_by_the_line_they_begin_on(tmp_path):
    path = written(tmp_path, unit(de="Der Hund läuft.", en="The dog\nruns."), unit(en="A &lt;b&gt;", de="Ein &#228;"))
    reading = read_parallel(path)
    assert texts(reading) == [("The dog\nruns.", "Der Hund läuft.", 6), ("A <b>", "Ein ä", 8)]
    assert (reading.sides.source_language, reading.sides.target_language) == ("en", "de")
    assert [row.values for row in read_rows(path)][1] == {"en": "A <b>", "de": "Ein ä"}


def test_regions_and_variants(tmp_path):
    path = written(
        tmp_path, unit(en_US="color it", en_GB="colour it", zh_CN="给它上色"), unit(EN_gb="hello you", zh="你好")
    )
    assert texts(read_parallel(path)) == [("color it", "给它上色", 6), ("hello you", "你好", 7)]
    alone = written(tmp_path, unit(en_US="color it", en_GB="colour it"), name="english.tmx")
    with pytest.raises(ConfigError, match="it has only `en`, but a pair needs two columns or languages"):
        read_parallel(alone)
    both = ParallelDataSettings(source="en-US", target="en-GB")
    assert texts(read_parallel(alone, both)) == [("color it", "colour it", 6)]
    british = read_parallel(path, ParallelDataSettings(source="en-GB", target="zh"))
    assert texts(british)[0][0] == "colour it"


def test_what_is_markup_inside_a_segment_is_no_text(tmp_path):
    inner = 'A <bpt i="1">&lt;b></bpt>bold<ept i="1">&lt;/b></ept> <hi>word</hi><ph>x<sub>note</sub></ph>.'
    old = "<tu><tuv lang='de'><prop>p</prop><seg>Ein Wort.</seg></tuv><note>n</note></tu>"
    path = written(tmp_path, unit(en=inner, de="Ein <it>{1}</it>Wort."), old)
    reading = read_parallel(path)
    assert texts(reading) == [("A bold word.", "Ein Wort.", 6)]
    assert (reading.without_source.number, reading.without_source.first) == (1, 7)


def test_more_than_two_languages(tmp_path):
    path = written(tmp_path, unit(en="a b", de="c d", fr="e f"))
    with pytest.raises(ConfigError, match=r"has 3 languages: `en`, `de`, `fr`. Name two with `source` and `target`"):
        read_parallel(path)
    assert texts(read_parallel(path, ParallelDataSettings(source="fr", target="en"))) == [("e f", "a b", 6)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030", "iso-8859-1", "windows-1252"])
def test_encodings(tmp_path, encoding):
    german = encoding in ("iso-8859-1", "windows-1252")
    other = {"de": "Größe, Straße"} if german else {"zh": "狗在跑。"}
    path = written(tmp_path, unit(en="the dog", **other), encoding=encoding, declared=f' encoding="{encoding}"')
    assert texts(read_parallel(path))[0][:2] == ("the dog", next(iter(other.values())))


def test_packed_and_long(tmp_path):
    path = written(tmp_path, *[unit(en=f"the dog {n}", zh=f"狗{n}") for n in range(1009)], name="memory.tmx.gz")
    assert texts(read_parallel(path))[1008] == ("the dog 1008", "狗1008", 1014)


@pytest.mark.parametrize(("content", "said"), [
    ('<?xml version="1.0"?>\n<!DOCTYPE tmx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n<tmx>&b;</tmx>',
     "line 2: the document defines the entity `a`; a translation memory needs none. Write the characters themselves."),
    ('<!DOCTYPE tmx [<!ENTITY x SYSTEM "file:///etc/hostname">]><tmx>&x;</tmx>', "defines the entity `x`"),
    ('<!DOCTYPE tmx [<!ENTITY % x SYSTEM "http://a.example/x">%x;]><tmx/>', "defines the entity `x`"),
    ('<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n<tmx><tu><tuv lang="en"><seg>a&nbsp;b</seg></tuv></tu></tmx>',
     "line 2: the document uses the unknown entity `nbsp`"),
    ("<tmx><tu>\n</tmx>", r"line 2: this is no sound XML \(mismatched tag at column 3\)"),
    ("<tmx>\n<tu>\n", "this is no sound XML .no element found"),
    ("<tmx><body></body></tmx>", "it holds no unit with a text; TMX has `tu` elements"),
    ("", "it is empty|no element found"),
    ("no XML at all", "line 1: this is no sound XML .syntax error"),
])  # fmt: skip
def test_what_is_refused(content, said, tmp_path):
    path = tmp_path / "memory.tmx"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        read_parallel(path)


def test_an_encoding_that_is_given_goes_before_the_one_that_is_declared(tmp_path):
    path = written(tmp_path, unit(en="the dog", zh="狗"), encoding="gb18030", declared=' encoding="utf-8"')
    assert next(read_rows(path, options=ReadOptions(encoding="gb18030"))).values == {"en": "the dog", "zh": "狗"}
