"""The published sets that ATTENDO_DATA points to, each read as it is, with no option or one obvious one."""

import os
from pathlib import Path

import pytest

from attendo.data import DataSettings, load_splits

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
