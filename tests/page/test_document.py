import errno
import os
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attendo.errors import ShapeError, StorageError, UnsupportedError
from attendo.page import (
    Axis,
    Bar,
    Column,
    Mark,
    Page,
    Series,
    Span,
    Tile,
    bar_chart,
    data_table,
    element,
    heat_map,
    highlighted,
    histogram,
    line_chart,
    reliability_diagram,
    small_multiples,
)

HOSTILE = "<script>alert('注入')</script>\"'><img src=x onerror=alert(1)></style></title>--><b>&lt;\x00"


class Reader(HTMLParser):
    """Checks that tags close in order, and collects what a page is made of."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.attributes, self.texts = [], [], [], []
        self.feed(markup)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.handle_startendtag(tag, attrs)
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else "", data))

    def text(self, *skipped: str) -> str:
        return "".join(data for tag, data in self.texts if tag not in skipped)


def everywhere(text: str) -> Page:
    """A page with `text` in every place that takes words."""
    label = text or "x"
    page = Page(text, subtitle=text)
    for _ in range(3):
        page.section(text)
    page.paragraph(text, element("b", text, title=text))
    page.tiles([Tile(value=text, caption=text, interval=text)])
    page.table([text, Column(title=text, bar=True)], [[text, 1.5], [text, None]], caption=text)
    page.table([text], [[text]], sortable=False)
    page.note(text)
    page.warning(text)
    page.highlight(text, [Span(start=0, end=len(text), weight=-1, label=label)])
    words = {"title": text, "description": text}
    axis = Axis(label=text)
    marks = [Mark(x=1, label=text)]
    series = [Series(name=text, x=[1, 2], y=[1, 2]), Series(name=text, x=[1, 2], y=[2, 2])]
    page.figure(line_chart(series, x=axis, y=axis, marks=marks, **words), text)
    page.figure(bar_chart([Bar(label=text, value=1, low=0, high=2)], axis=axis, **words), text)
    page.figure(histogram([1, 2], axis=axis, count_label=text, **words))
    page.figure(reliability_diagram([0.5], [0.4], [3], confidence_label=text, accuracy_label=text, **words))
    names = {"row_labels": [text], "column_labels": [text], "row_title": text, "column_title": text}
    page.figure(small_multiples([(text, heat_map([[1]], **names, **words))]), wide=True)
    with page.details(text):
        page.paragraph(text)
    return page


def test_hostile_text_stays_text_everywhere():
    plain, hostile = Reader(everywhere("plain").html()), Reader(everywhere(HOSTILE).html())
    # Cut labels gain a tooltip; apart from that the two pages are built alike.
    assert [tag for tag in hostile.tags if tag != "title"] == [tag for tag in plain.tags if tag != "title"]
    assert hostile.tags.count("script") == 1
    assert "img" not in hostile.tags
    assert not [name for name, _ in hostile.attributes if name.startswith("on")]
    shown = HOSTILE.replace("\x00", "\ufffd")
    assert hostile.text("script", "style").count(shown) > 25
    assert [value for name, value in hostile.attributes if name == "title"].count(shown) == 2


@settings(max_examples=11, deadline=None)
@given(st.text(max_size=17))
def test_any_text_leaves_the_page_whole(text):
    everywhere(text).html().encode()
    Reader(everywhere(text).html())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_is_one_file_that_fetches_nothing(language):
    markup = Page("报告", language=language).html()
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|@import|url\(|<link|\bsrc=", markup)
    assert "default-src &#39;none&#39;" in markup
    assert f'<html lang="{"zh-Hans" if language == "zh" else "en"}">' in markup


def test_sections_figures_and_contents_are_laid_out():
    page = Page("Report")
    chart = bar_chart([Bar(label="a", value=1)], title="b")
    page.paragraph("before any section")
    page.section("One")
    page.figure(chart, "left")
    page.figure(chart, "right")
    page.paragraph("between")
    page.figure(chart)
    page.section("Two")
    assert "<nav" not in page.html()
    page.section("三")
    markup = page.html()
    assert markup.count('<div class="figures">') == 2
    assert markup.count("<section>") == 4
    assert re.findall(r'<a href="#(section-\d)">(.*?)</a>', markup) == [
        (f"section-{i + 1}", t) for i, t in enumerate(["One", "Two", "三"])
    ]
    assert re.findall(r'<h2 id="(section-\d)">', markup) == ["section-1", "section-2", "section-3"]


def test_details_hold_what_is_added_inside():
    page = Page("a")
    with page.details("outer", unfolded=True):
        page.note("in")
        with page.details("inner"):
            page.paragraph("deep")
        with pytest.raises(UnsupportedError, match="with"):
            page.section("no")
    page.paragraph("after")
    markup = page.html()
    assert '<details open=""><summary>outer</summary>' in markup
    assert "<details><summary>inner</summary>" in markup
    assert markup.index("in</p>") < markup.index("deep") < markup.index("</details><p") < markup.index("after</p>")


def test_table_cells_are_aligned_sorted_and_barred():
    columns = ["类别", Column(title="F1", bar=True), Column(title="share", percent=True), "note"]
    table = data_table(columns, [["a", 0.25, 0.5, "x"], ["b", 0.5, None, 3], ["c", float("nan"), 1, True]])
    assert re.findall(r"<th scope=\"row\"[^>]*>(.*?)</th>", table) == ["a", "b", "c"]
    assert table.count('scope="col"') == 4
    assert re.findall(r"--share:([\d.]+)", table) == ["0.500", "1.000"]
    assert re.findall(r"<td[^>]*>(.*?)</td>", table) == [
        "0.250",
        "50.0%",
        "x",
        "0.500",
        "–",
        "3",
        "–",
        "100.0%",
        "True",
    ]
    assert 'data-value="0.25"' in table
    assert re.findall(r'<th scope="col"( class="number")?', table) == ["", ' class="number"', ' class="number"', ""]
    assert "<button" not in data_table(["a"], [["b"]], sortable=False)
    with pytest.raises(ShapeError, match=r"Row 2 .* 1 cells"):
        data_table(["a", "b"], [[1, 2], [3]])


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_highlights_keep_the_text_and_colour_its_strongest_span(data):
    text = data.draw(st.text("aé好\n <&\r\u0301𠮷", max_size=19))
    place = st.integers(0, len(text))
    weight = st.floats(-2, 2)
    spans = [
        Span(start=min(a, b), end=max(a, b), weight=w)
        for a, b, w in data.draw(st.lists(st.tuples(place, place, weight), max_size=5))
    ]
    read = Reader(highlighted(text, spans, strongest=2))
    assert read.text() == text
    marked = "".join(data for tag, data in read.texts if tag == "mark")
    covered = "".join(c for i, c in enumerate(text) if any(span.start <= i < span.end for span in spans))
    assert marked == covered


def test_highlights_are_scaled_and_signed():
    spans = [
        Span(start=0, end=1, weight=0.5),
        Span(start=1, end=3, weight=-1, label="词"),
        Span(start=2, end=3, weight=0.1),
    ]
    markup = highlighted("好不好", spans)
    assert re.findall(r"<mark(?: class=\"(\w+)\")? style=\"--weight:([\d.]+)\" title=\"(.*?)\">(.*?)<", markup) == [
        ("", "0.500", "0.5", "好"),
        ("against", "1.000", "词", "不好"),
    ]
    assert "--weight:0.250" in highlighted("好", [Span(start=0, end=1, weight=0.5)], strongest=2)
    assert "<mark" not in highlighted("好", [Span(start=0, end=1, weight=0), Span(start=0, end=1, weight=float("nan"))])
    with pytest.raises(ShapeError, match=r"from 2 to 5 .* 3 characters"):
        highlighted("abc", [Span(start=2, end=5, weight=1)])


def test_a_page_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "报告.html"
    Page("first").write(path)
    first = path.read_text(encoding="utf-8")
    assert first == Page("first").html()

    def full_disk(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    for step in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, step, full_disk)
            with pytest.raises(StorageError, match="No space left"):
                Page("second").write(path)
        assert path.read_text(encoding="utf-8") == first
        assert [file.name for file in tmp_path.iterdir()] == ["报告.html"]
    with pytest.raises(StorageError, match="could not be written"):
        Page("third").write(str(path / "page.html"))


def test_an_unknown_language_is_refused():
    with pytest.raises(UnsupportedError, match="'en' or 'zh'"):
        Page("a", language="fr")
