"""Sets found in folders, cut from files, and compared with one another."""

import json
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendo.data import (
    DataSettings,
    Example,
    Question,
    QuestionReading,
    find_splits,
    find_test_set,
    load_sets,
    load_splits,
    split_examples,
)
from attendo.data.cuts import CutSettings
from attendo.data.splits import familiar_settings
from attendo.errors import DataError


def written(path: Path, rows: list[tuple[str, str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in rows), encoding="utf-8")
    return path


def many(count: int, prefix: str = "文本") -> list[tuple[str, str]]:
    return [(f"{prefix} {index}", "abc"[index % 3]) for index in range(count)]


class TestCutting:
    examples = st.lists(
        st.builds(
            lambda text, label: Example(text, labels=(label,)), st.text("ab好", max_size=3), st.sampled_from("xyz")
        ),
        max_size=60,
    )

    @given(examples=examples, seed=st.integers(0, 7), shuffle=st.integers(0, 7))
    def test_sides_depend_on_texts_not_on_their_order(self, examples, seed, shuffle):
        sets = split_examples(examples, dev_fraction=0.2, test_fraction=0.1, seed=seed)
        other = random.Random(shuffle).sample(examples, len(examples))
        again = split_examples(other, dev_fraction=0.2, test_fraction=0.1, seed=seed)
        assert [Counter(one) for one in sets] == [Counter(one) for one in again]
        assert sum(map(Counter, sets), Counter()) == Counter(examples)
        texts = [{example.text.strip() for example in one} for one in sets]
        assert not texts[0] & texts[1]
        assert not texts[0] & texts[2]
        assert not texts[1] & texts[2]

    def test_classes_are_cut_alike_and_seeds_differ(self):
        rows = [Example(f"t{i}", labels=("rare" if i % 10 == 0 else "usual",)) for i in range(1000)]
        train, dev, test = split_examples(rows, dev_fraction=0.1, test_fraction=0.1, seed=1)
        assert [len(train), len(dev), len(test)] == [800, 100, 100]
        assert [sum(e.labels == ("rare",) for e in one) for one in (train, dev, test)] == [80, 10, 10]
        assert split_examples(rows, dev_fraction=0.1, test_fraction=0.1, seed=2)[1] != dev

    def test_sides_are_the_same_on_any_machine(self):
        rows = [Example(f"句子 {i}", labels=("ab"[i % 2],)) for i in range(23)]
        _, dev, test = split_examples(rows, dev_fraction=0.1, test_fraction=0.1)
        assert [e.text for e in dev] == ["句子 8", "句子 15", "句子 16"]
        assert [e.text for e in test] == ["句子 7", "句子 14", "句子 20"]

    def test_texts_with_several_labels_are_cut_by_the_rarest(self):
        labels = ("usual", "often", "rare")
        rows = [Example(f"t{i}", labels=tuple(labels[: 1 + (i % 2 == 0) + (i % 10 == 0)])) for i in range(100)]
        rows += [Example(f"none {i}") for i in range(10)]
        train, dev, test = split_examples(rows, dev_fraction=0.2, test_fraction=0.2)
        assert [len(train), len(dev), len(test)] == [66, 22, 22]
        assert [sum("rare" in example.labels for example in one) for one in (train, dev, test)] == [6, 2, 2]

    def test_every_class_keeps_a_text_to_learn_from(self):
        rows = [Example(f"t{i}", labels=(str(i // 2),)) for i in range(14)]
        train, dev, test = split_examples(rows, dev_fraction=0.4, test_fraction=0.4)
        assert {e.labels for e in train} == {e.labels for e in rows}
        assert len(dev) + len(test) == 7


class TestFolders:
    @pytest.mark.parametrize(
        ("names", "found"),
        [
            (("train.csv", "dev.csv", "test.csv", "class.txt"), ("train.csv", "dev.csv", "test.csv")),
            (("training.tsv", "validation.jsonl.gz"), ("training.tsv", "validation.jsonl.gz", None)),
            (("SICK_train.txt", "SICK_trial.txt"), ("SICK_train.txt", "SICK_trial.txt", None)),
            (("train.10k.json", "dev.json"), ("train.10k.json", "dev.json", None)),
            (("train.csv", "train_more.csv", "val.csv"), ("train.csv", "val.csv", None)),
            (("constraints.csv", "my-Train.CSV"), ("my-Train.CSV", None, None)),
            (("train-0-of-1.parquet", "test-0-of-1.parquet"), ("train-0-of-1.parquet", None, "test-0-of-1.parquet")),
        ],
    )
    def test_sets_are_found_by_name(self, tmp_path, names, found):
        for name in names:
            (tmp_path / name).write_text("")
        roles = zip(("train", "dev", "test"), found, strict=True)
        assert find_splits(tmp_path) == {role: tmp_path / name for role, name in roles if name}

    def test_folders_of_classes_under_train_and_test(self, tmp_path):
        for name in ("train/pos/1", "train/pos/2", "train/neg/1", "train/neg/2", "test/pos/1", "test/neg/1"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(f"text of {name}")
        splits = load_splits(tmp_path, settings=DataSettings(dev_fraction=0.3))
        assert (len(splits.train), len(splits.dev), len(splits.test)) == (2, 2, 2)
        assert {example.labels for example in splits.test} == {("pos",), ("neg",)}

    def test_single_folder_of_classes_is_cut(self, tmp_path):
        for label in ("好", "坏"):
            (tmp_path / label).mkdir()
            for index in range(10):
                (tmp_path / label / f"{index}.txt").write_text(f"{label} {index}", encoding="utf-8")
        splits = load_splits(tmp_path)
        assert (len(splits.train), len(splits.dev), len(splits.test)) == (16, 2, 2)

    def test_several_candidates_are_asked_about(self, tmp_path):
        for name in ("train_0.json", "train_all.json", "dev.json"):
            (tmp_path / name).write_text("")
        with pytest.raises(DataError, match=r"several files may be the train set: train_0\.json, train_all\.json"):
            find_splits(tmp_path)

    def test_set_that_is_given_is_not_looked_for(self, tmp_path):
        for name in ("train.csv", "test_a.csv", "test_b.csv"):
            (tmp_path / name).write_text("")
        assert find_splits(tmp_path, test=tmp_path / "test_b.csv")["test"].name == "test_b.csv"

    def test_a_model_is_judged_on_the_test_set_of_a_folder(self, tmp_path):
        (tmp_path / "train.csv").write_text("")
        assert find_test_set(tmp_path) == tmp_path
        assert find_test_set(tmp_path / "train.csv") == tmp_path / "train.csv"
        (tmp_path / "test.conll").write_text("")
        assert find_test_set(tmp_path, (".csv", ".conll")) == tmp_path / "test.conll"

    def test_folder_without_data_says_what_it_holds(self, tmp_path):
        with pytest.raises(DataError, match="it holds nothing"):
            load_splits(tmp_path)
        (tmp_path / "notes.md").write_text("")
        with pytest.raises(DataError, match=r"neither a train file nor a folder for each class; it holds notes\.md"):
            load_splits(tmp_path)

    @pytest.mark.parametrize(("name", "task"), [("train.char.bmes", "tag"), ("zh-train.conllup", "roles")])
    def test_a_folder_of_another_task_is_named(self, tmp_path, name, task):
        (tmp_path / name).write_text("")
        (tmp_path / "readme.txt").write_text("")
        with pytest.raises(DataError, match=f"{name} is called like .* did you mean the task `{task}`"):
            find_splits(tmp_path)


class TestLoading:
    def test_file_is_cut_80_10_10(self, tmp_path):
        splits = load_splits(written(tmp_path / "all.csv", many(300)))
        assert (len(splits.train), len(splits.dev), len(splits.test)) == (240, 30, 30)
        assert any("Set apart 30 of the texts of" in note and "and 30 for test" in note for note in splits.notes)

    def test_numbers_are_no_classes_to_be_cut_alike(self, tmp_path):
        rows = [(f"text number {number} of many", f"{number / 7:.3f}") for number in range(300)]
        splits = load_splits(written(tmp_path / "all.csv", rows))
        assert splits.numbers
        assert (len(splits.train), len(splits.dev), len(splits.test)) == (240, 30, 30)

    def test_file_is_cut_90_10_if_no_test_is_wanted_or_one_is_given(self, tmp_path):
        path, test = written(tmp_path / "all.csv", many(300)), written(tmp_path / "t.csv", many(30, "other"))
        splits = load_splits(path, settings=DataSettings(test_fraction=0))
        assert (len(splits.train), len(splits.dev), len(splits.test)) == (270, 30, 0)
        splits = load_splits(path, test=test)
        assert (len(splits.train), len(splits.dev), len(splits.test)) == (270, 30, 30)

    def test_nothing_is_cut_where_dev_is_given(self, tmp_path):
        splits = load_splits(written(tmp_path / "a.csv", many(30)), dev=written(tmp_path / "d.csv", many(9, "dev")))
        assert (len(splits.train), len(splits.dev), len(splits.test)) == (30, 9, 0)

    def test_columns_guessed_on_train_hold_for_the_others(self, tmp_path):
        train, dev = tmp_path / "train.csv", tmp_path / "dev.csv"
        train.write_text("a fine day,x\na poor day,y\nfine again,x\npoor again,y\n")
        dev.write_text("label,x\nword,y\n")  # would pass for a header, and both columns for labels
        splits = load_splits(tmp_path)
        assert [(example.text, example.labels) for example in splits.dev] == [("label", ("x",)), ("word", ("y",))]
        assert splits.columns is not None
        assert (splits.columns.text, splits.columns.label) == ("0", "1")

    def test_repeats_leaks_contradictions_and_unknown_classes_are_told(self, tmp_path):
        train = written(tmp_path / "train.csv", [("one", "a"), ("one", "b"), ("two", "a"), ("three", "b")])
        written(tmp_path / "dev.csv", [("two", "a"), ("四", "c")])
        splits = load_splits(train.parent)
        assert len(splits.train) == 4
        repeats, leaks, contradictions, unknown = splits.warnings
        assert (
            repeats
            == "train: texts that repeat an earlier one: 1 (such as train.csv line 3, equal to train.csv line 2)."
        )
        assert leaks.startswith(
            "dev: texts that stand in train too: 1 of 2 (such as dev.csv line 2, equal to train.csv"
        )
        assert "`a` in train.csv line 2 and `b` in train.csv line 3" in contradictions
        assert unknown == "dev: 1 of its texts have the label `c`, which train does not have."

    @pytest.mark.parametrize(
        ("rows", "message"),
        [
            ([("a", "x"), ("b", "x")], "all 2 rows have the label `x`; at least two labels are needed"),
            ([("a", "x"), ("b", "x"), ("c", "y")], r"only one row has the label `y` \(a\.csv line 4\)\. Add rows"),
            ([(str(i), f"n{i}") for i in range(20)], r"and 15 others\. Is this the right column\?"),
        ],
    )
    def test_training_set_that_cannot_be_learnt_from_is_refused(self, tmp_path, rows, message):
        with pytest.raises(DataError, match=message):
            load_splits(written(tmp_path / "a.csv", rows), settings=DataSettings(text="text", label="label"))

    def test_header_taken_for_data_is_suspected(self, tmp_path):
        (tmp_path / "a.csv").write_text("what?,which?\nfine,1\npoor,0\ngood,1\nbad,0\n")
        with pytest.raises(DataError, match=r"`which\?` \(a\.csv line 1\)\. If line 1 names the columns, set `header`"):
            load_splits(tmp_path / "a.csv", settings=DataSettings(text=0, label=1))

    def test_too_few_rows_to_set_some_apart_is_told(self, tmp_path):
        path = written(tmp_path / "a.csv", [("a", "x"), ("a", "x"), ("b", "y"), ("b", "y")])
        with pytest.raises(DataError, match="4 rows are too few to set some apart"):
            load_splits(path)

    def test_how_many_rows_differ_is_told_where_they_are_too_few(self, tmp_path):
        path = written(tmp_path / "a.csv", [("a", "x"), ("b", "y")] * 30)
        said = "60 rows are too few to set some apart, as they hold only 2 different texts and equal ones stay together"
        with pytest.raises(DataError, match=f"{said}; add others, or give a dev set"):
            load_splits(path)

    def test_groups_that_cannot_be_parted_are_told(self, tmp_path):
        asked = [Question(f"What is {number}?", "One passage.") for number in range(20)]
        reading = QuestionReading(questions=asked)
        with pytest.raises(
            DataError, match=r"20 rows .* fall into only 1 group that stays together, such as all questions"
        ):
            load_sets({"train": tmp_path}, lambda path: reading, CutSettings())

    def test_missing_file_is_told(self, tmp_path):
        with pytest.raises(DataError, match="no such file"):
            load_splits(tmp_path / "missing.csv")


BEFORE = {"text": "wording", "pair": "说明", "label": "verdict"}


class TestFamiliarColumns:
    def settings(self, folder, header, before=BEFORE, **given):
        path = folder / "a.jsonl"
        path.write_text(json.dumps(dict.fromkeys(header.split(","), "x")), encoding="utf-8")
        found = familiar_settings(DataSettings(**given), path, before)
        return found.text, found.pair, found.label

    def test_they_are_taken_where_they_are(self, tmp_path):
        assert self.settings(tmp_path, "verdict,说明,wording") == ("wording", "说明", "verdict")
        assert self.settings(tmp_path, "x,y,verdict") == (None, None, "verdict")
        assert self.settings(tmp_path, "wording,x,y") == (None, None, None)
        assert self.settings(tmp_path, "wording,x,y", {"text": "wording", "pair": None}) == ("wording", None, None)
        assert self.settings(tmp_path, "verdict,说明,wording", {}) == (None, None, None)

    def test_what_is_given_stays(self, tmp_path):
        header = "verdict,说明,wording"
        assert self.settings(tmp_path, header, text="说明") == ("说明", None, "verdict")
        assert self.settings(tmp_path, header, label="wording") == (None, None, "wording")
        assert self.settings(tmp_path, header, label=0) == ("wording", "说明", 0)

    def test_bad_rows_are_left_to_the_reading(self, tmp_path):
        path = tmp_path / "a.jsonl"
        path.write_text('{"half\n{"verdict": "x"}\n[]\n{"wording": "y"}\n', encoding="utf-8")
        found = familiar_settings(DataSettings(), path, {"text": "wording", "label": "verdict"})
        assert (found.text, found.label) == ("wording", "verdict")
        with pytest.raises(DataError, match="no such file"):
            familiar_settings(DataSettings(), tmp_path / "b.jsonl", BEFORE)
