"""A TCP proxy on loopback, so that what goes to a server can be cut off from it without harm to either.

A cut is silent, as a lost cable is: connections stay open, bytes that are sent are held, new connections are
accepted and get no answer. When it heals, what was held goes on, as TCP sends again what was lost.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

_CHUNK = 65_536


class Proxy:
    """Carries what comes to its port to another port on 127.0.0.1, and back. It lives on a thread of its own.

    Attributes
    ----------
    port : int
        Where it listens.
    target : int or None
        Where to; connections are refused, by being closed, while nobody is there.
    cut_off : bool

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
        self._whole = asyncio.Event()
        self._whole.set()
        self._carrying: set[asyncio.Task] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="splitbrain-proxy", daemon=True)
        self._thread.start()
        self._server = self._ask(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]

    @property
    def cut_off(self) -> bool:
        return not self._whole.is_set()

    def cut(self) -> None:
        """Nothing passes from now on, in either direction. What the kernel was given before still arrives."""
        self._ask(self._set(False))

    def heal(self) -> None:
        """What was held passes, and all that follows."""
        self._ask(self._set(True))

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

    def _ask(self, what: Coroutine) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result()

    async def _set(self, whole: bool) -> None:
        (self._whole.set if whole else self._whole.clear)()

    async def _end(self) -> None:
        self._server.close()
        for task in self._carrying:
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._carrying.add(task := asyncio.current_task())
        try:
            with suppress(OSError, asyncio.CancelledError):
                await self._connect(reader, writer)
        finally:
            self._carrying.discard(task)
            writer.transport.abort()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._opened()
        there, onward = await asyncio.open_connection("127.0.0.1", self.target)
        both = [asyncio.ensure_future(self._carry(*pair)) for pair in ((reader, onward), (there, writer))]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in both:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            onward.transport.abort()

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(_CHUNK):
            await self._opened()
            target.write(data)
            await target.drain()
        await self._opened()

    async def _opened(self) -> None:
        while self.cut_off:  # it may have been cut again before this one got its turn
            await self._whole.wait()
