"""The store: what is acknowledged is kept or was read before it was replaced, and whatever heals, converges."""

import pytest
from mending import apart, mend

from splitbrain import Cluster, Experiment, Refused, RpcError, register, rpc, uniform
from splitbrain.checkers import convergence
from splitbrain.explore import fuzz
from splitbrain.protocols.dynamo import DynamoStore
from splitbrain.protocols.version_vectors import Version
from splitbrain.records import Verdict

OFF = {"hand_off_every": None, "anti_entropy_every": None, "read_repair": False}


def store(**options):
    return type("Store", (DynamoStore,), options)


def started(nodes=3, seed=1, **options):
    return Cluster(store(**options), nodes=nodes, seed=seed, latency=uniform(1, 4), timeout=200)


def owners(cluster, key="x"):
    return next(cluster[name] for name in cluster.names if cluster.state(name) == "up").preference(key)[0]


def held(cluster, key="x"):
    return {name: cluster.values(name).get(key) for name in owners(cluster, key)}


def test_a_put_replaces_what_its_client_had_read_and_nothing_else():
    cluster = started()
    one, two = cluster.client("n1"), cluster.client("n2")
    one.put("x", "milk")
    read = one.get("x")
    assert read["values"] == ["milk"] == two.get("x")["values"]
    one.put("x", "milk, eggs", read["context"])
    two.put("x", "milk, flour", read["context"])
    cluster.run(100)
    both = cluster.client("n3").get("x")
    assert sorted(both["values"]) == ["milk, eggs", "milk, flour"]
    two.put("x", "milk, eggs, flour", both["context"])
    assert one.get("x")["values"] == ["milk, eggs, flour"]


@pytest.mark.parametrize("name", ["n1", "n2", "n3", "n4", "n5"])
def test_any_node_coordinates_and_only_owners_keep(name):
    cluster = started(nodes=5, **OFF)
    cluster.client(name).put("x", 1)
    cluster.run(50)
    assert {n for n in cluster.names if cluster.values(n)} == set(owners(cluster))
    read = cluster.client(name).get("x")
    cluster.client(name).put("x", 2, read["context"])
    cluster.client(name).put("x", 3, read["context"])
    assert cluster.client("n1").get("x")["values"] == [2, 3]


def test_fewer_than_r_answers_are_refused_and_fewer_than_w_leave_it_open():
    cluster = started(**OFF)
    cluster.partition("n1", "n2 n3")
    with pytest.raises(Refused, match="fewer than 2"):
        cluster.client("n1").get("x")
    with pytest.raises(RpcError):
        cluster.client("n1").put("x", 1)
    cluster.client("n2").put("x", 2)
    cluster.heal()
    assert sorted(cluster.client("n1").get("x")["values"]) == [1, 2]  # it may have happened, and it has


def test_r_and_w_are_what_is_waited_for():
    for r, w, works in ((1, 1, (True, True)), (3, 1, (False, True)), (1, 3, (True, False))):
        cluster = started(r=r, w=w, **OFF)
        cluster.crash("n3")
        for (f, *arguments), expected in zip((("get", "x"), ("put", "x", 1)), works, strict=True):
            pending = cluster.client("n1").start(f, *arguments)
            cluster.run(300)
            assert (pending.status == "ok") == expected, (r, w, f)


# Each repair shortens the time for which the copies disagree: with it, and without.


def behind(repairs, nodes=3):
    """An owner is away for a put, and comes back. For how long did the copies disagree in the next two seconds?"""
    cluster = started(nodes=nodes, **(OFF | repairs))
    away = [name for name in owners(cluster) if name != "n1"][-1]
    asker = next(name for name in owners(cluster) if name != away)
    cluster.client(asker).put("x", 1)
    cluster.run(50)
    cluster.isolate(away)
    cluster.client(asker).put("x", 2, cluster.client(asker).get("x")["context"])
    cluster.run(100)
    cluster.heal()
    back = cluster.now
    for _ in range(10):
        cluster.client(asker).get("x")
        cluster.run(200)
    names = owners(cluster)
    total = apart(cluster, names)
    cluster.close()
    return total - (back - 50), convergence({name: {"x": cluster.values(name)["x"]} for name in names}).status


@pytest.mark.parametrize("repair, nodes, within", [({"hand_off_every": 100.0}, 5, 150), ({"read_repair": True}, 3, 20),
                                                   ({"anti_entropy_every": 200.0}, 3, 700)])
def test_each_repair_shortens_divergence_and_without_it_it_lasts(repair, nodes, within):
    without, verdict = behind({}, nodes)
    assert verdict == "violated" and without > 1900
    ms, verdict = behind(repair, nodes)
    assert verdict == "ok" and ms < within


def test_a_hint_is_kept_through_a_crash_until_its_owner_has_it():
    cluster = started(nodes=5, read_repair=False, anti_entropy_every=None)
    away = owners(cluster)[1]
    cluster.crash(away)
    cluster.client(owners(cluster)[0]).put("x", 1)
    cluster.run(300)
    hints = {name: cluster[name].db.execute("SELECT owner, key FROM hint").fetchall()
             for name in cluster.names if name != away}
    (holder,) = [name for name, rows in hints.items() if rows]
    assert hints[holder] == [(away, "x")] and holder not in owners(cluster)
    cluster.crash(holder, kind="power")
    cluster.restart(holder)
    cluster.restart(away)
    cluster.run(300)
    assert cluster.values(away) == {"x": [1]}
    assert not cluster[holder].db.execute("SELECT * FROM hint").fetchall()


def test_a_sloppy_quorum_is_available_and_may_be_stale_although_r_and_w_overlap():
    """Two owners are cut off with whoever writes there; the third writes and reads with those who stand in."""
    def split(**options):
        cluster = started(nodes=5, seed=4, read_repair=False, anti_entropy_every=None, **options)
        a, b, c = owners(cluster)
        cluster.client(a).put("x", "old")
        cluster.run(50)
        cluster.partition([a, b], [name for name in cluster.names if name not in (a, b)])
        cluster.client(a).put("x", "new", cluster.client(a).get("x")["context"])
        return cluster, cluster.client(c)

    cluster, cut_off = split()
    assert cut_off.get("x")["values"] == ["old"]  # R + W > N, and stale all the same
    cut_off.put("x", "third")
    with pytest.raises(Refused):
        split(hand_off_every=None)[1].get("x")
    cluster.heal()
    cluster.run(500)
    assert [sorted(values) for values in held(cluster).values()] == [["new", "third"]] * 3


def test_anti_entropy_sends_digests_and_only_the_keys_that_differ():
    cluster = started(nodes=2, n=2, w=1, r=1, hand_off_every=None, read_repair=False)
    for i in range(40):
        cluster.client("n1").put(f"k{i}", i)
    cluster.run(50)
    cluster.isolate("n2")
    cluster.client("n1").put("late", 1)
    cluster.run(100)
    cluster.heal()
    cluster.run(300)
    assert cluster.values("n2")["late"] == [1]
    sent = [e.message.body[2] for e in cluster.journal.of("send") if e.message.method == "exchange"
            and e.message.kind == "request" and e.message.source == "n1"]
    assert any("late" in keys for keys in sent) and all(len(keys) < 10 for keys in sent)


class Shop(DynamoStore):
    """Each put replaces what it has read before. What that was is written down."""

    def setup(self):
        super().setup()
        self.db.execute("CREATE TABLE replaced (value)")

    @rpc
    async def put(self, key, value, context=None):
        read = await self.get(key)
        with self.transaction():
            for old in read["values"]:
                self.db.execute("INSERT INTO replaced VALUES (?)", (old,))
        await DynamoStore.put(self, key, value, read["context"])


def keeps_its_promises(run):
    """Once mended: owners hold the same, and what was acknowledged is there or was read by somebody who replaced it."""
    cluster = mend(run.cluster)
    nodes = [cluster[name] for name in cluster.names]
    names = nodes[0].preference("x")[0]
    verdict = convergence({name: cluster.values(name) for name in names})
    if verdict.status == "violated":
        return verdict
    there = {value for name in names for value in cluster.values(name).get("x", [])}
    replaced = {value for node in nodes for value, in node.db.execute("SELECT value FROM replaced")}
    lost = [o.value for o in run.history if o.f == "put" and o.status == "ok" and o.value not in there | replaced]
    if lost:
        return Verdict("violated", f"{lost[0]} was acknowledged, nobody replaced it, and it is gone", "shop")
    left = [node.name for node in nodes if node.db.execute("SELECT 1 FROM hint").fetchone()]
    return Verdict("violated", f"{left[0]} keeps hints", "shop") if left else Verdict("ok", "", "shop")


def searched(node, runs, judge=keeps_its_promises, seed=0, **options):
    experiment = Experiment(Cluster(node, nodes=5, timeout=400), register(clients=5, ops=40, reads=0.2))
    return fuzz(experiment, runs=runs, judge=judge, seed=seed, nodes=[2, 3, 4, 5], progress=False, **options)


@pytest.mark.parametrize("options", [{}, {"n": 2, "w": 1, "r": 1}], ids=["as it is", "N=2, W=1"])
def test_whatever_heals_converges_and_loses_nothing(options):
    assert searched(type("Shop", (Shop,), options), 40).verdict.status == "ok"


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_whatever_heals_converges_and_loses_nothing_in_a_long_search(seed):
    assert searched(Shop, 1000, seed=seed).verdict.status == "ok"


# What is easily left out, and what it costs.


class Undotted(DynamoStore):
    """One vector a version, counted from what the client had read: two such writes have the same name."""

    def _write(self, key, value, past, *, owner):
        return self._keep(key, [Version(self.name, past.get(self.name, 0) + 1, past, value)])


class CountsVisits(DynamoStore):
    """A node that keeps no copy counts its puts; who has seen the second of them need not have seen the first."""

    def _write(self, key, value, past, *, owner):
        versions = super()._write(key, value, past, owner=owner)
        return versions if owner else (Version(self.name, int(versions[0].node.partition("~")[2]), past, value),)


@pytest.mark.parametrize("kind, left", [(DynamoStore, [2, 3]), (Undotted, [3])])
def test_two_clients_beside_one_node_lose_nothing(kind, left):
    cluster = Cluster(kind, nodes=3, seed=1)
    cluster.client("n1").put("x", 1)
    read = cluster.client("n1").get("x")["context"]
    for client, value in (("a", 2), ("b", 3)):
        cluster.client("n1", client).put("x", value, read)
    assert cluster.client("n2").get("x")["values"] == left


@pytest.mark.parametrize("kind, left", [(DynamoStore, ["first", "third"]), (CountsVisits, ["third"])])
def test_who_has_seen_a_visitors_second_put_has_not_seen_its_first(kind, left):
    cluster = Cluster(type("Store", (kind,), {"w": 1, "r": 1} | OFF), nodes=5, seed=1)
    a, b, c = owners(cluster)
    visitor = next(name for name in cluster.names if name not in (a, b, c))
    for reached, value in ((a, "first"), (b, "second")):
        for owner in {a, b, c} - {reached}:
            cluster.cut(visitor, owner)
        cluster.client(visitor).put("x", value)
        cluster.heal()
    cluster.cut(b, a)
    cluster.cut(b, c)
    read = cluster.client(b).get("x")
    assert read["values"] == ["second"]
    cluster.client(b).put("x", "third", read["context"])
    cluster.heal()
    for name in (a, b):
        cluster[c].create_task(cluster[c].store("x", [version.plain for version in cluster[name]._held("x")]))
        cluster.run(10)
    assert sorted(cluster.values(c)["x"]) == left
