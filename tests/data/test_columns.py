"""Which column is taken for what, and what is said about it."""

from pathlib import Path

import pytest

from attendo.data import Row, choose_columns
from attendo.errors import ConfigError

PATH = Path("reviews.csv")
TEXTS = [
    "the room was clean enough",
    "nobody came to help us",
    "很好的酒店，下次还来",
    "早餐太差了，房间也小",
    "so be it then",
]


def table(**columns) -> list[Row]:
    names = list(columns)
    return [
        Row(dict(zip(names, cells, strict=True)), PATH, i)
        for i, cells in enumerate(zip(*columns.values(), strict=True), 1)
    ]


def headerless(*columns) -> list[Row]:
    return table(**{str(index): column for index, column in enumerate(columns)})


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        ("label,review", ("review", None, "label")),
        ("review,sentiment,file", ("review", None, "sentiment")),
        ("标签,文本", ("文本", None, "标签")),
        ("类别,评论", ("评论", None, "类别")),
        ("ID,Title,Content,Category", ("Content", None, "Category")),
        ("id,sentence1,sentence2,label,label0", ("sentence1", "sentence2", "label")),
        ("id,text_a,text_b,gold_label", ("text_a", "text_b", "gold_label")),
        ("premise,hypothesis,label", ("premise", "hypothesis", "label")),
    ],
)
def test_usual_names_are_known(names, chosen):
    columns = choose_columns(table(**dict.fromkeys(names.split(","), TEXTS)))
    assert (columns.text, columns.pair, columns.label) == chosen
    assert columns.names == tuple(names.split(","))


def test_content_tells_where_names_do_not():
    score = ["4.5", "3.6", "4.5", "3.6", "4.5"]
    rows = table(pair_ID="12345", a=[text + " indeed" for text in TEXTS], relatedness_score=score, judgment="nnyyn")
    columns = choose_columns(rows)
    assert (columns.text, columns.label) == ("a", "judgment")


def test_columns_without_names_go_by_numbers():
    columns = choose_columns(headerless("01234", TEXTS, "00110"))
    assert (columns.text, columns.pair, columns.label, columns.numbered) == ("1", None, "2", True)


def test_two_columns_of_prose_without_names_are_a_pair():
    columns = choose_columns(headerless(TEXTS, TEXTS[::-1], "00110"))
    assert (columns.text, columns.pair, columns.label) == ("0", "1", "2")
    longer = [text * 5 for text in TEXTS]
    assert choose_columns(headerless(TEXTS, longer, "00110")).pair is None


def test_guess_is_told_and_its_doubts_too():
    columns = choose_columns(table(cat="aabba", label="00110", review=TEXTS))
    assert columns.notes == (
        "Guessed: text is column `review`, label is column `label`.",
        "`label` was taken as the label; `cat` may be meant: name it with `label`.",
    )
    assert choose_columns(table(cat="aabba", label="00110", review=TEXTS), text="review", label="cat").notes == ()


def test_several_columns_that_look_like_labels_are_asked_about():
    with pytest.raises(ConfigError, match=r"reviews\.csv: `shop`, `good` all look like the label column; name it"):
        choose_columns(table(review=TEXTS, shop="aabba", good="00110"))
    with pytest.raises(ConfigError, match="among `review`, `id` none looks like the label column"):
        choose_columns(table(review=TEXTS, id="12345"))


def test_columns_are_named_by_name_or_number():
    rows = table(review=TEXTS, label="00110", cat="aabba")
    columns = choose_columns(rows, text=0, label="2")
    assert (columns.text, columns.label) == ("review", "cat")
    assert choose_columns(table(**{"1": TEXTS, "0": "00110"}), text="1").text == "1"


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"label": "lable"}, r"`label` names column `lable`.*It has `review`, `label`; did you mean `label`\?"),
        ({"text": 7}, r"`text` names column `7`.*It has `review`, `label`\."),
        ({"text": "label", "label": "label"}, "must be different columns"),
    ],
)
def test_wrong_column_is_told_with_those_there_are(choice, message):
    with pytest.raises(ConfigError, match=message):
        choose_columns(table(review=TEXTS, label="00110"), **choice)


def test_text_given_alone_is_taken_alone():
    rows = table(sentence1=TEXTS, sentence2=TEXTS, label="00110")
    assert choose_columns(rows, text="sentence1").pair is None
    assert choose_columns(rows, text="sentence1", pair="sentence2").pair == "sentence2"


def test_no_label_is_needed_to_predict():
    columns = choose_columns(table(id="12345", body=TEXTS), labelled=False)
    assert (columns.text, columns.label) == ("body", None)


def test_rationale_is_a_column_of_spans_not_of_words():
    spans = [[[0, 3]], [], [[1, 2], [3, 4]], None, []]
    assert choose_columns(table(text=TEXTS, label="00110", rationale=spans)).rationale == "rationale"
    assert choose_columns(table(text=TEXTS, label="00110", rationale=TEXTS)).rationale is None
