"""Lab 06, a register that always answers, and loses nothing: what a node shows is held against what it has heard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from marshal import dumps, loads
from typing import Any

from splitbrain import Cluster, Experiment, Node, RpcError, rpc
from splitbrain.course.checks.cap_runs import told
from splitbrain.course.checks.watching import raise_first, watched
from splitbrain.course.feedback import Wrong, exercise
from splitbrain.explore import fuzz
from splitbrain.plain import is_plain
from splitbrain.records import Verdict
from splitbrain.workloads import Planned, Workload

_VALUES = ("tea", "milk", "tea", "figs", "milk", "tea", "figs", "tea", "milk")
PUTS = Workload("siblings", tuple(Planned(10.0 * i, f"c{i % 3 + 1}", i % 3, "put", "x", value)
                                  for i, value in enumerate(_VALUES)), "availability")


class Available(Node):
    """Answers by itself, always. What it keeps of a key, and how two such states are merged, its subclass says.

    Beside that state it notes, for whoever judges, which operations it has heard of, and what it showed then. The
    states are copied where they are handed over: an answer may change what it is given.
    """

    interval = 40.0

    def setup(self) -> None:
        self.db.execute("CREATE TABLE kept (key TEXT PRIMARY KEY, state BLOB)")
        self.db.execute("CREATE TABLE heard (key TEXT, operation TEXT, PRIMARY KEY (key, operation))")
        self.db.execute("CREATE TABLE written (operation TEXT PRIMARY KEY, value, knew TEXT)")
        self.db.execute("CREATE TABLE showed (time REAL, key TEXT, heard TEXT, shown BLOB)")

    async def start(self) -> None:
        self.every(self.interval, self.meet)

    def values(self) -> dict:
        """What pictures show."""
        rows = self.connection.execute("SELECT key, state FROM kept ORDER BY key").fetchall()
        return {key: ", ".join(map(str, sorted(self.shown(loads(state))))) for key, state in rows}

    @rpc
    async def get(self, key: str) -> list:
        state = self._state(key)
        return [] if state is None else list(self.shown(state))

    @rpc
    async def put(self, key: str, value: Any) -> None:
        heard = self._heard(key)
        if self.operation in heard:  # this copy of the request is the second one
            return
        state = self.write(self._state(key), self.operation, value)
        with self.transaction():
            self.db.execute("INSERT INTO written VALUES (?, ?, ?)", (self.operation, value, " ".join(heard)))
            self._keep(key, state, [self.operation], "write(state, operation, value)")
        for peer in self.peers:
            self.send(peer, "hear", key, state, self._heard(key))

    @rpc
    async def hear(self, key: str, state: Any, heard: list) -> None:
        """Another node's state. It may be an old one, come twice, and contain what came from a third."""
        mine = self._state(key)
        merged = state if mine is None else self.merge(mine, state)
        with self.transaction():
            self._keep(key, merged, heard, "merge(ours, theirs)")

    async def meet(self) -> None:
        """Anti-entropy: every now and then each tells each what it has."""
        for key, state in self.db.execute("SELECT key, state FROM kept ORDER BY key").fetchall():
            for peer in self.peers:
                self.send(peer, "hear", key, loads(state), self._heard(key))

    def _state(self, key: str) -> Any:
        row = self.db.execute("SELECT state FROM kept WHERE key = ?", (key,)).fetchone()
        return loads(row[0]) if row else None

    def _heard(self, key: str) -> list[str]:
        rows = self.db.execute("SELECT operation FROM heard WHERE key = ? ORDER BY operation", (key,)).fetchall()
        return [operation for operation, in rows]

    def _keep(self, key: str, state: Any, heard: list[str], method: str) -> None:
        if state is None or not is_plain(state):
            what = "nothing: is there a `return` missing?" if state is None else "what no message can carry."
            raise Wrong(f"{method} returns {what} A state is made of numbers, text, lists, tuples and dicts; no sets.",
                        expected="a state of plain data", got=state)
        self.db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (key, dumps(state, 2)))
        for operation in heard:
            self.db.execute("INSERT OR IGNORE INTO heard VALUES (?, ?)", (key, operation))
        shown = self.shown(loads(dumps(state, 2)))
        if not isinstance(shown, (list, tuple, set, frozenset)) or not all(isinstance(one, str) for one in shown):
            raise Wrong("shown(state) has to return a list of the values that were put.", expected="['milk', 'tea']",
                        got=shown)
        self.db.execute("INSERT INTO showed VALUES (?, ?, ?, ?)",
                        (self.now, key, " ".join(self._heard(key)), dumps(list(shown), 2)))


def shows_what_it_heard(run: Any) -> Verdict:
    """Each node, whenever it wrote or merged, shows what it has heard of and nobody who knew of it has replaced."""
    writes = {}
    for name in run.cluster.names:
        if run.cluster.state(name) == "crashed":
            run.cluster.restart(name)  # to read its tables
        for operation, value, knew in run.cluster[name].connection.execute("SELECT * FROM written").fetchall():
            writes[operation] = value, knew.split()
    for time, name, heard, shown in sorted(_shown(run.cluster), key=lambda one: one[:2]):
        replaced = {other for one in heard for other in writes[one][1]}
        current = [one for one in heard if one not in replaced]
        right = {writes[one][0] for one in current}
        if set(shown) != right:
            return Verdict("violated", f"at {time:g} ms {name} {_mistake(set(shown), right, current, writes)}")
    return Verdict("ok", "every node shows what it has heard of and nobody has replaced")


def _shown(cluster: Cluster) -> Iterator[tuple[float, str, list[str], list]]:
    for name in cluster.names:
        for time, heard, shown in cluster[name].connection.execute("SELECT time, heard, shown FROM showed ORDER BY "
                                                                   "rowid"):
            yield time, name, heard.split(), loads(shown)


def _mistake(shown: set, right: set, current: list[str], writes: dict) -> str:
    told = f"shows {sorted(map(str, shown))} and should show {sorted(right)}"
    if right - shown:
        lost = min(right - shown)
        who = next(one for one in current if writes[one][0] == lost)
        beside = [one for one in current if one != who]
        why = (f"it has heard of the put of {lost!r} ({who}), which was acknowledged and which no put replaced"
               + (f" (that of {writes[beside[0]][0]!r}, {beside[0]}, did not know of it)" if beside else ""))
        return f"{told}: {why}. A write is lost"
    back = min(map(str, shown - right))
    return f"{told}: whoever put what is there now had {back!r} before their eyes and replaced it. It has come back"


def _tried(own: type[Node]) -> None:
    """Each of its methods once, before many runs: what never ends would take its time in each of them."""
    missing = [name for name in ("write", "merge", "shown") if not hasattr(own, name)]
    if missing:
        raise Wrong(f"{own.__name__} has no method {missing[0]}.", expected="write, merge and shown",
                    got=f"missing: {', '.join(missing)}")
    with Cluster(own, nodes=2, seed=1) as cluster, suppress(RpcError):  # what it raised is told below
        for name in cluster.names:
            cluster.client(name).put("x", "tea")
        cluster.run(100)
    raise_first(own)


@exercise("06_cap", "merge", title="Available, and nothing is lost", lines=12, seconds=60, hints=(
    "n1 holds tea. n2 has heard of tea, and its client replaced it by milk. Now n1's state and n2's are merged. From "
    "what could merge see that tea was replaced, and not put by somebody who did not know of milk?",
    "Keep every write under the name of its operation, not by its value: two people may put tea. And remember which "
    "operations were replaced, also after their values are gone.",
    "A state could be a pair: a dict from operation to value of what is shown, and a list of the operations that "
    "were replaced. write moves all that is in the first to the second. merge joins both, and drops from the first "
    "what is in the second."))
def check_merge(Siblings: type[Node]) -> str:
    own = watched(Siblings, Available, "cap.Available")
    _tried(own)
    with Cluster(own, nodes=3) as cluster:
        found = fuzz(Experiment(cluster, PUTS, until=400), runs=150, seed=6, judge=shows_what_it_heard, span=150,
                     faults=("partition", "cut", "crash", "loss", "drop", "delay"), most_operations=9, progress=False)
    raise_first(own)
    if found.failure is not None:
        raise told(found, f"{found.note}.")
    return (f"in {found.runs} random runs every put was answered, and whenever a node wrote or merged it showed just "
            "what nobody had replaced.")
