"""Labels that look like several in one cell, such as `plot|cast`."""

from __future__ import annotations

from collections.abc import Collection

_BETWEEN = ("|", ";", ",", "、", "；", "，")


def joining_sign(labels: Collection[str]) -> str | None:
    """The sign that seems to stand between several labels; None if there is none.

    Of the labels with the sign at least two differ, and each of their parts occurs in another label, too.
    """
    for sign in _BETWEEN:
        parts = {label: frozenset(part.strip() for part in label.split(sign)) for label in labels}
        joined = [label for label, each in parts.items() if len(each) > 1]
        if len(joined) > 1 and all(
            any(part in others for other, others in parts.items() if other != label)
            for label in joined
            for part in parts[label]
        ):
            return sign
    return None


def joined_note(labels: Collection[str]) -> str | None:
    """What to say of labels that look like several in one."""
    sign = joining_sign(labels)
    if sign is None:
        return None
    example = max((label for label in labels if sign in label), key=len)
    return (
        f"labels such as `{example}` look like several in one, and are taken as they are. If a text may have several "
        f"labels, set `label_separator` to `{sign}`."
    )
