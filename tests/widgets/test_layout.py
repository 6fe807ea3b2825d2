"""Where nodes stand: inside the picture, apart from each other, and the sides of a partition apart."""

from itertools import combinations

import pytest

from splitbrain.widgets.layout import layout


def names(count):
    return [f"n{i + 1}" for i in range(count)]


def overlap(size, a, b):
    return abs(a[0] - b[0]) < size.card_width and abs(a[1] - b[1]) < size.card_height


@pytest.mark.parametrize("count", range(1, 13))
def test_nodes_stand_inside_the_picture_and_apart(count):
    size = layout(names(count))
    centres = size.centres()
    assert list(centres) == names(count)
    for x, y in centres.values():
        assert size.card_width / 2 <= x <= size.width - size.card_width / 2
        assert size.card_height / 2 <= y <= size.height - size.card_height / 2
    assert not any(overlap(size, a, b) for a, b in combinations(centres.values(), 2))


@pytest.mark.parametrize("groups", [
    [["n1"], ["n2"]], [["n1", "n3"], ["n2"]], [["n1"], ["n2", "n3", "n4", "n5"]], [["n2", "n5"], ["n1", "n3", "n4"]],
    [["n1"], ["n2"], ["n3"]], [["n1", "n2"], ["n3"], ["n4", "n5"]]], ids=str)
def test_the_sides_of_a_partition_stand_apart(groups):
    size = layout(sorted(sum(groups, [])))
    centres = size.centres(groups)
    assert not any(overlap(size, a, b) for a, b in combinations(centres.values(), 2))
    if len(groups) == 2:
        assert max(centres[n][0] for n in groups[0]) + size.card_width < min(centres[n][0] for n in groups[1])
    for group in groups[:1]:
        heights = [centres[name][1] for name in group]
        assert heights == sorted(heights), "the first of a group stands highest"


def test_the_first_of_an_odd_number_is_at_the_top_and_then_clockwise():
    centres = layout(names(3)).centres()
    assert centres["n1"][1] < centres["n2"][1] == centres["n3"][1] and centres["n2"][0] > centres["n3"][0]
