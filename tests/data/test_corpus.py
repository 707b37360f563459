"""The built-in corpus: sound, the same everywhere, and beyond the reach of counting words."""

import re
from collections import Counter
from collections.abc import Callable
from hashlib import blake2b

import pytest

from attendo.data import Example, Splits, built_in_corpus, load_splits, write_corpus
from attendo.data.chinese import CHINESE
from attendo.data.english import ENGLISH
from attendo.errors import ConfigError, StorageError

LANGUAGES = ("en", "zh", "both")


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_different_balanced_and_have_rationales(language):
    corpus = built_in_corpus(language, size=601, seed=3)
    everything = corpus.train + corpus.dev + corpus.test
    assert [len(corpus.train), len(corpus.dev), len(corpus.test)] == [481, 60, 60]
    assert len({example.text for example in everything}) == 601
    counts = Counter(example.labels[0] for example in everything)
    assert set(counts) == {"negative", "neutral", "positive"}
    assert max(counts.values()) - min(counts.values()) <= 1
    for example in everything:
        assert example.rationale
        edges = [0, *(edge for span in example.rationale for edge in span), len(example.text)]
        assert edges == sorted(edges)
        assert not re.search(r"[<>{}]|  |^\W? ", example.text)
        assert re.search(r"[.?。？]$", example.text)


def test_languages_share_the_corpus_equally():
    examples = built_in_corpus("both", size=600).train
    chinese = sum(bool(re.search(r"[\u4e00-\u9fff]", example.text)) for example in examples)
    assert abs(chinese - len(examples) / 2) < 10


@pytest.mark.parametrize(("language", "expected"), [("en", "16303b02038561cd"), ("zh", "5e00f1ca73368f79")])
def test_corpus_is_the_same_on_any_machine(language, expected):
    examples = built_in_corpus(language, size=97, seed=5).train
    written = "\n".join(f"{e.text}\t{e.labels[0]}\t{e.rationale}" for e in examples)
    assert blake2b(written.encode(), digest_size=8).hexdigest() == expected
    assert built_in_corpus(language, size=97, seed=6).train[0] != examples[0]


def score(corpus: Splits, reading: Callable[[Example], str], ngrams: int) -> float:
    """Accuracy on held-out sentences of a linear model of n-grams of what `reading` leaves of them."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    words = CountVectorizer(token_pattern=r"[\u4e00-\u9fff]|[a-zA-Z]+", ngram_range=(1, ngrams))
    model = LogisticRegression(max_iter=200)
    model.fit(words.fit_transform(map(reading, corpus.train)), [e.labels[0] for e in corpus.train])
    held_out = corpus.dev + corpus.test
    return float(model.score(words.transform(map(reading, held_out)), [e.labels[0] for e in held_out]))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_counting_words_does_not_solve_it_but_rationales_do(language):
    corpus = built_in_corpus(language, size=1500)
    assert score(corpus, lambda example: example.text, 1) < 0.8
    assert score(corpus, rationale_alone, 3) > 0.85
    assert score(corpus, text_without_rationale, 2) < 0.7


def rationale_alone(example: Example) -> str:
    return " ".join(example.text[begin:end] for begin, end in example.rationale)


def text_without_rationale(example: Example) -> str:
    edges = [0, *(edge for span in example.rationale for edge in span), len(example.text)]
    return " ".join(example.text[begin:end] for begin, end in zip(edges[::2], edges[1::2], strict=True))


def test_names_carry_words_that_would_be_opinions_elsewhere():
    for grammar in (ENGLISH, CHINESE):
        for topic in grammar.topics:
            opinions = [w.lower() for a in (topic.verdict, *topic.aspects) for w in (*a.good, *a.bad)]
            assert sum(any(word in title.lower() for word in opinions) for title in topic.titles) >= 2, topic.kind


def test_written_corpus_is_read_back(tmp_path):
    paths = write_corpus(tmp_path / "corpus", size=90, seed=1)
    assert [path.name for path in paths] == ["train.jsonl", "dev.jsonl", "test.jsonl"]
    assert sorted(path.name for path in (tmp_path / "corpus").iterdir()) == ["dev.jsonl", "test.jsonl", "train.jsonl"]
    corpus, read = built_in_corpus(size=90, seed=1), load_splits(tmp_path / "corpus")
    for written, found in ((corpus.train, read.train), (corpus.dev, read.dev), (corpus.test, read.test)):
        assert [(e.text, e.labels, e.rationale) for e in written] == [(e.text, e.labels, e.rationale) for e in found]


def test_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="could not be written"):
        write_corpus(tmp_path / "file", size=30)


@pytest.mark.parametrize("wrong", [{"language": "de"}, {"size": 2}, {"size": 10**7}])
def test_wrong_request_is_told(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        built_in_corpus(**wrong)
