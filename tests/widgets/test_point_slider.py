"""Points that are slid by hand: they explain a history exactly if the definition says so."""

import pytest
import traitlets

from splitbrain.checkers.orders import linearization, moments
from splitbrain.records import History
from splitbrain.widgets import point_slider

DRAWN = History.from_sketch("""
c1  [put x=1 ]        [put x=2 ------]
c2             [get x --> 1]   [get x -> 3]
c3                      [put x=3 ?      [get x -> 2]
c4  [put x=9 failed]
""")
STALE = History.from_sketch("""
ann  [put x=1]  [put x=2]
bob                         [get x -> 1]
""")


def settle(slider, order):
    """Put every point where an order has it, as far as 25 steps of a slider can tell, and the rest at never."""
    found = moments(order)
    end = 1 + max(o.end for o in slider.history if o.end is not None)
    for o in slider.history.where(status="ok") + slider.history.where(status="unknown"):
        share = 100 * (found[o.index] - o.start) / ((o.end or end) - o.start) if o.index in found else 100
        setattr(slider, f"o{o.index}", min(round(share), 98 if o.status == "ok" else 100))


def test_there_are_points_that_explain_what_is_linearizable():
    slider = point_slider(DRAWN)
    assert not slider.explains and slider.o4 == 100
    assert slider.picture.alt.startswith("Not so: c2 get(x) → 3, but at its point x is 2.\n")
    assert [row["right"] for row in slider.picture.table] == ["yes", "yes", "yes", "no", "yes"]
    settle(slider, linearization(DRAWN))
    assert slider.explains and slider.picture.alt.startswith("In the order of these points every answer is right.")
    assert [row["state then"] for row in slider.picture.table] == ["1", "1", "2", "2", "3", "3"]


def test_no_point_explains_what_is_not():
    slider = point_slider(STALE)
    for share in range(2, 100, 12):
        slider.o0, slider.o1, slider.o2 = share, 100 - share, share
        assert not slider.explains


def test_what_failed_has_no_slider_and_what_is_unknown_may_never_happen():
    slider = point_slider(DRAWN, o4=0)
    assert "o1" not in slider.settings
    assert slider.controls()["o4"]["label"] == "c3 put(x, 3) no answer (at 100: never)"
    assert 4 in slider.points
    slider.o4 = 100
    assert 4 not in slider.points


def test_each_history_has_sliders_of_its_own():
    first, second = point_slider(STALE), point_slider(DRAWN)
    assert list(first.settings) == ["o0", "o1", "o2"] and len(second.settings) == 6
    assert repr(first).startswith("PointSlider(o0=50, o1=50, o2=50)\nNot so: bob get(x) → 1, but at its point x is 2.")
    with pytest.raises(traitlets.TraitError):
        first.o0 = 101


def test_other_objects_than_registers():
    held = History.from_sketch("a  [acquire]\nb     [acquire]")
    assert not point_slider(held, model="mutex").explains
    text = "a  [enqueue 1 ---]\nb      [dequeue -> 1]"
    slider = point_slider(History.from_sketch(text), model="fifo-queue", o0=98, o1=2)
    assert not slider.explains
    slider.o0 = 2
    slider.o1 = 98
    assert slider.explains


def test_a_wrong_point_looks_different():
    slider = point_slider(STALE)
    assert "there its answer is wrong" not in slider.picture.alt and "which is wrong there" in slider.picture.alt
    right = point_slider(History.from_sketch("a  [put x=1]  [get x -> 1]"))
    assert "wrong" not in right.picture.alt and slider.picture.svg.count("sb-point") == 3
