"""What the terminal shows of a data file."""

from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from attendo.data.inspect import DataReport, inspect_data
from attendo.report import data_table


def shown(report: DataReport, **options: str) -> str:
    console = Console(width=80, color_system=None, markup=False, highlight=False, legacy_windows=False)
    with console.capture() as captured:
        console.print(data_table(report, **options))
    assert max(map(cell_len, captured.get().splitlines())) <= 80
    return captured.get()


@pytest.fixture
def report(tmp_path: Path) -> DataReport:
    """59 good rows, one without label, one without text, and two that contradict each other."""
    rows = [f"room {number} was nice,{'good' if number % 3 else 'bad'}" for number in range(59)]
    rows += ["unlabelled,", ",good", "房间很干净,good", "房间很干净,bad"]
    (tmp_path / "hotel.csv").write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return inspect_data(tmp_path / "hotel.csv")


def test_numbers_and_sentences_arrive(report: DataReport) -> None:
    lines = [line.split() for line in shown(report).splitlines()]
    assert ["train", "hotel.csv", "csv,", "utf-8", "63", "61", "1", "1"] in lines
    assert ["good", "40", "65.6%", "█" * 24] in lines
    assert ["bad", "21", "34.4%", "█" * 13] in lines
    assert ["text", "column", "text"] in lines
    assert ["label", "column", "label"] in lines
    assert ["texts", "with", "different", "labels", "1"] in lines
    words = " ".join(shown(report).split())
    for kind, sentences in (("Note", report.notes), ("Warning", report.warnings), ("Problem", report.problems)):
        for sentence in sentences:
            assert f"{kind}: {sentence}".replace(" ", "") in words.replace(" ", "")
    assert report.problems
    assert report.warnings


def test_columns_that_nothing_is_in_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("text\tlabel\n好\t1\n坏\t0\n很好\t1\n", encoding="utf-8")
    text = shown(inspect_data(tmp_path / "a.tsv"))
    assert "rows" in text
    assert "unlabelled" not in text
    assert "left out" not in text


def test_chinese(report: DataReport) -> None:
    text = shown(report, language="zh")
    assert all(words in text for words in ("数据集", "标签列", "长度（字符）", "中位数", "注意：", "问题："))


def test_many_classes_are_cut(tmp_path: Path) -> None:
    rows = "".join(f"text {number} {copy},class {number}\n" for number in range(37) for copy in range(2))
    (tmp_path / "many.csv").write_text("text,label\n" + rows, encoding="utf-8")
    assert ["7", "more", "classes", "14"] in [
        line.split() for line in shown(inspect_data(tmp_path / "many.csv")).splitlines()
    ]


def test_a_file_that_is_not_there_is_a_problem_in_words(tmp_path: Path) -> None:
    text = shown(inspect_data(tmp_path / "nothing.csv"))
    assert "Problem: " in text
    assert "nothing.csv" in text.replace("\n", "")
