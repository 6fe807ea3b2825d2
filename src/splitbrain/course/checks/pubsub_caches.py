"""Lab 09: two caches, each tried in scenes at the worst moments, then in random days on the same server."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from random import Random

import redis

from splitbrain.course.checks.pubsub_world import LEASE, World, soon
from splitbrain.course.feedback import Wrong, exercise, learner_code
from splitbrain.messaging.server import LocalServer, start_server

DAYS = 12


@exercise("09_pubsub", "leased", title="A cache with a lease", lines=12, seconds=20, hints=(
    "For each key keep the value and one number. Which number tells later whether the value may still be used, and "
    "when do you have to look at the clock to be on the safe side?",
    "Look at the clock before you ask: the value may be old by the time the answer comes. To find out whether there is "
    "something in your dict, ask the dict, not the value: None and '' are values, too.",
    "get: if key in self.kept and clock() < self.kept[key][1], return self.kept[key][0]. Else now = clock(); value = "
    "ask(key); keep (value, now + lease). Change nothing on a hit."))
def check_leased(LeasedCache: type) -> str:
    with start_server() as server:
        _leases(server, LeasedCache, "LeasedCache")
        for seed in range(DAYS):
            _day(server, LeasedCache, "LeasedCache", seed, told=False)
    return f"no read in any scene or in {DAYS} random days was stale for more than {LEASE:g} s, and no hit asked Redis."


@exercise("09_pubsub", "told", title="A cache that is told", lines=22, seconds=20, hints=(
    "While your `get` waits for Redis, `changed` and `connected` may be called. Is what Redis then answers something "
    "that you may keep?",
    "`get` returns the answer in any case, and keeps it only if this key was not dropped meanwhile. How can `get` "
    "know? Something has to count, and to be compared before and after.",
    "A dict of counts, one a key, and one count for all: changed adds 1 to its key's, connected to the other. In get, "
    "remember both before you ask, and keep the answer only if both are the same afterwards."))
def check_told(ToldCache: type) -> str:
    with start_server() as server:
        _leases(server, ToldCache, "ToldCache")
        for scene in (_is_told, _is_told_of_what_it_has_not, _notices_a_gap, _race, _race_with_a_gap):
            scene(server, ToldCache)
        for seed in range(DAYS):
            _day(server, ToldCache, "ToldCache", seed, told=True)
    return (f"what was told was dropped, also in the middle of a read; and with notifications lost in {DAYS} random "
            f"days, no read was stale for more than {LEASE:g} s.")


def _leases(server: LocalServer, make: Callable, name: str) -> None:
    for scene in (_shares_nothing, _keeps, _keeps_nothing_too, _ends, _ends_however_often_it_is_read, _slow_answer,
                  _dead_server, _apart):
        scene(server, make, name)


def _keeps(server, make, name) -> None:
    with World(server, make, name) as world:
        world.write("lamp", "3")
        for _ in range(3):
            world.want("lamp", "3", "Redis holds 3, and that is not what get gives.")
        world.want_asked(1, "Three reads within the lease: only the first one needs Redis.")


def _keeps_nothing_too(server, make, name) -> None:
    for value, words in ((None, "There is no such key, and that is worth remembering, too."),
                         ("", "The key holds the empty text, which is a value like any other.")):
        with World(server, make, name) as world:
            if value is not None:
                world.write("lamp", value)
            for _ in range(3):
                world.want("lamp", value, words)
            world.want_asked(1, f"{words} In Python both are false, and 'if not value' does not mean 'is not kept'.")


def _ends(server, make, name) -> None:
    with World(server, make, name) as world:
        world.write("lamp", "3")
        world.get("lamp")
        world.write("lamp", "2")
        world.wait(LEASE + 0.5)
        world.get("lamp")
        world.judge("The lease is over, nobody told the cache anything, and it still gives the old value.")


def _ends_however_often_it_is_read(server, make, name) -> None:
    with World(server, make, name) as world:
        world.write("lamp", "3")
        world.get("lamp")
        world.write("lamp", "2")
        for _ in range(5):
            world.wait(4)
            world.get("lamp")
        world.judge("Who is read often stays old: a read that is answered from memory learns nothing new, so it cannot "
                    "make the lease longer.")


def _slow_answer(server, make, name) -> None:
    with World(server, make, name) as world:
        world.write("lamp", "3")
        world.meanwhile = [lambda: world.write("lamp", "2"), lambda: world.wait(4)]
        world.get("lamp")
        world.wait(LEASE - 1)
        world.get("lamp")
        world.judge("The answer was on its way for 4 s, and the key was written just after Redis had read it. When "
                    "does the lease of such a value begin?")


def _dead_server(server, make, name) -> None:
    with World(server, make, name) as world:
        world.write("lamp", "3")
        world.get("lamp")
        world.wait(LEASE + 0.5)
        server.kill()
        world.story.append(f"{world.now:g} s: the server is killed")
        try:
            passes = redis.ConnectionError
            with learner_code(f"in {name}.get", passes=(passes,)), suppress(passes), soon():
                value = world.cache.get("lamp")
                raise Wrong("The lease is over and Redis does not answer. Nobody knows the value now, so the error has "
                            f"to reach the caller.\n{world.told()}", expected="redis.ConnectionError", got=repr(value))
        finally:
            server.restart()
        with suppress(redis.ConnectionError):  # the connection of before
            world.client.ping()
        world.write("lamp", "1")
        world.want("lamp", "1", "The server is back, and the cache is not.")


def _shares_nothing(server, make, name) -> None:
    with World(server, make, name) as world, World(server, make, name) as other:
        world.write("lamp", "3")
        world.get("lamp")
        other.get("lamp")
        other.want_asked(1, "Two caches share what they keep. Is it an attribute of the class instead of the object?")


def _apart(server, make, name) -> None:
    with World(server, make, name) as world:
        world.write("lamp", "3")
        world.get("lamp")
        world.wait(6)
        world.write("vase", "5")
        world.get("vase")
        world.wait(6)
        asked = len(world.asked)
        world.get("vase")
        world.want_asked(asked, "Each key has a lease of its own: that of the vase has 4 s left.")


def _is_told(server, make) -> None:
    with World(server, make, "ToldCache") as world:
        world.write("lamp", "3")
        world.write("vase", "5")
        world.tell()
        world.get("lamp")
        world.get("vase")
        world.write("lamp", "2")
        world.tell()
        world.want("lamp", "2", "The cache was told that the key has changed, and gives the old value.")
        world.want("vase", "5", "Another key was changed.")
        world.want_asked(3, "Only the key that was named has to be asked for again.")


def _is_told_of_what_it_has_not(server, make) -> None:
    with World(server, make, "ToldCache") as world:
        world.write("lamp", "3")
        world.tell()
        world.want("lamp", "3", "It was told of a key that it does not keep.")
        world.get("lamp")
        world.want_asked(1, "It was told of the change before it asked. What came afterwards may be kept.")


def _notices_a_gap(server, make) -> None:
    with World(server, make, "ToldCache") as world:
        for key in ("lamp", "vase"):
            world.write(key, "3")
            world.get(key)
        world.tell()
        world.get("lamp")
        world.get("vase")
        world.cut()
        world.write("vase", "2")
        world.tell()
        world.want("vase", "2", "The subscription was cut, and a change was published to nobody. Connected again, who "
                                "knows which keys were meant?")


def _race(server, make) -> None:
    with World(server, make, "ToldCache") as world:
        world.write("lamp", "3")
        world.tell()
        world.meanwhile = [lambda: world.write("lamp", "2"), world.tell]
        world.get("lamp")
        world.want("lamp", "2", "Redis had read the old value, the key was written, the cache was told, and only then "
                                "the answer came, and was kept: the news had overtaken it.")
        world.get("lamp")
        world.want_asked(2, "What came after the news may be kept.")


def _race_with_a_gap(server, make) -> None:
    with World(server, make, "ToldCache") as world:
        world.write("lamp", "3")
        world.tell()
        world.meanwhile = [world.cut, lambda: world.write("lamp", "2"), world.tell]
        world.get("lamp")
        world.want("lamp", "2", "The subscription was cut and made again while the answer was on its way. The old "
                                "value was kept, and nobody will ever tell of that change.")


def _day(server: LocalServer, make: Callable, name: str, seed: int, *, told: bool) -> None:
    """Writes, reads, waits; notifications that come late, or are lost in a cut."""
    luck = Random(seed)
    with World(server, make, name) as world:
        for number in range(40):
            key = ("lamp", "vase")[luck.random() < 0.4]
            what = luck.random()
            if what < 0.3:
                world.write(key, str(number))
            elif what < 0.5:
                world.wait(round(luck.random() * 6, 1))
            elif what < 0.58 and told:
                world.cut()
            elif what < 0.7 and told:
                world.tell()
            else:
                world.get(key)
        world.judge("A random day. " + ("Some changes were told late or not at all." if told else ""))
