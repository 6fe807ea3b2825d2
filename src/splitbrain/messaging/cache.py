"""A client that keeps values in its own memory, and is told by the server when they change (RESP3).

redis-py has such a cache, for Redis 7.4 and newer only. It asks the server for its name, so Valkey and Debian's
Redis are refused; and it knows no lease. This one runs on every server of this course.

>>> from splitbrain.messaging.server import server
>>> with server(transport="unix") as redis, CachedReader(redis, lease=60) as reader:
...     _ = redis.client().set("lamp", 3)
...     reader.get("lamp"), reader.get("lamp"), reader.fetches
('3', '3', 1)
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from splitbrain.messaging.external import Server


class CachedReader:
    """GET with a memory: what the server has said has changed is not served again, and nothing beyond its lease.

    Parameters
    ----------
    server : Server
        Or anything whose ``client(**options)`` gives a `redis.Redis`.
    lease : float
        Seconds, counted from before the server was asked, after which it is asked again. It bounds staleness when
        invalidations are lost without anybody noticing; ``inf`` promises nothing then.
    patience : float
        Seconds to wait for an answer.
    clock : callable
        Seconds that never go back.

    Attributes
    ----------
    hits, fetches : int
        Reads answered from memory, and by the server.
    invalidated : int
        How often a value that was kept was dropped because the server said so.
    flushes : int
        How often all was dropped, as the connection had been lost: what was said meanwhile is not known.

    Notes
    -----
    Answers and invalidations share one connection, so they come in the order in which the server gave them, and no
    value that is stored is older than an invalidation that was already obeyed. With two connections that race is real.
    Not to be used from several threads. Protocol: https://redis.io/docs/latest/develop/reference/client-side-caching/.
    Leases: Gray and Cheriton, SOSP 1989.
    """

    def __init__(self, server: Server, *, lease: float = 60.0, patience: float = 10.0,
                 clock: Callable[[], float] = time.monotonic, **options):
        if not lease > 0:
            raise ValueError("lease is a number of seconds above 0")
        self.hits = self.fetches = self.invalidated = self.flushes = 0
        self._lease, self._clock = lease, clock
        self._kept: dict[str, tuple[str | None, float]] = {}  # key: value, until when
        self._client = server.client(protocol=3, single_connection_client=True, socket_timeout=patience,
                                     socket_connect_timeout=patience, **options)
        self._connection = self._client.connection
        self._connection.register_connect_callback(self._begin)
        self._connection.disconnect()  # so that the first connection begins as all others do

    def get(self, key: str) -> str | None:
        """The value of a key; None if there is none, which is kept as well.

        Raises
        ------
        redis.ConnectionError, redis.TimeoutError
            It is not kept, or not any more, and the server cannot be asked.
        """
        self._hear()
        if key in self._kept and self._clock() < self._kept[key][1]:
            self.hits += 1
            return self._kept[key][0]
        asked = self._clock()
        try:
            value = self._client.get(key)
        except Exception:
            self._forget()
            raise
        self.fetches += 1
        self._kept[key] = value, asked + self._lease
        return value

    def catch_up(self) -> None:
        """Obey all that the server has said before this call: one round trip.

        Without it, a writer may have its answer a moment before its invalidation has come here.
        """
        self._client.ping()

    def close(self) -> None:
        """Forget all, and leave."""
        self._kept.clear()
        self._client.close()

    def __enter__(self) -> CachedReader:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def _hear(self) -> None:
        """Obey what the server has said of keys since the last read."""
        import redis

        if not self._connection.is_connected:
            return self._forget()
        try:
            while self._connection.can_read(timeout=0):
                self._connection.read_response(push_request=True, timeout=0, disconnect_on_error=False)
        except redis.TimeoutError:
            pass  # half a message: it is heard next time
        except (redis.ConnectionError, OSError):
            self._forget()

    def _forget(self) -> None:
        """The connection is gone, and with it the promise to be told."""
        self.flushes += bool(self._kept)
        self._kept.clear()
        self._connection.disconnect()

    def _begin(self, connection) -> None:
        connection._get_parser().set_invalidation_push_handler(self._obey)
        connection.send_command("CLIENT", "TRACKING", "ON")
        connection.read_response()

    def _obey(self, push: list) -> None:
        keys = push[1]
        gone = list(self._kept) if keys is None else [_text(key) for key in keys]  # None: FLUSHALL
        self.invalidated += sum(self._kept.pop(key, None) is not None for key in gone)


def _text(key: str | bytes) -> str:
    return key.decode() if isinstance(key, bytes) else key
