"""The three services as operating-system processes, one of which may be killed by SIGKILL at a boundary of its own."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from splitbrain.messaging.running_service import ANY, kill
from splitbrain.messaging.service import WAIT_MS, serve
from splitbrain.messaging.worker import Worker, start
from splitbrain.services.shop import BUILDS, Kill, Shop


class ProcessShop(Shop):
    """A `Shop` whose services are processes: `run` waits until the order is at an end, and restarts who was killed.

    Its own services, in this process, are never stepped: they only read the databases, for `outcome` and `trace`.
    """

    def __init__(self, server: Any, folder: Path | str, build: str = "orchestrated saga", *,
                 kills: tuple[Kill, ...] = ()):
        super().__init__(server.client(), folder, BUILDS[build])
        deadly = {one.service: {ANY: kill(at=one.number)} for one in kills}
        self._workers: dict[str, Worker] = {}
        with ExitStack() as begun:
            begun.callback(self.close)
            for name, kind in self.classes.items():
                self._workers[name] = start(serve, name=name, redis=server, failpoints=deadly.get(name), kind=kind,
                                            home=str(folder), space=self._space)
            begun.pop_all()

    def run(self, order: str = "o1", *, attempts: int = 3_000) -> int:
        """Wait until every service says that the order is at an end; how many processes were killed on the way."""
        for _ in range(attempts):
            for name, worker in self._workers.items():
                if not worker.alive:
                    self.deaths.append(f"{name}, {worker.exit.removeprefix('was killed by ')}")
                    worker.restart()
            if self.services["order"].state(order) in ("confirmed", "cancelled"):
                return len(self.deaths)
            time.sleep(WAIT_MS / 1000)
        raise TimeoutError(f"the order did not come to an end: {self.outcome(order)}")

    def close(self) -> None:
        """End the processes, close the databases, remove the queues."""
        for worker in self._workers.values():
            worker.close()
        super().close()
