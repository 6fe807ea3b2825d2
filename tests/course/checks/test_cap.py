"""Lab 06 accepts registers of other shapes than ours, and what it hands back makes the same failure again."""

import pytest

from splitbrain import Node, RpcError, rpc
from splitbrain.course.checks import cap
from splitbrain.course.checks.cap_merge import shows_what_it_heard
from splitbrain.course.checks.cap_runs import searched
from splitbrain.course.checks.watching import watched
from splitbrain.course.feedback import NotAttempted, Raised, Wrong
from splitbrain.explore import replay
from splitbrain.protocols.quorum import QuorumRegister


class AskedAgain(cap.Table):
    """Keeps every tag that it was given, and sorts them when it is asked."""

    def setup(self):
        self.db.execute("CREATE TABLE given (key TEXT, number, writer TEXT, value)")

    @rpc
    async def copy(self, key):
        given = self.db.execute("SELECT number, writer, value FROM given WHERE key = ? ORDER BY number, writer", (key,))
        return [(0, "", None), *given.fetchall()][-1]

    @rpc
    async def keep(self, key, number, writer, value):
        self.db.execute("INSERT INTO given VALUES (?, ?, ?, ?)", (key, number, writer, value))
        self.force()


class ByHand(cap.Replica):
    """Counts the answers itself, and its tags have the client's name before the node's."""

    async def majority(self, method, *args):
        everyone = [self.name, *self.peers]
        calls = [self.call(name, method, *args, timeout=150) for name in everyone]
        told = await self.gather(*calls, return_exceptions=True)
        told = [answer for answer in told if not isinstance(answer, Exception)]
        if 2 * len(told) <= len(everyone):
            raise RpcError("no majority")
        return told

    @rpc
    async def get(self, key):
        told = sorted(await self.majority("copy", key), key=lambda answer: answer[:2])
        if told[0] != told[-1]:
            await self.majority("keep", key, *told[-1])
        return told[-1][2]

    @rpc
    async def put(self, key, value):
        number = max(answer[0] for answer in await self.majority("copy", key))
        await self.majority("keep", key, number + 7, f"{self.operation} at {self.name}", value)


class WritesBackOnlyWhatDiffers(cap.Register):
    @rpc
    async def get(self, key):
        told = await self.ask("copy", key)
        if any(answer != told[0] for answer in told):
            await self.ask("keep", key, *cap.newest(told))
        return cap.newest(told)[2]


class Siblings(cap.Available):
    """No list of what is gone: each write knows which it replaced, and nothing is ever forgotten."""

    def write(self, state, operation, value):
        writes = state or []
        return [*writes, [operation, value, [one for one, _, _ in writes]]]

    def merge(self, ours, theirs):
        return ours + [one for one in theirs if one not in ours]

    def shown(self, state):
        replaced = {other for _, _, others in state for other in others}
        return {value for operation, value, _ in state if operation not in replaced}


class Vectors(cap.Available):
    """A version vector for each value."""

    def write(self, state, operation, value):
        vector = {}
        for known, _ in state or []:
            vector = {name: max(vector.get(name, 0), known.get(name, 0)) for name in {*vector, *known}}
        return [[vector | {self.name: vector.get(self.name, 0) + 1}, value]]

    def merge(self, ours, theirs):
        def older(a, b):
            return a != b and all(count <= b.get(name, 0) for name, count in a.items())

        every = ours + [one for one in theirs if one not in ours]
        return [one for one in every if not any(older(one[0], other[0]) for other in every)]

    def shown(self, state):
        return [value for _, value in state]


class Mended(cap.Suspect):
    @rpc
    async def get(self, key):
        told = await self.ask("copy", key)
        if len(set(told)) > 1:
            await self.ask("keep", key, *max(told, key=lambda answer: answer[:2]))
        return max(told, key=lambda answer: answer[:2])[2]


@pytest.mark.parametrize("check, answers", [
    (cap.check_replica, [AskedAgain]), (cap.check_register, [ByHand]), (cap.check_once, [QuorumRegister]),
    pytest.param(cap.check_register, [QuorumRegister], marks=pytest.mark.long),
    pytest.param(cap.check_write_back, [QuorumRegister], marks=pytest.mark.long),
    (cap.check_write_back, [WritesBackOnlyWhatDiffers]), (cap.check_merge, [Siblings]), (cap.check_merge, [Vectors]),
    (cap.check_bug, ["c", Mended])])
def test_right_answers_of_other_shapes_are_right(check, answers, capsys):
    bases = {cap.check_register: cap.Replica, cap.check_write_back: cap.Register, cap.check_once: cap.Atomic}
    if answers == [QuorumRegister] and check in bases:
        assert not issubclass(QuorumRegister, bases[check])  # any node that keeps the promises will do
    check(*answers)
    assert capsys.readouterr().out.startswith("Right: ")


@pytest.mark.parametrize("check", [cap.check_replica, cap.check_register, cap.check_write_back, cap.check_once,
                                   cap.check_merge])
def test_whatever_is_no_node_is_told_so(check):
    with pytest.raises(NotAttempted):
        check(...)
    for answer in (None, 3, dict):
        with pytest.raises(Wrong, match="made from"):
            check(answer)


def test_an_answer_that_raises_is_shown_its_own_line():
    class Breaks(cap.Register):
        @rpc
        async def get(self, key):
            return {}["nothing"]

    with pytest.raises(Raised, match="KeyError"):
        cap.check_write_back(Breaks)


def test_what_is_handed_back_is_small_and_fails_again():
    with pytest.raises(Wrong) as failed:
        searched(watched(cap.Register, Node, "Node"), runs=150, sizes=(3,))
    assert failed.value.picture.alt.startswith("Space-time diagram")
    assert failed.value.sentence.count("\n") <= 2 + 4  # three operations, or four
    again = eval(failed.value.replay, {"replay": replay, "Register": cap.Register})
    assert again.verdict.status == "violated" and again.verdict.explanation in failed.value.sentence


def test_a_lost_write_fails_again_by_its_line():
    class Last(cap.Available):
        def write(self, state, operation, value):
            return [(state or [0])[0] + 1, operation, value]

        def merge(self, ours, theirs):
            return max(ours, theirs)

        def shown(self, state):
            return [state[2]]

    with pytest.raises(Wrong, match="A write is lost") as failed:
        cap.check_merge(Last)
    again = eval(failed.value.replay, {"replay": replay, "Last": Last})
    assert shows_what_it_heard(again.run).status == "violated"


def test_the_suspect_fails_in_its_smallest_run_and_the_right_register_does_not():
    assert cap.smallest_run().verdict.status == "violated"
    assert cap.smallest_run(cap.Atomic).verdict.status == "ok"


def test_what_only_the_simulator_sees_is_told_as_theirs():
    class Unordered(cap.Replica):
        @rpc
        async def copy(self, key):
            return set(self.held(key))

    with pytest.raises(Raised, match="plain data only"):
        cap.check_replica(Unordered)


def test_a_merge_that_lacks_a_method_is_told_which():
    class Half(cap.Available):
        def write(self, state, operation, value):
            return [value]

    with pytest.raises(Wrong, match="no method merge"):
        cap.check_merge(Half)


def test_the_bug_is_a_letter():
    for bug in ("C", None, ["c"]):
        with pytest.raises(Wrong, match="by its letter"):
            cap.check_bug(bug, Mended)
