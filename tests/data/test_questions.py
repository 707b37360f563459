"""Files of questions in every usual shape, answers that stand elsewhere, and files that cannot be used."""

from __future__ import annotations

import gzip
import itertools
import json

import pytest

from attendo.data import Answer, Question, QuestionDataSettings, read_question_inputs, read_questions
from attendo.errors import ConfigError, DataError

PASSAGE = "The cat sat on the mat. The dog did not."


def squad(*questions, context=PASSAGE, **more):
    return {
        "version": "1.1",
        "data": [{"title": "Pets", "paragraphs": [{"context": context, "qas": list(questions)}]}],
        **more,
    }


def asked(*answers, id="q1", question="Who sat?", **more):
    return {
        "id": id,
        "question": question,
        "answers": [{"text": text, "answer_start": start} for text, start in answers],
        **more,
    }


@pytest.fixture
def write(tmp_path):
    names = (f"questions{number}.json" for number in itertools.count())

    def write_file(content, name=None, encoding="utf-8"):
        path = tmp_path / (name or next(names))
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, indent=2)
        path.write_text(text, encoding=encoding)
        return path

    return write_file


def read(path, **settings):
    reading = read_questions(path, QuestionDataSettings(**settings))
    reading.problems.raise_if_any()
    return reading.questions


def refused(path, **settings):
    with pytest.raises(DataError) as caught:
        read(path, **settings)
    return str(caught.value)


def test_squad(write):
    path = write(squad(asked(("The cat", 0), ("cat", 4)), asked(("mat", 19), id="q2", question="On what?")))
    first, second = read(path)
    expected = Question("Who sat?", PASSAGE, (Answer("The cat", 0), Answer("cat", 4)), "q1", title="Pets", path=path)
    assert first == expected
    assert first.place == f"{path.name} question q1"
    assert second.answers == (Answer("mat", 19),)
    assert first.learnable


def test_squad_2_has_questions_without_answer(write):
    plausible = [{"text": "mat", "answer_start": 19}]
    none = asked(is_impossible=True, plausible_answers=plausible)
    question, other = read(write(squad(none, asked(("mat", 19), id="q2", is_impossible=False), version="v2.0")))
    assert (question.answers, question.impossible, question.learnable) == ((), True, True)
    assert not other.impossible


def test_the_same_on_one_line_and_compressed(write, tmp_path):
    document = squad(asked(("mat", 19)))
    expected = [question.answers for question in read(write(document))]
    assert [question.answers for question in read(write(json.dumps(document)))] == expected
    packed = tmp_path / "packed.json.gz"
    packed.write_bytes(gzip.compress(json.dumps(document).encode()))
    assert [question.answers for question in read(packed)] == expected


def test_chinese_sets_in_other_encodings(write):
    document = squad(asked(("光荣", 3), question="谁？"), context="它是由光荣公司开发的。" * 3)
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        (question,) = read(write(document, encoding=encoding), encoding=None if "utf" in encoding else encoding)
        assert (question.question, question.answers) == ("谁？", (Answer("光荣", 3),))


@pytest.mark.parametrize(
    "answers",
    [
        {"answers": {"text": ["cat", "mat"], "answer_start": [4, 19]}},
        {"answers": [{"text": "cat", "answer_start": 4}, {"text": "mat", "start": 19}]},
        {"answers": ["cat", "mat"]},
        {"answer": ["cat", "mat"]},
    ],
)
def test_json_lines(write, answers):
    record = {"question": "Which?", "context": PASSAGE, **answers}
    path = write(json.dumps(record) + "\n\n" + json.dumps(record | {"id": 7}) + "\n", "questions.jsonl")
    first, second = read(path)
    assert first.answers == second.answers == (Answer("cat", 4), Answer("mat", 19))
    assert (first.id, first.line, second.id, second.line) == ("1", 1, "7", 3)
    assert second.place == "questions.jsonl line 3 question 7"


def test_one_answer_as_a_text(write):
    record = {"question": "Which?", "context": PASSAGE, "answer": "mat", "answer_start": 19}
    assert read(write(json.dumps(record)))[0].answers == (Answer("mat", 19),)


def test_json_lines_without_answers_are_impossible(write):
    record = {"question": "Which?", "context": PASSAGE, "answers": {"text": [], "answer_start": []}}
    assert read(write(json.dumps(record)))[0].impossible


def test_lists_of_records_and_of_passages(write):
    record = {"question": "Which?", "context": PASSAGE, "answers": {"text": ["mat"], "answer_start": [19]}}
    passage = {"context_id": "A", "context_text": PASSAGE, "title": "Pets"}
    passage["qas"] = [{"query_id": "A1", "query_text": "Which?", "answers": ["mat", "mat"]}]
    assert read(write([record]))[0].answers == (Answer("mat", 19),)
    (question,) = read(write([passage]))
    assert (question.id, question.title, question.answers) == ("A1", "Pets", (Answer("mat", 19),) * 2)


def test_an_answer_is_put_where_alone_it_stands(write):
    path = write(squad(asked(("mat", 3))))
    reading = read_questions(path)
    assert reading.questions[0].answers == (Answer("mat", 19),)
    (note,) = reading.notes(path)
    assert "1 of 1 answers" in note
    assert "q1: `mat` was expected, at 3 stands ` ca`; put at 19" in note


def test_of_several_places_only_a_single_near_one_is_sure(write):
    context = "dog " + "x" * 40 + " dog " + "y" * 40 + " dog dog"
    placed = {
        said: read(write(squad(asked(("dog", said)), context=context)))[0].answers[0].start for said in (2, 44, 87)
    }
    assert placed == {2: 0, 44: 45, 87: -1}


def test_an_answer_without_a_place_is_right_but_not_learned_from(write):
    path = write(squad(asked(("purple", 3)), asked(("purple", -1), ("mat", 19), id="q2")))
    reading = read_questions(path)
    lost, other = reading.questions
    assert (lost.answers, lost.placed, lost.learnable, lost.impossible) == ((Answer("purple", -1),), (), False, False)
    assert (other.placed, other.learnable) == ((Answer("mat", 19),), True)
    counted, left = reading.notes(path)
    assert "2 of 3 answers" in counted
    assert "the file gives no place; no sure place" in counted
    assert "1 of 2 questions have no answer to learn from" in left


def test_misplaced_answers_may_be_skipped_or_refused(write):
    path = write(squad(asked(("mat", 3))))
    assert read(path, misplaced="skip")[0].answers == (Answer("mat", -1),)
    assert "at 3 stands ` ca`" in refused(path, misplaced="error")


def test_only_the_first_few_are_quoted(write):
    path = write(squad(*(asked(("mat", 3), id=f"q{number}") for number in range(11))))
    (note,) = read_questions(path).notes(path)
    assert (note.count("was expected"), "11 of 11" in note) == (3, True)


def test_everything_wrong_with_a_file_is_said_at_once(write):
    message = refused(
        write(
            squad(
                asked(("mat", 19)),
                asked(("mat", 19)),
                asked(("mat", 19), id="q2", question=" "),
                asked((5, 19), id="q3"),
                asked(("", 19), id="q4"),
                asked(("mat", "19"), id="q5"),
                asked(id="q6", is_impossible=False),
                asked(("mat", 19), id="q7", is_impossible=True),
                {"id": "q8", "question": "Who?"},
                "no object",
            )
        )
    )
    for words in (
        "9 rows cannot be used",
        "question `q1`: the id `q1` is there twice",
        "question `q2`: the question is empty",
        "question `q3`: the answer must be a text, but is int: `5`",
        "question `q4`: the answer is empty",
        "question `q5`: `answer_start` must be a whole number, but is '19'",
        "question `q6`: it has no answer",
        "question `q7`: it is marked as impossible, but has the answer `mat`",
        "question `q8`: there is no `answers`",
        "question 10 of paragraph 1 of article 1 is no JSON object",
    ):
        assert words in message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (squad(asked(("mat", 19)), context=""), "the passage is empty"),
        (squad(asked(("mat", 19)), context=None), "there is no passage"),
        ('{"question": "a", "context": "\\ud83d", "answer": "b"}', "half a character"),
        (squad(), "it holds no questions"),
        ({"data": [{"title": "x"}]}, "paragraph 1 of article 1 has no list of questions"),
        ({"data": [{"paragraphs": 5}]}, "article 1 has no list of `paragraphs`"),
        ([], "it holds no questions"),
        ("", "it is empty"),
        ("5 apples\n", "this is no JSON"),
        (json.dumps(squad(asked(("mat", 19))), indent=1)[:-40], "cut short"),
        ('{"data": [\n{"paragraphs": oops}]}', "line 2: not valid JSON"),
        ('{"text": "good", "label": "1"}\n', "did you mean `classify`"),
        ('[{"sentence": "good", "label": "1"}]', "did you mean `classify`"),
        ("label\ttext\n1\tgood\n0\tbad\n", "did you mean `classify`"),
        ("EU B-ORG\nrejects O\n\nPeter B-PER\n", "did you mean `tag`"),
        ('{"tokens": ["EU"], "tags": ["O"]}\n', "did you mean `tag`"),
        ('{"question": "a", "context": "b", "answer": "b"}\n{"question": \n', "line 2: not valid JSON"),
        ('{"question": "a", "context": "b", "answer": "b"}\n[1]\n', "a JSON object such as"),
    ],
)
def test_files_that_cannot_be_used(write, content, words):
    path = write(content)
    message = refused(path)
    assert words in message
    assert str(path) in message


def test_no_such_file(tmp_path):
    assert "there is no such file" in refused(tmp_path / "absent.json")


def test_inputs_need_no_answers_and_come_one_by_one(write):
    record = {"question": "Which?", "context": PASSAGE}
    path = write(f"{json.dumps(record)}\n" * 3 + "broken\n", "inputs.jsonl")
    inputs = read_question_inputs(path)
    assert [next(inputs).id for _ in range(3)] == ["1", "2", "3"]
    with pytest.raises(DataError, match="line 4"):
        next(inputs)
    (question,) = read_question_inputs(write(squad({"id": "q1", "question": "Who?"})))
    assert (question.question, question.answers) == ("Who?", ())


def test_settings_name_everything_wrong():
    with pytest.raises(ConfigError) as caught:
        QuestionDataSettings(format="csv", misplaced="maybe", dev_fraction=2.0)
    assert len(caught.value.problems) >= 3


def test_a_named_format_is_believed(write):
    record = {"question": "Which?", "context": PASSAGE, "answer": "mat"}
    assert read(write(json.dumps(record)), format="squad")[0].answers == (Answer("mat", 19),)
    assert "line 1" in refused(write(squad(asked(("mat", 19)))), format="jsonl")


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "questions", "passages", "repaired", "unplaced"),
    [
        ("qa-squad11_devonly/train.json", 6017, 1122, 0, 0),
        ("qa-squad11_devonly/dev.json", 1069, 240, 0, 0),
        ("qa-squad11_devonly/test.json", 1363, 277, 0, 0),
        ("qa-cmrc2018/cmrc2018_train.json", 10142, 2403, 0, 0),
        ("qa-cmrc2018/cmrc2018_dev.json", 3219, 848, 7, 193),
        ("qa-drcd/DRCD_dev.json", 3524, 1000, 0, 0),
        ("qa-xquad/xquad.en.json", 195, 45, 0, 0),
        ("qa-xquad/xquad.zh.json", 964, 190, 0, 0),
        ("rationale-expmrc/expmrc-squad-dev.json", 243, 166, 0, 0),
        ("rationale-expmrc/expmrc-cmrc2018-dev.json", 357, 258, 0, 9),
    ],
)
def test_published_sets(data_folder, name, questions, passages, repaired, unplaced):
    reading = read_questions(data_folder / name)
    reading.problems.raise_if_any()
    assert len(reading.questions) == questions
    assert len({question.context for question in reading.questions}) == passages
    assert (reading.repaired, reading.unplaced) == (repaired, unplaced)
    for question in reading.questions:
        assert all(question.context.startswith(text, start) for text, start in question.placed)
