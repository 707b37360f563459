"""Which row each text has: those that go on keep theirs, copies lie beside their source, gaps are closed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from attendo.nn.rows import CROWDED, Rows


def moved(held: dict[int, str], moves, width: int) -> dict[int, str]:
    """What the rows hold after groups of them have been copied, all at once."""
    before = dict(held)
    for source, target in moves:
        for within in range(width):
            if source * width + within in before:
                held[target * width + within] = before[source * width + within]
    return held


@given(st.data())
def test_rows_hold_what_their_texts_have_become(data):
    texts, width = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 4))
    apart = data.draw(st.booleans())
    rows = Rows(texts * width, texts, width if apart else 1, apart=apart)
    names = [str(text) for text in range(texts)]
    held = dict(zip(rows.places, names, strict=True))
    for _ in range(4):
        kept = []
        for source in sorted({name[0] for name in names}):  # of each source as many as there is room for, or fewer
            own = [number for number, name in enumerate(names) if name[0] == source]
            kept += data.draw(st.lists(st.sampled_from(own), max_size=width))
        held = moved(held, rows.keep(kept), 1)
        names = [names[number] for number in kept]
        assert [held[place] for place in rows.places] == names
        held = moved(held, rows.close_up(), rows.width)
        assert [held[place] for place in rows.places] == names
        assert len(set(rows.places)) == len(names)
        taken = {place // rows.width for place in rows.places}
        assert not taken or len(taken) > CROWDED * rows.count // rows.width or len(taken) == max(taken) + 1
        assert not rows.strays
        if apart:
            groups = {(name[0], place // width) for name, place in zip(names, rows.places, strict=True)}
            assert len(groups) == len({name[0] for name in names}) == len(taken)


def test_a_text_that_finds_no_row_beside_its_source_is_a_stray():
    rows = Rows(4, 2, 2, apart=True)
    assert rows.keep([0, 0, 0, 1]) == [(0, 1), (0, 3)]
    assert rows.strays
    assert rows.close_up() == []
