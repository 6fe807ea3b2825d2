"""Where the primary is: a router that asks the sentinels, believes a majority of them, and never goes back.

A route has an *epoch*: sentinels give each failover a number of its own, larger than all before, which a majority of
them has voted for. An answer with an older epoch is old news, whoever gives it. The router writes the epoch down before
it follows it, so it does not go back after a restart either.

What this does not give: that nobody writes to the old primary any more. Who has not heard of the new epoch goes on.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from splitbrain.messaging.errors import RedisError
from splitbrain.messaging.external import connection

SCHEMA = "CREATE TABLE IF NOT EXISTS route (only INTEGER PRIMARY KEY CHECK (only = 1), epoch INTEGER, port INTEGER)"


@dataclass(frozen=True, order=True)
class Route:
    """Where to write, since which epoch."""

    epoch: int
    port: int


def elect(answers: Iterable[Route | None], of: int) -> Route | None:
    """The route that more than half of `of` sentinels give, who did not answer included; None if there is none.

    >>> elect([Route(2, 6001), Route(1, 6000), None], of=3)
    >>> elect([Route(2, 6001), Route(2, 6001), None], of=3)
    Route(epoch=2, port=6001)
    """
    votes = Counter(answer for answer in answers if answer is not None)
    return next((route for route, count in votes.items() if count > of // 2), None)


class Router:
    """Follows the primary.

    Parameters
    ----------
    sentinels : sequence of redis.Redis
        Their clients; with a timeout, or one that is silent stops everything.
    name : str
        What the sentinels call the group.
    password : str
        The databases'.
    database : path
        The SQLite file in which the route is kept; by default none, and the router forgets it when it ends.
    """

    def __init__(self, sentinels: Sequence[Any], name: str, *, password: str | None = None,
                 database: Any = ":memory:"):
        self._sentinels, self._name, self._password = list(sentinels), name, password
        self._db = sqlite3.connect(database, isolation_level=None)
        self._db.execute(SCHEMA)
        self._client: tuple[Route, Any] | None = None

    @property
    def known(self) -> Route | None:
        """The route that was last written down."""
        row = self._db.execute("SELECT epoch, port FROM route").fetchone()
        return Route(*row) if row else None

    def learn(self) -> Route:
        """Ask every sentinel; follow what a majority says, if it is newer than what is known.

        Raises
        ------
        RedisError
            No majority agrees, and nothing was known before.
        """
        answers, known = self.answers(), self.known
        heard = elect(answers, len(answers))
        if heard is None and known is None:
            raise RedisError("No majority of the sentinels agrees on a primary.")
        if heard is None or (known is not None and heard.epoch <= known.epoch):
            return known
        self._db.execute("INSERT OR REPLACE INTO route VALUES (1, ?, ?)", (heard.epoch, heard.port))
        return heard

    def answers(self) -> list[Route | None]:
        """What each sentinel says now; None for one that says nothing, or is in the middle of a failover."""
        return [self._ask(sentinel) for sentinel in self._sentinels]

    def client(self):
        """A client for the primary of the route that is known; it is learnt, if none is."""
        import redis

        route = self.known or self.learn()
        if self._client is None or self._client[0] != route:
            login = {"password": self._password, "decode_responses": True, "socket_timeout": 1.0} | connection()
            self._client = route, redis.Redis(host="127.0.0.1", port=route.port, **login)
        return self._client[1]

    def run(self, command: Callable[[Any], Any]) -> Any:
        """Call `command` with a client of the primary. If that fails, learn the route, for the next time, and tell.

        It is not tried again here: whether a write that got no answer was done, nobody knows but who wrote it.
        """
        import redis

        try:
            return command(self.client())
        except (redis.ConnectionError, redis.TimeoutError, redis.ReadOnlyError):
            self.learn()
            raise

    def _ask(self, sentinel: Any) -> Route | None:
        import redis

        try:
            told = sentinel.sentinel_master(self._name)
        except redis.RedisError:
            return None
        if "failover_in_progress" in told["flags"]:
            return None  # it has the new epoch, and still the old address
        return Route(int(told["config-epoch"]), int(told["port"]))
