"""A chart: points stand where the axes say, ticks are round, nothing is drawn outside."""

import pytest

from splitbrain.views import Picture
from splitbrain.views.canvas import Box, Canvas, plain_settings
from splitbrain.views.chart import Axis, Chart, _peaks


def chart(x, y, **options):
    canvas = Canvas(400, 300)
    return Chart(canvas, Box(10, 10, 390, 290), x, y, **options)


@pytest.mark.parametrize(("low", "high", "most", "ticks"), [
    (0, 1, 6, [0, 0.2, 0.4, 0.6, 0.8, 1]), (0, 70, 6, [0, 20, 40, 60]), (0, 100, 3, [0, 50, 100]),
    (-5, 5, 5, [-4, -2, 0, 2, 4]),
    (0.5, 8.5, 9, [1, 2, 3, 4, 5, 6, 7, 8]), (0, 20_000, 4, [0, 10_000, 20_000])])
def test_ticks_are_round_and_no_more_than_asked_for(low, high, most, ticks):
    assert Axis("", low, high).ticks(most) == pytest.approx(ticks)
    assert len(ticks) <= most


def test_ticks_of_a_logarithmic_axis_are_powers_of_ten():
    assert Axis("", 0.25, 36_000, log=True).ticks(8) == [1, 10, 100, 1000, 10_000]
    assert Axis("", 1, 1e8, log=True).ticks(5) == [1, 100, 1e4, 1e6, 1e8]


def test_a_point_stands_where_the_axes_say():
    with plain_settings():
        drawn = chart(Axis("", 0, 10), Axis("", 1, 100, log=True))
    left, top, right, bottom = drawn.inside
    assert drawn.at(0, 1) == (left, bottom) and drawn.at(10, 100) == (right, top)
    assert drawn.at(5, 10) == pytest.approx(((left + right) / 2, (top + bottom) / 2))
    assert drawn.at(-3, 0) == (left, bottom) and drawn.at(99, 1e9) == (right, top), "kept inside"


def test_many_steps_are_thinned_and_keep_their_peaks():
    steps = [(i / 100, i % 7) for i in range(10_000)] + [(100, 0)]
    steps[5_030] = (50.3, 99)
    kept = _peaks(steps, Axis("", 0, 100))
    assert len(kept) < 500 and (50.3, 99) in kept and kept[0] == steps[0] and kept[-1] == (100, 0)
    assert kept == sorted(kept)
    assert _peaks(steps[:100], Axis("", 0, 100)) == steps[:100]


def test_the_same_chart_is_the_same_bytes_and_not_long():
    def draw():
        with plain_settings():
            drawn = chart(Axis("ms", 0, 100), Axis("jobs", 0, 8), title="Depth")
            drawn.band(10, 20, "burst")
            drawn.curve([(i / 100, i % 5) for i in range(10_000)])
            drawn.steps([(i / 100, i % 5) for i in range(10_000)], fill="#dcecf7")
            drawn.level(4, "capacity")
            drawn.mark(50, 4, "here")
            drawn.mark(99, 4, "on the left", shape="diamond")
        return Picture.from_figure(drawn.canvas.figure, "A chart.").svg

    assert draw() == draw() and len(draw()) < 60_000


def test_words_beside_a_mark_stay_inside():
    with plain_settings():
        drawn = chart(Axis("ms", 0, 100), Axis("jobs", 0, 8))
        before = len(drawn.canvas.axes.texts)
        drawn.mark(1, 4, "a rather long remark")
        drawn.mark(99, 4, "a rather long remark")
    near, far = drawn.canvas.axes.texts[before:]
    assert near.get_ha() == "left" and far.get_ha() == "right"
