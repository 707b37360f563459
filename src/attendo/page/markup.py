"""Markup in which everything is escaped unless its type says that it is markup already."""

from __future__ import annotations

_CHARACTERS = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;", ord("'"): "&#39;"}
_CHARACTERS[ord("\r")] = "&#13;"  # a bare one would be read as a line feed
# What HTML or UTF-8 cannot hold is shown as U+FFFD, one for one, so that offsets stay true.
_UNWRITABLE = [*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, *range(0xD800, 0xE000)]
_CHARACTERS.update(dict.fromkeys(_UNWRITABLE, "\N{REPLACEMENT CHARACTER}"))


class Html(str):
    """Markup that is safe as it stands."""

    __slots__ = ()


class Svg(Html):
    """A drawing, safe to put into a page as it stands."""

    __slots__ = ()


def escape(value: object) -> Html:
    """`value` as text of a page; markup stays as it is."""
    return value if isinstance(value, Html) else Html(str(value).translate(_CHARACTERS))


def element(name: str, /, *children: object, **attributes: object) -> Html:
    """One element: `class_` is written `class`, `data_v` is `data-v`; an attribute that is None is left out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if not children and name in _EMPTY:
        return Html(f"<{name}{written}/>")
    return Html(f"<{name}{written}>{''.join(map(escape, children))}</{name}>")


def joined(*parts: object) -> Html:
    """The parts one after the other."""
    return Html("".join(map(escape, parts)))


_EMPTY = {"meta", "br", "path", "rect", "line", "circle"}


def _attribute(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value).translate(_CHARACTERS)
