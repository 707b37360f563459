"""Languages by names and by texts."""

import pytest

from attendo.data import guess_language, language_named

ENGLISH = ["The dog is running to the park.", "What are you doing with that hat?"]
GERMAN = ["Der Hund läuft in den Park.", "Was machst du mit dem Hut?"]


@pytest.mark.parametrize(("name", "language"), [
    ("en", "en"), ("EN_us", "en"), ("zh-Hans-CN", "zh"), ("deu", "de"), ("English", "en"), ("中文", "zh"), ("sw", "sw"),
    ("cmn", "zh"), ("xx", None), ("tsv", None), ("sentence", None), ("0", None), ("", None), ("en.de", None),
    ("English sentence", "en"), ("sentence_de", "de"), ("text_zh-Hant_TW", "zh"), ("text_id", None), ("is_valid", None),
    ("id", "id"), ("text", None), ("en-", None), ("中文句子", None), ("中文 句子", "zh"),
])  # fmt: skip
def test_names(name, language):
    assert language_named(name) == language


@pytest.mark.parametrize(("texts", "language"), [
    (ENGLISH, "en"), (GERMAN, None), (["汤姆有个计划。", "Tom寫明信片。"], "zh"), (["トムは計画があると言う。"], "ja"),
    (["톰은 계획이 있다."], "ko"), (["Он бежит в парк."], None), ([], None), (["", "123"], None),
])  # fmt: skip
def test_texts(texts, language):
    assert guess_language(texts) == language
