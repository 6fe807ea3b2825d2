"""The cumulative distribution: what it draws is the share of values up to each."""

import random

import pytest

from splitbrain.views import distribution
from splitbrain.views.distribution import _corners, quantile


def test_words_and_table_say_what_the_curves_show(assert_tidy):
    picture = distribution({"quorum": range(1, 101), "local": [0.2] * 10}, title="Gets", label="ms")
    assert picture.alt.splitlines() == [
        "Gets: the share of values up to each.",
        "quorum: 100 values, 50% at most 50, 90% at most 90, 99% at most 99, the largest 100.",
        "local: 10 values, 50% at most 0.2, 90% at most 0.2, 99% at most 0.2, the largest 0.2."]
    assert picture.table[0] == {"": "quorum", "values": 100, "50% at most": "50", "90% at most": "90",
                                "99% at most": "99", "the largest": "100"}
    assert_tidy()


def test_five_curves_differ_in_more_than_colour(assert_tidy):
    picture = distribution({name: [1, 2, 3] for name in "abcde"}, log=False)
    assert picture.svg.count("stroke-dasharray") >= 8  # four of them, in the curves and in the legend
    assert_tidy()


@pytest.mark.parametrize("count", [1, 2, 7, 119, 120, 121, 1000])
def test_a_curve_rises_to_the_share_of_values_below(count):
    values = sorted(random.Random(count).random() for _ in range(count))
    corners = _corners(values)
    assert corners[-1][1] == 1 and corners == sorted(corners)
    for value, share in corners:
        assert sum(v < value for v in values) / count <= share
        assert share <= sum(v <= value for v in values) / count + 1 / 120 + 1e-9
    assert [quantile(values, share) for share in (1 / count, 1)] == [values[0], values[-1]]


def test_zeros_are_drawn_at_the_left_end_of_powers_of_ten():
    assert "the largest 0." in distribution({"nothing": [0, 0]}).alt


@pytest.mark.parametrize("samples", [{}, {"a": []}, {str(i): [1] for i in range(6)}])
def test_what_cannot_be_drawn(samples):
    with pytest.raises(ValueError, match="one to 5 samples"):
        distribution(samples)


def test_the_same_values_give_the_same_bytes():
    assert distribution({"a": [3, 1, 2]}).svg == distribution({"a": [1, 2, 3]}).svg
