"""Lab 12, the order with its message: killed before every statement, asked again, and refused by its database."""

from __future__ import annotations

from collections.abc import Callable

from splitbrain.course.checks.messages_and_transactions_bench import LEFT_OPEN, Bench, Inside, bench, closed, died
from splitbrain.course.checks.mortal import Ended
from splitbrain.course.feedback import Wrong, exercise

ORDERS, OUTBOX = "SELECT id, lamps FROM orders", "SELECT id, lamps FROM outbox ORDER BY position"
FULL = "the disk is full"


@exercise("12_messages_and_transactions", "place", title="An order and its message", lines=10, seconds=60, hints=(
    "Two rows in one database. When can one of them be there without the other? And what does a customer do who was "
    "told nothing?",
    "BEGIN IMMEDIATE ... COMMIT around both rows. Only of a new order is there anything to tell. If a statement fails: "
    "ROLLBACK, and raise again.",
    "BEGIN IMMEDIATE; INSERT OR IGNORE INTO orders; if its rowcount is 1, INSERT INTO outbox (id, lamps); COMMIT. "
    "Around these a try, with `except BaseException`: ROLLBACK and raise. Return whether the rowcount was 1."))
def check_place(place: Callable, *, kill: int | None = None) -> str:
    """`kill` looks at one death only: before the statement of this number."""
    with bench(redis=False) as world:
        if kill is None:
            _plain(world, place)
            _refused(world, place)
        world.fresh()
        points = _place(world, place, "o1", 2, "with a new order").points
        for number in range(len(points)) if kill is None else [kill]:
            _killed(world, place, number, points)
    return (f"killed at each of its {len(points)} moments it left both or neither, and the customer who came again had "
            "one order and one message.")


def _place(world: Bench, place: Callable, id: str, lamps: int, doing: str, deadly: int | None = None) -> Ended:
    return world.run(lambda inside: inside.using(inside.shop, lambda db: place(db, id, lamps)), doing=doing,
                     deadly=deadly)


def _together(world: Bench, story: str, *, both: bool = False, **rest) -> None:
    orders, outbox = world.read(world.shop, ORDERS), world.read(world.shop, OUTBOX)
    shown = f"{len(orders)} in orders, {len(outbox)} in outbox"
    expected = "one order and one message" if both else "both or neither"
    if len(outbox) > 1:
        raise Wrong(f"{story} There is one order, and {len(outbox)} messages tell of it.", expected=expected, got=shown,
                    **rest)
    if orders and not outbox:
        raise Wrong(f"{story} The order is committed, and no message is in the outbox: stock will never hear of it. "
                    "The two rows have to be one transaction.", expected=expected, got=shown, **rest)
    if outbox and not orders:
        raise Wrong(f"{story} A message is committed that tells of an order which is not there. The two rows have to "
                    "be one transaction.", expected=expected, got=shown, **rest)
    if both and not orders:
        raise Wrong(f"{story} Neither the order nor its message is there.", expected=expected, got=shown, **rest)


def _plain(world: Bench, place: Callable) -> None:
    world.fresh()
    answer = closed(_place(world, place, "o1", 2, "with a new order").answer, "place")
    _together(world, "One order was placed, and nobody died.", both=True)
    for table, query in (("orders", ORDERS), ("outbox", OUTBOX)):
        if (found := world.read(world.shop, query)) != [("o1", 2)]:
            raise Wrong(f"Order o1 is for 2 lamps; the row in {table} says something else.",
                        expected=("o1", 2), got=found[0])
    again = closed(_place(world, place, "o1", 2, "with an order that is there").answer, "place")
    _together(world, "A customer who was told nothing ordered o1 again.", both=True)
    _place(world, place, "o2", 2, "with another order for as many lamps")
    if (found := world.read(world.shop, OUTBOX)) != [("o1", 2), ("o2", 2)]:
        raise Wrong("o1 and o2 are two orders, of two lamps each.", expected=[("o1", 2), ("o2", 2)], got=found)
    if (answer, again) != (True, False):
        raise Wrong("`place` has to say whether the order is new.", expected="True for o1, False the second time",
                    got=f"{answer}, {again}")


def _refused(world: Bench, place: Callable) -> None:
    """The second of the two rows cannot be written, and the process lives on."""
    world.fresh()
    for table in ("outbox", "orders"):
        world.write(world.shop, f"CREATE TRIGGER full_{table} BEFORE INSERT ON {table} "
                                f"WHEN NEW.id = 'no {table}' BEGIN SELECT RAISE(ABORT, '{FULL}'); END;")
    for table in ("outbox", "orders"):
        def process(inside: Inside, id: str = f"no {table}"):
            return inside.using(inside.shop, lambda db: _raises(lambda: place(db, id, 2)))

        answer = world.run(process, doing="when a statement fails").answer
        story = f"The INSERT into {table} failed ({FULL})."
        if answer == LEFT_OPEN:
            raise Wrong(f"{story} The process lives on, and your transaction is still open: the next `BEGIN` on this "
                        "connection fails, and everybody else waits.", expected="a rollback", got="an open transaction")
        _together(world, story)
        if answer != "raised":
            raise Wrong(f"{story} `place` returned as if nothing had happened, and the customer believes it.",
                        expected="the exception comes through", got=f"it returned {answer}")


def _raises(work: Callable) -> object:
    try:
        return work()
    except NotImplementedError:
        raise
    except Exception as error:
        if FULL not in str(error):
            raise
        return "raised"


def _killed(world: Bench, place: Callable, number: int, points: tuple[str, ...]) -> None:
    world.fresh()
    replay = {"replay": f"messages_and_transactions.check_place(place, kill={number})"}
    _place(world, place, "o1", 2, "with a new order", deadly=number)
    _together(world, f"The process was {died(points, number)}.", **replay)
    _place(world, place, "o1", 2, "with an order whose first process was killed")
    _together(world, f"The process was {died(points, number)}, and the customer ordered again.", both=True, **replay)
