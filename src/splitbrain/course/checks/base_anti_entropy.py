"""Lab 08, anti-entropy: two nodes that differ in every small way, a write that comes in between, a cut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from splitbrain import Cluster, Node, rpc, space_time
from splitbrain.course.checks.watching import raise_first, watched
from splitbrain.course.feedback import Wrong, exercise
from splitbrain.latency import constant

KEYS = ("x", "y", "z")
Held = dict[str, tuple[int, str]]


class Replica(Node):
    """What the exercise starts from: a table of keys, each with a version and a value. The higher version is newer."""

    def setup(self) -> None:
        self.db.execute("CREATE TABLE kept (key TEXT PRIMARY KEY, version INTEGER, value TEXT)")

    def values(self) -> dict:
        return {key: f"{version}: {value[:8]}" for key, (version, value) in self.entries().items()}

    def entries(self) -> dict:
        """All that is kept here: ``{key: (version, value)}``."""
        rows = self.connection.execute("SELECT key, version, value FROM kept ORDER BY key").fetchall()
        return {key: (version, value) for key, version, value in rows}

    def keep(self, key: str, version: int, value: str) -> None:
        """Write, whatever was there before."""
        with self.transaction():
            self.db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", (key, version, value))

    @rpc
    async def put(self, key: str, version: int, value: str) -> None:
        """A client's write, or the news of one."""
        self.keep(key, version, value)


@exercise("08_base", "anti_entropy", title="Anti-entropy", lines=12, seconds=20, hints=(
    "Who is asked first does not know who has the newer version of a key: that may be either, or only one may have the "
    "key at all. What is the least that one has to hear of the other to know?",
    "The versions without the values: {key: version}. From these you see for each key who has to send it. Push what is "
    "newer here, pull what is newer there. And before you keep anything, look again whether it is still newer: while "
    "you waited, a client may have written.",
    "synchronise asks the peer for its {key: version}; sends it the entries that are newer here, with the names of the "
    "keys that are newer there; and keeps what it is answered. Both sides keep an entry only if its version is above "
    "the one that is there at that moment."))
def check_anti_entropy(Store: type) -> str:
    own = watched(Store, Replica, "base.Replica", "synchronise")
    cases = list(_cases())
    for mine, yours in cases:
        _synchronised(own, mine, yours)
    moments = _written_in_between(own)
    _after_a_cut(own)
    return (f"in {len(cases)} pairs of replicas both hold the newer version of every key afterwards, and no value was "
            f"sent that both had; a write that comes in between, in any of {moments} runs, stays; and a cut costs "
            "nothing but another attempt.")


def _cases() -> Iterator[tuple[Held, Held]]:
    """What two nodes hold, the simple cases first."""
    states = {"x": [None, 1, 2], "y": [None, 1], "z": [None, 3]}
    every = [dict(zip(KEYS, versions, strict=True)) for versions in
             ((a, b, c) for c in states["z"] for b in states["y"] for a in states["x"])]
    for mine in every:
        for yours in every:
            yield _held(mine), _held(yours)


def _held(versions: dict[str, int | None]) -> Held:
    return {key: (version, f"{key}-v{version}") for key, version in versions.items() if version is not None}


def _started(store: type, mine: Held, yours: Held) -> Cluster:
    cluster = Cluster(store, nodes=2, latency=constant(2), timeout=500)
    for name, held in (("n1", mine), ("n2", yours)):
        for key, (version, value) in held.items():
            cluster.client(name).put(key, version, value)
    return cluster


def _ask(cluster: Cluster, told: str) -> None:
    """Let n1 synchronise with n2, and all that follows from it."""
    pending = cluster.client("n1").start("synchronise", "n2")
    cluster.run_until_quiet(1000)
    _raise_what_failed(cluster, pending.failure, told)


def _raise_what_failed(cluster: Cluster, failure: BaseException | None, told: str) -> None:
    raise_first(type(cluster["n1"]))
    if failure is not None:
        raise Wrong(f"synchronise was not answered, although both nodes are up and joined.\n{told}",
                    expected="an answer within 500 ms", got=str(failure))


def _entries(cluster: Cluster) -> dict[str, dict]:
    return {name: cluster[name].entries() for name in cluster.names}


def _short(held: dict) -> dict:
    return {key: f"version {version}" for key, (version, _) in sorted(held.items())}


def _newest(mine: Held, yours: Held) -> Held:
    return {key: max(held[key] for held in (mine, yours) if key in held) for key in sorted({*mine, *yours})}


def _synchronised(store: type, mine: Held, yours: Held) -> None:
    told = f"n1 held {_short(mine)}, n2 held {_short(yours)}; n1 synchronised with n2."
    with _started(store, mine, yours) as cluster:
        before = cluster.now
        _ask(cluster, told)
        held, right = _entries(cluster), _newest(mine, yours)
        for name in ("n1", "n2"):
            if held[name] != right:
                raise Wrong(f"{_what(name, held[name], right)}\n{told}", expected=f"both hold {_short(right)}",
                            got=f"{name} holds {_short(held[name])}", picture=_picture(cluster, before))
        _sent_no_more(cluster, mine, yours, told, before)


def _what(name: str, held: dict, right: dict) -> str:
    key = next((key for key in right if held.get(key) != right[key]), None)
    if key is None:
        return f"{name} holds a key that nobody had."
    if key not in held:
        return f"{name} has not got {key}, which only the other one had."
    if held[key][0] < right[key][0]:
        return (f"{name} holds version {held[key][0]} of {key}, and there is a version {right[key][0]}: either the "
                "newer one was not sent there, or an older one was written over it.")
    return f"{name} holds a version of {key} with another value."


def _sent_no_more(cluster: Cluster, mine: Held, yours: Held, told: str, before: float) -> None:
    """No value goes over the link that both had already."""
    alike = [key for key in mine if mine[key] == yours.get(key)]
    for event in cluster.journal.of("send"):
        message = event.message
        if event.time < before or {message.source, message.target} != {"n1", "n2"}:
            continue
        for key in alike:
            if mine[key][1] in repr(message.body):
                raise Wrong(f"The value of {key} was sent, and both had that version. With a million keys of which "
                            f"three differ, that is a million too many.\n{told}",
                            expected="only versions, for what is alike", got=f"{message.method} carries it, from "
                            f"{message.source} to {message.target}", picture=_picture(cluster, before))


def _written_in_between(store: type) -> int:
    """Before each of the messages of a synchronisation a client writes, at either node."""
    mine, yours = _held({"x": 1, "y": 2}), _held({"x": 2, "y": 1})
    with _started(store, mine, yours) as cluster:
        begin = cluster.now
        _ask(cluster, "")
        times = sorted({event.time - begin for event in cluster.journal.of("receive") if event.time > begin})
    for name in ("n1", "n2"):
        for key in ("x", "y"):
            for moment in times:
                _write_at(store, mine, yours, name, key, moment)
    return 4 * len(times)


def _write_at(store: type, mine: Held, yours: Held, name: str, key: str, moment: float) -> None:
    told = (f"n1 held {_short(mine)}, n2 held {_short(yours)}; while n1 synchronised with n2, a client wrote version 9 "
            f"of {key} at {name}, {moment:g} ms after it had begun.")
    with _started(store, mine, yours) as cluster:
        before = cluster.now
        pending = cluster.client("n1").start("synchronise", "n2")
        cluster.client(name, "writer").start("put", key, 9, "written in between")
        cluster.delay("writer#0", "writer", name, max(moment - 2.0, 0))
        cluster.run_until_quiet(1000)
        _raise_what_failed(cluster, pending.failure, told)
        found = cluster[name].entries()[key]
        if found[0] != 9:
            raise Wrong("A write that was acknowledged is gone. What is newer is decided before the waiting, and "
                        f"written after it: look again before you keep.\n{told}",
                        expected=f"{name} holds version 9 of {key}", got=f"version {found[0]}",
                        picture=_picture(cluster, before))


def _after_a_cut(store: type) -> None:
    mine, yours = _held({"x": 1, "z": 3}), _held({"x": 2, "y": 1})
    with _started(store, mine, yours) as cluster:
        cluster.cut("n1", "n2")
        cluster.client("n1").start("synchronise", "n2")
        cluster.run(2000)
        cluster.heal()
        told = "The link was cut during a first attempt, then healed; then n1 synchronised with n2 once more."
        _ask(cluster, told)
        held, right = _entries(cluster), _newest(mine, yours)
        if held != {"n1": right, "n2": right}:
            raise Wrong(f"A failed attempt has left something behind.\n{told}", expected=f"both hold {_short(right)}",
                        got={name: _short(one) for name, one in held.items()})


def _picture(cluster: Cluster, start: float) -> Any:
    return space_time(cluster, start=start, width=800)
