"""The README.md of a model folder."""

from __future__ import annotations

from typing import Any

_MOST_SCORES = 2
_TAGS = {
    "classify": "text-classification",
    "tag": "token-classification",
    "roles": "token-classification",
    "answer": "question-answering",
    "embed": "sentence-similarity",
    "generate": "text-generation",
    "chat": "text-generation",
    "translate": "translation",
    "summarize": "summarization",
}
"""What the hub calls the tasks."""


def model_card(card: dict[str, Any], summary: str) -> str:
    """What the model is, how well it does, and how it is used.

    Args:
        card: what attendo.json holds.
        summary: what the model does, in a sentence.
    """
    lines = [
        "---",
        "library_name: attendo",
        f"tags: [{_TAGS.get(card['task'], card['task'])}]",
        "---",
        "",
        f"# {card.get('title', 'A model')}",
        "",
        summary,
        "",
    ]
    rows = card.get("scores", [])
    if rows:
        names = [name for name, value in rows[-1].items() if isinstance(value, dict)][:_MOST_SCORES]
        shown = [name.replace("_", " ").replace("f1", "F1") for name in names]
        lines += [_row("set", "system", *shown), "|---" * (2 + len(names)) + "|"]
        lines += [_row(row["set"], row["system"], *(_score(row.get(name)) for name in names)) for row in rows]
        lines.append("")
    lines += [
        "```python",
        "import attendo",
        "",
        'model = attendo.load("this folder")',
        _USED.get(card["task"], 'model.predict("a text")'),
        "```",
        "",
    ]
    lines += [card["verdict"]] if card.get("verdict") else []
    return "\n".join(lines).rstrip() + "\n"


_USED = {
    "answer": 'model.predict("a question", "the passage that answers it")',
    "chat": 'model.reply("Hello!").text',
    "generate": 'model.generate("How it begins").text',
    "translate": 'model.translate("a text").text',
    "summarize": 'model.summarize("a long text").text',
    "embed": 'model.encode(["a text", "another text"])',
}


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _score(found: dict[str, float] | None) -> str:
    """A score with its interval."""
    return "" if found is None else f"{found['value']:.4f} ({found['low']:.4f} to {found['high']:.4f})"
