"""The verdict."""

import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from attendo.metrics import Interval, PairedDifference, score_likelihood
from attendo.report import Story, System, verdict


def judged(
    story: Story,
    difference: tuple[float, float, float],
    *,
    majority: float = 0.2,
    ours: tuple[float, float, float] = (0.914, 0.888, 0.936),
    linear: tuple[float, float, float] = (0.902, 0.874, 0.928),
) -> Story:
    """The story with other numbers for accuracy on 500 test texts."""
    reached = ((majority, majority, majority), linear, ours)
    systems = []
    for system, (value, low, high) in zip(story.systems, reached, strict=True):
        found = Interval(value=value, low=low, high=high)
        scores = replace(system.scores["test"], num_examples=500, accuracy=found)
        systems.append(System(name=system.name, scores={"test": scores}, seconds=1.0))
    value, low, high = difference
    against = PairedDifference(difference=value, low=low, high=high, p_value=0.5)
    return replace(story, systems=tuple(systems), against=against)


def test_a_small_difference_may_be_chance(story: Story) -> None:
    assert verdict(judged(story, (0.012, -0.006, 0.03))) == (
        "On 500 test texts the model is right in 91.4% (88.8 to 93.6); the linear model in 90.2% (87.4 to 92.8). "
        "The difference of +1.2 points lies between -0.6 and +3.0, so it may be chance."
    )


def test_a_large_difference_was_worth_it(story: Story) -> None:
    assert verdict(judged(story, (0.024, 0.008, 0.041))).endswith(
        " It is better by 2.4 points (0.8 to 4.1), more than chance explains: the Transformer was worth it."
    )


def test_a_model_that_is_worse_is_not_recommended(story: Story) -> None:
    assert verdict(judged(story, (-0.024, -0.041, -0.008))).endswith(
        " It is worse by 2.4 points (0.8 to 4.1), more than chance explains: use the linear model."
    )


def test_a_model_that_one_answer_equals_is_found_out(story: Story) -> None:
    assert verdict(judged(story, (0.0, -0.1, 0.1), majority=0.914)).endswith(
        " The same answer for every text would be right in 91.4%: no less often than the model."
    )


def test_chinese(make_story) -> None:
    assert verdict(judged(make_story("zh"), (0.012, -0.006, 0.03))) == (
        "在 500 条测试文本上，模型答对 91.4%（88.8 至 93.6），线性模型答对 90.2%（87.4 至 92.8）。"
        "相差 +1.2 个百分点，介于 -0.6 与 +3.0 之间，因此可能只是偶然。"
    )


def test_without_test_texts_it_says_so(stories: dict[str, Story]) -> None:
    said = verdict(stories["no test set"])
    assert said.startswith("On 211 dev texts")
    assert "There were no test texts." in said


def test_with_several_labels_all_must_be_right(stories: dict[str, Story]) -> None:
    assert "gets all labels right in" in verdict(stories["several labels"])


def test_without_a_comparison_none_is_drawn(story: Story) -> None:
    alone = replace(judged(story, (0, 0, 0)), against=None)
    assert verdict(alone).endswith("(87.4 to 92.8).")


@given(ends=st.lists(st.floats(-1, 1), min_size=3, max_size=3).map(sorted))
def test_it_never_claims_more_than_the_interval_does(story: Story, ends: list[float]) -> None:
    said = verdict(judged(story, (ends[1], ends[0], ends[2])))
    assert ("was worth it" in said) == (ends[0] > 0)
    assert ("use the linear model" in said) == (ends[2] < 0)
    assert ("may be chance" in said) == (ends[0] <= 0 <= ends[2])


def costing(story: Story, ours: float, theirs: float, difference: tuple[float, float, float]) -> Story:
    """A story of a model that writes: bits a character, of which fewer are better."""
    systems = tuple(
        System(name=name, scores={"dev": score_likelihood([bits * math.log(2)], [1], characters=[1])}, seconds=1.0)
        for name, bits in (("counted n-grams", theirs), ("attendo", ours))
    )
    value, low, high = difference
    against = PairedDifference(difference=value, low=low, high=high, p_value=0.5)
    return replace(story, systems=systems, against=against, labels=())


def test_of_what_a_text_costs_less_is_better(story: Story) -> None:
    assert verdict(costing(story, 2.1, 2.4, (-0.3, -0.35, -0.25))) == (
        "On 1 dev text the model reaches bits a character 2.100 (2.100 to 2.100); counted n-grams: 2.400 (2.400 to "
        "2.400). That is 0.300 less (0.250 to 0.350), more than chance explains: the Transformer was worth it. There "
        "were no test texts. The dev texts also chose the best epoch, so expect a little more on new texts."
    )
    assert "0.300 more (0.250 to 0.350), more than chance explains: use counted n-grams." in verdict(
        costing(story, 2.4, 2.1, (0.3, 0.25, 0.35))
    )
    assert "so it may be chance" in verdict(costing(story, 2.4, 2.4, (0.0, -0.1, 0.1)))


def test_chinese_of_what_a_text_costs(make_story) -> None:
    said = verdict(costing(make_story("zh"), 2.1, 2.4, (-0.3, -0.35, -0.25)))
    assert "每字符比特为 2.100" in said
    assert "模型少了 0.300（0.250 至 0.350），不能用偶然解释：用 Transformer 是值得的。" in said
