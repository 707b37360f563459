"""Sets of pairs: found in folders by stems, read in one direction, cut by equal sources and by documents."""

import pytest

from attendo.data import (
    ParallelDataSettings,
    ParallelSplits,
    SummaryDataSettings,
    find_parallel_test_set,
    find_splits,
    load_parallel,
)
from attendo.errors import DataError


def lines(kind, count, start=0):
    return "".join(f"{kind} number {n} of them\n" for n in range(start, start + count))


@pytest.fixture
def folder(tmp_path):
    """The folder of a translation with files for each set."""
    for stem, start in (("train", 0), ("val", 100), ("test_2016_flickr", 200)):
        (tmp_path / f"{stem}.en").write_text(lines("the dog with the", 31, start), encoding="utf-8")
        (tmp_path / f"{stem}.zh").write_text(lines("狗有", 31, start), encoding="utf-8")
    return tmp_path


def test_sets_are_stems_with_two_endings(folder):
    splits = load_parallel(folder)
    assert isinstance(splits, ParallelSplits)
    assert {name: len(records) for name, records in splits.present().items()} == {"train": 31, "dev": 31, "test": 31}
    assert (splits.sides.source, splits.sides.target_language) == ("en", "zh")
    assert splits.test[0].place == "test_2016_flickr.en line 1"
    assert len(splits.notes) == 1
    assert splits.notes[0].startswith(f"{folder / 'train'}: Guessed: source is `en`, target is `zh`; for another")
    assert splits.warnings == ()
    assert find_parallel_test_set(folder) == folder / "test_2016_flickr"
    assert find_parallel_test_set(folder / "val.en") == folder / "val.en"


def test_all_sets_have_the_direction_of_the_first(folder):
    splits = load_parallel(folder / "train.zh", dev=folder / "val.en", test=folder / "test_2016_flickr")
    assert all(pair.text.startswith("狗") for records in splits.present().values() for pair in records)
    swapped = load_parallel(folder, settings=ParallelDataSettings(source="zh", target="en"))
    assert swapped.train == splits.train


def test_tables_and_files_may_stand_side_by_side(folder):
    (folder / "val.en").unlink()
    (folder / "val.tsv").write_text("the dog\t狗\nthe cat of the man\t猫\n", encoding="utf-8")
    splits = load_parallel(folder)
    assert [pair.target for pair in splits.dev] == ["狗", "猫"]
    (folder / "train.tsv").write_text("the dog\t狗\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"several files may be the train set: train.tsv, train"):
        load_parallel(folder)


def test_files_of_a_pair_are_no_sets_by_themselves(tmp_path):
    for name in ("train.en.txt", "train.de.txt", "test_a.en.txt", "test_a.de.txt"):
        (tmp_path / name).write_text(lines(f"the {name[-6:-4]} with the", 31), encoding="utf-8")
    splits = load_parallel(tmp_path, settings=ParallelDataSettings(source="en", target="de"))
    assert (len(splits.train) + len(splits.dev), len(splits.test)) == (31, 31)


def test_equal_sources_stay_together_where_a_set_is_cut(tmp_path):
    path = tmp_path / "data.tsv"
    rows = [(f"the dog {n % 29} of the man", f"狗{n}") for n in range(101)]
    path.write_text("".join(f"{en}\t{zh}\n" for en, zh in rows), encoding="utf-8")
    splits = load_parallel(path, settings=ParallelDataSettings(dev_fraction=0.2))
    sources = [{pair.text for pair in records} for records in splits.present().values()]
    assert len(sources) == 3
    assert sum(map(len, sources)) == len(set().union(*sources)) == 29
    assert any("Set apart" in note and "of the pairs of" in note for note in splits.notes)
    assert splits.warnings == ()


def test_documents_stay_together_and_in_order(tmp_path):
    path = tmp_path / "data.jsonl"
    rows = [f'{{"doc_id": "{n // 5}", "en": "the dog {n} of", "zh": "狗{n}"}}\n' for n in range(101)]
    path.write_text("".join(rows), encoding="utf-8")
    sets = load_parallel(path).present().values()
    documents = [{pair.document for pair in records} for records in sets]
    assert sum(map(len, documents)) == 21
    assert all([pair.line for pair in records] == sorted(pair.line or 0 for pair in records) for records in sets)


def test_what_sets_share_is_said(folder):
    english, chinese = (folder / f"train.{ending}" for ending in ("en", "zh"))
    first, *others = (folder / "val.en").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "val.en").write_text("".join([english.read_text(encoding="utf-8").split("\n")[4] + "\n", *others]))
    assert first not in others
    splits = load_parallel(folder)
    assert splits.warnings == (
        "dev: pairs whose source has another target in train: 1 of 31 (such as val.en line 1, like train.en line 5).",
    )
    splits = load_parallel(folder, test=chinese.with_name("train"))
    assert "test: pairs that stand in train too: 31 of 31 (such as train.en line 1, equal" in " ".join(splits.warnings)


def test_summaries_are_counted_as_documents(tmp_path):
    path = tmp_path / "data.tsv"
    path.write_text("".join(f"题目{n}\t这是第{n}个文件的正文。\n" for n in range(53)), encoding="utf-8")
    splits = load_parallel(path, settings=SummaryDataSettings())
    assert splits.train[0].target.startswith("题目")
    assert any("of the documents of" in note for note in splits.notes)


def test_too_few_sources_to_cut_a_set(tmp_path):
    path = tmp_path / "data.tsv"
    path.write_text("".join(f"the dog\t狗{n}\n" for n in range(11)), encoding="utf-8")
    with pytest.raises(DataError, match="into only 1 group that stays together, such as all of the same source; add"):
        load_parallel(path)


def test_the_only_two_files_of_a_folder_are_the_training_set(tmp_path):
    for ending in ("de", "en"):
        (tmp_path / f"Tatoeba.de-en.{ending}").write_text(lines("the dog with the", 31), encoding="utf-8")
    (tmp_path / "README").write_text("x", encoding="utf-8")
    (tmp_path / "Tatoeba.de-en.en").write_text(lines("dogs of the", 31), encoding="utf-8")
    splits = load_parallel(tmp_path)
    assert (splits.sides.source, splits.sides.target) == ("de", "en")
    assert sum(map(len, splits.present().values())) == 31


def test_a_folder_without_pairs(tmp_path):
    (tmp_path / "a.en").write_text("x\n", encoding="utf-8")
    with pytest.raises(DataError, match="this folder has neither a train file nor a folder for each class"):
        load_parallel(tmp_path)
    (tmp_path / "train.en").write_text("x\n", encoding="utf-8")
    (tmp_path / "train.de").write_text("y\n", encoding="utf-8")
    with pytest.raises(DataError, match="neither a train file"):
        find_splits(tmp_path)
