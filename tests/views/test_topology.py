import networkx
import pytest

from splitbrain import Cluster, Node, rpc
from splitbrain.views import topology

from .journals import look_of


class Keeper(Node):
    def setup(self):
        self.db["register"].create({"key": str, "value": int}, pk="key")

    @rpc
    async def put(self, key, value):
        with self.transaction():
            self.db["register"].upsert({"key": key, "value": value}, pk="key")
        for peer in self.peers:
            self.send(peer, "copy", key, value)

    @rpc
    async def copy(self, key, value):
        with self.transaction():
            self.db["register"].upsert({"key": key, "value": value}, pk="key")


@pytest.fixture
def three():
    with Cluster(Keeper, nodes=3, seed=7) as cluster:
        cluster.client("n1").put("x", 1)
        cluster.run(50)
        yield cluster


def test_a_whole_cluster(three, assert_tidy):
    picture = topology(three, title="All well")
    assert picture.alt.splitlines()[0].startswith("Topology: All well at ")
    assert picture.alt.splitlines()[1:] == [
        "n1 is up, and holds x = 1; n2 is up, and holds x = 1; n3 is up, and holds x = 1.",
        "No link is cut.",
    ]
    assert picture.table[0] == {"node": "n1", "state": "up", "role": "", "holds": "x = 1", "linked to": "n2, n3",
                                "cannot send to": ""}
    assert 'id="sb-region"' not in picture.svg
    assert_tidy()


def test_a_partition_is_drawn_as_regions_and_dashed_links(three, assert_tidy):
    three.partition("n1 n2", "n3")
    three.client("n1").put("x", 2)
    picture = topology(three)
    assert "Cut: n1 and n3; n2 and n3." in picture.alt
    assert "Groups that can reach each other: n1, n2 | n3." in picture.alt
    assert picture.svg.count('id="sb-region"') == 2
    assert "stroke-dasharray" in look_of(picture.svg, "sb-link-n1-n3-cut")
    assert "stroke-dasharray" not in look_of(picture.svg, "sb-link-n1-n2-up")
    assert picture.table[2]["cannot send to"] == "n1, n2"
    assert_tidy()


def test_states_differ_by_shape(three, assert_tidy):
    three.crash("n2")
    three.pause("n3")
    three["n1"].role = "leader"
    picture = topology(three)
    assert "n1 is up, leader, and holds x = 1; n2 is crashed, and holds x = 1; n3 is paused" in picture.alt
    for name in ("sb-node-n1-up", "sb-node-n2-crashed", "sb-node-n3-paused"):
        assert look_of(picture.svg, name)
    assert "stroke-dasharray" in look_of(picture.svg, "sb-node-n2-crashed")
    assert_tidy()


def test_a_link_cut_one_way_parts_nobody(three):
    with Cluster(Keeper, nodes=2, seed=1) as two:
        two.cut("n1", "n2", one_way=True)
        assert "Groups" not in topology(two).alt
    three.cut("n1", "n2", one_way=True)
    picture = topology(three)
    assert "Cut: n1 to n2 (this way only)." in picture.alt
    assert "sb-link-n1-n2-cut-one-way" in picture.svg and "sb-region" not in picture.svg
    assert [row["cannot send to"] for row in picture.table] == ["n2", "", ""]


def test_messages_on_their_way(three):
    three.client("n1").start("put", "x", 2)
    while not any(m.method == "copy" for m, _, _ in three.in_flight()):
        three.step()
    picture = topology(three)
    assert "On their way: copy(x, 2) from n1 to " in picture.alt
    assert 'id="sb-message"' in picture.svg


@pytest.mark.parametrize("nodes", [1, 2, 3, 4, 5, 8, 12])
def test_words_stay_apart(nodes, assert_tidy):
    with Cluster(Keeper, nodes=nodes, seed=1) as cluster:
        for i in range(6):
            cluster.client("n1").put(f"a rather long key {i}", i)
        cluster.run(50)
        topology(cluster)
        if nodes > 1:
            cluster.isolate("n1")
            topology(cluster)
    assert_tidy()


def test_other_graphs(assert_tidy):
    star = networkx.star_graph(["n1", "n2", "n3", "n4", "n5"])
    with Cluster(Keeper, nodes=5, links=star, seed=1) as cluster:
        assert "Links: 4." in topology(cluster).alt
    grid = networkx.convert_node_labels_to_integers(networkx.grid_2d_graph(4, 4), first_label=1)
    grid = networkx.relabel_nodes(grid, {n: f"n{n}" for n in grid})
    with Cluster(Keeper, nodes=16, links=grid, seed=1) as cluster:
        first, second = topology(cluster), topology(cluster)
        assert first == second and "Links: 24." in first.alt
    assert_tidy()


def test_groups_that_lie_across_the_circle_do_not_cross():
    with Cluster(Keeper, nodes=4, seed=1) as cluster:
        cluster.partition("n1 n3", "n2 n4")
        from splitbrain.views.cluster_state import read, set_out

        state = read(cluster)
        set_out(state, 600)
    assert list(state.place) == ["n1", "n3", "n2", "n4"]


def test_something_else_is_refused():
    with pytest.raises(TypeError, match="a topology needs a cluster or a run; list has no names"):
        topology([1])
