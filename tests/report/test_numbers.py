"""What reports say where numbers are predicted, and of pairs."""

import pytest

from attendo.data import Example
from attendo.errors import ShapeError
from attendo.metrics import PairedDifference, score_regression
from attendo.page import Page
from attendo.report import HardCase, hardest_cases, hardest_ratings, main_scores, write_evaluation
from attendo.report.judging import _compared_numbers
from attendo.report.measures import main_measures
from attendo.report.score_sections import add_hardest
from attendo.report.words import Words

SCORES = score_regression([1.0, 2.0, 4.0, 3.0, 7.0], [1.5, 2.0, 3.0, 3.5, 5.0], resamples=31)


def test_the_largest_misses_come_first():
    texts = [Example(f"text {number}", pair="b" if number == 2 else None) for number in range(4)]
    found = hardest_ratings(texts, [1.0, 2.0, 3.0, 4.0], [1.5, 2.0, 5.25, 3.0])
    assert [(case.gold, case.predicted, case.miss) for case in found] == [
        ("3", "5.25", 2.25),
        ("4", "3", 1.0),
        ("1", "1.5", 0.5),
    ]
    assert found[0].texts == ("text 2", "b")
    assert len(hardest_ratings(texts, [1.0] * 4, [2.0] * 4, most=3)) == 3
    with pytest.raises(ShapeError, match="4 texts need as many numbers"):
        hardest_ratings(texts, [1.0], [2.0])


def test_scores_are_no_shares():
    assert list(main_scores(SCORES)) == ["pearson", "spearman", "mean_squared_error", "mean_absolute_error"]
    assert [each.value for each in main_measures(SCORES)] == ["0.952", "0.900", "1.100", "0.800"]


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.01, 0.05, "That is 0.031 more (0.010 to 0.050)"),
        (-0.01, 0.05, "The difference of +0.031 lies between -0.010 and +0.050"),
        (-0.05, -0.01, "That is 0.031 less (0.010 to 0.050)"),
    ],
)
def test_a_difference_in_words(low, high, said):
    difference = PairedDifference(difference=0.031 if high > 0.03 else -0.031, low=low, high=high, p_value=0.5)
    words = Words("en")
    assert said in _compared_numbers(difference, main_measures(SCORES)[0], "linear n-grams", words)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_evaluation(language, tmp_path):
    case = HardCase(text="a", gold="7", predicted="5", probability=0.0, place="a.csv line 2", miss=2.0)
    write_evaluation("numbers", SCORES, [case], tmp_path / "page.html", language=language)
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    for said in {"en": ("off by 2", "Pearson", "0.952"), "zh": ("偏差 2", "皮尔逊", "0.952")}[language]:
        assert said in text


def test_both_texts_of_a_pair_stand_apart(tmp_path):
    pair = Example(text="他来了吗？", pair="来了。", labels=("好",))
    (case,) = hardest_cases([pair], [1], [[0.8, 0.2]], ("no", "yes"))
    page = Page("pairs")
    add_hardest(page, [case], Words("en"))
    page.write(tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "‖" not in text
    assert text.index("他来了吗？") < text.index("<div", text.index("他来了吗？")) < text.index("来了。</div>")
