"""A service's queue and topics on Redis Streams: what was taken and not acknowledged comes again.

Every stream has a consumer group for each service that reads it. A queue is read by the service that it is named after;
a topic by whoever subscribed, each with a copy of everything, and the publisher knows none of them.
"""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple


class Taken(NamedTuple):
    """A message that was taken: from which stream, under which number, and its text."""

    stream: str
    entry: str
    text: str


class Mailbox:
    """What one instance of a service reads and sends; at-least-once, in the order of each stream.

    Parameters
    ----------
    redis : redis.Redis
        Which answers in strings.
    name : str
        The service: its queue, and its consumer group on each topic.
    topics : iterable of str
        A topic is heard from the first subscription on.
    space : str
        Keeps apart what several runs on one server send.
    instance : str
        Tells apart several processes of one service, which share its messages. Give the same to the same one after a
        restart: it gets back what it had taken.
    """

    def __init__(self, redis: Any, name: str, *, topics: tuple[str, ...] = (), space: str = "", instance: str = "1"):
        self._redis, self._group, self._space, self._instance = redis, name, space, instance
        self._streams = [self._key(stream) for stream in (name, *topics)]
        for stream in self._streams:
            self._join(stream)
        self._taken: deque[Taken] = deque(t for stream in self._streams for t in self._read({stream: "0"}, 1_000))

    def send(self, queue: str, text: str) -> None:
        """Append a message to a queue or topic."""
        self._redis.xadd(self._key(queue), {"message": text})

    def take(self, wait_ms: int = 0) -> Taken | None:
        """The next message, or None when none came within `wait_ms`. It is this instance's until `done`."""
        for stream in self._streams if not self._taken else ():
            self._taken.extend(self._read({stream: ">"}, 1))
        if not self._taken and wait_ms:
            self._taken.extend(self._read(dict.fromkeys(self._streams, ">"), 1, block=wait_ms))
        return self._taken.popleft() if self._taken else None

    def done(self, taken: Taken) -> None:
        """It need not come again."""
        self._redis.xack(taken.stream, self._group, taken.entry)

    def _key(self, name: str) -> str:
        return f"{self._space}:{name}" if self._space else name

    def _join(self, stream: str) -> None:
        from redis.exceptions import ResponseError

        try:
            self._redis.xgroup_create(stream, self._group, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    def _read(self, streams: dict[str, str], count: int, block: int | None = None) -> list[Taken]:
        found = self._redis.xreadgroup(self._group, self._instance, streams, count=count, block=block) or []
        pairs = found.items() if isinstance(found, dict) else found
        return [Taken(stream, entry, fields["message"])
                for stream, entries in pairs for entry, fields in _flat(entries)]


def _flat(entries: list) -> list:
    """RESP3 wraps the entries of a stream once more."""
    return entries[0] if entries and isinstance(entries[0], list) else entries
