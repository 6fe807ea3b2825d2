"""Lab 06, a register with one mistake, which its smallest failing run gives away."""

from __future__ import annotations

from typing import Any

from splitbrain import Node, rpc
from splitbrain.course.checks.cap_register import served
from splitbrain.course.checks.cap_registers import Atomic, newest
from splitbrain.course.checks.cap_runs import CROWD, Scene, picture, searched
from splitbrain.course.checks.watching import raise_first, watched
from splitbrain.course.feedback import Wrong, exercise
from splitbrain.explore.replay import Replay, replay

BUGS = {"a": "it takes too few for a majority",
        "b": "a get does not write back what it tells",
        "c": "a get writes back a value under another tag than the value had",
        "d": "two puts have one tag",
        "e": "a put chooses its number without asking a majority"}

RIGHT = "c"


class Suspect(Atomic):
    """One mistake. To find it here is easier than to find it in the picture, and teaches less."""

    @rpc
    async def get(self, key: str) -> Any:
        number, _, value = newest(await self.ask("copy", key))
        await self.ask("keep", key, number, self.operation, value)
        return value


# Found by fuzz in one of a thousand random runs, and cut down. A test looks that it still goes wrong.
SMALLEST = ("nodes=2, latency=mixture((0.7, uniform(1, 5)), (0.3, uniform(20, 200))), ask=[op(92, 'c5', 'put', 'x', "
            "9, node=4, salt=633786), op(147.331, 'c9', 'get', 'x', node=8, salt=386075), op(257.141, 'c8', 'put', "
            "'x', 5, node=7, salt=611718), op(357.181, 'c2', 'get', 'x', node=1), op(389.139, 'c3', 'get', 'x', "
            "node=2, salt=569631)], check='linearizability'")


def smallest_run(node: type[Node] = Suspect) -> Replay:
    """The smallest run of `Suspect` that is known to go wrong, made again; or what another class does then."""
    return replay(node, SMALLEST)


@exercise("06_cap", "bug", title="Find the bug", lines=8, seconds=60, hints=(
    "c2 reads 5, and afterwards c3 reads 9: so for one node 5 was the newest, and later it was 9 again. Follow the "
    "messages keep(key, number, writer, value) that carry 9.",
    "A value has its tag for life: that is what lets all nodes agree which of two is the newer. Under which tags "
    "does 9 travel here, and which of them is larger than that of 5?",
    "c9 only reads, and yet there is a keep with its name on it. Write get anew: what is written back is exactly "
    "what was heard, number, writer and value."))
def check_bug(bug: str, Mended: type[Node]) -> str:
    """The name first: who names the wrong one is shown what in the run speaks against it."""
    _names_it(bug)
    own = watched(Mended, Node, "cap.Suspect", "get", "put")
    served(own)
    run = smallest_run(own)
    raise_first(own)
    if run.verdict.status != "ok":
        raise Wrong(f"The smallest failing run still fails: {run.verdict.explanation}.", expected="one copy would "
                                                                                                  "tell this",
                    got="; ".join(map(str, run.history)), picture=picture(run))
    _under_its_tag(own)
    runs = searched(own, runs=40, sizes=(2,)) + searched(own, runs=100, sizes=(3,))
    runs += searched(own, runs=50, workload=CROWD, faults=(), most_operations=14)
    return f"{BUGS[RIGHT]}. Mended, it was linearizable in that run and in {runs} random ones."


def _under_its_tag(own: type[Node]) -> None:
    """Two values with one number, whose writers decide which is the newer: a get tells it, and another has to."""
    with Scene(own, 3) as scene:
        scene.ask("n1", "keep", "x", 1, "c5#0", 9)
        for name in "n2", "n3":
            scene.ask(name, "keep", "x", 1, "c1#0", 7)
        scene.does("crash", "n3")
        scene.wants("Of the two majorities' values 9 has the larger tag.", 9, scene.ask("n1", "get", "x"))
        scene.does("restart", "n3")
        scene.does("crash", "n1")
        scene.wants("A get told 9, whose tag is the larger, and a later one tells 7 again: when the first had "
                    "answered, no majority held 9 under its own tag.", 9, scene.ask("n3", "get", "x"))


def _names_it(bug: object) -> None:
    if not isinstance(bug, str) or bug not in BUGS:
        raise Wrong("Name the bug by its letter.", expected=", ".join(map(repr, BUGS)), got=bug)
    if bug == RIGHT:
        return
    run = smallest_run()
    refuted = f"You say that {BUGS[bug]}. Look again: {_evidence(bug, run)}"
    raise Wrong(refuted, expected="what the run shows", got=BUGS[bug], picture=picture(run))


def _evidence(bug: str, run: Replay) -> str:
    """What of the run speaks against one of the wrong names."""
    sent = [e.message for e in run.journal if e.kind == "send" and e.message.kind == "request"]
    ours = [m for m in sent if m.source in run.run.cluster.names]
    gets = {m.operation for m in sent if m.method == "get"}
    if bug == "a":
        return "there are two nodes, and whoever keeps or asks waits for both of them."
    if bug == "b":
        count = sum(m.method == "keep" and m.operation in gets for m in ours)
        return f"{count} messages keep were sent on behalf of gets."
    tags = [m.body for m in ours if m.method == "keep" and m.operation not in gets]
    if bug == "d":
        return f"the puts sent keep with {' and '.join(sorted({str(tag) for tag in tags}))}."
    return "each put sent copy to both nodes and heard from both before it sent keep. (Both chose 1: that may be.)"
