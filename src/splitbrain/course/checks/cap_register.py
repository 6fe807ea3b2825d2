"""Lab 06, the quorum register in three steps and a fourth: the rule of a copy, two majorities, write-back, once."""

from __future__ import annotations

from itertools import product

from splitbrain import Cluster, Node, Refused, RpcError
from splitbrain.course.checks.cap_registers import Table
from splitbrain.course.checks.cap_runs import BUSY, CROWD, FEW, NOBODY, Scene, each_get_alone, searched
from splitbrain.course.checks.watching import raise_first, watched
from splitbrain.course.feedback import Wrong, exercise
from splitbrain.faults import at, duplicate
from splitbrain.latency import constant

TAGS = ((2, "c1#0"), (3, "c1#1"), (2, "c2#0"), (10, "c1#2"))
DOUBLED = (at(0, duplicate(1.0)),)


@exercise("06_cap", "replica", title="What a copy keeps", lines=6, seconds=20, hints=(
    "keep may come late, twice, and in any order. Whoever has been given the same tags, in whatever order, has to "
    "hold the same.",
    "Compare what comes with self.held(key), the number first, and if the numbers are equal the writer. Python "
    "compares tuples just so.",
    "copy: return what is held. keep: in a transaction, and only if the tag that comes is larger than the one held, "
    "write."))
def check_replica(Replica: type[Node]) -> str:
    own = watched(Replica, Table, "cap.Table", "copy", "keep")
    with Cluster(own, nodes=1, seed=1) as cluster:
        orders = [order for count in (0, 1, 2, 3) for order in product(TAGS, repeat=count)]
        for order in orders:
            _kept_the_largest(own, cluster, order)
    _survives(own)
    return (f"in {len(orders)} orders, with repetitions, the copy held what had the largest tag, and a power cut "
            "took nothing that was answered.")


def _kept_the_largest(own: type[Node], cluster: Cluster, order: tuple) -> None:
    """Give a new key these tags in this order."""
    client, key = cluster.client("n1"), "key" + "".join(str(TAGS.index(tag)) for tag in order)
    largest = (0, "", None)
    try:
        _is(client.copy(key), largest, ())
        for count, (number, writer) in enumerate(order, 1):
            client.keep(key, number, writer, f"by {writer}")
            largest = max(largest, (number, writer, f"by {writer}"), key=lambda one: one[:2])
            _is(client.copy(key), largest, order[:count])
    except (Refused, RpcError) as error:
        raise_first(own)
        gave = ", then ".join(f"keep({number}, {writer!r})" for number, writer in order) or "nothing"
        raise Wrong(f"A copy always answers, also what is late or known: {error}.\nIt was to be given {gave}.",
                    expected="an answer", got=error) from None


def _is(held: object, largest: tuple, order: tuple) -> None:
    if not isinstance(held, (list, tuple)) or tuple(held) != largest:
        gave = ", then ".join(f"keep({number}, {writer!r})" for number, writer in order) or "nothing"
        why = ""
        if len(order) > 1 and isinstance(held, (list, tuple)) and len(held) == 3:
            why = " " + _slip(tuple(held), largest, order)
        raise Wrong(f"The copy does not hold what has the largest tag.{why}\nIt was given {gave}.",
                    expected=f"copy(key) returns {largest}", got=held)


def _slip(held: tuple, largest: tuple, order: tuple) -> str:
    if held[0] == largest[0]:
        return "Of two tags with the same number the one with the larger writer is the larger, whichever came first."
    if held[:2] == order[-1] or held[:2] in order[1:]:
        return "Something older came late, and took the place of what was newer."
    return "Something newer came, and was not kept."


def _survives(own: type[Node]) -> None:
    with Scene(own, 1) as scene:
        scene.ask("n1", "keep", "x", 1, "c1#0", "tea")
        scene.does("crash", "n1", kind="power")
        scene.does("restart", "n1")
        scene.wants("A copy that was kept is gone after the power was: whoever was told that it is kept counted on it.",
                    [1, "c1#0", "tea"], list(scene.ask("n1", "copy", "x")))


@exercise("06_cap", "register", title="Two majorities meet", lines=16, seconds=60, hints=(
    "Who must have heard of a put before it may be called done, so that every later get meets somebody who has? And "
    "how does a put come by a number larger than those of all puts that were done before?",
    "One helper: call a method on every node, this one too, and await self.first(how many, *calls). With 2 of 4 two "
    "sides could each believe that they are a majority. A get asks for copies and takes the one with the largest "
    "tag; a put asks as well, and then has its value kept under a larger number.",
    "put: ask a majority for copy, add 1 to the largest number, have a majority keep (key, number, self.operation, "
    "value). self.operation names this put and no other: two puts at the same node may choose the same number."))
def check_register(Register: type[Node]) -> str:
    own = watched(Register, Node, "cap.Replica", "get", "put")
    served(own)
    _numbered(own)
    _cut_off(own)
    runs = searched(own, runs=50, nodes=3, faults=(), workload=CROWD, most_operations=14)
    for nodes, workload in product((3, 5), (BUSY, FEW)):
        runs += searched(own, runs=40, nodes=nodes, judge=each_get_alone, workload=workload)
    return (f"a majority is served and nobody else is, and in {runs} random runs with cuts, crashes and losses every "
            "get could have come from one copy, each looked at by itself.")


def served(own: type[Node]) -> None:
    """In the calm, with a minority down, with a majority down, and with two halves."""
    with Scene(own, 5) as scene:
        scene.wants("Nobody has written x.", None, scene.ask("n2", "get", "x"))
        if scene.ask("n1", "put", "x", "tea") is NOBODY:
            raise scene.wrong("Nothing fails, and the put is not answered.", "done", NOBODY)
        scene.wants("Nothing fails, and the put was done before the get began.", "tea", scene.ask("n5", "get", "x"))
        scene.does("crash", "n4")
        scene.does("crash", "n5")
        if scene.ask("n1", "put", "x", "milk") is NOBODY:
            raise scene.wrong("Two of five nodes are down, and the put is not answered. Three are a majority, and "
                              "enough: who waits for all is stopped by any one.", "done", NOBODY)
        scene.wants("Two of five nodes are down. A majority holds the last value, and a majority can be asked.", "milk",
                    scene.ask("n3", "get", "x"))
        scene.does("crash", "n3")
        for f, args in (("get", ("x",)), ("put", ("x", "figs"))):
            told = scene.ask("n1", f, *args)
            if told is not NOBODY:
                raise scene.wrong(f"Three of five nodes are down, and a {f} is answered by the two that are left. "
                                  "The other three may be alive behind a cut, and serve others.", NOBODY,
                                  "done" if f == "put" else told)
    _halves(own)


def _numbered(own: type[Node]) -> None:
    """A node that has missed two puts is asked for the third."""
    with Scene(own, 3) as scene:
        scene.does("isolate", "n3")
        scene.ask("n1", "put", "x", "tea")
        scene.ask("n1", "put", "x", "milk")
        scene.does("heal")
        if scene.ask("n3", "put", "x", "figs") is not NOBODY:
            scene.wants("figs was put last, by a node that had missed what went before, and a get does not find it: "
                        "its tag is no larger than that of a put that was done.", "figs", scene.ask("n1", "get", "x"))


def _cut_off(own: type[Node]) -> None:
    """A node loses the others while its put is on its way to them. It may fail; it may not be done and not be found."""
    with Scene(own, 3) as scene:
        put = scene.begins("n1", "put", "x", "tea", ms=7)  # a majority has told its tags; nobody has been told to keep
        scene.does("isolate", "n1")
        if scene.ends(put) is not NOBODY:
            scene.wants("n1 was cut off while its put was on its way to the others, and told its client that it was "
                        "done. The others have not heard of it.", "tea", scene.ask("n2", "get", "x"))


def _halves(own: type[Node]) -> None:
    with Scene(own, 4) as scene:
        scene.does("partition", "n1 n2", "n3 n4")
        told = scene.ask("n1", "put", "x", "tea")
        if told is not NOBODY:
            raise scene.wrong("Four nodes, two on each side of the cut, and a put is answered: half is no majority. "
                              "The other half would answer as well, and neither would know of the other.",
                              NOBODY, "done")


@exercise("06_cap", "write_back", title="A read must write", lines=6, seconds=60, hints=(
    "The value that a get is about to tell may be on one node only, if its put is still on its way. What will the "
    "next get hear that asks others?",
    "Before it answers, the get sees to it that a majority holds what it tells: then whoever asks later meets it. "
    "self.ask does for keep what it does for copy. Wait for it.",
    "Ask for copy, take newest(...), ask a majority to keep exactly that, all three parts as they came, and then "
    "return the value."))
def check_write_back(Atomic: type[Node]) -> str:
    own = watched(Atomic, Node, "cap.Register", "get", "put")
    served(own)
    # Not with two nodes, where every majority is both.
    runs = sum(searched(own, runs=runs, nodes=nodes, sizes=(nodes,)) for nodes, runs in ((3, 150), (5, 20)))
    return f"in {runs} random runs with cuts, crashes, losses and late messages the register was linearizable."


@exercise("06_cap", "once", title="A put that arrives twice", lines=14, seconds=90, hints=(
    "The second copy of a request may come long after the first was answered, when others have written since. With a "
    "new number the old value would be the newest again. What has to be the same, the second time?",
    "Remember for each operation the number that it was given: the second time, the same value under the same tag "
    "does no harm. In a table, since the node may crash in between; and before anybody hears of the number.",
    "put: look self.operation up in the table. Not there: ask for copies, choose a number, and in a transaction "
    "insert it unless the other copy of the request has been quicker (INSERT OR IGNORE); read the number from the "
    "table. Then, always, have a majority keep the value: that the number is chosen does not mean that it is kept."))
def check_once(Once: type[Node]) -> str:
    own = watched(Once, Node, "cap.Atomic", "get", "put")
    served(own)
    for crash in False, True:
        _comes_late(own, crash)
    runs = sum(searched(own, runs=runs, nodes=nodes, faults=faults, always=DOUBLED, most_faults=3)
               for nodes, runs, faults in ((3, 60, ()), (3, 40, ("crash",)), (3, 15, ("isolate", "loss"))))
    return f"in {runs} random runs, in each of which every message comes twice, each put was one write."


def _comes_late(own: type[Node], crash: bool) -> None:
    """A request comes again when its put is done, and another one after it."""
    with Scene(own, 3) as scene:
        scene.cluster.client("n1", "c1")
        scene.does("latency", constant(100), "c1", "n1")  # so the second copy arrives at 200 ms
        scene.does("duplicate", 1.0, "c1", "n1")
        put = scene.begins("n1", "put", "x", "tea", ms=1)
        scene.does("latency", constant(2), "c1", "n1")
        scene.passes(150)
        if crash:
            scene.does("crash", "n1")
            scene.does("restart", "n1")
        if not put.done or scene.ends(put) is NOBODY or scene.ask("n2", "put", "x", "milk") is NOBODY:
            return
        scene.passes(150)
        between = " and its node had crashed in between" if crash else ""
        scene.wants("tea was put, and then milk. The request for tea came a second time, when both were done"
                    f"{between}. It was taken for another write, and milk is lost.",
                    "milk", scene.ask("n2", "get", "x"))
