"""Lesson 00's one exercise: a register that refuses where it would have to guess.

The learner writes `decide`, a plain function. Around it stands `careful`, a register whose every answer is what
`decide` makes of the copies that could be heard. The check tries it on real clusters under every set of cut links.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import combinations
from typing import Any

from splitbrain import Cluster, Node, Refused, RpcError, rpc, space_time
from splitbrain.checkers import linearizability
from splitbrain.course.feedback import CheckFailed, Wrong, exercise, expect, learner_code
from splitbrain.latency import constant
from splitbrain.records import Verdict
from splitbrain.views import Picture

_WAIT = 50  # ms that a node waits for the others
_KEY = "seats"


def careful(decide: Callable[[list, int], Any]) -> type[Node]:
    """A register that writes to more than half of the nodes, and answers what `decide` makes of their copies.

    It serves a first lesson, not as a finished protocol: a message that arrives late can still undo a newer value.
    """

    class Careful(Node):
        def setup(self):
            self.db.execute("CREATE TABLE register (key TEXT PRIMARY KEY, value INTEGER)")

        @rpc
        async def store(self, key, value):
            self.db.execute("INSERT OR REPLACE INTO register VALUES (?, ?)", [key, value])

        @rpc
        async def copy(self, key):
            found = self.db.execute("SELECT value FROM register WHERE key = ?", [key]).fetchone()
            return found and found[0]

        @rpc
        async def put(self, key, value):
            await self.store(key, value)
            stores = [self.call(peer, "store", key, value, timeout=_WAIT) for peer in self.peers]
            await self.first((len(stores) + 1) // 2, *stores)

        @rpc
        async def get(self, key):
            asked = [self.call(peer, "copy", key, timeout=_WAIT) for peer in self.peers]
            heard = [await self.copy(key), *await self.gather(*asked, return_exceptions=True)]
            return decide([copy for copy in heard if not isinstance(copy, Exception)], len(heard))

    return Careful


def trial(decide: Callable[[list, int], Any], *, nodes: int = 3, cuts: tuple[str, ...] = (), put: str = "n1",
          gets: tuple[str, ...] = ("n2",), values: tuple[int, int] = (1, 0)) -> Cluster:
    """One run: every node holds the first value; links are cut; one node is told the second, some are asked.

    Parameters
    ----------
    decide : callable
        ``decide(copies, nodes)``.
    cuts : tuple of str
        Links: ``("n1 n2", "n1 n3")``.

    Returns
    -------
    Cluster
        As it stands at the end; its `history` says who was told what.
    """
    cluster = Cluster(careful(decide), nodes=nodes, latency=constant(2))
    first, second = values
    cluster.client(put).put(_KEY, first)
    cluster.run(10)
    for link in cuts:
        cluster.cut(*link.split())
    for node, ask in [(put, ("put", _KEY, second)), *((node, ("get", _KEY)) for node in gets)]:
        with suppress(Refused, RpcError):  # the history has it
            getattr(cluster.client(node), ask[0])(*ask[1:])
        cluster.run(10)
    return cluster


def _trials() -> Iterator[dict[str, Any]]:
    """All sets of cut links of three nodes, the smaller ones first; then four and five nodes, split."""
    names, links = ("n1", "n2", "n3"), ("n1 n2", "n1 n3", "n2 n3")
    for count in range(len(links) + 1):
        for cuts in combinations(links, count):
            for turn, put in enumerate(names):
                gets = names[turn + 1:] + names[:turn + 1]
                yield {"cuts": cuts, "put": put, "gets": gets, "values": (1, 0)}
                yield {"cuts": cuts, "put": put, "gets": gets[::-1], "values": (2, 5)}
    for nodes, put, gets in ((4, "n1", ("n2", "n4")), (5, "n3", ("n1", "n4")), (5, "n1", ("n2", "n5"))):
        apart = tuple(f"{a} n{b}" for a in ("n1", "n2") for b in range(3, nodes + 1))
        yield {"nodes": nodes, "cuts": apart, "put": put, "gets": gets}


class _Watched:
    """The learner's function, with a note of all it was given and what it made of it."""

    def __init__(self, decide: Callable[[list, int], Any]):
        self.decide = decide
        self.calls: list[tuple[list, int, Any]] = []
        self.failed: CheckFailed | None = None

    def __call__(self, copies: list, nodes: int) -> Any:
        try:
            answer = _ask(self.decide, copies, nodes)
        except CheckFailed as failed:
            self.failed = self.failed or failed
            raise
        self.calls.append((copies, nodes, answer))
        if answer is Refused:
            raise Refused("the copies that were heard do not settle it")
        return answer


def _ask(decide: Callable[[list, int], Any], copies: list, nodes: int) -> Any:
    """What `decide` answers, a number or `Refused`; anything else is told to the learner."""
    call = f"decide({copies!r}, {nodes})"
    try:
        with learner_code(f"in {call}", passes=(Refused,)):
            answer = decide(list(copies), nodes)
    except Refused:
        return Refused
    if answer is Refused or isinstance(answer, Exception):
        raise Wrong(f"{call} returns an exception instead of raising it.", expected="raise Refused(\"...\")",
                    got="return Refused(...)")
    return expect(answer, int, "the value of one copy, or Refused raised", of=call)


@exercise(
    "00_start_here", "decide", title="Refuse rather than lie", lines=4, seconds=5, hints=(
        "Of three nodes, which two sets of copies would let two nodes give different answers at the same time? How "
        "many nodes must hold a value before no other value can have as many?",
        "More than half of *all* nodes, not of those that were heard: `nodes` is how many there are. `Counter(copies)` "
        "from `collections` counts who says what.",
        "Take the value that most copies have: `value, votes = Counter(copies).most_common(1)[0]`. Return it if "
        "`votes > nodes / 2`; else `raise Refused(\"...\")` with a reason.",
    ))
def check_decide(decide: Callable[[list, int], Any]) -> str:
    """Whether `decide` never lies, and refuses only where it must."""
    for copies in ([1, 1, 1], [1, 0, 1], [1, 0], [1]):
        _ask(decide, copies, 3)
    calls, plans = [], list(_trials())
    for plan in plans:
        watched = _Watched(decide)
        cluster = trial(watched, **plan)
        if watched.failed is not None:
            raise watched.failed
        verdict = linearizability(cluster.history)
        if verdict.status == "violated":
            raise Wrong(f"{_where(plan)} it lies: {verdict.explanation}.", expected="the newest value, or a refusal",
                        got=_told(verdict), picture=_picture(cluster, verdict))
        calls += watched.calls
    for call in calls:
        _compare(*call)
    return (f"in {len(plans)} runs, under every set of cut links, no node lied, and none refused although more than "
            "half of all nodes said the same.")


def _told(verdict: Verdict) -> str:
    """The answer that condemns the run."""
    read = [o for o in verdict.witness.operations if o.f == "get"][-1]
    return f"{read.result}, from {read.node}"


def _picture(cluster: Cluster, verdict: Verdict) -> Picture:
    """From the first cut to the answer that condemns."""
    start = min([window.start for window in cluster.windows()], default=0)
    end = max(o.returned or 0 for o in verdict.witness.operations)
    return space_time(cluster, start=start, end=end, witness=verdict, width=800)


def _where(plan: dict[str, Any]) -> str:
    """Under what it happened. With no link cut, or all of them, there is nothing to list."""
    if plan.get("nodes", 3) > 3:
        return f"With {plan['nodes']} nodes, n1 and n2 cut off from the others,"
    if not plan["cuts"]:
        return "With no link cut,"
    links = [link.replace(" ", "-") for link in plan["cuts"]]
    return f"With the link{'s' if len(links) > 1 else ''} {_and(links)} cut,"


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _compare(copies: list, nodes: int, answer: Any) -> None:
    """Hold one call against the rule: the value of more than half of all nodes, else a refusal."""
    value, votes = Counter(copies).most_common(1)[0]
    asked = f"decide({copies!r}, {nodes})"
    said = f"{votes} of {nodes} nodes say {value!r}"
    if votes > nodes / 2 and answer is Refused:
        raise Wrong(f"It refuses although {said}: whoever is cut off would learn nothing from a register that is well.",
                    expected=f"{asked} returns {value!r}", got="Refused")
    if votes > nodes / 2 and answer != value:
        raise Wrong(f"It answers what most nodes do not say: {said}.", expected=f"{asked} returns {value!r}",
                    got=answer)
    if votes <= nodes / 2 and answer is not Refused:
        raise Wrong(f"It answers on too little: {said}, and the nodes that were not heard may all say something else.",
                    expected=f"{asked} raises Refused", got=answer)
