"""Messages a second through `Node` and `@rpc`, beside a bare heap and beside SimPy, in one run.

    make bench            # or: .venv/bin/python bench/simulator.py [--quick]

The workload: 100 nodes, each pinging random others and waiting for the reply, 200,000 messages in all, latency
drawn for each. Ours has a timeout on every call, link checks and serialised messages, with the journal and
without. SimPy is written as its guide shows (events-and-stores, a process a message for the latency), without
timeouts and with one a call. Every figure is the median of several runs, the peers taken in turn, so that
a machine whose speed drifts is the same to all.
"""

from __future__ import annotations

import argparse
import gc
import heapq
import random
import resource
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable

import simpy

from splitbrain import Cluster, Node, rpc, uniform


class Ping(Node):
    """Pings random peers, one after the other."""

    rounds, names = 0, []
    draw = random.Random(7).random  # as the peers draw their targets, now and then themselves

    async def start(self):
        for _ in range(self.rounds):
            await self.call(self.names[int(self.draw() * len(self.names))], "ping", 1)

    @rpc
    async def ping(self, number):
        return number


def ours(nodes: int, messages: int, *, journal: bool) -> float:
    kind = type("Ping", (Ping,), {"rounds": messages // 2 // nodes, "names": [f"n{i + 1}" for i in range(nodes)]})
    cluster = Cluster(kind, nodes=nodes, latency=uniform(1, 5), journal=journal)
    begin = time.process_time()
    cluster.run(1e9)
    seconds = time.process_time() - begin
    assert cluster.ledger.messages == messages // 2 // nodes * nodes * 2
    cluster.close()
    return seconds


def floor(nodes: int, messages: int) -> float:
    """A heap and callbacks: as fast as pure Python can be, and nothing else."""
    heap, sequence, draw, left = [], 0, random.Random(7).random, messages

    def ping(now: float, node: int) -> None:
        nonlocal sequence
        sequence += 1
        heapq.heappush(heap, (now + 1 + 4 * draw(), sequence, pong, (node, int(draw() * nodes))))

    def pong(now: float, pair: tuple[int, int]) -> None:
        nonlocal sequence
        sequence += 1
        heapq.heappush(heap, (now + 1 + 4 * draw(), sequence, ping, pair[0]))

    begin = time.process_time()
    for node in range(nodes):
        ping(0.0, node)
    while left:
        now, _, function, argument = heapq.heappop(heap)
        function(now, argument)
        left -= 1
    return time.process_time() - begin


def simpy_guide(nodes: int, messages: int, *, timeout: bool) -> float:
    """SimPy's "event latency" and "process communication" examples put together."""
    env, draw = simpy.Environment(), random.Random(7).random
    inboxes = [simpy.Store(env) for _ in range(nodes)]
    replies = [simpy.Store(env) for _ in range(nodes)]

    def latency(store, value):
        yield env.timeout(1 + 4 * draw())
        store.put(value)

    def server(node):
        while True:
            sender, number = yield inboxes[node].get()
            env.process(latency(replies[sender], number))

    def client(node):
        for _ in range(messages // 2 // nodes):
            env.process(latency(inboxes[int(draw() * nodes)], (node, 1)))
            if timeout:
                yield replies[node].get() | env.timeout(1000)
            else:
                yield replies[node].get()

    for node in range(nodes):
        env.process(server(node))
        env.process(client(node))
    begin = time.process_time()
    env.run()
    return time.process_time() - begin


def rates(contenders: dict[str, Callable[[], float]], messages: int, rounds: int) -> dict[str, float]:
    """Median messages a second of each, all taken in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            gc.collect()
            seconds[name].append(contender())
    return {name: messages / statistics.median(s) for name, s in seconds.items()}


def against_peers(rounds: int, messages: int = 200_000) -> None:
    found = rates({
        "heap and callbacks (the floor)": lambda: floor(100, messages),
        "SimPy as its guide shows": lambda: simpy_guide(100, messages, timeout=False),
        "SimPy, a timeout a call": lambda: simpy_guide(100, messages, timeout=True),
        "ours, everything on, with journal": lambda: ours(100, messages, journal=True),
        "ours, everything on, no journal": lambda: ours(100, messages, journal=False),
    }, messages, rounds)
    base = found["SimPy as its guide shows"]
    print(f"{messages:,} messages over 100 nodes, median of {rounds}")
    for name, rate in found.items():
        print(f"  {name:36} {rate:>11,.0f} msg/s   {rate / base:5.2f} x SimPy")
    print("  bounds: with the journal at least 2.00 x SimPy, without at least 2.40 x")


def growth(rounds: int) -> None:
    messages = 100_000
    sizes = (10, 100, 1000)
    runs = {f"{kind} {n}": (lambda k=kind, n=n: one(k, n, messages)) for kind in ("ours", "SimPy") for n in sizes}
    found = rates(runs, messages, rounds)
    print(f"cost per message as nodes grow from {sizes[0]} to {sizes[-1]}, {messages:,} messages")
    ratio = {kind: found[f"{kind} {sizes[0]}"] / found[f"{kind} {sizes[-1]}"] for kind in ("ours", "SimPy")}
    print(f"  ours x {ratio['ours']:.2f}, SimPy x {ratio['SimPy']:.2f}: "
          f"{ratio['ours'] / ratio['SimPy']:.2f} of SimPy's growth (bound 1.30)")


def one(kind: str, nodes: int, messages: int) -> float:
    return ours(nodes, messages, journal=False) if kind == "ours" else simpy_guide(nodes, messages, timeout=False)


def length(rounds: int) -> None:
    counts = (20_000, 100_000, 500_000)
    cost = {c: c / rates({"": lambda c=c: ours(100, c, journal=True)}, c, rounds)[""] / c * 1e6 for c in counts}
    print("microseconds a message as the run grows, with the journal")
    print("  " + ", ".join(f"{c:,}: {us:.2f}" for c, us in cost.items())
          + f"; largest / smallest {max(cost.values()) / min(cost.values()):.2f} (bound 1.30)")


def memory(messages: int = 100_000) -> None:
    tracemalloc.start()
    kind = type("Ping", (Ping,), {"rounds": messages // 2 // 100, "names": [f"n{i + 1}" for i in range(100)]})
    sizes = {}
    for journal in (True, False):
        cluster = Cluster(kind, nodes=100, journal=journal)
        before = tracemalloc.get_traced_memory()[0]
        cluster.run(1e9)
        sizes[journal] = tracemalloc.get_traced_memory()[0] - before
        cluster.close()
    tracemalloc.stop()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform != "darwin" else 1024**2)
    print(f"memory of the journal: {(sizes[True] - sizes[False]) / messages:.0f} bytes a message "
          f"(a send and a receive); peak of this process {peak} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    rounds = 3 if parser.parse_args().quick else 7
    version = subprocess.run([sys.executable, "-V"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"{version}, SimPy {simpy.__version__}")
    against_peers(rounds)
    growth(max(3, rounds // 2))
    length(max(3, rounds // 2))
    memory()


if __name__ == "__main__":
    main()
