"""Real connections and servers that obey the links and nodes of a cluster of the simulator.

The cluster is the switchboard. No message goes over it; but what is done to its links and nodes, by its methods, by a
schedule, or by a click in its panel, is done to proxies and servers: the same faults, the same pictures.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

from splitbrain.faults import At, Fault
from splitbrain.messaging.proxy import Proxy


def throttle(rate: float, a: str, b: str) -> Fault:
    """So many bytes a second pass from a to b, and from b to a; ``math.inf`` ends it. Only a `Wiring` can do that."""
    return Fault("throttle", (rate, a, b))


class Wiring:
    """Makes proxies and servers obey a cluster.

    A cut, one-way or not, a partition or an isolated node cuts the proxies; `latency` and `slow` delay what they carry.
    A crash, restart, pause or resume is the server's, with SIGKILL, SIGSTOP and SIGCONT. A link's own latency counts
    for nothing until a fault gives it another. Loss, duplication and reordering are left out: TCP mends them.

    Parameters
    ----------
    cluster : Cluster
        Its nodes stand for the ends of connections; they need do nothing.
    proxies : mapping of (str, str) to Proxy
        From the node that connects to the one that is connected to.
    servers : mapping of str to LocalServer
        Which server a node stands for.
    reset : bool
        Whether a cut breaks connections at once, or is silent.
    seed : int
        Of the delays.

    Notes
    -----
    The cluster must be created by whoever makes the wiring, and outlives it: ``with Wiring(...)`` ends with every
    proxy whole.
    """

    def __init__(self, cluster: Any, proxies: Mapping[tuple[str, str], Proxy], servers: Mapping[str, Any] | None = None,
                 *, reset: bool = False, seed: int = 0):
        self.cluster, self.proxies, self.servers, self.reset = cluster, dict(proxies), dict(servers or {}), reset
        self._random = Random(seed)
        self._given = {way: cluster.network.link(*way).latency for ends in self.proxies for way in (ends, ends[::-1])}
        self._states = dict.fromkeys(self.servers, "up")
        cluster.watchers.append(self.obey)

    def obey(self) -> None:
        """Make everything as the cluster is now. It does so by itself whenever the cluster changes."""
        for ends, proxy in self.proxies.items():
            for way, (source, target) in (("there", ends), ("back", ends[::-1])):
                if self.cluster.is_cut(source, target):
                    proxy.cut(way, reset=self.reset)
                else:
                    proxy.heal(way)
                proxy.delay(lambda s=source, t=target: self._delay(s, t), way)
        for name, server in self.servers.items():
            self._set(name, server, self.cluster.state(name))

    def follow(self, schedule: Iterable[At]) -> None:
        """Inject the faults of a schedule at their times, in real milliseconds from now; return after the last one."""
        begin, zero = time.monotonic(), self.cluster.now
        for item in sorted(schedule, key=lambda item: item.ms):
            time.sleep(max(0.0, begin + item.ms / 1000 - time.monotonic()))
            self.cluster.run(max(0.0, zero + item.ms - self.cluster.now))
            self.apply(item.fault)

    def apply(self, fault: Fault) -> None:
        """Inject a fault now."""
        if fault.name == "throttle":
            self.throttle(*fault.args)
        else:
            self.cluster.apply(fault)

    def throttle(self, rate: float, a: str, b: str) -> None:
        """So many bytes a second pass each way between two nodes; ``math.inf`` ends it."""
        self.proxies[(a, b) if (a, b) in self.proxies else (b, a)].throttle(rate)

    def close(self) -> None:
        """Obey no more, and leave the proxies whole. Servers stay as they are."""
        if self.obey in self.cluster.watchers:
            self.cluster.watchers.remove(self.obey)
        for proxy in self.proxies.values():
            proxy.heal()
            proxy.delay(0)
            proxy.throttle(math.inf)

    def __enter__(self) -> Wiring:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _delay(self, source: str, target: str) -> float:
        """Milliseconds for the next piece; asked by the proxy, on its thread."""
        latency = self.cluster.network.link(source, target).latency
        changed = latency is not self._given[source, target]
        lag = self.cluster.network.endpoints[target].lag_us / 1000
        return lag + (latency.sample(self._random.random()) if changed else 0.0)

    def _set(self, name: str, server: Any, state: str) -> None:
        before, self._states[name] = self._states[name], state
        if before == state:
            return
        if state == "crashed":
            server.kill()
        elif state == "paused":
            server.pause()
        elif before == "crashed":
            server.restart()
        else:
            server.resume()
