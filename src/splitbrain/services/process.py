"""The three services as operating-system processes, one of which may be killed by SIGKILL at a boundary of its own.

Run as a program it is one service: ``python -m splitbrain.services.process``, told on its standard input where it
stands. It ends when that input ends, so it does not outlive whoever started it, however that one went.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from splitbrain.services.shop import BUILDS, Kill, Shop

WAIT_MS = 20


class ProcessShop(Shop):
    """A `Shop` whose services are processes: `run` waits until the order is at an end, and restarts who was killed.

    Its own services, in this process, are never stepped: they only read the databases, for `outcome` and `trace`.
    """

    def __init__(self, server: Any, folder: Path | str, build: str = "orchestrated saga", *,
                 kills: tuple[Kill, ...] = ()):
        super().__init__(server.client(), folder, BUILDS[build])
        self._url, self._build, self._planned = server.url, build, {kill.service: kill.number for kill in kills}
        self._processes = {name: self._start(name) for name in self.services}

    def run(self, order: str = "o1", *, attempts: int = 3_000) -> int:
        """Wait until every service says that the order is at an end; how many processes were killed on the way."""
        for _ in range(attempts):
            for name, process in self._processes.items():
                if process.poll() is not None:
                    process.stdin.close()
                    self.deaths.append(f"{name}, {signal.Signals(-process.returncode).name}"
                                       if process.returncode < 0 else f"{name}, ended by itself")
                    self._processes[name] = self._start(name)
            if self.services["order"].state(order) in ("confirmed", "cancelled"):
                return len(self.deaths)
            select.select([], [], [], WAIT_MS / 1000)
        raise TimeoutError(f"the order did not come to an end: {self.outcome(order)}")

    def close(self) -> None:
        """End the processes, close the databases, remove the queues."""
        for process in self._processes.values():
            process.kill()
            process.wait()
            process.stdin.close()
        super().close()

    def _start(self, name: str) -> subprocess.Popen:
        told = {"build": self._build, "service": name, "folder": str(self._folder), "space": self._space,
                "url": self._url, "dies_at": self._planned.pop(name, 0)}
        process = subprocess.Popen([sys.executable, "-m", "splitbrain.services.process"], stdin=subprocess.PIPE,
                                   start_new_session=True)
        process.stdin.write(json.dumps(told).encode() + b"\n")
        process.stdin.flush()
        return process


def main() -> None:
    import redis

    told = json.loads(sys.stdin.buffer.raw.readline())
    passed = 0

    def failpoint(_name: str) -> None:
        nonlocal passed
        passed += 1
        if passed == told["dies_at"]:
            os.kill(os.getpid(), signal.SIGKILL)

    kind = next(kind for kind in BUILDS[told["build"]] if kind.name == told["service"])
    client = redis.Redis.from_url(told["url"], decode_responses=True)
    service = kind(client, told["folder"], space=told["space"], failpoint=failpoint)
    while not select.select([0], [], [], 0)[0]:         # readable: the input has ended
        service.step(WAIT_MS)


if __name__ == "__main__":
    main()
