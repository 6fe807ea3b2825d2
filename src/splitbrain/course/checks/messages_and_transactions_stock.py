"""Lab 12, the consumer, and then all three together: killed everywhere, once and twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import count

from splitbrain.course.checks.messages_and_transactions_bench import Bench, Inside, bench, closed, died, some
from splitbrain.course.checks.mortal import Ended
from splitbrain.course.feedback import Wrong, exercise

ONCE = (("o1", 2), ("o2", 2))        # two orders that say the same
TWICE = (("o1", 2), *ONCE)          # and o1 came twice
ORDERS = (("o1", 3), ("o2", 1), ("o3", 1))


@exercise("12_messages_and_transactions", "stock", title="Each order once", lines=16, seconds=90, hints=(
    "Die in thought after each of your lines. Who does the message then, and how does that process know whether it has "
    "been done? What did a predecessor of yours take and not acknowledge?",
    "XREADGROUP with the id 0 gives what stock-1 was given before and has not acknowledged; with > what is new. First "
    "the one, until it is empty, then the other. For each message one transaction: its id into inbox, and only if it "
    "is new the lamps into aside. Acknowledge after the commit.",
    "for start in ('0', '>'): loop: xreadgroup('stock', 'stock-1', {'stock': start}, count=10); leave the loop if "
    "there are no entries; for each: BEGIN IMMEDIATE, INSERT OR IGNORE INTO inbox, if its rowcount is 1 INSERT INTO "
    "aside, COMMIT, xack."))
def check_stock(stock: Callable, place: Callable, relay: Callable, *, kill: int | None = None) -> str:
    """`kill` looks at one death of stock only: at the point of this number."""
    with bench() as world:
        if kill is None:
            _works(world, stock)
            _comes_again(world, stock)
            _takes_up(world, stock)
        world.fresh()
        world.deliver(*TWICE)
        points = _stock(world, stock, "with three messages in the stream").points
        for number in range(len(points)) if kill is None else [kill]:
            _killed(world, stock, number, points)
        kills = 0 if kill is not None else _campaign(world, place, relay, stock)
    return (f"killed at each of its {len(points)} moments it counted each order once. Shop, relay and stock together, "
            f"killed at {kills} moments and then once more: nothing lost, nothing twice.")


def _stock(world: Bench, stock: Callable, doing: str, deadly: int | None = None) -> Ended:
    def process(inside: Inside):
        client = inside.client()
        return inside.using(inside.stock, lambda db: stock(db, client))

    ended = world.run(process, doing=doing, deadly=deadly)
    closed(ended.answer, "stock")
    return ended


def _counted_once(world: Bench, story: str, wanted: tuple, *, in_order: bool = False, **rest) -> None:
    found, expected = world.aside(), list(wanted)
    had, pending = Counter(id for id, _ in found), world.pending()
    few = len(expected) < 8
    shown = rest | {"expected": expected if few else f"{len(expected)} orders", "got": found if few else len(found)}
    if missing := [id for id, _ in expected if not had[id]]:
        raise Wrong(f"{story} Never put aside: {some(missing)}.{_why(world, pending)}", **shown)
    if twice := [id for id, times in had.items() if times > 1]:
        raise Wrong(f"{story} Put aside {had[twice[0]]} times: {some(twice)}.", **shown)
    if sorted(found) != sorted(expected):
        raise Wrong(f"{story} The numbers of lamps put aside are not those that were ordered.", **shown)
    if pending:
        raise Wrong(f"{story} Each order was put aside once. Not acknowledged: {pending}. Such a message stays pending "
                    "for ever.", expected="nothing pending", got=f"{pending} pending", **rest)
    if in_order and found != expected:
        raise Wrong(f"{story} The orders were put aside in another order than they came in.",
                    expected=[id for id, _ in expected], got=[id for id, _ in found], **rest)


def _why(world: Bench, pending: int) -> str:
    """Where the messages are that had no effect, as far as the stream knows."""
    if world.client.xrange("stock", min=f"({world.client.xinfo_groups('stock')[0]['last-delivered-id']}"):
        return " There was more to read when yours returned."
    return " It is still pending." if pending else " It is acknowledged, so it will not come again."


def _works(world: Bench, stock: Callable) -> None:
    for number in (0, 3, 120):
        world.fresh()
        messages = tuple((f"o{n}", 1 + n % 2) for n in range(1, number + 1))
        world.deliver(*messages)
        _stock(world, stock, f"with {number} messages in the stream")
        _counted_once(world, f"{number} messages waited, and nobody died.", messages, in_order=True)


def _comes_again(world: Bench, stock: Callable) -> None:
    world.fresh()
    world.deliver(*TWICE)
    _stock(world, stock, "with a message that came twice")
    _counted_once(world, "o1 came twice (the relay died after it had sent it), and o2 is another order, for as many "
                         "lamps.", ONCE)
    world.deliver(("o1", 2))
    _stock(world, stock, "with a message that another process has done")
    _counted_once(world, "o1 came once more, to a new process.", ONCE)


def _takes_up(world: Bench, stock: Callable) -> None:
    """A predecessor was given the first two, and died; under the same name stock is started again."""
    for held, number in ((2, 4), (30, 31)):
        world.fresh()
        messages = tuple((f"o{n}", 2) for n in range(1, number + 1))
        world.deliver(*messages)
        world.client.xreadgroup("stock", "stock-1", {"stock": ">"}, count=held)
        _stock(world, stock, f"after a stock-1 that took {held} messages and died")
        _counted_once(world, f"A first stock-1 took {held} of {number} messages and died; it was started again.",
                      messages, in_order=True)


def _killed(world: Bench, stock: Callable, number: int, points: tuple[str, ...]) -> None:
    world.fresh()
    world.deliver(*TWICE)
    _stock(world, stock, "with three messages in the stream", deadly=number)
    _stock(world, stock, "after its predecessor was killed")
    _counted_once(world, f"o1 came twice, and o2 once. Stock was {died(points, number)}, and started again.", ONCE,
                  replay=f"messages_and_transactions.check_stock(stock, place, relay, kill={number})")


def _campaign(world: Bench, place: Callable, relay: Callable, stock: Callable) -> int:
    """Kill the chain at every third moment, and start it again, killed once more: in a later moment or not at all."""
    def chain(inside: Inside) -> None:
        client = inside.client()
        inside.using(inside.shop, lambda db: [place(db, *order) for order in ORDERS])
        inside.using(inside.shop, lambda db: relay(db, client))
        inside.using(inside.stock, lambda db: stock(db, client))

    def run(doing: str, deadly: int | None = None) -> Ended:
        return world.run(chain, doing=doing, deadly=deadly)

    world.fresh()
    points = run("with three orders, through shop, relay and stock").points
    kills = count()
    for number in range(0, len(points), 3):
        second = (number * 7 + 5) % len(points)         # some place else, the same each time
        world.fresh()
        run("in the chain", number)
        run("in the chain, killed a second time", second)
        run("in the chain, started again")
        next(kills)
        _counted_once(world, f"Three orders, through your shop, relay and stock. The chain was {died(points, number)}, "
                             f"started again, and killed at moment {second} of that; then nobody died.", ORDERS)
    return next(kills)
