from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from attendo.page import Html, Svg, element
from attendo.page.markup import escape


class Reader(HTMLParser):
    """What a browser would see: the tags, the text, one attribute."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags, self.text, self.attributes = [], "", {}
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.update(attrs)

    def handle_data(self, data):
        self.text += data


def seen(text: str) -> str:
    """`text` with what a page cannot hold replaced."""
    return "".join(
        "\ufffd" if (ord(c) < 32 and c not in "\t\n\r") or c == "\x7f" or 0xD800 <= ord(c) < 0xE000 else c for c in text
    )


@settings(max_examples=150, deadline=None)
@given(st.text(st.one_of(st.sampled_from("<>&\"'\r\n\x00\x0b;#\ud800词"), st.characters(codec=None)), max_size=41))
def test_any_text_comes_back_as_it_was(text):
    read = Reader(element("p", text, title=text))
    assert read.tags == ["p"]
    assert read.text == seen(text)
    assert read.attributes == {"title": seen(text)}
    escape(text).encode()


def test_markup_is_kept_and_everything_else_is_not():
    bold = element("b", "1 < 2")
    assert bold == "<b>1 &lt; 2</b>"
    assert escape(bold) is bold
    assert element("p", bold, "<i>", 3.5, class_="a b", data_row=None, aria_label="x") == (
        '<p class="a b" aria-label="x"><b>1 &lt; 2</b>&lt;i&gt;3.5</p>'
    )
    assert isinstance(Svg("<svg></svg>"), Html)
    assert type(bold + "<script>") is str  # joined by hand it is text again, and is escaped


def test_empty_elements_are_closed():
    assert element("rect", x=1 / 3) == '<rect x="0.333333"/>'
    assert element("p") == "<p></p>"
    assert element("meta", name="viewport") == '<meta name="viewport"/>'
