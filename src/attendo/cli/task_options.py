"""Options that are for models of some tasks only: one that a model could not heed is refused, not ignored."""

from __future__ import annotations

from argparse import Namespace

from attendo.cli.parsing import UsageError
from attendo.cli.writing_options import PLACE, WRITING_OPTIONS, option_of

WRITING_TASKS = ("translate", "summarize", "generate", "chat")
"""Tasks whose models write texts."""

TASK_OPTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "--text": ("data.text", ("classify", "tag", "roles", "embed", "generate")),
    "--pair": ("data.pair", ("classify", "embed")),
    "--label": ("data.label", ("classify", "embed")),
    "--label-separator": ("data.label_separator", ("classify",)),
    "--source": ("data.source", ("translate", "summarize")),
    "--target": ("data.target", ("translate", "summarize")),
    "--align": ("align", ("translate", "summarize")),
    "--passage": ("passage", ("answer",)),
    "--passage-file": ("passage_file", ("answer",)),
    "--best": ("best", ("answer",)),
    "--no-answer": ("no_answer", ("answer",)),
    **{option_of(name): (f"{PLACE}.{name}", WRITING_TASKS) for name in WRITING_OPTIONS},
}
"""For each option under which name its value is kept, `None` where it is not given, and the tasks it is for."""


def check_task_options(options: Namespace, task: str) -> None:
    """Refuse options of other tasks.

    Raises:
        UsageError: naming the first such option, and the tasks that it is for.
    """
    for option, (name, tasks) in TASK_OPTIONS.items():
        if getattr(options, name, None) is not None and task not in tasks:
            named = ", ".join(f"`{each}`" for each in tasks)
            raise UsageError(
                f"`{option}` is for models of the task{'s' * (len(tasks) > 1)} {named}, but this model's is `{task}`."
            )
