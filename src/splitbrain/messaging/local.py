"""A Redis of our own: a server process, its folder, and the watcher that ends both with this process."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import weakref
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psutil

from splitbrain.messaging import watcher
from splitbrain.messaging.config import listening
from splitbrain.messaging.errors import RedisError
from splitbrain.messaging.external import ExternalServer, Server, probe
from splitbrain.messaging.folders import write_private

if TYPE_CHECKING:
    from splitbrain.messaging.proxy import Proxy

SOCKET = "redis.sock"
READY_SECONDS = 20
PORTS_TRIED = 5


class LocalServer(Server):
    """A running server of our own. Made by `start_server`.

    Attributes
    ----------
    folder : Path
        Its own; removed at the end.
    port : int or None
    socket : Path or None
        Where it listens: one of the two.
    password : str
        What it wants from everybody.
    """

    def __init__(self, command: Path, source: str, *, home: Path, port: int | None, tcp: bool, directives: list[str],
                 password: str | None = None, flags: tuple[str, ...] = ()):
        self.source, self.folder = source, home
        self.port, self.socket = port, None if tcp else home / SOCKET
        self.password = password or secrets.token_hex(24)
        self._directives = directives
        self._process: list[psutil.Process] = []
        self._watcher = start_watcher(home, [str(command), str(home / "redis.conf"), *flags])
        self._finalizer = weakref.finalize(self, _stop, os.getpid(), self._watcher, self._process, home)
        _started.add(self)
        try:
            self._begin(port)
        except OSError as error:
            self.stop()
            raise RedisError(f"The server could not be started in {home} ({error.strerror}).") from error
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        if self.socket:
            return f"unix://:{self.password}@{quote(str(self.socket))}"
        return self._tcp_url(self.port)

    def _tcp_url(self, port: int | None) -> str:
        return f"redis://:{self.password}@127.0.0.1:{port}/0"

    @property
    def pid(self) -> int:
        """Process id of the server."""
        return self._process[0].pid

    @property
    def running(self) -> bool:
        """Whether the server process is alive."""
        with suppress(psutil.NoSuchProcess):
            return bool(self._process) and self._process[0].status() != psutil.STATUS_ZOMBIE
        return False

    @property
    def paused(self) -> bool:
        """Whether it is stopped by `pause`."""
        with suppress(psutil.NoSuchProcess):
            return self._process[0].status() == psutil.STATUS_STOPPED
        return False

    def through(self, proxy: Proxy) -> ExternalServer:
        """The same server, for clients that are to reach it by a proxy only.

        Raises
        ------
        ValueError
            It listens on a Unix socket, where no proxy leads.
        """
        if self.socket:
            raise ValueError("a proxy leads to a port; start this server with transport='tcp'")
        return ExternalServer(self._tcp_url(proxy.port), f"{self.source}, through a proxy")

    def log(self) -> str:
        """What the server has said so far."""
        with suppress(OSError):
            return (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")
        return ""

    def kill(self) -> None:
        """Kill the server with SIGKILL, wait until all its connections are closed. Its folder stays, for `restart`."""
        if self._tell_watcher(b"k") == "killed":
            return
        with suppress(psutil.NoSuchProcess):
            self._process[0].send_signal(signal.SIGKILL)
        while self.running:
            time.sleep(0.002)

    def pause(self) -> None:
        """Stop it where it is, with SIGSTOP: its connections stay open, and it answers nothing until `resume`."""
        self._process[0].suspend()
        while self.running and not self.paused:  # the signal takes its time
            time.sleep(0.002)

    def resume(self) -> None:
        """Let it go on, with what has come in meanwhile first."""
        self._process[0].resume()

    def restart(self) -> None:
        """Start it again, on what is in its folder, at the same address. One that still runs is killed first."""
        self._launch()

    def stop(self) -> None:
        """Kill the server and remove its folder. Does nothing in a process that was forked off."""
        self._finalizer()

    def _begin(self, port: int | None) -> None:
        tries = 1 if port or self.socket else PORTS_TRIED
        for left in reversed(range(tries)):
            if not self.socket:
                self.port = port or free_port()
            lines = listening(password=self.password, port=self.port, socket=self.socket) + self._directives
            write_private(self.folder / "redis.conf", "\n".join(lines) + "\n")
            try:
                self._launch()
                return
            except _PortTaken:
                if not left:
                    raise

    def _launch(self) -> None:
        said = len(self.log())
        self._process[:] = [self._ask_watcher()]
        deadline = time.monotonic() + READY_SECONDS
        while not probe(self.url, pid=self.pid):
            if not self.running:
                raise self._why_it_ended(self.log()[said:])
            if time.monotonic() > deadline:
                raise RedisError(f"{self.source} did not answer within {READY_SECONDS} s.{last_words(self.log())}")
            time.sleep(0.005)

    def _ask_watcher(self) -> psutil.Process:
        answer = self._tell_watcher(b"s")
        if not answer.isdigit():
            raise RedisError(f"The server could not be started in {self.folder} ({answer or 'it was stopped'}).")
        return psutil.Process(int(answer))

    def _tell_watcher(self, command: bytes) -> str:
        """What it answers; nothing if it is gone."""
        with suppress(BrokenPipeError, ValueError):
            self._watcher.stdin.write(command)
            return self._watcher.stdout.readline().decode().strip()
        return ""

    def _why_it_ended(self, log: str) -> RedisError:
        if "Address already in use" in log:
            return _PortTaken(f"Port {self.port} is taken. Name another, or none, and a free one is found.")
        return RedisError(f"{self.source} ended as soon as it was started.{last_words(log)}")


class _PortTaken(RedisError):
    """Another program listens there."""


def free_port() -> int:
    """A port on loopback that is free now, and perhaps still when the server asks for it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def last_words(log: str) -> str:
    """The end of a server's log, as a sentence: the last line, and the directive that it complains of."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    blamed = [line.removeprefix(">>> ") for line in lines[-3:] if line.startswith(">>> ")]
    return f" Its last words: {': '.join([*blamed, lines[-1]])}" if lines else " It left no word: is the disk full?"


_started: weakref.WeakSet[LocalServer] = weakref.WeakSet()


def _let_go() -> None:
    """In a forked child: the servers live as long as their parent, not as long as this process."""
    for started in list(_started):
        started._watcher.stdin.close()


os.register_at_fork(after_in_child=_let_go)


def start_watcher(home: Path, command: list[str]) -> subprocess.Popen:
    """A process that removes `home` when its input ends, or this process does; and may be told to run `command`.

    Raises
    ------
    RedisError
        There is no room for another process. `home` is gone.
    """
    arguments = [sys.executable, "-I", "-S", watcher.__file__, str(os.getpid()), str(home), *command]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    try:
        return subprocess.Popen(arguments, **pipes, bufsize=0, start_new_session=True)
    except BaseException as error:  # interrupted, as well: nobody looks after the folder yet
        shutil.rmtree(home, ignore_errors=True)
        if not isinstance(error, OSError):
            raise
        raise RedisError(f"No process could be started to look after {home} ({error.strerror}).") from error


def _stop(owner: int, watching: subprocess.Popen, process: list[psutil.Process], home: Path) -> None:
    if os.getpid() != owner:
        return
    watching.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        watching.wait(timeout=10)
    watching.stdout.close()
    # The rest finds something to do only if the watcher itself was killed.
    with suppress(psutil.NoSuchProcess):
        for server in process:
            server.kill()
    shutil.rmtree(home, ignore_errors=True)
