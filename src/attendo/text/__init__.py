"""Text to token ids with exact places, for English and Chinese, and to hashed n-grams.

Normalisation, words without a dictionary, tokenizers trained on the user's own text or loaded from a model folder, and
bags of n-grams with tf-idf weights; in `patterns`, what a text that is being written has to look like. Not for reading
files (`data`), and it knows no tensors.
"""

from __future__ import annotations

from attendo.text.characters import CJK
from attendo.text.choosing import CJK_SHARE, TokenizerChoice, chinese_share, choose_tokenizer
from attendo.text.encoding import Encoding
from attendo.text.loading import CHAT_TEMPLATE, TOKENIZER_FILES
from attendo.text.marked_rows import UNMARKED, MarkedRows, MarkedSentences, ranges
from attendo.text.markup import MarkedTexts, with_marks
from attendo.text.ngrams import Bags, NGramHasher
from attendo.text.normalise import Normalisation
from attendo.text.portable import write_portable
from attendo.text.rows import FIRST_FREE, LONGEST_NGRAM, RowTokens, RowVocabulary, normal_form
from attendo.text.specials import SPECIAL_TOKENS, Specials
from attendo.text.spelling import Spelling
from attendo.text.tfidf import TfIdf
from attendo.text.tokenizer import Tokenizer
from attendo.text.training import TOKENIZERS, TokenizerKind, train_tokenizer
from attendo.text.words import Span, split_words

__all__ = [
    "CHAT_TEMPLATE",
    "CJK",
    "CJK_SHARE",
    "FIRST_FREE",
    "LONGEST_NGRAM",
    "SPECIAL_TOKENS",
    "TOKENIZERS",
    "TOKENIZER_FILES",
    "UNMARKED",
    "Bags",
    "Encoding",
    "MarkedRows",
    "MarkedSentences",
    "MarkedTexts",
    "NGramHasher",
    "Normalisation",
    "RowTokens",
    "RowVocabulary",
    "Span",
    "Specials",
    "Spelling",
    "TfIdf",
    "Tokenizer",
    "TokenizerChoice",
    "TokenizerKind",
    "chinese_share",
    "choose_tokenizer",
    "normal_form",
    "ranges",
    "split_words",
    "train_tokenizer",
    "with_marks",
    "write_portable",
]
