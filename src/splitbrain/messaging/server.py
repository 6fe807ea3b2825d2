"""Finds or starts the local Redis: private to this process, and gone when this process is gone.

>>> with server(transport="unix") as redis:
...     redis.client().incr("visits")
1
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

from splitbrain.messaging.binaries import find_binary
from splitbrain.messaging.config import directives
from splitbrain.messaging.errors import RedisError
from splitbrain.messaging.external import ExternalServer, Server, connect
from splitbrain.messaging.folders import make_private_folder
from splitbrain.messaging.local import SOCKET, LocalServer

__all__ = [
    "ExternalServer", "LocalServer", "RedisError", "Server", "describe", "get_server", "server", "start_server",
]  # fmt: skip


def server(**options) -> Server:
    """The Redis that ``REDIS_URL`` names, or else a new one of our own.

    With options (those of `start_server`) it is always one of our own. Use it as a context manager, or call
    ``stop()``; a server that somebody else started is never stopped.

    Raises
    ------
    RedisError
        ``REDIS_URL`` does not answer or is too old, or no server could be started.
    """
    url = os.environ.get("REDIS_URL")
    return connect(url) if url and not options else start_server(**options)


def start_server(
    *,
    transport: str = "unix",
    port: int | None = None,
    choice: str | None = None,
    folder: Path | str | None = None,
    password: str | None = None,
    **options,
) -> LocalServer:
    """Start a server that dies with this process, however this process ends.

    Parameters
    ----------
    transport : {"unix", "tcp"}
        A Unix socket in the server's own folder, or a port on 127.0.0.1. Both want the server's password.
    port : int, optional
        A port to insist on, over TCP. Without it a free one is taken.
    choice : str, optional
        Which binary: ``bundled``, ``path`` or the path of one; see `find_binary`.
    folder : path, optional
        Where to make the server's own folder; without it in the user's cache or temporary folder.
    password : str, optional
        What it wants from everybody; without it one is made, which is longer than anyone types.
    **options
        Directives of its configuration, ``appendonly="yes"``; a dash is written as an underscore. With directives
        ``sentinel=[...]`` it is no database but a sentinel.

    Raises
    ------
    RedisError
        There is no usable binary or folder, the port is taken, or the server ended at once (with its last words).
    ValueError
        `transport` or an option is not what it can be.
    """
    if transport not in ("unix", "tcp"):
        raise ValueError(f"transport is 'unix' or 'tcp', not {transport!r}")
    tcp = transport == "tcp" or port is not None
    lines, binary = directives(options), find_binary(choice)
    home = make_private_folder(folder, socket=None if tcp else SOCKET)
    return LocalServer(binary.path, str(binary), home=home, port=port, tcp=tcp, directives=lines, password=password,
                       flags=("--sentinel",) if "sentinel" in options else ())


_kernels_own: Server | None = None
_lock = threading.Lock()


def get_server() -> Server:
    """The one Redis of this process: started at the first call, the same at every later one, a new one if it died."""
    global _kernels_own
    with _lock:
        if _kernels_own is None or not _kernels_own.running:
            _kernels_own = server()
        return _kernels_own


def describe() -> str:
    """Which Redis `server` would use, in words. Asks the one of ``REDIS_URL``; starts none.

    Raises
    ------
    RedisError
        There is none, for the reason given.
    """
    url = os.environ.get("REDIS_URL")
    return connect(url).source if url else str(find_binary())
