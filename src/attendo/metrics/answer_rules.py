"""When an answer is right, and how much of it: the rules of the published evaluations, one table of them.

| rules | exact match | F1 |
|---|---|---|
| `squad-1.1` (arXiv 1606.05250) | equal without case, ASCII punctuation, articles and surplus blanks | bag of words |
| `squad-2.0` (arXiv 1806.03822) | the same; a question without answer wants an empty one | the same |
| `cmrc-2018` (arXiv 1810.07366) | equal without case and the list of marks | longest common run of characters |
| `drcd` (arXiv 1806.00920) | as SQuAD 1.1, and without eight full-width marks | bag of characters |

DRCD was published without a script; its authors told which two places of SQuAD's they had changed. Others report it by
the rules of CMRC 2018.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from attendo.metrics.treebank import western_words

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_ASCII_MARKS = str.maketrans("", "", string.punctuation)
_DRCD_MARKS = str.maketrans("", "", string.punctuation + "《》？，。、；：")
# The published list also has `……`, which no single character can equal: an ellipsis is not removed.
_CMRC_MARKS = str.maketrans("", "", "-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』")
_CHINESE = re.compile(r"[\u4e00-\u9fa5]")
_CHINESE_OR_RUN = re.compile(r"[\u4e00-\u9fa5]|[^\u4e00-\u9fa5]+")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_CHINESE_SHARE = 0.2  # of the letters: a Chinese text may be full of names and numbers, each character is a word


@dataclass(frozen=True, kw_only=True)
class AnswerRules:
    """One published way to compare a prediction with one right answer; `language` is what it is the usual one for."""

    name: str
    language: str
    exact: Callable[[str, str], float]
    f1: Callable[[str, str], float]
    accepted: Callable[[Sequence[str]], Sequence[str]]
    """The right answers that count; where there is none, an empty prediction is right and any other wrong."""

    def score(self, prediction: str, answers: Sequence[str]) -> tuple[float, float]:
        """Exact match and F1 of one prediction: the best over the right answers, of which there may be none."""
        accepted = self.accepted(answers)
        if not accepted:
            return float(not prediction), float(not prediction)
        return max(self.exact(prediction, one) for one in accepted), max(self.f1(prediction, one) for one in accepted)


def answer_language(texts: Iterable[str]) -> str:
    """`zh` where a fifth or more of the letters are Chinese characters, else `en`."""
    chinese = letters = 0
    for text in texts:
        chinese += len(_HAN.findall(text))
        letters += sum(map(str.isalpha, text))
    return "zh" if chinese and chinese >= _CHINESE_SHARE * letters else "en"


def usual_rules(language: str, *, all_answered: bool) -> AnswerRules:
    """The rules by which results in a language are mostly reported."""
    if language == "zh":
        return ANSWER_RULES["cmrc-2018"]
    return ANSWER_RULES["squad-1.1" if all_answered else "squad-2.0"]


def _plain_words(text: str) -> str:
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_ASCII_MARKS)).split())


def _drcd_characters(text: str) -> str:
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_DRCD_MARKS)).split())


def _without_cmrc_marks(text: str) -> str:
    return text.lower().strip().translate(_CMRC_MARKS)


def _mixed_words(text: str) -> list[str]:
    """Chinese characters one by one, what lies between as words."""
    words: list[str] = []
    for run in _CHINESE_OR_RUN.findall(_without_cmrc_marks(text)):
        words += run if _CHINESE.match(run) else western_words(run)
    return words


def _equal(normalise: Callable[[str], str]) -> Callable[[str, str], float]:
    return lambda prediction, answer: float(normalise(prediction) == normalise(answer))


def _bag_f1(units: Callable[[str], Sequence[str]], *, both_empty: float = 0.0) -> Callable[[str, str], float]:
    """F1 of what two bags share; `both_empty` where neither holds anything."""

    def f1(prediction: str, answer: str) -> float:
        ours, theirs = units(prediction), units(answer)
        if not ours and not theirs:
            return both_empty
        return _f1((Counter(ours) & Counter(theirs)).total(), len(ours), len(theirs))

    return f1


def _run_f1(prediction: str, answer: str) -> float:
    """F1 of the longest run of words that two answers share."""
    ours, theirs = _mixed_words(prediction), _mixed_words(answer)
    return _f1(_longest_run(ours, theirs), len(ours), len(theirs))


def _f1(shared: int, predicted: int, right: int) -> float:
    if shared == 0:
        return 0.0
    precision, recall = shared / predicted, shared / right
    return 2 * precision * recall / (precision + recall)


def _longest_run(ours: Sequence[str], theirs: Sequence[str]) -> int:
    longest, before = 0, [0] * (len(theirs) + 1)
    for one in ours:
        row = [0] * (len(theirs) + 1)
        for place, other in enumerate(theirs):
            if one == other:
                row[place + 1] = before[place] + 1
        longest, before = max(longest, *row), row
    return longest


def _all(answers: Sequence[str]) -> Sequence[str]:
    return answers


def _with_words(answers: Sequence[str]) -> Sequence[str]:
    """SQuAD 2.0 leaves out an answer that is nothing but articles and punctuation."""
    return [answer for answer in answers if _plain_words(answer)] or ("",)


ANSWER_RULES: dict[str, AnswerRules] = {
    rules.name: rules
    for rules in (
        AnswerRules(
            name="squad-1.1",
            language="en",
            exact=_equal(_plain_words),
            f1=_bag_f1(lambda text: _plain_words(text).split()),
            accepted=_all,
        ),
        AnswerRules(
            name="squad-2.0",
            language="en",
            exact=_equal(_plain_words),
            f1=_bag_f1(lambda text: _plain_words(text).split(), both_empty=1.0),
            accepted=_with_words,
        ),
        AnswerRules(
            name="cmrc-2018",
            language="zh",
            exact=_equal(_without_cmrc_marks),
            f1=_run_f1,
            accepted=_all,
        ),
        AnswerRules(
            name="drcd",
            language="zh",
            exact=_equal(_drcd_characters),
            f1=_bag_f1(_drcd_characters),
            accepted=_all,
        ),
    )
}
