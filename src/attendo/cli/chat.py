"""`attendo chat`: a dialogue at the terminal, with all that was said before as far as the model has room for it."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from attendo.cli.parsing import Parser
from attendo.cli.prompting import add_usual, asked_model, show, typed_lines
from attendo.cli.terminal import say

if TYPE_CHECKING:
    from attendo.data import Turn
    from attendo.tasks import Chatter, WriteSettings

SUMMARY = "talk with a model that answers in dialogues"
_EXAMPLES = """
# a dialogue; /reset begins anew, /quit ends
attendo chat model

# any language model that comes with a chat template
attendo chat qwen2-instruct/ --system "You answer in one sentence." --temperature 0.7
"""
_HELP = "Say something and press Enter. /reset forgets what was said, /quit or the end of input ends."


def build_parser() -> Parser:
    """The options of `attendo chat`."""
    title = (
        "Answers what you say, with what was said before; where that is too long, whole turns are forgotten.\n"
        "For files of dialogues, and for programs, there is `attendo predict MODEL --input FILE`."
    )
    parser = Parser("attendo chat", usage="MODEL [options]", title=title, examples=_EXAMPLES)
    group = parser.add_argument_group("Whom to ask")
    group.add_argument(
        "model", metavar="MODEL", help="a model for `chat`, or a language model with a chat template; or the hub's name"
    )
    group.add_argument("--system", metavar="TEXT", help="what the model is told before the dialogue begins")
    add_usual(parser)
    return parser


def execute(options: Namespace) -> None:
    """Talk until the end."""
    from attendo.cli.tasks.chatting import reading_settings
    from attendo.errors import InputError
    from attendo.tasks import LanguageModel, as_chatter

    settings = reading_settings(options).writing
    model = asked_model(options, LanguageModel, "chat needs one that answers in dialogues.")
    chatter = as_chatter(model, options.model)
    talk = _Talk(chatter, settings, options.system)
    for line in typed_lines("> ", _HELP):
        if line == "/reset":
            talk.reset()
            say("Forgotten.", "dim")
            continue
        try:
            talk.answer(line)
        except InputError as error:
            say(f"Error: {error}", "red")


@dataclass
class _Talk:
    """What was said so far."""

    model: Chatter
    settings: WriteSettings
    system: str | None
    turns: list[Turn] = field(default_factory=list)
    told: bool = False
    """Whether it was said that turns are forgotten."""

    def reset(self) -> None:
        """Forget what was said."""
        self.turns, self.told = [], False

    def answer(self, said: str) -> None:
        """Answer what the user says, and show the answer as it is written; kept is what came of it, also if stopped."""
        from attendo.data import ASSISTANT, SYSTEM, USER, Turn

        first = [] if self.system is None else [Turn(SYSTEM, self.system)]
        history = [*first, *self.turns, Turn(USER, said)]
        forgotten = self.model.forgotten(history)
        if forgotten and not self.told:
            say(f"({forgotten} of the oldest turns no longer fit, and are forgotten.)", "dim")
            self.told = True
        answer = show(self.model.stream(history, replace(self.settings, seed=self.settings.seed + len(self.turns))))
        self.turns += [Turn(USER, said), Turn(ASSISTANT, answer)]
