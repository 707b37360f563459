"""The evaluation report."""

from pathlib import Path

import pytest

from attendo.report import Story, write_evaluation
from attendo.report.measures import all_measures
from attendo.report.words import Words


@pytest.mark.parametrize("kind", ["English", "several labels", "a hundred classes", "one text in each set"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_score_stands_in_the_page(kind: str, language: str, stories: dict[str, Story], tmp_path: Path) -> None:
    story, words, path = stories[kind], Words(language), tmp_path / "evaluation.html"
    scores = story.systems[-1].scores["test"]
    write_evaluation("model <x> on test.csv", scores, story.hardest, path, language=language)
    markup = path.read_text(encoding="utf-8")
    assert "model &lt;x&gt; on test.csv" in markup
    for measure in all_measures(scores):
        assert f">{words.name(measure.key)}<" in markup
        assert f">{words.meaning(measure.key)}<" in markup
        assert f">{measure.value}<" in markup
        assert f">{measure.between(words.range)}<" in markup
    for heading in (words.scores, words.classes, words.confidence, words.hardest):
        assert f">{heading}</h2>" in markup
    assert "src=" not in markup
    assert markup.count("<script>") == 1
