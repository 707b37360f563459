"""The published sets that ATTENDO_DATA points to, each read as it is, with no option or one obvious one."""

import os
from pathlib import Path

import pytest

from attendo.data import DataSettings, ParallelDataSettings, SummaryDataSettings, load_parallel, load_splits

FOLDER = os.environ.get("ATTENDO_DATA")
pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(FOLDER is None, reason="ATTENDO_DATA does not name the folder of the real data sets"),
]


@pytest.mark.parametrize(
    ("name", "options", "sizes", "classes", "pairs"),
    [
        ("cls-agnews", {}, (4499, 500, 2000), 4, False),
        ("cls-thucnews", {}, (59749, 5000, 4991), 10, False),
        ("cls-trec", {}, (4952, 500, 500), 50, False),
        ("cls-trec", {"label_until": ":"}, (4952, 500, 500), 6, False),
        ("cls-online_shopping", {}, (15491, 1973, 1971), 2, False),
        ("cls-online_shopping", {"label": "cat"}, (15491, 1973, 1971), 10, False),
        ("sent-sst2", {}, (6920, 872, 1821), 2, False),
        ("sent-sst5", {}, (8544, 1101, 2210), 5, False),
        ("sent-imdb", {}, (2997, 499, 999), 2, False),
        ("sent-chnsenticorp_hotel", {}, (5437, 776, 776), 2, False),
        ("sent-waimai10k", {}, (8370, 1198, 1198), 2, False),
        ("nli-sick", {}, (4500, 500, 0), 3, True),
        ("nli-ocnli", {"skip_labels": ("-",)}, (9985, 1477, 0), 3, True),
        ("pairs-afqmc", {}, (18000, 2000, 2000), 2, True),
        ("fewclue-eprstmt/train_few_all.json", {"test_fraction": 0.0}, (144, 16, 0), 2, False),
        ("fewclue-tnews/train_few_all.json", {"test_fraction": 0.0}, (1066, 119, 0), 15, False),
        ("fewclue-bustm/train_few_all.json", {"test_fraction": 0.0}, (143, 17, 0), 2, True),
    ],
)
def test_set_is_read_whole(name, options, sizes, classes, pairs):
    splits = load_splits(Path(FOLDER or "") / name, settings=DataSettings(**options))
    assert (len(splits.train), len(splits.dev), len(splits.test)) == sizes
    assert len({example.labels for example in splits.train}) == classes
    assert all((example.pair is not None) == pairs for example in splits.train)
    assert all(len(example.labels) == 1 for example in splits.train)


@pytest.mark.parametrize(
    ("name", "settings", "sizes", "sides", "languages"),
    [
        ("mt-multi30k_en-de", ParallelDataSettings(), (29000, 1014, 1000), ("en", "de"), ("en", "de")),
        ("mt-multi30k_en-de/train.de", ParallelDataSettings(), (23200, 2900, 2900), ("de", "en"), ("de", "en")),
        ("mt-tatoeba_en-zh", ParallelDataSettings(), (25447, 1000, 1000), ("0", "1"), ("en", "zh")),
        ("mt-tatoeba_en-zh", ParallelDataSettings(source="zh"), (25447, 1000, 1000), ("1", "0"), ("zh", "en")),
        ("sum-csl/val.tsv", SummaryDataSettings(), (800, 100, 100), ("1", "0"), ("zh", "zh")),
    ],
)
def test_pairs_are_read_whole(name, settings, sizes, sides, languages):
    splits = load_parallel(Path(FOLDER or "") / name, settings=settings)
    found = splits.sides
    assert (found.source, found.target) == sides
    assert (found.source_language, found.target_language) == languages
    assert sum(map(len, splits.present().values())) == sum(sizes)
    assert abs(len(splits.train) - sizes[0]) <= 50


def test_tabs_and_unusual_blanks_are_kept():
    splits = load_parallel(Path(FOLDER or "") / "mt-multi30k_en-de")
    german = [pair.target for records in splits.present().values() for pair in records]
    assert sum("\t" in text for text in german) == 1
    assert sum("\u00a0" in text for text in german) > 40
