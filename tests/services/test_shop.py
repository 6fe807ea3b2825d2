"""An order ends wholly done or wholly made good, whoever refuses and whoever is killed, wherever."""

import pytest

from splitbrain.messaging.service import Service
from splitbrain.services.order import Order
from splitbrain.services.payment import Payment
from splitbrain.services.shop import REFUSALS, Kill
from splitbrain.services.stock import Stock

SAGAS = ["orchestrated saga", "choreographed saga"]
BEFORE = {"ann": 100, "bob": 5, "desk": 0, "lamp": 5}
AFTER = {"ann": 70, "bob": 5, "desk": 0, "lamp": 3}


def end(result):
    return result["outcome"], result["goods"]


@pytest.mark.parametrize("build", SAGAS)
@pytest.mark.parametrize("refused", REFUSALS)
def test_without_a_kill(run, build, refused):
    sold = refused in ("nobody", "book, twice")
    assert end(run(build, **REFUSALS[refused])) == (("completed", AFTER) if sold else ("compensated", BEFORE))


def sweep(run, build, changes):
    whole = run(build, **changes)
    for kill in whole["boundaries"]:
        result = run(build, [kill], **changes)
        assert (kill, end(result)) == (kill, end(whole))
        assert len(result["deaths"]) == 1


@pytest.mark.parametrize("build", SAGAS)
def test_killed_at_every_boundary_of_the_longest_way_back(run, build):
    sweep(run, build, REFUSALS["ship"])


@pytest.mark.long
@pytest.mark.parametrize("build", SAGAS)
@pytest.mark.parametrize("refused", REFUSALS)
def test_killed_at_every_boundary(run, build, refused):
    sweep(run, build, REFUSALS[refused])


@pytest.mark.long
@pytest.mark.parametrize("refused", ["nobody", "ship"])
def test_killed_twice(run, refused):
    """At every boundary, and again one to eight boundaries later, when it may just be recovering."""
    changes = REFUSALS[refused]
    whole = run("orchestrated saga", **changes)
    for kill in whole["boundaries"]:
        for later in (1, 2, 3, 5, 8):
            kills = [kill, Kill(kill.service, kill.number + later)]
            assert (kills, end(run("orchestrated saga", kills, **changes))) == (kills, end(whole))


@pytest.mark.parametrize("refused, left", [("charge", "order cancelled, stock reserved, payment None"),
                                           ("ship", "order cancelled, stock reserved, payment charged"),
                                           ("book, twice", "order cancelled, stock shipped, payment charged")])
def test_a_routing_slip_leaves_half(run, refused, left):
    assert run("routing slip", **REFUSALS[refused])["outcome"] == left


class Forgetful(Payment):
    """Knows no message that it has had, and no order that it has charged."""

    def _handle(self, message):
        self.db.execute("DELETE FROM inbox")
        super()._handle(message)

    def on_charge(self, message):
        self.db.execute("UPDATE account SET balance = balance - 30 WHERE owner = 'ann'")
        self.db.execute("INSERT OR REPLACE INTO charge VALUES ('o1', 'ann', 30, 'charged')")
        self.reply("done", {})


class Hasty(Service):
    """Acknowledges before it handles."""

    def step(self, wait_ms=0):
        taken = self.mailbox.take(wait_ms)
        if taken:
            self.mailbox.done(taken)
            self.failpoint("acknowledged too early")
            self.mailbox.take, take = (lambda wait_ms=0: taken), self.mailbox.take
            try:
                return super().step(wait_ms)
            finally:
                self.mailbox.take = take
        return super().step(wait_ms)


class HastyPayment(Hasty, Payment):
    """Acknowledges before it handles."""


@pytest.mark.parametrize("services", [(Order, Stock, Forgetful), (Order, Stock, HastyPayment)],
                         ids=["without an inbox", "acknowledges first"])
def test_the_sweep_notices_a_service_that_forgets(run, services):
    with pytest.raises(AssertionError):
        sweep(run, services, {})


def test_a_trace_is_whole_and_every_message_has_its_cause(run):
    for build in SAGAS:
        trace = run(build, **REFUSALS["ship"])["trace"]
        ids = {row["id"] for row in trace}
        assert {row["cause"] for row in trace} - ids == {""}
        assert [row["name"] for row in trace if not row["cause"]] == ["start"]


def test_a_kill_leaves_the_same_trace(run):
    """Numbers come from the outbox: what was sent twice has one number, and the trace knows it once."""
    whole = run("orchestrated saga", **REFUSALS["charge"])
    for kill in whole["boundaries"][::7]:
        assert run("orchestrated saga", [kill], **REFUSALS["charge"])["trace"] == whole["trace"]


def test_the_same_order_sent_twice_is_one_order(redis, tmp_path):
    from splitbrain.services.shop import Shop

    with Shop(redis, tmp_path) as shop:
        shop.place()
        shop.run()
        shop._counter.send("order", shop.services["order"].trace()[0].to_json().replace("start o1", "start again"))
        shop.run()
        assert (shop.outcome(), shop.goods()) == ("completed", AFTER)


def test_two_instances_of_one_service_share_its_messages(redis, tmp_path):
    from splitbrain.services.shop import Shop

    with Shop(redis, tmp_path) as shop:
        second = Stock(redis, tmp_path, space=shop._space, instance="2")
        for number in range(2):
            shop.place(id=f"o{number}")
        stepped = 0
        for _ in range(40):
            shop.step("order"), shop.step("payment")
            stepped += second.step()
            shop.step("stock")
        assert stepped and [shop.outcome(f"o{n}") for n in range(2)] == ["completed", "completed"]
        second.close()


def test_price(run):
    """Messages by hand: a command and an answer for each step; what a topic fans out is sent once."""
    assert run("orchestrated saga")["price"] == {"messages": 8, "transactions": 9}
    assert run("choreographed saga")["price"] == {"messages": 5, "transactions": 16}
    assert run("routing slip")["price"] == {"messages": 5, "transactions": 6}
