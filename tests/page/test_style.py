"""The colours of the style sheet: readable by everyone, in both schemes."""

import re
from importlib import resources

import pytest

CSS = resources.files("attendo.page").joinpath("style.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): ([^;]+);", block)) for block in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
)
SCHEMES = {"light": LIGHT, "dark": LIGHT | DARK}


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) for i in (1, 3, 5)] if colour[0] == "#" else [int(c) for c in colour.split()]
    linear = [c / 3294.6 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Ratio as the Web Content Accessibility Guidelines define it, 1 to 21."""
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_stands_out_from_every_ground_it_is_set_on(scheme):
    colours = SCHEMES[scheme]
    for text, ground in [
        *[(text, ground) for text in ("ink", "quiet", "accent") for ground in ("ground", "surface")],
        *[("ink", ground) for ground in ("shade", "warm", "for", "against", "bar", "note-ground", "warning-ground")],
        ("quiet", "shade"),
        ("note", "note-ground"),
        ("warning", "warning-ground"),
    ]:
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_lines_and_bars_stand_out_from_the_surface(scheme):
    colours = SCHEMES[scheme]
    for name in ("c1", "c2", "c3", "c4", "c5", "c6", "accent"):
        assert contrast(colours[name], colours["surface"]) >= 3, name


def test_the_dark_scheme_has_its_own_colours():
    assert {"ground", "surface", "ink", "c1", "warm", "for", "against"} <= set(DARK)
    assert luminance(DARK["ground"]) < 0.02 < 0.9 < luminance(LIGHT["ground"])


def test_every_variable_that_is_used_is_defined():
    given_inline = {"natural", "panel", "weight", "share"}
    assert set(re.findall(r"var\(--([\w-]+)", CSS)) - given_inline <= set(LIGHT)
