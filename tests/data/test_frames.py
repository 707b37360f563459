"""Sentences with predicates and roles, in each format, whole and broken."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendo.data import Frame, Role, RoleDataSettings, read_frame_inputs, read_frames
from attendo.errors import ConfigError, DataError

FOLDER = os.environ.get("ATTENDO_DATA")

BRACKETS = """\
Dogs NNS (NP* - - (ARG0*) * (ARG0*)
that WDT * - - (R-ARG0*) * *
bark VBP * bark bark.01 (V*) * *
# SYM *) - - * * *
may MD * may - * (V* (ARGM-MOD*)
not RB * - - * *) (ARGM-NEG*)
bite VB * bite bite.01 * * (V*)

Yes UH * - -

"""
LEAVE = [Frame(1, "leave.01", (Role(0, 1, "ARG0"), Role(2, 5, "ARGM-TMP")))]


def write(folder: Path, text: str, name: str = "roles.txt") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def only(path: Path, **settings):
    reading = read_frames(path, RoleDataSettings(**settings))
    reading.problems.raise_if_any()
    (sentence,) = reading.sentences
    return sentence


def words_of(sentence) -> list[str]:
    return [sentence.text[start:end] for start, end in sentence.words]


def rows(*lines: str) -> str:
    return "".join(line.replace(" ", "\t") + "\n" for line in lines) + "\n"


def test_brackets(tmp_path):
    text = BRACKETS.replace("may -", "may may.01")
    reading = read_frames(write(tmp_path, text))
    assert reading.format == "brackets"
    assert not reading.problems.count
    assert not reading.notes(Path("x"))
    first, second = reading.sentences
    assert first.text == "Dogs that bark # may not bite"
    assert words_of(first) == first.text.split()
    assert first.frames == (
        Frame(2, "bark.01", (Role(0, 1, "ARG0"), Role(1, 2, "R-ARG0"))),
        Frame(4, "may.01", ()),
        Frame(6, "bite.01", (Role(0, 1, "ARG0"), Role(4, 5, "ARGM-MOD"), Role(5, 6, "ARGM-NEG"))),
    )
    assert (second.text, second.frames, second.line) == ("Yes", (), 9)
    assert first.place == "roles.txt line 1"


def test_a_column_without_a_roleset_is_a_predicate_where_its_v_stands(tmp_path):
    reading = read_frames(write(tmp_path, BRACKETS))
    assert [frame.sense for frame in reading.sentences[0].frames] == ["bark.01", None, "bite.01"]
    assert reading.notes(Path("x")) == ["x: took 1 predicate without a roleset from a `V`."]


def test_leading_ids_of_both_kinds(tmp_path):
    propbank = rows(
        "a/b 0 0 She PRP (S* - - (ARG0*)",
        "a/b 0 1 left VBD * leave leave.01 (V*)",
        "a/b 0 2 at IN * - - (ARGM-TMP*",
        "a/b 0 3 half JJ * - - *",
        "a/b 0 4 past NN *) - - *)",
    )
    ontonotes = "#begin document (a/b); part 000\n" + rows(
        "a/b 0 0 She PRP (S* - - - - * (ARG0*) (7)",
        "a/b 0 1 left VBD * leave 01 2 - * (V*) -",
        "a/b 0 2 at IN * - - - - * (ARGM-TMP* -",
        "a/b 0 3 half JJ * - - - - * * -",
        "a/b 0 4 past NN *) - - - - * *) -",
    )
    for text, name in ((propbank, "propbank"), (ontonotes, "conll2012")):
        reading = read_frames(write(tmp_path, text))
        assert reading.format == name
        assert not reading.problems.count
        assert list(reading.sentences[0].frames) == LEAVE


def test_heads_with_nodes_and_ranges(tmp_path):
    text = "# text = Don't leave!\n" + rows(
        "1-2 Don't _ _ _ _ _ _ _ _ _ _ _",
        "1 Do do AUX _ _ 3 aux _ _ _ ARGM-ADV _",
        "2 n't not PART _ _ 3 neg _ _ _ ARGM-NEG _",
        "3 leave leave VERB _ _ 0 root _ SpaceAfter=No leave.01 V _",
        "3.1 leave leave VERB _ _ _ _ _ _ leave.02 _ V",
        "4 ! ! PUNCT _ _ 3 punct _ _ _ _ ARG1",
    )
    path = write(tmp_path, text)
    sentence = only(path)
    assert sentence.text == "Don't leave!"
    assert words_of(sentence) == ["Do", "n't", "leave", "!"]
    assert sentence.frames == (Frame(2, "leave.01", (Role(0, 1, "ARGM-ADV"), Role(1, 2, "ARGM-NEG"))),)
    assert read_frames(path).notes(path) == [f"{path}: left out 1 predicate on nodes that are no words."]


@pytest.mark.parametrize(
    ("text", "kept"),
    [("She  left.", True), (" She left . ", True), ("She has left.", False), ("She left", False), ("", False)],
)
def test_the_text_of_a_comment_is_kept_where_the_words_stand_in_it(tmp_path, text, kept):
    lines = ("1 She she PRON _ _ 2 nsubj _ _ _ ARG0", "2 left leave VERB _ _ 0 root _ _ leave.01 V",
             "3 . . PUNCT _ _ 2 punct _ _ _ _")  # fmt: skip
    sentence = only(write(tmp_path, f"# text = {text}\n" + rows(*lines)))
    assert sentence.text == (text if kept else "She left .")
    assert words_of(sentence) == ["She", "left", "."]


def test_eight_columns_of_chinese_words(tmp_path):
    text = "# sentence-text: 他 , Bob\n" + rows(
        "1 昨天 昨天 NOUN NN _ 2 x _ _ AM-TMP _",
        "2 引起 引起 VERB VV _ 0 root Y cause.01 _ A1|A2",
        "3 , , PUNCT , _ 2 punct _ _ _ _",
        "4 Bob _ X _ _ 2 x _ _ A0 _",
        "5 Lee _ X _ _ 2 x _ _ _ _",
        "6 說 说 VERB VV _ 0 root Y say.01 A1 _",
    )
    sentence = only(write(tmp_path, text))
    assert sentence.text == "昨天引起, Bob Lee 說"
    assert words_of(sentence) == ["昨天", "引起", ",", "Bob", "Lee", "說"]
    assert sentence.frames[0] == Frame(1, "cause.01", (Role(0, 1, "AM-TMP"), Role(3, 4, "A0"), Role(5, 6, "A1")))
    assert sentence.frames[1] == Frame(5, "say.01", (Role(1, 2, "A1"),))  # one of two on one word
    assert only(write(tmp_path, text), joining="blanks").text == "昨天 引起 , Bob Lee 說"


PLUS = "# global.columns = ID FORM MISC UP:PRED UP:ARGHEADS UP:ARGSPANS\n"


def test_spans_are_preferred_to_heads(tmp_path):
    text = PLUS + rows(
        "1 她 SpaceAfter=No _ _ _",
        "2 離開 SpaceAfter=No leave.01 A0:1|AM-TMP:4 A0:1-1|AM-TMP:3-4",
        "3 昨 SpaceAfter=No go.01 A1:4 _",
        "4 天 SpaceAfter=No _ _ _",
    )
    sentence = only(write(tmp_path, text))
    assert sentence.text == "她離開昨天"
    assert sentence.frames == (
        Frame(1, "leave.01", (Role(0, 1, "A0"), Role(2, 4, "AM-TMP"))),
        Frame(2, "go.01", (Role(3, 4, "A1"),)),
    )


@pytest.mark.parametrize(
    "given_words",
    [
        {"words": ["She", "left", "at", "half", "past"]},
        {"text": "She left at half past"},
        {"text": "She left  at half past", "words": [[0, 3], [4, 8], [10, 12], [13, 17], [18, 22]]},
    ],
)
def test_objects(tmp_path, given_words):
    roles = [[2, 5, "ARGM-TMP"], [0, 1, "ARG0"], [1, 2, "V"]]
    record = given_words | {"frames": [{"predicate": 1, "sense": "leave.01", "roles": roles}]}
    sentence = only(write(tmp_path, json.dumps(record) + "\n"))
    assert words_of(sentence) == ["She", "left", "at", "half", "past"]
    assert sentence.text == given_words.get("text", "She left at half past")
    assert list(sentence.frames) == LEAVE


def test_objects_with_places_of_characters(tmp_path):
    words = [[0, 3], [4, 8], [10, 12], [13, 17], [18, 22]]
    roles = [{"start": 10, "end": 22, "label": "ARGM-TMP"}, {"start": 0, "end": 3, "label": "ARG0"}]
    frame = {"predicate": {"start": 4, "end": 8, "sense": "leave.01"}, "roles": roles}
    record = {"text": "She left  at half past", "words": words, "frames": [frame]}
    assert list(only(write(tmp_path, json.dumps(record) + "\n")).frames) == LEAVE
    roles[0]["end"] = 20
    with pytest.raises(DataError, match=r"line 1: a predicate or role .* does not begin and end with a word"):
        read_frames(write(tmp_path, json.dumps(record) + "\n")).sound()


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (
            rows("a N * a a.01 (V*)", "b N * - - *", "c N * - -"),
            3,
            "5 columns, but the first word of the sentence has 6",
        ),
        (rows("a N * a a.01 (V*", "b N * - - *"), 1, "`(V` opened at word 1 is never closed"),
        (rows("a N * a a.01 (V*)", "b N * - - *)"), 1, "closed at word 2 that was never opened"),
        (rows("a N * a a.01 (V*)", "b N * - - B-ARG0"), 1, "`B-ARG0` is no bracket"),
        (rows("a N * a a.01 (V*) *", "b N * - - * (ARG0*)"), 1, "2 columns of roles, but 1 predicates"),
        (PLUS + rows("1 a _ go.01 _ A0:1-3", "2 b _ _ _ _"), 2, "`A0:1-3` is no role"),
        (PLUS + rows("1 a _ go.01 _ _", "2 b _ _ _"), 3, "5 columns, but 6 are named"),
        ('{"words": ["a"], "frames": [{"predicate": 1}]}\n', 1, "`predicate` is 1, but the sentence has 1 words"),
        ('{"words": ["a"], "frames": [{"predicate": 0, "roles": [[0, 2, "A"]]}]}\n', 1, "does not lie in the sentence"),
        ('{"words": ["a"], "frames": [{"predicate": 0, "roles": 7}]}\n', 1, "`roles` is 7"),
        ('{"words": ["a"], "frames": 7}\n', 1, "no `frames`"),
        ('{"words": ["a", " "], "frames": []}\n', 1, "neither `text` nor `words`"),
        ('{"words": ["a"], "frames": []}\n{"words": ["a"]}\n', 2, "no `frames`"),
        ('{"text": "ab", "words": [[0, 1], [0, 2]], "frames": []}\n', 1, "overlap"),
    ],
)
def test_what_cannot_be_used_is_said_with_its_line(tmp_path, text, line, said):
    path = write(tmp_path, text)
    reading = read_frames(path)
    (problem,) = reading.problems.sentences()
    assert problem.startswith(f"{path}, line {line}: ")
    assert said in problem


def test_all_problems_are_said_at_once(tmp_path):
    broken = rows("a N * a a.01 (V*")
    reading = read_frames(write(tmp_path, BRACKETS + broken + "\n\n" + BRACKETS + broken))
    assert len(reading.sentences) == 4
    assert [problem.line for problem in reading.problems.first] == [11, 25]


def test_a_broken_first_line_does_not_hide_what_a_file_is(tmp_path):
    path = write(tmp_path, "Dogs\n\n" + BRACKETS.replace("may -", "may may.01"))
    reading = read_frames(path)
    assert len(reading.sentences) == 2
    assert reading.problems.sentences() == [f"{path}, line 1: 1 columns, but the roleset is expected in column 5."]


def test_what_is_repaired_is_counted(tmp_path):
    record = {"words": list("abcdefg")}
    roles = [[0, 5, "ARG1"], [1, 2, "ARG2"], [0, 2, "ARG0"], [5, 7, "C-ARG1"], [5, 7, "ARG3"]]
    path = write(tmp_path, json.dumps(record | {"frames": [{"predicate": 3, "roles": roles}]}) + "\n")
    assert only(path).frames[0].roles == (Role(0, 5, "ARG1"), Role(5, 7, "C-ARG1"))
    assert read_frames(path).notes(path) == [
        f"{path}: left out 3 roles that shared words with another role of the same predicate."
    ]
    assert only(path, continuations="drop").frames[0].roles == (Role(0, 5, "ARG1"), Role(5, 7, "ARG3"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (rows("EU B-ORG", "rejects O"), "`tag`"),
        (rows("1 a _ _ _ _ 0 root _ _", "2 b _ _ _ _ 0 root _ _"), "`tag`"),
        ('{"data": [{"paragraphs": []}]}\n', "`answer`"),
        ("text\tlabel\nfine\tgood\n", "`classify`"),
        ('{"text": "fine", "label": "good"}\n', "`classify`"),
        ("fine words\n", "known are"),
        ("\n\n", "nothing in it"),
        (rows("a N (S*) - -"), "no sentence has a predicate"),
    ],
)
def test_a_file_of_another_kind_is_named(tmp_path, text, said):
    with pytest.raises(DataError, match=said):
        read_frames(write(tmp_path, text))


def test_inputs_are_lines_or_any_of_the_formats(tmp_path):
    plain = read_frame_inputs(write(tmp_path, "She left.\n\n他走了\n"))
    assert [(words_of(each), each.line) for each in plain] == [(["She", "left", "."], 1), (["他", "走", "了"], 3)]
    without_roles = rows("She P (S* - -", "left V *) leave leave.01")
    (sentence,) = read_frame_inputs(write(tmp_path, without_roles))
    assert sentence.frames == (Frame(1, "leave.01"),)
    (sentence,) = read_frame_inputs(write(tmp_path, '{"text": "She left."}\n'))
    assert (words_of(sentence), sentence.frames) == (["She", "left", "."], ())
    assert len(read_frame_inputs(write(tmp_path, BRACKETS))) == 2
    with pytest.raises(DataError, match="never closed"):
        read_frame_inputs(write(tmp_path, BRACKETS + rows("a N * a a.01 (V*")))


def test_inputs_are_a_column_of_a_table(tmp_path):
    csv = write(tmp_path, "id,text\n1,She left.\n2,He stayed.\n", "x.csv")
    assert [(each.text, each.line) for each in read_frame_inputs(csv)] == [("She left.", 2), ("He stayed.", 3)]
    tsv = write(tmp_path, "text\treview\nno\tShe left.\nno\tHe stayed.\n", "x.tsv")
    assert [each.text for each in read_frame_inputs(tsv, RoleDataSettings(text="review"))] == [
        "She left.",
        "He stayed.",
    ]
    with pytest.raises(ConfigError, match="`text` names column `body`"):
        read_frame_inputs(tsv, RoleDataSettings(text="body"))
    objects = write(tmp_path, '{"review": "She left."}\n', "x.jsonl")
    for settings in (None, RoleDataSettings(text="review")):
        assert [each.text for each in read_frame_inputs(objects, settings)] == ["She left."]


@pytest.mark.parametrize("name", ["words.conll", "words.tsv", "words.txt"])
def test_words_without_roles_are_no_sentences(tmp_path, name):
    with pytest.raises(DataError, match="words in columns, but none of predicates and roles"):
        read_frame_inputs(write(tmp_path, "Ada\tB-PER\nwrote\tO\n\nso\tO\n", name))
    with pytest.raises(DataError, match="words in columns, but none of predicates and roles"):
        read_frame_inputs(write(tmp_path, "1\tAda\t_\n2\twrote\t_\n\n1\tso\t_\n", name))


@given(
    st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["O", "A0", "A1", "C-A1", "R-A0"])), min_size=1, max_size=7)
)
def test_brackets_say_what_was_written(tmp_path_factory, runs):
    cells, roles = [], []
    for size, label in runs:
        if label != "O":
            roles.append(Role(len(cells), len(cells) + size, label))
        run = ["*"] * size
        if label != "O":
            run[0] = f"({label}{run[0]}"
            run[-1] += ")"
        cells += run
    lines = [f"w{place} N * - {'x.01' if place == 0 else '-'} {cell}" for place, cell in enumerate(cells)]
    sentence = only(write(tmp_path_factory.mktemp("brackets"), rows(*lines)))
    assert sentence.frames == (Frame(0, "x.01", tuple(roles)),)


def test_settings_name_all_that_is_wrong():
    with pytest.raises(ConfigError) as caught:
        RoleDataSettings(format="xml", continuations="join", joining="x", dev_fraction=0.0, test_fraction=1.0)  # type: ignore[arg-type]
    assert len(caught.value.problems) == 6


@pytest.mark.data
@pytest.mark.skipif(FOLDER is None, reason="ATTENDO_DATA does not name the folder of the real data sets")
@pytest.mark.parametrize(
    ("name", "format", "sentences", "predicates", "overlaps"),
    [
        ("srl-propbank_ewt/train.gold_conll", "brackets", 12522, 40424, 0),
        ("srl-propbank_ewt/dev.gold_conll", "brackets", 1967, 4963, 0),
        ("srl-up1_english_ewt/en_ewt-up-dev.conllu", "conllu", 2002, 4977, 0),
        ("srl-up1_chinese/zh-up-dev.conllu", "conllu8", 500, 1257, 0),
        ("srl-up2_chinese_gsd/zh_gsd-up-train.conllup", "conllup", 3705, 5179, 142),
        ("srl-up2_chinese_gsd/zh_gsd-up-dev.conllup", "conllup", 500, 675, 20),
    ],
)
def test_published_sets_are_read_whole(name, format, sentences, predicates, overlaps):
    reading = read_frames(Path(FOLDER or "") / name)
    assert reading.format == format
    assert not reading.problems.count
    assert (len(reading.sentences), reading.num_predicates) == (sentences, predicates)
    assert reading.repairs.total() == overlaps
    for sentence in reading.sentences:
        assert all(0 <= frame.predicate < len(sentence.words) for frame in sentence.frames)
        assert all(start < end for start, end in sentence.words)
