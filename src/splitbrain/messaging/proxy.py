"""A TCP proxy on loopback, so that what goes to a server can be cut, delayed and throttled without harm to either.

A cut is silent, as a lost cable is: connections stay open, bytes that are sent are held, new connections are
accepted and get no answer. When it heals, what was held goes on, as TCP sends again what was lost. Or it is a reset, as
a firewall does it: connections break at once, at both ends, and so do new ones.
"""

from __future__ import annotations

import asyncio
import math
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

_CHUNK = 65_536
_HELD = 16  # chunks that are on their way in one direction of a connection; then its sender has to wait
_SLICE = 0.02  # seconds: throttled, so much goes at once, and the next piece knows of a change
_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset


class _Way:
    """One direction of all connections: what holds it up. Belongs to the loop's thread."""

    def __init__(self):
        self.whole = asyncio.Event()
        self.whole.set()
        self.delay: Callable[[], float] = lambda: 0.0
        self.rate, self._free = math.inf, 0.0

    async def opened(self) -> None:
        while not self.whole.is_set():  # it may have been cut again before this one got its turn
            await self.whole.wait()

    async def carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """All that comes, its end included, each piece after its delay, in order; then return."""
        held: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_HELD)
        reading = asyncio.ensure_future(self._read(source, held))
        try:
            while True:
                due, data = await held.get()
                await asyncio.sleep(due - _now())
                await self.opened()
                if not data:
                    return
                await self._send(data, target)
        finally:
            reading.cancel()

    async def _read(self, source: asyncio.StreamReader, held: asyncio.Queue) -> None:
        data = b"..."
        while data:
            try:
                data = await source.read(_CHUNK)
            except OSError:
                data = b""
            await held.put((_now() + self.delay() / 1000, data))

    async def _send(self, data: bytes, target: asyncio.StreamWriter) -> None:
        while data:
            size = len(data) if self.rate == math.inf else max(1, int(self.rate * _SLICE))
            self._free = max(self._free, _now()) + len(data[:size]) / self.rate
            await asyncio.sleep(self._free - _now())
            await self.opened()
            target.write(data[:size])
            await target.drain()
            data = data[size:]


class Proxy:
    """Carries what comes to its port to another port on 127.0.0.1, and back. It lives on a thread of its own.

    There are two ways: ``"there"``, from whoever connects to the target, and ``"back"``. Where none is named, both.

    Attributes
    ----------
    port : int
        Where it listens.
    target : int or None
        Where to; connections are refused, by being closed, while nobody is there.

    Examples
    --------
    >>> import socket
    >>> with socket.create_server(("127.0.0.1", 0)) as there, Proxy(there.getsockname()[1]) as proxy:
    ...     client = socket.create_connection(("127.0.0.1", proxy.port))
    ...     server, _ = there.accept()
    ...     client.sendall(b"ping")
    ...     server.recv(4)
    ...     client.close(), server.close()
    b'ping'
    (None, None)
    """

    def __init__(self, target: int | None = None):
        self.target = target
        self._loop = asyncio.new_event_loop()
        self._ways = {"there": _Way(), "back": _Way()}
        self._resets = False
        self._carrying: dict[asyncio.Task, list[asyncio.StreamWriter]] = {}
        self._thread = threading.Thread(target=self._loop.run_forever, name="splitbrain-proxy", daemon=True)
        self._thread.start()
        self._server = self._ask(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]

    @property
    def cut_off(self) -> bool:
        """Whether a way is cut."""
        return not all(way.whole.is_set() for way in self._ways.values())

    def cut(self, *ways: str, reset: bool = False) -> None:
        """Nothing passes from now on, and nobody can connect anew. What the kernel was given before still arrives.

        Cut in one way, who asks may be heard and not answered. With `reset` every connection breaks, in both.
        """
        self._ask(self._cut(self._chosen(ways), reset))

    def heal(self, *ways: str) -> None:
        """What was held passes, and all that follows."""
        self._ask(self._heal(self._chosen(ways)))

    def delay(self, ms: float | Callable[[], float], *ways: str) -> None:
        """What is sent from now on arrives so many milliseconds later, or as many as each call says, in order."""
        self._ask(self._set(self._chosen(ways), delay=ms if callable(ms) else lambda: ms))

    def throttle(self, rate: float, *ways: str) -> None:
        """So many bytes a second pass, of all connections together; ``math.inf`` ends it."""
        if not rate > 0:
            raise ValueError(f"a rate is a number of bytes a second above 0, not {rate!r}: cut() lets nothing pass")
        self._ask(self._set(self._chosen(ways), rate=rate))

    def close(self) -> None:
        """Close every connection, and listen no more."""
        if not self._loop.is_closed():
            self._ask(self._end())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _chosen(self, ways: tuple[str, ...]) -> list[_Way]:
        return [self._ways[name] for name in ways or self._ways]

    def _ask(self, what: Coroutine) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result()

    async def _cut(self, ways: list[_Way], reset: bool) -> None:
        for way in ways:
            way.whole.clear()
        self._resets = reset
        if reset:
            await self._drop_all()

    async def _heal(self, ways: list[_Way]) -> None:
        for way in ways:
            way.whole.set()

    async def _set(self, ways: list[_Way], **values: Any) -> None:
        for way in ways:
            vars(way).update(values)

    async def _drop_all(self) -> None:
        tasks = list(self._carrying)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _end(self) -> None:
        self._server.close()
        self._resets = False
        await self._drop_all()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._carrying[task] = [writer]
        try:
            with suppress(OSError, asyncio.CancelledError):
                await self._connect(reader, writer, self._carrying[task])
        finally:
            for one in self._carrying.pop(task):
                if self._resets and self.cut_off:
                    one.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
                one.transport.abort()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, open_: list) -> None:
        if self._resets and self.cut_off:
            return
        while self.cut_off:  # a connection is made by words in both ways
            for way in self._ways.values():
                await way.opened()
        there, onward = await asyncio.open_connection("127.0.0.1", self.target)
        open_.append(onward)
        pairs = zip(self._ways.values(), ((reader, onward), (there, writer)), strict=True)
        both = [asyncio.ensure_future(way.carry(*pair)) for way, pair in pairs]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in both:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)


def _now() -> float:
    return asyncio.get_running_loop().time()
