"""Publish and subscribe: channels, patterns, and what the server says of its keys.

redis-py does the talking. Its own `PubSub` reconnects and subscribes again without a word, and what was published
meanwhile is gone; a `Subscription` tells.

>>> from splitbrain.messaging.server import server
>>> with server(transport="unix") as redis, subscribe(redis, "orders", patterns=["price.*"]) as till:
...     for channel in ("orders", "price.lamp", "weather"):
...         _ = redis.client().publish(channel, "news")
...     [str(message) for message in till.arrived()]
['orders: news', 'price.lamp (price.*): news']
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from splitbrain.messaging.external import Server

PATIENCE, GOODBYE = 10.0, 1.0  # seconds
KEYSPACE = "__keyspace@{db}__:"


@dataclass(frozen=True, slots=True)
class Message:
    """What a subscriber is sent: the channel, the text, and the pattern that the channel fitted, if it was one."""

    channel: str
    data: str
    pattern: str | None = None

    def __str__(self) -> str:
        return f"{self.channel}{f' ({self.pattern})' if self.pattern else ''}: {self.data}"


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A key, and what was done to it: ``set``, ``del``, ``expire``, ``expired``, ``incrby`` ..."""

    key: str
    event: str


class Lost(ConnectionError):
    """The connection of a subscription is gone; what was published since then will never come.

    Attributes
    ----------
    before : list of Message
        What had still come.
    """

    def __init__(self, reason: str, before: Iterable[Message] = ()):
        super().__init__(f"{reason}: what was published since then will never come")
        self.before = list(before)


class Subscription:
    """Channels and patterns that a client listens to, on a connection of its own. Made by `subscribe`.

    It never reconnects by itself: who missed something has to know.

    Attributes
    ----------
    connections : int
        How often it was subscribed: 1, and one more for every `reconnect`.
    """

    def __init__(self, server: Server, channels: Iterable[str], patterns: Iterable[str] = (), *,
                 patience: float = PATIENCE, **options):
        self.channels, self.patterns = tuple(channels), tuple(patterns)
        if not self.channels and not self.patterns:
            raise ValueError("subscribe to a channel or a pattern, at least")
        # RESP2: there a PING is answered like a message, behind those that came before it.
        self._client = server.client(protocol=2, socket_connect_timeout=patience, retry=_no_reconnecting(), **options)
        self._patience, self._connection, self.connections, self._pings = patience, None, 0, 0
        self.reconnect()

    def reconnect(self) -> None:
        """Subscribe on a new connection, and wait until the server has confirmed every channel and pattern.

        Raises
        ------
        Lost
            It cannot be reached, or did not confirm in time.
        """
        self.close()
        self._connection = self._client.pubsub()
        try:
            if self.channels:
                self._ask(lambda listening: listening.subscribe(*self.channels))
            if self.patterns:
                self._ask(lambda listening: listening.psubscribe(*self.patterns))
            deadline, wanted = time.monotonic() + self._patience, len(set(self.channels)) + len(set(self.patterns))
            while wanted:
                wanted -= self._next(deadline)["type"] in ("subscribe", "psubscribe")
        except BaseException:
            self._drop()
            raise
        self.connections += 1

    def receive(self, seconds: float = PATIENCE) -> Message | None:
        """The next message; None if none comes within so many seconds.

        Raises
        ------
        Lost
            The connection broke. One that is cut without a word looks like silence.
        """
        deadline = time.monotonic() + seconds
        while (told := self._read(deadline)) is not None:
            if message := _message(told):
                return message
        return None

    def arrived(self) -> list[Message]:
        """All messages that the server had sent before this call, none of them twice; does not wait for more.

        It sends a PING, whose answer comes behind them: a count made with it does not depend on speed.

        Raises
        ------
        Lost
            The connection broke, or the PING was not answered in time.
        """
        found: list[Message] = []
        self._pings += 1
        mark, deadline = f"mark {self._pings}", time.monotonic() + self._patience
        try:
            # Nothing is sent on a broken connection before what it still holds has been read.
            while told := self._ask(lambda listening: listening.get_message(timeout=0)):
                found += [message] if (message := _message(told)) else []
            self._ask(lambda listening: listening.ping(mark))
            while (told := self._next(deadline)) and (told["type"], told["data"]) != ("pong", mark):
                found += [message] if (message := _message(told)) else []
        except Lost as lost:
            raise Lost(lost.args[0].partition(":")[0], found) from None
        return found

    def close(self) -> None:
        """Stop listening: once this has returned, `publish` does not count it any more. `reconnect` listens again."""
        with suppress(Lost):
            if self.channels:
                self._ask(lambda listening: listening.unsubscribe())
            if self.patterns:
                self._ask(lambda listening: listening.punsubscribe())
            deadline = time.monotonic() + min(self._patience, GOODBYE)
            while (told := self._read(deadline)) and (told["type"][-11:], told["data"]) != ("unsubscribe", 0):
                pass
        self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def _next(self, deadline: float) -> dict:
        if (told := self._read(deadline)) is None:
            self._drop()
            raise Lost("the server did not answer in time")
        return told

    def _read(self, deadline: float) -> dict | None:
        while (left := deadline - time.monotonic()) > 0:
            if told := self._ask(lambda listening, left=left: listening.get_message(timeout=left)):
                return told
        return self._ask(lambda listening: listening.get_message(timeout=0))

    def _ask(self, command):
        import redis

        if self._connection is None:
            raise Lost("there is no connection")
        try:
            return command(self._connection)
        except (redis.ConnectionError, redis.TimeoutError, OSError) as error:
            self._drop()
            raise Lost("the connection broke") from error


def subscribe(server: Server, *channels: str, patterns: Iterable[str] = (), patience: float = PATIENCE,
              **options) -> Subscription:
    """Listen to channels and patterns. What is published after this has returned arrives, while the connection lasts.

    Parameters
    ----------
    server : Server
        Or anything whose ``client(**options)`` gives a `redis.Redis`.
    patterns : iterable of str
        ``price.*``: ``*`` any characters, ``?`` one, ``[ab]`` one of these. A message that fits a channel and a
        pattern comes twice.
    patience : float
        Seconds to wait for an answer of the server.

    Raises
    ------
    Lost
        The server cannot be reached.

    Notes
    -----
    Delivery is at most once. Nothing is kept for who is away, nothing is sent again, and nobody is told that something
    was lost. See https://redis.io/docs/latest/develop/pubsub/.
    """
    return Subscription(server, channels, patterns, patience=patience, **options)


def enable_key_changes(client, events: str = "KA") -> str:
    """Make a server publish what is done to its keys (``notify-keyspace-events``); how it was set before.

    Flags that are set stay: the server may have other listeners. ``K`` one channel a key, ``E`` one an event, ``A`` all
    commands that change a key, and evictions and expiry; of a key that expired the server tells when it notices.
    """
    before = client.config_get("notify-keyspace-events")["notify-keyspace-events"]
    client.config_set("notify-keyspace-events", "".join(dict.fromkeys(before + events)))
    return before


def watch_keys(server: Server, pattern: str = "*", *, db: int = 0, **options) -> Subscription:
    """Listen to changes of the keys that fit a pattern; `key_change` reads the messages. Enables them first."""
    with server.client() as client:
        enable_key_changes(client)
    return subscribe(server, patterns=[KEYSPACE.format(db=db) + pattern], **options)


def key_change(message: Message) -> KeyChange:
    """What a message on a keyspace channel says.

    Raises
    ------
    ValueError
        It is not on one.

    >>> key_change(Message("__keyspace@0__:stock:lamp", "set"))
    KeyChange(key='stock:lamp', event='set')
    """
    prefix, found, key = message.channel.partition("__:")
    if not found or not prefix.startswith("__keyspace@"):
        raise ValueError(f"{message.channel!r} is no keyspace channel")
    return KeyChange(key, message.data)


def _no_reconnecting():
    """redis-py would connect and subscribe again whenever reading fails, before it says that it failed."""
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return Retry(NoBackoff(), 0, supported_errors=())


def _message(told: dict) -> Message | None:
    """A message; None for a confirmation, whose data is a count of channels."""
    if told["type"] not in ("message", "pmessage"):
        return None
    return Message(told["channel"], told["data"], told["pattern"])
