"""How scores of written texts are shown."""

import pytest

from attendo.metrics import PairedDifference, score_summaries, score_translation
from attendo.page import Page
from attendo.report import main_scores
from attendo.report.judging import _compared_numbers
from attendo.report.measures import all_measures, difference_of, main_measures
from attendo.report.score_sections import add_meanings
from attendo.report.words import Words

TRANSLATIONS = score_translation(["the cat sat on a mat", "dogs"], ["the cat sat on the mat", "dogs"], resamples=31)
SUMMARIES = score_summaries(["the cat sat", "dogs run"], ["the cat lay", "dogs run"], resamples=31)


def test_points_of_a_hundred_are_written_as_they_are():
    assert list(main_scores(TRANSLATIONS)) == ["bleu", "chrf"]
    assert [each.value for each in main_measures(TRANSLATIONS)] == ["54.1", "68.2"]
    bleu = main_measures(TRANSLATIONS)[0]
    assert bleu.within(Words("en", "pair")) == bleu.between("{value} ({low} to {high})")
    assert [difference_of(bleu, 1.26), difference_of(bleu, -1.26, signed=False)] == ["+1.3", "-1.3"]


def test_rouge_is_a_share():
    assert list(main_scores(SUMMARIES)) == ["rouge_l", "rouge_1", "rouge_2"]
    assert main_measures(SUMMARIES)[0].value == "83.3%"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("scores", "noun"), [(TRANSLATIONS, "pair"), (SUMMARIES, "document")])
def test_every_score_has_a_name_and_the_main_ones_a_meaning(scores, noun, language):
    words = Words(language, noun)
    assert all(words.name(each.key) for each in all_measures(scores))
    page = Page("scores")
    add_meanings(page, main_measures(scores), words)
    assert all(words.name(each.key) in page.html() for each in main_measures(scores))


def test_a_difference_is_said_in_points():
    against = PairedDifference(difference=1.5, low=0.5, high=2.5, p_value=0.01)
    said = _compared_numbers(against, main_measures(TRANSLATIONS)[0], "copy", Words("en", "pair"))
    assert "1.5 more (0.5 to 2.5)" in said
