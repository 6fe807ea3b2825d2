"""What node code can do, what it is told when it cannot, and which errors are definite."""

import gc
import warnings

import pytest

from splitbrain import uniform
from splitbrain.cluster import Cluster
from splitbrain.errors import Misuse, Refused, RpcError, RpcTimeout
from splitbrain.latency import constant
from splitbrain.node import Node, rpc


def make(nodes=2, base=Node, **members):
    """A cluster whose nodes have these functions as handlers (or as `start`, `setup`, `values`)."""
    names = "seed", "timeout", "links", "journal", "latency"
    options = {name: members.pop(name) for name in names if name in members}
    handlers = {name: m if name in ("start", "setup", "values", "__init__") else rpc(m) for name, m in members.items()}
    return Cluster(type("Thing", (base,), handlers), nodes=nodes, **{"latency": constant(1)} | options)


def notes(cluster):
    return [event.detail["text"] for event in cluster.journal.of("note")]


# Definite and indefinite errors.

async def echo(self, value):
    return value


async def relay(self, method, *args):
    return await self.call("n2", method, *args, timeout=20)


async def refuse(self):
    raise Refused("not now")


async def careful(self):
    try:
        await self.call("n2", "refuse")
    except Refused as error:
        raise Refused(f"n2 said {error}") from error


async def divide(self, by):
    1 / by


async def hang(self):
    await self.sleep(10_000)


async def nothing_in_gather(self):
    await self.gather(self.call("n2", "echo", 1), self.call("n2", "refuse"))


@pytest.fixture
def talkers():
    cluster = make(echo=echo, relay=relay, refuse=refuse, careful=careful, divide=divide, hang=hang,
                   nothing_in_gather=nothing_in_gather, timeout=100)
    yield cluster
    cluster.close()


def test_only_the_handler_itself_can_say_that_nothing_happened(talkers):
    with pytest.raises(Refused, match="^not now$"):
        talkers.client("n1").refuse()
    for way in (lambda c: c.relay("refuse"), lambda c: c.nothing_in_gather()):
        with pytest.raises(RpcError, match=r"n1\.\w+, line \d+: Refused: not now"):
            way(talkers.client("n1"))
    with pytest.raises(Refused, match="^n2 said not now$"):
        talkers.client("n1").careful()
    assert [o.status for o in talkers.history] == ["fail", "unknown", "unknown", "fail"]


def test_any_other_error_names_node_handler_and_line_and_leaves_the_outcome_unknown(talkers):
    line = divide.__code__.co_firstlineno + 1
    with pytest.raises(RpcError, match=rf"^n2\.divide, line {line}: ZeroDivisionError: division by zero$"):
        talkers.client("n2").divide(0)
    with pytest.raises(RpcError, match=r"^n1\.relay, line \d+: RpcError: n2\.divide, line \d+: ZeroDivisionError"):
        talkers.client("n1").relay("divide", 0)
    assert {o.status for o in talkers.history} == {"unknown"} and talkers.history[0].end is None


def test_no_answer_in_time_is_a_timeout_and_unknown(talkers):
    with pytest.raises(RpcTimeout, match="^n1.hang: no answer within 100 ms; nobody knows whether it happened$"):
        talkers.client("n1").hang()
    assert talkers.now == 100
    with pytest.raises(RpcError, match="RpcTimeout: n2.hang: no answer within 20 ms") as caught:
        talkers.client("n1").relay("hang")
    assert not isinstance(caught.value, RpcTimeout)
    assert issubclass(RpcTimeout, RpcError) and issubclass(RpcTimeout, TimeoutError)
    assert not issubclass(Refused, RpcError)


def test_an_answer_that_comes_too_late_is_ignored(talkers):
    talkers.slow("n1", 30)
    with pytest.raises(RpcError, match="n2.echo: no answer within 20 ms"):
        talkers.client("n1").relay("echo", 1)
    talkers.run(200)
    talkers.slow("n1", 0)
    assert talkers.client("n1").relay("echo", 2) == 2


def test_a_handler_that_is_not_there_or_takes_something_else(talkers):
    with pytest.raises(Refused, match=r"^n1 \(Thing\) has no handler 'pt'; it has: careful, divide, echo, "):
        talkers.client("n1").pt(1)
    with pytest.raises(Refused, match=r"^n1\.echo takes \(value\), got \(1, 2\)$"):
        talkers.client("n1").echo(1, 2)
    with pytest.raises(RpcError, match="Refused: n2 .* has no handler 'absent'"):
        talkers.client("n1").relay("absent")
    with pytest.raises(Misuse, match=r"a message carries values without names: echo\(1\)"):
        talkers.client("n1").echo(value=1)


def test_a_method_without_rpc_cannot_be_called():
    class Shy(Node):
        async def secret(self):
            return 1

    with pytest.raises(Refused, match=r"no handler 'secret' \(mark it with @rpc\); it has: none"):
        Cluster(Shy, nodes=1).client("n1").secret()


def test_handlers_are_inherited_and_overridden():
    class Base(Node):
        @rpc
        async def one(self):
            return 1

        @rpc
        async def two(self):
            return 2

    class Derived(Base):
        @rpc
        async def two(self):
            return 22

    client = Cluster(Derived, nodes=1).client("n1")
    assert (client.one(), client.two()) == (1, 22)


def test_a_mistake_in_a_one_way_message_is_loud():
    async def tell(self, method, *args):
        self.send("n2", method, *args)

    async def mend(self):
        return 1

    for args, text in ((("divide", 0), r"n2\.divide, line \d+: ZeroDivisionError"), (("absent",), "has no handler"),
                       (("divide", 1, 2), r"n2\.divide takes \(by\), got \(1, 2\)")):
        cluster = make(tell=tell, divide=divide, mend=mend)
        cluster.client("n1").start("tell", *args)
        with pytest.raises((RpcError, Misuse), match=text):
            cluster.run(10)
        assert any(divide.__name__ in t or "absent" in t for t in notes(cluster))
        assert cluster.client("n2").mend() == 1, "the cluster goes on"


def test_what_the_network_does_to_a_one_way_handler_is_a_note():
    async def tell(self):
        self.send("n2", "ask")

    async def ask(self):
        await self.call("n1", "hang", timeout=5)

    cluster = make(tell=tell, ask=ask, hang=hang)
    cluster.client("n1").tell()
    cluster.run(50)
    assert len(notes(cluster)) == 1 and notes(cluster)[0].startswith("n2.ask, line")


def test_a_mistake_in_a_background_task_is_loud_and_names_its_line():
    async def go(self):
        self.create_task(divide(self, 0))
        return "went"

    cluster = make(go=go)
    assert cluster.client("n1").start("go").done is False
    with pytest.raises(RpcError, match=r"n1\.divide, line \d+: ZeroDivisionError") as caught:
        cluster.run(10)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)

    async def start(self):
        await self.sleep(3)
        raise KeyError("x")

    with pytest.raises(RpcError, match=r"n1\.start, line \d+: KeyError: 'x'"):
        make(nodes=1, start=start).run(10)


def test_an_error_of_a_task_that_is_awaited_is_its_awaiters():
    async def go(self):
        try:
            await self.create_task(divide(self, 0))
        except ZeroDivisionError:
            return "caught"

    assert make(go=go).client("n1").go() == "caught"


def test_an_error_of_a_task_whose_awaiter_has_given_up_is_loud():
    async def work(self):
        await self.sleep(20)
        raise KeyError("lost")

    async def go(self):
        try:
            async with self.timeout(5):
                await self.create_task(work(self))
        except TimeoutError:
            return "gave up"

    cluster = make(go=go)
    assert cluster.client("n1").go() == "gave up"
    with pytest.raises(RpcError, match="KeyError: 'lost'"):
        cluster.run(50)


# Messages.

@pytest.mark.parametrize("value", [None, True, 10**50, -1.5, "ü", b"\x00", [1, [2]], (1, 2), {"k": [{}]}, float("inf")])
def test_values_travel_as_they_are(talkers, value):
    back = talkers.client("n1").relay("echo", value)
    assert back == value and type(back) is type(value)


def test_nodes_share_no_object():
    kept = {}

    async def keep(self, value):
        kept[self.name] = value
        value.append(self.name)

    async def go(self):
        mine = ["n1's"]
        await self.call("n2", "keep", mine)
        mine.append("later")
        return mine

    cluster = make(keep=keep, go=go)
    assert cluster.client("n1").go() == ["n1's", "later"] and kept == {"n2": ["n1's", "n2"]}


def test_what_is_not_plain_is_refused_where_it_is_sent_or_returned():
    async def sends(self):
        self.send("n2", "echo", {1})

    async def calls(self):
        await self.call("n2", "echo", [self])

    async def returns(self):
        return {1, 2}

    async def forgets(self):
        return self.call("n2", "echo", 1)

    async def forgets_too(self):
        return echo(self, 1)

    for method, text in (("sends", "n1 calls echo of n2 with a set.*send sorted"),
                         ("calls", r"n1 calls echo of n2 with a Thing \(at \[0\]\)"),
                         ("returns", "n1.returns returns with a set"),
                         ("forgets", "n1.forgets returns with a Future.*await it first"),
                         ("forgets_too", "n1.forgets_too returns with a coroutine.*await it first")):
        cluster = make(echo=echo, sends=sends, calls=calls, returns=returns, forgets=forgets, forgets_too=forgets_too)
        cluster.client("n1").start(method)
        with warnings.catch_warnings(), pytest.raises(Misuse, match=text):
            warnings.simplefilter("ignore")
            cluster.run(10)
        assert cluster.client("n2").echo(3) == 3


def test_a_client_cannot_send_what_is_not_plain_and_nothing_is_written_down():
    cluster = make(echo=echo)
    with pytest.raises(Misuse, match="c1 asks echo of n1 with a set"):
        cluster.client("n1").echo({1})
    assert len(cluster.history) == 0 and len(cluster.journal) == 0
    assert cluster.client("n1").echo(1) == 1
    cluster.run(10)


def test_a_call_that_was_not_awaited_is_neither_true_nor_false():
    async def go(self):
        return "wrong" if self.call("n2", "echo", 0) else "wrong, too"

    with pytest.raises(RpcError, match="TypeError: this is the promise of an answer.*await"):
        make(echo=echo, go=go).client("n1").go()


def test_unknown_and_unlinked_targets():
    async def tell(self, who):
        self.send(who, "echo", 1)

    async def ask(self, who):
        await self.call(who, "echo", 1)

    for method in ("tell", "ask"):
        for who, text in (("n9", "n1 knows no 'n9'; it is joined to n2"), ("n3", "n1 has no link to 'n3'")):
            cluster = make(nodes=3, links=[("n1", "n2"), ("n2", "n3")], echo=echo, tell=tell, ask=ask)
            assert cluster["n1"].peers == ["n2"] and cluster["n2"].peers == ["n1", "n3"]
            cluster.client("n1").start(method, who)
            with pytest.raises(Misuse, match=text):
                cluster.run(10)


def test_times_that_cannot_be():
    for wrong in ("1", -1, float("nan"), float("inf"), None):
        async def go(self, wrong=wrong):
            await self.sleep(wrong)

        cluster = make(go=go)
        cluster.client("n1").start("go")
        with pytest.raises(Misuse, match="n1: a time is a number of milliseconds, 0 or more"):
            cluster.run(10)


def test_who_sent_it_and_what_the_time_is():
    async def who(self):
        await self.sleep(1)
        return [self.sender, self.now]

    cluster = make(who=who, relay=relay)
    assert cluster.client("n1").who() == ["c1", 2.0]
    assert cluster.client("n1").relay("who") == ["n1", 6.0]
    assert cluster["n1"].sender == ""


def test_an_operation_has_one_name_wherever_it_is_worked_on():
    async def who(self, hop):
        await self.sleep(1)
        return [self.operation] if not hop else [self.operation, *await self.call("n2", "who", hop - 1)]

    async def start(self):
        self.begun = self.operation

    cluster = make(who=who, start=start)
    client = cluster.client("n1")
    assert [client.who(2), client.who(0)] == [["c1#0"] * 3, ["c1#1"]]
    assert (cluster["n1"].begun, cluster["n1"].operation) == ("n1.start#1", "")
    with pytest.raises(Misuse, match="hides Node.operation"):
        make(operation=who)


def test_a_node_can_call_itself():
    async def go(self):
        return await self.call(self.name, "echo", 5)

    cluster = make(nodes=1, go=go, echo=echo)
    assert cluster.client("n1").go() == 5 and cluster.ledger.messages == 4


# Timers.

def test_every_waits_after_each_call_and_goes_on_over_what_the_network_does():
    async def start(self):
        self.beats = []
        self.every(10, self.beat)

    async def beat(self):
        self.beats.append(self.now)
        if self.name == "n1":
            await self.call("n2", "absent", timeout=5)

    class Beating(Node):
        pass

    Beating.beat = beat
    cluster = make(base=Beating, start=start)
    cluster.run(40)
    assert cluster["n2"].beats == [10, 20, 30, 40]
    assert cluster["n1"].beats == [10, 22, 34]
    assert all("n1.beat, line" in text and "no handler 'absent'" in text for text in notes(cluster))


def test_a_mistake_in_a_timer_is_loud():
    async def start(self):
        self.every(10, lambda: 1 / 0)

    with pytest.raises(RpcError, match="n1.<lambda>, line .*: ZeroDivisionError"):
        make(nodes=1, start=start).run(20)


# Randomness, role, notes.

def test_random_follows_from_the_operation_and_not_from_what_others_draw():
    async def draw(self):
        return [self.random() for _ in range(3)]

    def drawn(before, seed=1):
        cluster = make(draw=draw, seed=seed)
        for _ in range(before):
            cluster.client("n1", "other").draw()
        return cluster.client("n1").draw()

    assert drawn(0) == drawn(5) != drawn(0, seed=2)
    assert len(set(drawn(0))) == 3 and all(0 <= u < 1 for u in drawn(0))


def test_drawing_a_number_moves_no_message():
    async def go(self, draws):
        for _ in range(draws):
            self.random()
        await self.gather(*[self.call("n2", "echo", i) for i in range(5)])

    def arrivals(draws):
        cluster = make(go=go, echo=echo, latency=uniform(1, 50))
        cluster.client("n1").go(draws)
        return [(e.time, e.message.id) for e in cluster.journal.of("receive")]

    assert arrivals(0) == arrivals(7)


def test_roles_and_notes_are_in_the_journal_once_a_change():
    async def lead(self):
        self.role = "leader"
        self.role = "leader"
        self.log("elected")

    cluster = make(lead=lead)
    cluster.client("n1").lead()
    assert cluster["n1"].role == "leader" and cluster["n2"].role == ""
    assert [e.detail for e in cluster.journal.of("role", "note")] == [{"role": "leader"}, {"text": "elected"}]


# Transactions.

def table(self):
    self.db["t"].create({"k": str, "v": int}, pk="k")


async def put(self, key, value):
    with self.transaction():
        self.db.execute("INSERT INTO t VALUES (?, ?)", (key, value))


async def count(self):
    return self.db.execute("SELECT count(*) FROM t").fetchone()[0]


def wrong_in_a_transaction(text, **handlers):
    cluster = make(setup=table, put=put, count=count, echo=echo, **handlers)
    cluster.client("n1").start("go")
    with pytest.raises(Misuse, match=text):
        cluster.run(100)
    assert not cluster["n1"].connection.in_transaction
    assert cluster.client("n1").count() == 0, "what was open has been undone"
    assert cluster.client("n1").put("x", 1) is None and cluster.client("n1").count() == 1


def test_awaiting_in_a_transaction():
    async def go(self):
        with self.transaction():
            self.db.execute("INSERT INTO t VALUES ('a', 1)")
            await self.sleep(1)

    wrong_in_a_transaction("n1.go awaits inside a transaction: while it waits, another handler would write", go=go)

    async def go(self):  # even where it swallows the error, and in a later step
        await self.sleep(1)
        with self.transaction():
            self.db.execute("INSERT INTO t VALUES ('a', 1)")
            try:
                await self.call("n2", "echo", 1)
            except Exception:
                self.db.execute("INSERT INTO t VALUES ('b', 1)")
                await self.sleep(1)

    wrong_in_a_transaction("n1.go awaits inside a transaction", go=go)


def test_leaving_a_transaction_open():
    async def go(self):
        self.db.execute("BEGIN")
        self.db.execute("INSERT INTO t VALUES ('a', 1)")

    wrong_in_a_transaction("n1.go left a transaction open: use 'with self.transaction", go=go)

    async def beside(self):
        self.db.execute("BEGIN")
        self.db.execute("INSERT INTO t VALUES ('a', 1)")

    async def go(self):
        self.create_task(beside(self))

    wrong_in_a_transaction("n1.beside left a transaction open", go=go)


def test_transactions_do_not_nest_not_even_where_it_is_swallowed_later():
    async def go(self):
        with self.transaction(), self.transaction():
            pass

    wrong_in_a_transaction("a transaction is open already: transactions do not nest", go=go)

    async def go(self):
        with self.transaction():
            self.force()

    wrong_in_a_transaction("commit first", go=go)


def test_an_error_in_a_transaction_undoes_it():
    async def go(self):
        with self.transaction():
            self.db.execute("INSERT INTO t VALUES ('a', 1)")
            raise Refused("changed my mind")

    cluster = make(setup=table, go=go, count=count)
    with pytest.raises(Refused):
        cluster.client("n1").go()
    assert cluster.client("n1").count() == 0


def test_setup_that_leaves_a_transaction_open():
    def setup(self):
        self.db.execute("BEGIN")

    with pytest.raises(Misuse, match="n1.setup left a transaction open"):
        make(setup=setup)


# What a learner may write wrong in a class.

def define(**members):
    return type("Wrong", (Node,), members)


async def asynchronous(self):
    pass


def synchronous(self):
    pass


@pytest.mark.parametrize(("members", "text"), [
    ({"call": asynchronous}, "Wrong.call hides Node.call, which the simulation needs: rename it"),
    ({"receive": asynchronous}, "Wrong.receive hides Node.receive"), ({"name": "x"}, "Wrong.name hides"),
    ({"waiting": []}, "Wrong.waiting hides"), ({"role": "leader"}, "Wrong.role hides"),
    ({"setup": asynchronous}, r"Wrong.setup: write 'def setup\(self\)' without async"),
    ({"values": asynchronous}, r"Wrong.values: write 'def values\(self\)' without async"),
    ({"values": {}}, r"Wrong.values: write 'def values\(self\)'"),
    ({"start": synchronous}, r"Wrong.start: write 'async def start\(self\)'"),
    ({"__init__": lambda self, size: None}, "Wrong.__init__ must need no arguments"),
])
def test_a_class_that_cannot_run_says_so_where_it_is_written(members, text):
    with pytest.raises(Misuse, match=text):
        define(**members)


def test_classes_that_can_run():
    define(__init__=lambda self, size=3, *args, **options: None, log=asynchronous, event=asynchronous)


@pytest.mark.parametrize("name", ["values", "start", "waiting", "tasks", "name", "storage", "frozen"])
def test_an_attribute_that_hides_what_the_simulation_keeps(name):
    async def go(self):
        setattr(self, name, {})

    cluster = make(go=go, echo=echo)
    cluster.client("n1").start("go")
    with pytest.raises(Misuse, match=rf"n1: self\.{name} = ... hides what the simulation keeps there"):
        cluster.run(10)
    assert cluster.client("n1").echo(1) == 1

    with pytest.raises(Misuse, match=name):
        make(__init__=lambda self: setattr(self, name, []))


def test_rpc_wants_an_async_def():
    with pytest.raises(Misuse, match="@rpc synchronous: write 'async def synchronous'"):
        rpc(synchronous)


def test_a_setup_or_init_that_raises_does_so_at_its_own_line():
    for name in ("setup", "__init__"):
        with pytest.raises(ZeroDivisionError) as caught:
            make(**{name: lambda self: 1 / 0})
        assert caught.traceback[-1].path.name == "test_node.py"
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always", ResourceWarning)
        gc.collect()
    assert not [w for w in heard if "Thing" in str(w.message)]


def test_things_that_are_no_coroutines():
    async def go(self):
        self.create_task(self.sleep)

    cluster = make(go=go)
    cluster.client("n1").start("go")
    with pytest.raises(Misuse, match="n1.create_task wants a coroutine, got method: call the async method"):
        cluster.run(5)

    async def go(self):
        await self.gather(1)

    cluster = make(go=go)
    cluster.client("n1").start("go")
    with pytest.raises(Misuse, match="n1 cannot wait for 1: give calls, tasks or coroutines"):
        cluster.run(5)


# What a node shows.

def test_values_default_to_the_first_table():
    cluster = make(setup=table, put=put)
    assert cluster["n1"].values() == {}
    cluster.client("n1").put("x", 1)
    assert cluster.values("n1") == cluster["n1"].values() == {"x": 1}
    assert make().values("n1") == {}


def test_values_in_the_journal_are_copies_and_written_when_a_commit_changed_them():
    def values(self):
        return {"held": self.held}

    def begin(self):
        self.held = []

    async def add(self, value):
        self.held.append(value)
        self.db.execute("CREATE TABLE IF NOT EXISTS t (v)")
        self.db.execute("INSERT INTO t VALUES (1)")

    cluster = make(nodes=1, __init__=begin, values=values, add=add)
    for value in (1, 2):
        cluster.client("n1").add(value)
    assert [e.detail["values"] for e in cluster.journal.of("values")] == [{"held": []}, {"held": [1]}, {"held": [1, 2]}]
    assert len(cluster.journal.of("commit")) == 3


@pytest.mark.parametrize(("values", "shown"), [
    (lambda self: 1 / 0, "ZeroDivisionError"),
    (lambda self: [1], "n1.values must return a dict of plain values, for pictures and the panel to show"),
    (lambda self: {"x": {1}}, "n1.values must return a dict of plain values, for pictures and the panel to show"),
    (lambda self: self.db.execute("SELECT nothing"), "OperationalError")])
def test_values_that_fail_change_no_run(values, shown):
    cluster = make(nodes=1, setup=table, put=put, count=count, values=values)
    assert cluster.client("n1").put("x", 1) is None and cluster.client("n1").count() == 1
    assert cluster.journal.of("values")[-1].detail == {"values": {"raises": shown}}
    with pytest.raises((ZeroDivisionError, Misuse, Exception)):
        cluster.values("n1")
    cluster.close()


def test_looking_is_no_crash_point_and_costs_nothing():
    results = []
    for journal in (True, False):
        cluster = make(setup=table, put=put, journal=journal)
        cluster.client("n1").put("x", 1)
        for _ in range(3):
            cluster.values("n1")
            cluster["n1"].db.execute("SELECT * FROM t").fetchall()
        results.append((cluster.network.endpoints["n1"].points, cluster.ledger))
    assert results[0] == results[1]
    assert results[0][0] == 5, "a receipt, BEGIN, INSERT, COMMIT, a response"
