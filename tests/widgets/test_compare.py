"""Two clusters under the same faults and operations."""

import pytest

from splitbrain import Misuse, Node, Refused, rpc
from splitbrain.widgets import compare

from .registers import Register, register


class Careful(Register):
    """Writes only if everybody can hear it: refuses rather than differ."""

    @rpc
    async def put(self, key, value):
        try:
            await self.gather(*[self.call(peer, "copy", key, value, timeout=20) for peer in self.peers])
        except TimeoutError:
            raise Refused("not everybody answers") from None
        self.write(key, value)


@pytest.fixture
def both():
    from splitbrain import Cluster, constant

    with Cluster(Careful, nodes=3, seed=7, latency=constant(2)) as careful, register() as hasty:
        yield compare(careful, hasty, titles=("CP", "AP"), variables=("cp", "ap"))


def test_what_is_done_in_one_is_done_in_both(both):
    cp, ap = both.panels
    ap.wish({"action": "cut", "nodes": ["n1", "n2"]})
    assert cp.cluster.is_cut("n1", "n2") and ap.cluster.is_cut("n1", "n2")
    assert cp.snapshot["code"] == ap.snapshot["code"] == "cp.cut('n1', 'n2'); ap.cut('n1', 'n2')"
    cp.wish({"action": "call", "nodes": ["n1"], "operation": "put", "arguments": ["x", "1"]})
    assert [p.snapshot["nodes"][0]["answer"]["status"] for p in both.panels] == ["fail", "ok"]
    assert cp.cluster.now == ap.cluster.now == 24, "the quicker one waits for the other"
    assert cp.snapshot["time"] == ap.snapshot["time"] == 24
    assert [f.fault for f in cp.cluster.schedule] == [f.fault for f in ap.cluster.schedule]


def test_what_can_be_done_in_one_only_is_told_in_the_other(both):
    cp, ap = both.panels
    cp.cluster.crash("n3")
    ap.wish({"action": "crash", "nodes": ["n3"]})
    assert ap.cluster.state("n3") == "crashed"
    assert "n3 has crashed already" in [text for *_, text in cp.snapshot["log"]][-1]


def test_a_message_is_meant_by_what_it_was_sent_for(both):
    cp, ap = both.panels
    ap.wish({"action": "call", "nodes": ["n1"], "operation": "put", "arguments": ["x", "1"], "wait": False})
    ap.wish({"action": "run", "ms": 3})
    chosen = next(f for f in ap.snapshot["flying"] if f["target"] == "n2")
    ap.wish({"action": "drop", "message": chosen["id"]})
    assert [f["target"] for p in both.panels for f in p.snapshot["flying"] if f["target"] == "n2"] == []


def test_its_repr_and_its_still_picture_show_both(both):
    assert repr(both).splitlines()[0].startswith("CP: Panel at 0.0 ms")
    data = both._repr_mimebundle_()
    assert data["text/html"].count("<figure") == 2 and "application/vnd.jupyter.widget-view+json" in data


def test_other_names_cannot_be_compared():
    with register(nodes=2) as two, register(nodes=3) as three:
        for clusters in ((two, three), (two,), ()):
            with pytest.raises(Misuse, match="two clusters whose nodes have the same names"):
                compare(*clusters)
    assert issubclass(Careful, Node)
