"""Answers in dialogues: templates as the reference library renders them, answers alone learned, turns forgotten."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from attendo.data import Dialogue, Turn, dialogue_of
from attendo.errors import DataError, ModelFolderError, UnsupportedError
from attendo.tasks import (
    ChatSettings,
    ChatTemplate,
    Chatter,
    Generator,
    LanguageModelSettings,
    NearestAnswers,
    WriteSettings,
    as_chatter,
    build_chatter,
    build_language_model,
    chosen_answers,
    dialogue_from,
    load,
    trained_tokenizer,
)

TURNS = (
    Turn("system", "Be kind."),
    Turn("user", "Hello [SEP] <|im_end|>!"),
    Turn("assistant", "你好。"),
    Turn("user", "Bye\n"),
    Turn("assistant", "再见。"),
)
PLAIN = [dialogue_of(["How are you?", "Fine, 谢谢。", "Good."]), dialogue_of(["Hello!", "Hi.", "Bye.", "Bye."])]
CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] | trim + '<|im_end|>'"
    " + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
STRICT = (
    "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Roles must alternate.') }}{% endif %}{{ message | tojson }}{% if loop.last %}{% break %}"
    "{% endif %}\n{% endfor %}"
)
OPTIONS = ChatSettings(max_length=61, model=LanguageModelSettings(width=16, layers=1, heads=2), tokenizer="characters")


@pytest.fixture(scope="module")
def chatter() -> Chatter:
    torch.manual_seed(0)
    return build_chatter([*PLAIN, Dialogue(TURNS)], OPTIONS, "tiny")[0]


def in_chatml(tmp_path, folder="chatml", template=CHATML):
    """A language model whose folder has another template, and special tokens of its own."""
    from attendo.tasks.pieces import PieceEncoder
    from attendo.text import with_marks

    tokenizer, _ = trained_tokenizer([each.key[0] for each in PLAIN], OPTIONS)
    tokenizer = with_marks(tokenizer, ["<|im_start|>", "<|im_end|>"])
    model = build_language_model(Generator, tokenizer, OPTIONS, "tiny")
    model.save(tmp_path / folder)
    (tmp_path / folder / "chat_template.jinja").write_text(template, encoding="utf-8")
    (tmp_path / folder / "attendo.json").unlink()
    assert isinstance(model.encoder, PieceEncoder)
    return tmp_path / folder


def test_the_folder_is_a_chat_model_of_the_reference_library(chatter, tmp_path):
    transformers = pytest.importorskip("transformers")
    chatter.save(tmp_path / "model")
    theirs = transformers.AutoTokenizer.from_pretrained(tmp_path / "model")
    plain = [Turn(turn.role, turn.content.replace("[SEP] ", "")) for turn in TURNS]
    for count in (2, 4):
        messages = [turn._asdict() for turn in plain[:count]]
        ids = theirs.apply_chat_template(messages, add_generation_prompt=True, return_dict=False)
        assert chatter.reader.ids(plain[:count]) == list(ids)
        shown = theirs.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
        assert chatter.template.render(plain[:count], answers=True) == shown
    again = load(tmp_path / "model")
    assert isinstance(again, Chatter)
    asked = WriteSettings(method="greedy", max_new=7)
    assert again.reply("Hello!", asked) == chatter.reply("Hello!", asked)


@pytest.mark.parametrize("template", [CHATML, STRICT])
def test_templates_of_others_are_rendered_alike(tmp_path, template):
    transformers = pytest.importorskip("transformers")
    folder = in_chatml(tmp_path, template=template)
    theirs = transformers.AutoTokenizer.from_pretrained(folder, bos_token="[CLS]")
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(json.dumps(settings | {"bos_token": {"content": "[CLS]"}}))
    model = load(folder)
    assert isinstance(model, Generator)
    chatter = as_chatter(model, folder)
    turns = [Turn("user", " Hello 你好 <b>\n"), Turn("assistant", "Hi."), Turn("user", "Bye")]
    messages = [turn._asdict() for turn in turns]
    shown = theirs.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    assert chatter.template.render(turns, answers=True) == shown
    ids = theirs.apply_chat_template(messages, add_generation_prompt=True, return_dict=False)
    assert chatter.reader.ids(turns) == list(ids)
    assert chatter.reply(turns, WriteSettings(max_new=3)).ids
    end = chatter.encoder.tokenizer.backend.token_to_id("<|im_end|>")
    assert (end in chatter.ends) == (template is CHATML)  # answers end where the template ends them


def test_nobody_can_say_a_special_token(chatter):
    ids = chatter.reader.ids([Turn("user", "a[SEP]b [USER]")])
    sep, user = (chatter.encoder.tokenizer.backend.token_to_id(each) for each in ("[SEP]", "[USER]"))
    assert ids.count(sep) == ids.count(user) == 1  # those of the template
    assert chatter.encoder.tokenizer.decode(ids) == "a[SEP]b [USER]"


def test_answers_alone_are_asked_about(chatter):
    streams, texts = chatter.reader.streams([Dialogue(TURNS), *PLAIN], 200)
    tokenizer = chatter.encoder.tokenizer
    said = [
        tokenizer.decode(streams.ids[start:stop][streams.asked[start:stop]])
        for start, stop in zip(streams.starts, streams.starts[1:], strict=False)
    ]
    assert said == ["你好。再见。", "Fine, 谢谢。Good.", "Hi.Bye.Bye."]
    assert texts[0] == "Be kind.Hello \U000f0000 <|im_end|>!你好。Bye\n再见。".replace("\U000f0000", texts[0][14])
    ends = streams.ids[streams.asked] == chatter.ends[0]
    assert ends.sum() == 2 + 2 + 3  # every answer learns to end
    assert chatter.foreseen(PLAIN).characters.sum() == sum(
        len(turn.content) for each in PLAIN for turn in each.turns[1:]
    )


def test_long_dialogues_are_cut_between_turns_and_every_answer_is_asked_once(chatter):
    long = dialogue_of([f"{'word ' * (number % 3)}{number}." for number in range(23)])
    streams, texts = chatter.reader.streams([long], 61)
    assert len(texts) > 3
    tokenizer = chatter.encoder.tokenizer
    said = tokenizer.decode(streams.ids[streams.asked])
    assert said == "".join(turn.content for turn in long.turns[1:])
    assert max(np.diff(streams.starts)) <= 61
    assert all(text.startswith(tuple(turn.content for turn in long.turns[::2])) for text in texts)  # the user begins


def test_what_the_system_says_stays_when_turns_are_forgotten(chatter):
    turns = [TURNS[0], *(Turn(("user", "assistant")[number % 2], f"turn {number}") for number in range(9))]
    ids, dropped = chatter.reader.fitted(turns, 50)
    assert len(ids) <= 50
    shown = chatter.encoder.tokenizer.decode(ids)
    assert shown == "Be kind." + "".join(f"turn {number}" for number in range(dropped, 9))
    assert dropped % 2 == 0
    assert chatter.reader.fitted(turns[:2], 3)[1] == 0  # one turn is never forgotten
    assert chatter.forgotten(turns) > 0
    assert chatter.reply(turns, WriteSettings(max_new=80)).ids  # also beyond the window


def test_histories_may_be_given_in_several_forms(chatter):
    asked = WriteSettings(max_new=5)
    answer = chatter.reply("Hello!", asked)
    assert chatter.reply(["Hello!"], asked) == answer
    assert chatter.reply([{"role": "user", "content": "Hello!"}], asked) == answer
    assert chatter.predict(["Hello!"], asked) == [answer]
    assert "".join(part.text for part in chatter.stream("Hello!", asked)) == answer.text
    assert [turn.role for turn in dialogue_from(["a", "b", "c", "d"]).turns] == ["assistant", "user"] * 2
    for wrong in ([], 3, [{"role": "user"}], ["a", Turn("user", "b")]):
        with pytest.raises(DataError, match=r"A (history|turn) must be"):
            chatter.reply(wrong)


def test_answers_are_scored(chatter):
    scores = chatter.evaluate(PLAIN)
    assert (scores.num_examples, scores.num_answers) == (2, 5)
    assert scores.perplexity.value > 1
    assert len(chosen_answers(PLAIN, 2)) == 2
    with pytest.raises(DataError, match="There is no answer to evaluate"):
        chatter.evaluate([dialogue_of(["alone"])])


def test_the_nearest_answer_is_that_of_equal_turns():
    nearest = NearestAnswers(PLAIN)
    assert nearest.find([dialogue_of(["Hello!"]), dialogue_of(["How are you ?"])]) == ["Hi.", "Fine, 谢谢。"]


def test_templates_that_cannot_be_used_are_named(tmp_path, chatter):
    with pytest.raises(DataError, match=r"chat template refuses the dialogue: Roles must alternate\."):
        ChatTemplate(STRICT, {"bos_token": ""}).render([Turn("assistant", "a")])
    with pytest.raises(ModelFolderError, match="chat template is not whole"):
        ChatTemplate("{% for", {}).render(TURNS)
    with pytest.raises(ModelFolderError, match="chat template cannot be used"):
        ChatTemplate("{{ messages.append(1) }}", {}).render(TURNS)  # nothing may be changed
    folder = in_chatml(tmp_path)
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(UnsupportedError, match="has no chat template"):
        as_chatter(load(folder), folder)
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    several = [{"name": "default", "template": CHATML}, {"name": "tools", "template": ""}]
    (folder / "tokenizer_config.json").write_text(json.dumps(settings | {"chat_template": several}))
    assert as_chatter(load(folder), folder).template.source == CHATML
    (folder / "tokenizer_config.json").write_text(json.dumps(settings | {"chat_template": several[1:]}))
    with pytest.raises(UnsupportedError, match="several chat templates, but no `default`: tools"):
        as_chatter(load(folder), folder)
