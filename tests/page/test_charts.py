import math
import re
import xml.etree.ElementTree as ElementTree
from itertools import combinations

import numpy as np
import pytest

from attendo.errors import InputError, ShapeError
from attendo.page import (
    Axis,
    Bar,
    Html,
    Mark,
    Series,
    Svg,
    bar_chart,
    heat_map,
    histogram,
    line_chart,
    reliability_diagram,
    small_multiples,
)
from attendo.page.typography import text_width

NAN = float("nan")
LONG = [f"第 {i} 类:一个相当长的中文标签,写不进旁边的窄栏" for i in range(61)]
SVG = "{http://www.w3.org/2000/svg}"


def read(chart: Svg) -> ElementTree.Element:
    """The drawing as a tree, after what must hold for each: a name, a description, and no number that is none."""
    assert type(chart) is Svg
    tree = ElementTree.fromstring(chart)
    assert [child.tag for child in tree][:2] == [SVG + "title", SVG + "desc"]
    assert all(child.text for child in list(tree)[:2])
    assert tree.get("role") == "img"
    for node in tree.iter():
        for value in node.attrib.values():
            assert not re.search(r"\b(nan|inf)\b", value), (node.tag, node.attrib)
    return tree


def boxes(tree: ElementTree.Element) -> list[tuple[str, float, float, float, float]]:
    """Each text with the rectangle that it fills."""
    found = []
    for node in tree.iter(SVG + "text"):
        text = "".join([node.text or "", *(child.tail or "" for child in node)])
        width, x, y = text_width(text, 12), float(node.get("x")), float(node.get("y"))
        left = x - width * {None: 0, "middle": 0.5, "end": 1}[node.get("text-anchor")]
        if node.get("transform"):
            found.append((text, x - 10, y - width, x + 2, y))
        else:
            found.append((text, left, y - 10, left + width, y + 2))
    return found


def assert_readable(chart: Svg) -> None:
    """No two texts overlap, none leaves the drawing."""
    tree = read(chart)
    _, _, width, height = map(float, tree.get("viewBox").split())
    placed = boxes(tree)
    for text, left, top, right, bottom in placed:
        assert left >= -1, text
        assert right <= width + 1, text
        assert top >= -1, text
        assert bottom <= height + 1, text
    for one, other in combinations(placed, 2):
        apart = one[3] <= other[1] + 1 or other[3] <= one[1] + 1 or one[4] <= other[2] + 1 or other[4] <= one[2] + 1
        assert apart, (one, other)


def lines_of(count: int, points: int = 11) -> list[Series]:
    random = np.random.default_rng(count)
    return [Series(name=LONG[i], x=range(points), y=random.normal(size=points).cumsum()) for i in range(count)]


CHARTS = {
    "lines": line_chart(lines_of(2), title="损失", x=Axis(label="步数"), y=Axis(label="损失(纳特)")),
    "no series": line_chart([], title="none"),
    "one point": line_chart([Series(name="a", x=[3], y=[0.5])], title="one", y=Axis(percent=True)),
    "flat": line_chart([Series(name="a", x=[1, 2, 3], y=[7, 7, 7])], title="flat"),
    "nothing but gaps": line_chart([Series(name="a", x=[1, 2], y=[NAN, NAN])], title="gaps", y=Axis(log=True)),
    "infinite": line_chart([Series(name="a", x=[1, 2, 3], y=[math.inf, 1, -math.inf])], title="inf"),
    "huge": line_chart([Series(name="a", x=[-1e300, 1e300], y=[-1e308, 1e308])], title="huge"),
    "tiny": line_chart([Series(name="a", x=[1e6, 1e6 + 1], y=[1.000001, 1.000002])], title="tiny"),
    "long tick labels": line_chart([Series(name="a", x=[1e6 + 1e-3, 1e6 + 6e-3], y=[1, 2])], title="x"),
    "log": line_chart(
        [Series(name="a", x=[1, 10, 1e6], y=[0, 1e-7, 10])], title="log", x=Axis(log=True), y=Axis(log=True)
    ),
    "many long names": line_chart(
        lines_of(13),
        title="many",
        x=Axis(label="很长" * 40),
        y=Axis(label="很长" * 40),
        marks=[Mark(x=0, label="开始" * 30), Mark(x=10, label="best"), Mark(x=99, label="outside")],
    ),
    "bars": bar_chart([Bar(label="线性", value=0.9, low=0.88, high=0.92), Bar(label="ours", value=0.93)], title="b"),
    "no bars": bar_chart([], title="none"),
    "zero bars": bar_chart([Bar(label="a", value=0), Bar(label="b", value=0, muted=True)], title="zero"),
    "odd bars": bar_chart(
        [Bar(label="a", value=-0.5, low=-0.7, high=-0.2), Bar(label="b", value=NAN), Bar(label="", value=1.25)],
        title="odd",
        axis=Axis(label="变化", percent=True),
    ),
    "sixty bars": bar_chart(
        [Bar(label=name, value=i, low=i - 3, high=i + 5) for i, name in enumerate(LONG)], title="60"
    ),
    "log bars": bar_chart([Bar(label="a", value=1e-3), Bar(label="b", value=100)], title="log", axis=Axis(log=True)),
    "histogram": histogram([1, 2, 2, NAN, 5, 9.5], title="h", axis=Axis(label="length"), count_label="texts"),
    "empty histogram": histogram([], title="h"),
    "one value": histogram([3.0], title="h", bins=7),
    "log histogram": histogram([0, 1, 10, 1e5], title="h", axis=Axis(log=True)),
    "reliability": reliability_diagram(
        [0.4, 0.95, NAN], [0.35, 0.9, 0.1], [17, 101, 0], title="r", confidence_label="置信度", accuracy_label="准确率"
    ),
    "no bins": reliability_diagram([], [], [], title="r"),
    "confusion": heat_map(
        [[50, 3], [7, 41]],
        title="c",
        row_labels=["正面", "负面"],
        column_labels=["正面", "负面"],
        row_title="真实",
        by_row=True,
    ),
    "sixty classes": heat_map(
        np.eye(61), title="60", row_labels=LONG, column_labels=LONG, row_title="真实类别", column_title="预测类别"
    ),
    "large counts": heat_map([[123456, 0], [0, 9876543]], title="c", row_labels=["a", "b"], column_labels=LONG[:2]),
    "gaps in cells": heat_map([[NAN, 1.5], [0.25, NAN]], title="c", row_labels=["甲", "乙"]),
    "narrow and tall": heat_map(np.full((31, 1), 0.123), title="c", row_labels=LONG[:31]),
    "fixed ends": bar_chart(
        [Bar(label="below", value=0.2, low=0.1, high=0.3), Bar(label="above", value=3, low=0.7, high=5)],
        title="b",
        axis=Axis(low=0.5, high=1),
    ),
    "zeros": heat_map(np.zeros((2, 3)), title="c", by_row=True),
    "no number at all": heat_map(np.full((17, 17), NAN), title="c", column_labels=LONG[:17]),
    "attention": heat_map(np.random.default_rng(0).random((64, 64)), title="头 1"),
}


@pytest.mark.parametrize("name", CHARTS)
def test_texts_do_not_overlap_and_stay_inside(name):
    assert_readable(CHARTS[name])


def test_lines_pass_through_their_points_and_break_at_gaps():
    chart = line_chart([Series(name="a", x=[0, 1, 2, 3, 4, 5], y=[0, 1, NAN, 1, 1, NAN], dots=False)], title="a")
    (path,) = [node for node in read(chart).iter(SVG + "path") if "line" in node.get("class", "")]
    runs = [[tuple(map(float, p.split())) for p in run.split("L")] for run in path.get("d").split("M")[1:]]
    assert [len(run) for run in runs] == [2, 2]
    assert runs[0][0][1] > runs[0][1][1] == runs[1][0][1]
    lonely = read(line_chart([Series(name="a", x=[0, 1, 2], y=[NAN, 1, NAN], dots=False)], title="a"))
    assert len(list(lonely.iter(SVG + "circle"))) == 1


def test_long_lines_are_thinned_but_keep_their_peaks():
    y = np.zeros(100_003)
    y[70_001] = 1
    chart = line_chart([Series(name="loss", x=range(len(y)), y=y)], title="long")
    assert len(chart) < 30_000
    (path,) = [node for node in read(chart).iter(SVG + "path") if "line" in node.get("class", "")]
    heights = [float(point.split()[1]) for point in re.split("[ML]", path.get("d"))[1:]]
    assert max(heights) - min(heights) > 100


def test_a_line_chart_names_what_it_shows():
    tree = read(line_chart([Series(name="dev", x=[1, 2, 3], y=[0.5, NAN, 0.25])], title="Loss on dev"))
    assert tree[0].text == "Loss on dev"
    assert tree[1].text == "dev: 0.5 → 0.25 (2)"
    assert [node.findtext(SVG + "title") for node in tree.iter(SVG + "circle")] == ["dev · 1 · 0.5", "dev · 3 · 0.25"]
    assert read(line_chart([], title="a", description="said otherwise"))[1].text == "said otherwise"


def test_bars_and_whiskers_are_as_long_as_their_numbers():
    tree = read(bar_chart([Bar(label="a", value=0.5, low=0.25, high=1), Bar(label="b", value=1)], title="b"))
    one, two = [float(node.get("width")) for node in tree.iter(SVG + "rect")]
    assert one == pytest.approx(two / 2, abs=0.2)
    (whisker,) = [node.get("d") for node in tree.iter(SVG + "path") if node.get("class") == "whisker"]
    start, end = float(whisker[1:].split()[0]), float(re.search(r"H([\d.]+)", whisker)[1])
    assert end - start == pytest.approx(0.75 * two, abs=0.2)


def test_a_histogram_counts_every_finite_value():
    tree = read(histogram([1, 1, 2, NAN, math.inf], title="h", bins=5))
    assert sorted(node.findtext(SVG + "title") for node in tree.iter(SVG + "rect")) == ["1", "2"]


@pytest.mark.parametrize("axis", [Axis(), Axis(log=True)])
def test_a_histogram_sets_its_bars_where_the_ticks_say(axis):
    tree = read(histogram([1, 3, 47, 101], title="h", axis=axis, bins=50))
    bars = [float(node.get("x")) + float(node.get("width")) / 2 for node in tree.iter(SVG + "rect")]
    ticks = {text: (left + right) / 2 for text, left, _, right, bottom in boxes(tree) if bottom > 200}
    shown = [(label, place) for label, place in ticks.items() if label != "0"]
    at = [math.log(float(label)) if axis.log else float(label) for label, _ in shown]
    slope, start = np.polyfit(at, [place for _, place in shown], 1)
    expected = [start + slope * (math.log(value) if axis.log else value) for value in (1, 3, 47, 101)]
    assert bars == pytest.approx(expected, abs=5)


def test_a_small_heat_map_writes_its_values_and_shades_rows_by_share():
    tree = read(heat_map([[3, 1], [0, 0]], title="c", by_row=True))
    assert [float(node.get("fill-opacity")) for node in tree.iter(SVG + "rect")] == [0.75, 0.25, 0, 0]
    assert [text for text, *_ in boxes(tree)] == ["3", "1", "0", "0"]


def test_a_large_heat_map_is_compact_and_paints_each_cell_once():
    values = np.random.default_rng(0).random((64, 64))
    chart = heat_map(values, title="map")
    assert len(chart) < 64 * 64 * 16
    painted = np.zeros((64, 64))
    for node in read(chart).iter(SVG + "path"):
        for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1H\1z", node.get("d")):
            painted[int(y), int(x) : int(x) + int(length)] += float(node.get("fill-opacity"))
    np.testing.assert_allclose(painted, values / values.max(), atol=0.5 / 24 + 1e-3)


def test_the_reliability_diagram_tells_its_bins():
    chart = reliability_diagram([0.5, 0.9], [0.4, 1.0], [30, 10], title="r", confidence_label="c", accuracy_label="a")
    assert read(chart)[1].text == "50.0% → 40.0% (30); 90.0% → 100.0% (10)"
    assert len(list(read(chart).iter(SVG + "circle"))) == 2


def test_small_multiples_hold_their_charts():
    grid = small_multiples([("头 <1>", CHARTS["attention"]), ("头 2", CHARTS["zeros"])])
    assert type(grid) is Html
    assert "头 &lt;1&gt;" in grid
    assert CHARTS["zeros"] in grid


def test_what_cannot_be_drawn_is_said():
    with pytest.raises(ShapeError, match="'loss' needs as many"):
        line_chart([Series(name="loss", x=[1, 2], y=[1])], title="a")
    with pytest.raises(ShapeError, match="at least one row"):
        heat_map([], title="a")
    with pytest.raises(ShapeError, match="2 rows, but 1 row labels"):
        heat_map([[1, 2], [3, 4]], title="a", row_labels=["a"])
    with pytest.raises(ShapeError, match="for each bin"):
        reliability_diagram([0.5], [], [1], title="a")
    with pytest.raises(InputError, match="at least 1"):
        histogram([1], title="a", bins=0)
