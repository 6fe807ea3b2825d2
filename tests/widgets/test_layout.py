import pytest

from splitbrain.widgets.layout import circle


@pytest.mark.parametrize("count", range(1, 13))
def test_nodes_and_their_clients_stay_inside_and_apart(count):
    layout = circle([f"n{i}" for i in range(1, count + 1)])
    half_width, half_height = layout.card_width / 2, layout.card_height / 2
    places = layout.centres
    for name, (x, y) in places.items():
        assert half_width <= x <= layout.width - half_width
        assert half_height <= y <= layout.height - half_height
        client_x, client_y = layout.client(name)
        assert client_x == x and 11 <= client_y <= layout.height - 11
        assert abs(client_y - layout.height / 2) > abs(y - layout.height / 2), "outside, where no link is"
    for a, (ax, ay) in places.items():
        for b, (bx, by) in places.items():
            assert a == b or abs(ax - bx) > layout.card_width or abs(ay - by) > layout.card_height


def test_a_link_goes_from_edge_to_edge():
    layout = circle(["n1", "n2", "n3"])
    assert layout.between("n2", "n3") == (532.0, 358.0, 148.0, 358.0)
    x1, y1, x2, y2 = layout.between("n1", "n2")
    assert y1 == layout.centres["n1"][1] + layout.card_height / 2
    assert layout.between("n2", "n1") == (x2, y2, x1, y1)
    assert layout.between("n1", "n1") == (*layout.centres["n1"], *layout.centres["n1"])
