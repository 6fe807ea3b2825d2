"""What is drawn is also said, in words and in the table; nothing depends on colour alone."""

import pytest

from splitbrain import curves

LINES = {"theory": [(i, 1 / (i + 1)) for i in range(40)], "other": [(0, 0.5), (39, 0.25)]}
DOTS = {"measured": [(5, 0.2), (10, 0.1)]}


def test_it_says_where_each_curve_begins_and_ends_and_every_dot():
    picture = curves(LINES, dots=DOTS, x="ms", y="stale", title="How stale", percent=True)
    assert picture.alt.splitlines() == ["How stale: stale over ms.", "theory: from 100.0% at 0 to 2.5% at 39.",
                                        "other: from 50.0% at 0 to 25.0% at 39.",
                                        "measured: 20.0% at 5, 10.0% at 10."]
    assert {"": "measured", "ms": 5, "stale": 0.2} in picture.table
    assert 10 <= sum(row[""] == "theory" for row in picture.table) <= 12


def test_the_same_input_gives_the_same_bytes_and_another_one_others():
    first = curves(LINES, x="ms", y="stale").svg
    assert first == curves(LINES, x="ms", y="stale").svg
    assert first != curves(LINES, x="ms", y="stale", steps=True).svg != curves(LINES, dots=DOTS, x="ms", y="stale").svg


def test_curves_differ_by_more_than_colour():
    from splitbrain.views.curves import _LOOKS

    assert len({dash for _, dash in _LOOKS}) == len(_LOOKS)


@pytest.mark.parametrize("lines", [{}, {"empty": []}, {str(i): [(0, 0)] for i in range(7)}])
def test_what_cannot_be_drawn_is_refused(lines):
    with pytest.raises(ValueError, match="1 to 6 curves"):
        curves(lines, x="x", y="y")
