"""Convergence: from what replicas hold, from a journal, from a cluster; and by its definition on small journals."""

import importlib
from collections import Counter
from pathlib import Path
from random import Random
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from splitbrain.checkers import convergence, divergence
from splitbrain.records import Journal


def journal(*lines):
    """``5 n1 x=1 y=2``: at 5 ms n1 holds this; ``7 n1 crash``."""
    raw = []
    for line in lines:
        time, node, *what = line.split()
        values = dict(pair.split("=") for pair in what if "=" in pair)
        kind = "values" if values or not what else what[0]
        detail = {"values": values} if kind == "values" else {}
        raw.append((int(time) * 1000, kind, node, None, detail))
    return Journal(raw)


SENTENCES = [
    ({"n1": {"x": 1}, "n2": {"x": 1}}, "ok: n1 and n2 hold the same data"),
    ({"n1": {}, "n2": {}}, "ok: n1 and n2 hold the same data"),
    ({"n1": {"x": 1}, "n2": {"x": 1}, "n3": {"x": 2}}, "violated: n1 and n2 say x = 1, n3 says x = 2"),
    ({"n1": {"x": 1}, "n2": {}}, "violated: n1 says x = 1, n2 has no x"),
    ({"n1": {"x": None}, "n2": {}}, "violated: n1 says x = None, n2 has no x"),
    ({"n1": {"x": 1, "y": 2}, "n2": {"x": 1, "y": 3}}, "violated: n1 says y = 2, n2 says y = 3"),
    ({"n1": {"y": 2, "x": 1}, "n2": {"x": 1, "y": 2}}, "ok: n1 and n2 hold the same data"),
    ({"n1": {}, "n2": {"x": 1, "y": 2}, "n3": {}},
     "violated: n1 and n3 have no x, n2 says x = 1 (2 keys differ in all)"),
    ({"n1": {"x": 1}}, "unknown: only n1 is up: nothing to compare"),
    ({}, "unknown: no replica is up: nothing to compare"),
]


@pytest.mark.parametrize(("held", "sentence"), SENTENCES)
def test_what_replicas_hold(held, sentence):
    assert str(convergence(held)) == sentence


def test_a_journal_tells_since_when_and_how_far_apart():
    verdict = convergence(journal("5 n1 x=1", "5 n1 x=1 y=1", "9 n2 x=1", "30 n2 x=1 y=1"))
    assert str(verdict) == ("ok: n1 and n2 hold the same data since 30 ms; until then they were apart for 25 ms in "
                            "all, by 2 keys at most")
    assert verdict.witness is None


def test_a_journal_shows_where_they_parted():
    verdict = convergence(journal("5 n1 x=1", "9 n2 x=1", "30 n2 x=2"))
    assert str(verdict) == "violated: n1 says x = '1', n2 says x = '2', apart since 30 ms"
    assert verdict.witness.events == (0, 2)


def test_since_when_counts_from_the_last_time_that_they_were_equal():
    verdict = convergence(journal("5 n1 x=1", "5 n2 x=1", "5 n3 x=1", "7 n1 x=2 y=2", "9 n2 x=2",
                                  "9 n3 z=1", "9 n3 crash"))
    assert str(verdict) == "violated: n1 says y = '2', n2 has no y, apart since 7 ms; n3 is not up and not asked"
    assert verdict.witness.events == (3, 4)


def test_a_replica_that_is_not_up_is_not_asked():
    verdict = convergence(journal("5 n1 x=1", "5 n2 x=1", "6 n3 y=1", "7 n3 crash"))
    assert str(verdict).startswith("ok: n1 and n2 hold the same data since 7 ms")
    assert str(verdict).endswith("; n3 is not up and not asked")
    back = convergence(journal("5 n1 x=1", "5 n2 x=1", "6 n3 y=1", "7 n3 crash", "8 n3 restart"))
    assert back.status == "violated"
    paused = convergence(journal("5 n1 x=1", "6 n2 x=2", "7 n2 pause"))
    assert str(paused) == "unknown: only n1 is up: nothing to compare; n2 is not up and not asked"


def test_divergence_over_time():
    steps = divergence(journal("5 n1 x=1", "5 n2 x=1", "8 n1 x=2", "9 n1 x=2 y=1", "10 n1 crash", "12 n1 restart",
                               "20 n2 x=2 y=1"), ["n1", "n2"])
    assert steps == [(0.0, 0), (8.0, 1), (9.0, 2), (10.0, 0), (12.0, 2), (20.0, 0)]
    assert divergence(journal("5 n1 x=1"), ["n1", "n2"]) == [(0.0, 0), (5.0, 1)]
    assert divergence(journal("5 n1 x=1", "6 c1 x=9"), ["n1"]) == [(0.0, 0)]
    assert divergence(None) == [(0.0, 0)]


class Cluster:
    """What the checker asks of a cluster."""

    def __init__(self, held, journal=None, crashed=()):
        self.names, self._held, self.journal, self._crashed = list(held), held, journal, crashed

    def values(self, name):
        return self._held[name]

    def state(self, name):
        return "crashed" if name in self._crashed else "up"


def test_a_cluster_without_a_journal():
    assert str(convergence(Cluster({"n1": {"x": 1}, "n2": {"x": 2}}))) == "violated: n1 says x = 1, n2 says x = 2"
    crashed = Cluster({"n1": {"x": 1}, "n2": {"x": 2}, "n3": {"x": 1}}, crashed=["n2"])
    assert str(convergence(crashed)) == "ok: n1 and n3 hold the same data; n2 is not up and not asked"


def test_a_cluster_with_a_journal_knows_the_nodes_that_never_wrote():
    cluster = Cluster({"n1": {"x": "1"}, "n2": {}}, journal("5 n1 x=1"))
    assert str(convergence(cluster)) == "violated: n1 says x = '1', n2 has no x, apart since 5 ms"
    assert convergence(journal("5 n1 x=1")).status == "unknown"


def test_a_real_cluster():
    from splitbrain import Cluster, Node, rpc

    class Register(Node):
        def setup(self):
            self.db["register"].create({"key": str, "value": int}, pk="key")

        @rpc
        async def put(self, key, value):
            with self.transaction():
                self.db["register"].upsert({"key": key, "value": value}, pk="key")
            for peer in self.peers:
                self.send(peer, "replicate", key, value)

        @rpc
        async def replicate(self, key, value):
            with self.transaction():
                self.db["register"].upsert({"key": key, "value": value}, pk="key")

    with Cluster(Register, nodes=3, seed=7) as cluster:
        cluster.client("n1").put("x", 1)
        cluster.run_until_quiet()
        assert str(convergence(cluster)).startswith("ok: n1, n2 and n3 hold the same data since ")
        cluster.isolate("n3")
        cluster.client("n1").put("x", 2)
        cluster.run_until_quiet()
        assert str(convergence(cluster)).startswith("violated: n1 and n2 say x = 2, n3 says x = 1, apart since ")
        cluster.crash("n3")
        assert str(convergence(cluster)).endswith("; n3 is not up and not asked")


def test_what_it_cannot_compare_is_refused():
    for odd in (7, {"n1": 1, "n2": 2}):
        with pytest.raises(TypeError, match="needs a cluster, a run, a journal, or what each replica holds"):
            convergence(odd)


module = importlib.import_module("splitbrain.checkers.convergence")  # where its function has its name
WHAT = ["x=1", "x=1", "x=1", "x=2", "x=1 y=1", "", "x=2 y=1", "crash", "restart", "restart", "pause", "resume"]
SEEDS = st.integers(0, 2**32)


def small(seed):
    """A journal of up to three nodes in few milliseconds, so that much falls together."""
    random = Random(seed).random
    lines, time = [], 0
    for _ in range(2 + int(random() * 12)):
        time += int(random() * 3)
        lines.append(f"{time} n{1 + int(random() * 3)} {WHAT[int(random() * len(WHAT))]}")
    return journal(*lines)


def at(events, moment):
    """What each replica that is up holds then, from the events alone."""
    held, up = {e.node: {} for e in events if e.kind == "values"}, {e.node: True for e in events}
    for e in events:
        if e.time <= moment and e.kind == "values":
            held[e.node] = dict(e.detail["values"])
        elif e.time <= moment:
            up[e.node] = e.kind in ("restart", "resume")
    return {name: values for name, values in held.items() if up[name]}


def apart(replicas):
    """How many keys there are of which two replicas do not say the same."""
    keys = {key for values in replicas.values() for key in values}
    return sum(len({values.get(key) for values in replicas.values()}) > 1 for key in keys)


def status(replicas):
    return "unknown" if len(replicas) < 2 else "violated" if apart(replicas) else "ok"


def test_small_journals_against_the_definition():
    seen = Counter()

    @settings(max_examples=1500, derandomize=True, database=None, deadline=None)
    @given(SEEDS)
    def agree(seed):
        record = small(seed)
        events, verdict = list(record), convergence(record)
        now = at(events, events[-1].time)
        assert verdict.status == status(now) == convergence(now).status, f"{record.to_bytes()}\n{verdict}"
        seen[verdict.status] += 1
        moments = {0.0: 0} | {e.time: apart(at(events, e.time)) for e in events}
        steps = [(time, n) for time, n in sorted(moments.items())]
        changes = [step for i, step in enumerate(steps) if not i or step[1] != steps[i - 1][1]]
        assert divergence(record) == changes, record.to_bytes()
        if verdict.witness:
            assert {events[i].node for i in verdict.witness.events} <= set(now)

    agree()
    assert len(seen) == 3 and min(seen.values()) > 150, seen


@pytest.mark.parametrize(("old", "new"), [
    ('elif event.kind in ("crash", "pause"):', 'elif event.kind == "crash":'),
    ('elif event.kind in ("crash", "pause"):', 'elif event.kind == "pause":'),
    ("down.discard(event.node)", "pass"),
    ("if name not in down}\n    absent", "}\n    absent"),
    ("if len(asked) < 2:", "if not asked:"),
    ("    if not keys:", "    if True:"),
    ("for key in keys if any(", "for key in list(keys)[:1] if any("),
    ("for values in held)]", "for values in held[:2])]"),
    ("for values in held for key in values)", "for values in held[:1] for key in values)"),
    ("for values in held)]", "for values in held if key in values)]"),
    ("steps.pop()", "pass"),
    ("if name not in down]))", "]))"),
    ("if not steps or steps[-1][1] != apart:", "if True:"),
])
def test_a_broken_rule_is_noticed(old, new):
    source = Path(module.__file__).read_text()
    assert old in source, f"there is no {old!r} any more: change the mutation as well"
    changed = ModuleType("changed")
    exec(compile(source.replace(old, new), module.__file__, "exec"), changed.__dict__)
    some = [small(seed) for seed in range(600)]
    assert any((changed.convergence(r).status, changed.divergence(r)) != (convergence(r).status, divergence(r))
               for r in some)
