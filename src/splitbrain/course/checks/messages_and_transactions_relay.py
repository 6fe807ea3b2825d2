"""Lab 12, the relay: killed around every statement and command, refused by the queue, and beside a shop that sells."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

from splitbrain.course.checks.messages_and_transactions_bench import Bench, Inside, bench, closed, died, some
from splitbrain.course.checks.mortal import Ended
from splitbrain.course.feedback import Wrong, exercise

FOUR = (("o1", 5), ("o2", 1), ("o3", 4), ("o4", 2))


@exercise("12_messages_and_transactions", "relay", title="The relay", lines=6, seconds=60, hints=(
    "For each message there are two things to do, in two systems. If you die between them, which of the two orders "
    "loses the message, and which sends it twice? And which of these can stock put right?",
    "Read what is not sent, in the order of the positions, and fetch all of it before you send. For each: XADD first, "
    "then mark that row. If XADD fails, do not go on to the next one.",
    "rows = SELECT position, id, lamps ... WHERE sent = 0 ORDER BY position, fetchall; for each row "
    "client.xadd('stock', {'id': ..., 'lamps': ...}), then UPDATE that row's sent. No BEGIN; let exceptions through."))
def check_relay(relay: Callable, *, kill: int | None = None) -> str:
    """`kill` looks at one death only: at the point of this number."""
    with bench() as world:
        if kill is None:
            _works(world, relay)
            _gaps(world, relay)
            for moment in ("before", "after"):
                _unanswered(world, relay, moment)
            _the_shop_sells_on(world, relay)
        world.fresh()
        world.put(*FOUR)
        points = _relay(world, relay, "with four messages in the outbox").points
        for number in range(len(points)) if kill is None else [kill]:
            _killed(world, relay, number, points)
    return (f"killed at each of its {len(points)} moments, and followed by another one, it lost nothing, and what it "
            "sent came in order.")


def _relay(world: Bench, relay: Callable, doing: str, deadly: int | None = None) -> Ended:
    def process(inside: Inside):
        client = inside.client()
        return inside.using(inside.shop, lambda db: relay(db, client))

    ended = world.run(process, doing=doing, deadly=deadly)
    closed(ended.answer, "relay")
    return ended


def _all_are_sent(world: Bench, story: str, wanted: tuple, *, once: bool = True, **rest) -> None:
    """Everything is in the stream, first sendings in order; and, if `once`, nothing is there twice."""
    found, expected = world.sent(), [(id, str(lamps)) for id, lamps in wanted]
    first = list(dict.fromkeys(found))
    if missing := [message for message in expected if message not in found]:
        if strange := [message for message in found if message not in expected]:
            raise Wrong(f"{story} The stream's entries are not what stock reads: fields `id` and `lamps`, as they "
                        "stand in the outbox.", expected=dict(zip(("id", "lamps"), missing[0], strict=True)),
                        got=dict(zip(("id", "lamps"), strange[0], strict=True)), **rest)
        waiting = [id for id, in world.read(world.shop, "SELECT id FROM outbox WHERE sent = 0")]
        lost = some([id for id, _ in missing])
        why = ("It still waits in the outbox, and was passed over." if missing[0][0] in waiting else
               "For the outbox it is sent: no relay will ever look at it again.")
        raise Wrong(f"{story} Never sent: {lost}. {why}", expected=expected, got=found, **rest)
    if first != expected:
        raise Wrong(f"{story} The messages came in another order than their positions. Stock would hear of a change "
                    "before the one that led to it.", expected=[id for id, _ in expected], got=[id for id, _ in first],
                    **rest)
    if once and len(found) > len(expected):
        twice = [id for id, _ in first if sum(one == id for one, _ in found) > 1]
        raise Wrong(f"{story} Sent again, although nothing had gone wrong: {some(twice)}.", expected=expected,
                    got=found, **rest)


def _works(world: Bench, relay: Callable) -> None:
    world.fresh()
    _relay(world, relay, "with an empty outbox")
    world.put(*FOUR)
    _relay(world, relay, "with four messages in the outbox")
    _all_are_sent(world, "Four messages waited, and nobody died.", FOUR)
    _relay(world, relay, "with an outbox in which all is sent")
    _all_are_sent(world, "All was sent, and a new relay came by.", FOUR)
    world.put(("o5", 1))
    _relay(world, relay, "with one more message")
    _all_are_sent(world, "Then one more order was placed.", (*FOUR, ("o5", 1)))


def _gaps(world: Bench, relay: Callable) -> None:
    """Rows that were sent are deleted some day; and one that was sent may be sent again on purpose."""
    world.fresh()
    world.put(*FOUR, ("o5", 3))
    world.write(world.shop, "UPDATE outbox SET sent = 1 WHERE position = 3; DELETE FROM outbox WHERE position = 1;")
    _relay(world, relay, "with positions 2 to 5, of which 3 is sent")
    _all_are_sent(world, "The outbox held positions 2 to 5: 1 was sent and deleted, 3 is sent, the others are not.",
                  (FOUR[1], FOUR[3], ("o5", 3)))


def _unanswered(world: Bench, relay: Callable, moment: str) -> None:
    """The queue does not answer at the second message: it has not got it, or it has and the answer is lost."""
    import redis

    world.fresh()
    world.put(*FOUR)

    def process(inside: Inside):
        calls = 0

        def fails(name: str) -> None:
            nonlocal calls
            inside.point(name)
            calls += name.startswith((f"{moment} XADD", f"{moment} its pipeline"))
            if calls == 2:
                calls += 1
                raise redis.ConnectionError("the queue does not answer")

        client = inside.client(fails)
        try:
            return inside.using(inside.shop, lambda db: relay(db, client))
        except redis.ConnectionError:
            return None     # to let it through is right; so is to return and to come again

    world.run(process, doing="when the queue does not answer")
    _relay(world, relay, "after one to which the queue did not answer")
    what = "was refused" if moment == "before" else "arrived, but its answer was lost"
    _all_are_sent(world, f"The second XADD {what} (ConnectionError). Later a new relay came by.", FOUR, once=False)


def _the_shop_sells_on(world: Bench, relay: Callable) -> None:
    world.fresh()
    world.put(*FOUR)

    def process(inside: Inside):
        locked = []

        def sells(name: str) -> None:
            if not name.startswith(("before XADD", "before its pipeline")) or locked:
                return
            with closing(sqlite3.connect(inside.shop, isolation_level=None, timeout=0)) as shop:
                try:
                    shop.execute("UPDATE orders SET lamps = lamps")
                except sqlite3.OperationalError as error:
                    locked.append(str(error))

        client = inside.client(sells)
        inside.using(inside.shop, lambda db: relay(db, client))
        return locked[0] if locked else None

    if locked := world.run(process, doing="beside a shop that takes orders").answer:
        raise Wrong("While your relay talks to Redis, the shop cannot take an order: you hold a transaction open, and "
                    "the database is locked. If Redis hangs, the shop hangs with it.",
                    expected="no transaction is open while a message is sent", got=locked)


def _killed(world: Bench, relay: Callable, number: int, points: tuple[str, ...]) -> None:
    world.fresh()
    world.put(*FOUR)
    _relay(world, relay, "with four messages in the outbox", deadly=number)
    marked = world.read(world.shop, "SELECT id FROM outbox WHERE sent = 1 ORDER BY position")
    _relay(world, relay, "after another one was killed")
    story = f"The relay was {died(points, number)}. Later a new one came by."
    replay = {"replay": f"messages_and_transactions.check_relay(relay, kill={number})"}
    _all_are_sent(world, story, FOUR, once=False, **replay)
    found = [id for id, _ in world.sent()]
    if again := [id for id, in marked if found.count(id) > 1]:
        raise Wrong(f"{story} Sent again, although sent and marked before the death: {some(again)}.",
                    expected="only what is not marked is sent again", got=found, **replay)
