"""Seconds to judge whether a register's history is linearizable, how they grow, and beside a plain search.

    make bench            # or: .venv/bin/python bench/linearizability.py [--quick]

Ten clients that are busy nearly all the time, half of what they ask are reads. Histories are fine, or have one late
fault: near the end, a read of a value that the register cannot have held while it went on. Where all written values
differ, the checker takes the path of Gibbons and Korach; where they are five that come again and again, it searches,
over a sliding window. The peer is that search without window and shortcuts, as Lowe (2017) has it, in the same language
and the same process. Each size is judged in a process of its own, for its memory.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import statistics
import sys
import time
from collections.abc import Iterable

from splitbrain.checkers import linearizability
from splitbrain.records import History, Operation

CLIENTS, VALUES = 10, 5
KINDS = ("fine", "late fault")
SECONDS, MEGABYTES, GROWTH = 1, 300, 2

# Not measured here: once, on two cores, other histories of the same kind; seconds for a fine one and for a late fault.
RECORDED = {
    "Porcupine, in Go": (2.1, 16.9),
    "Wing-Gong-Lowe, in Python": (2.8, 16.9),
    "the same with a sliding window": (1.3, 7.5),
    "Gibbons-Korach, in Python": (0.0065, 0.0039),
}


def played(count: int, *, values: int | None, late: bool, seed: int = 7) -> History:
    """Clients that ask, are served at one moment, and are told, one after the other as a die decides.

    With `values` the register is only ever written numbers below that; without, each write has a number of its own.
    """
    draw = random.Random(seed).random
    asked: list[list] = []
    busy: dict[int, list] = {}
    state, held, position = None, [(0, None)], 0
    while busy or len(asked) < count:
        client, position = int(draw() * CLIENTS), position + 1
        operation = busy.get(client)
        if operation is None:
            if len(asked) < count:
                writes = draw() < 0.5
                value = int(draw() * values) if values else len(asked)
                busy[client] = operation = [client, writes, value if writes else None, None, False, position, None]
                asked.append(operation)
        elif not operation[4]:  # served
            operation[4] = True
            if operation[1]:
                state = operation[2]
                held.append((position, state))
            else:
                operation[3] = state
        else:
            operation[6] = position
            del busy[client]
    if late:
        spoil(asked, values)
    return History(Operation(f"c{client}", "write" if writes else "read", None, value, answer, "ok", start, end, start,
                             end, i) for i, (client, writes, value, answer, _, start, end) in enumerate(asked))


def spoil(asked: list[list], values: int | None) -> None:
    """Let one of the last reads answer with a value that no write could have left for it."""
    for place in reversed(range(len(asked) * 99 // 100)):
        _, writes, _, _, _, start, end = asked[place]
        around = [o for o in asked[max(0, place - 40 * CLIENTS):place + 4 * CLIENTS] if o[1] and o[5] < end]
        last = max((o[5] for o in around if o[6] < start), default=0)  # what was over before this write began is gone
        possible = {o[2] for o in around if o[6] > last}
        impossible = [v for v in (range(values) if values else (o[2] for o in around)) if v not in possible]
        if not writes and impossible:
            asked[place][3] = impossible[0]
            return
    raise ValueError("no read can be spoiled")


def wing_gong_lowe(operations: Iterable[Operation]) -> bool:
    """Whether a register's operations fit into one order: the search without anything that makes it smaller.

    A doubly linked list of the beginnings and ends of what is not placed yet; a memory of which operations were placed
    (all of them, as a bit each) and the register's value then.
    """
    events = [event for k, o in enumerate(operations) for event in ((o.start, k, o), (o.end, ~k, o))]
    events.sort(key=lambda event: event[0])
    following, previous = list(range(1, len(events) + 2)), list(range(-1, len(events) + 1))
    ends = {~k: node for node, (_, k, _) in enumerate(events, 1) if k < 0}
    state, placed, memory, trail, node = None, 0, set(), [], following[0]
    while following[0] <= len(events):
        _, k, operation = events[node - 1]
        if k < 0:  # the end of what is not placed: back
            if not trail:
                return False
            node, state, placed = trail.pop()
            for one in (ends[events[node - 1][1]], node):
                following[previous[one]] = previous[following[one]] = one
            node = following[node]
            continue
        after = operation.value if operation.f == "write" else state
        there = placed | 1 << k, after
        if (operation.f == "write" or operation.result == state) and there not in memory:
            memory.add(there)
            trail.append((node, state, placed))
            placed, state = there
            for one in (node, ends[k]):
                following[previous[one]], previous[following[one]] = following[one], previous[one]
            node = following[0]
        else:
            node = following[node]
    return True


def judged(count: int, values: int | None, late: bool, rounds: int, peer: bool) -> dict[str, float]:
    """In a process of its own: seconds, the median of some, and megabytes at the peak; the same of the peer."""
    history = played(count, values=values, late=late)
    seconds = []
    for _ in range(rounds):
        begin = time.process_time()
        verdict = linearizability(history, budget=None)
        seconds.append(time.process_time() - begin)
    assert verdict.status == ("violated" if late else "ok"), verdict
    found = {"seconds": statistics.median(seconds), "memory": peak()}
    if peer:
        begin = time.process_time()
        assert wing_gong_lowe(history) == (not late)
        found |= {"peer": time.process_time() - begin, "peer memory": peak()}
    return found


def peak() -> int:
    """Most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) // 10**6


def alone(*arguments) -> dict[str, float]:
    with multiprocessing.get_context("spawn").Pool(1) as one:
        return one.apply(judged, arguments)


def distinct_values(rounds: int) -> None:
    for kind in KINDS:
        print(f"all values different, {kind}, median of {rounds}")
        each = []
        for count in (10_000, 30_000, 100_000):
            found = alone(count, None, kind == "late fault", rounds, False)
            each.append(found["seconds"] / count)
            print(f"  {count:>7,} operations {found['seconds']:7.3f} s  {each[-1] * 1e6:5.2f} us each  "
                  f"{found['memory']:>4} MB with the history")
        print(f"  bound: 100,000 in {SECONDS} s and {MEGABYTES} MB; an operation costs {each[-1] / each[0]:.2f} times "
              f"what it does at 10,000 (n log n: 1.25; bound {GROWTH})")


def beside_the_peer(values: int | None, rounds: int, count: int) -> None:
    print(f"{f'{values} values' if values else 'all values different'}, {count:,} operations, median of {rounds}")
    for kind in KINDS:
        found = alone(count, values, kind == "late fault", rounds, True)
        print(f"  {kind:10}  ours {found['seconds']:7.3f} s, {found['memory']:>5} MB   Wing-Gong-Lowe "
              f"{found['peer']:6.2f} s, {found['peer memory']:>5} MB   {found['peer'] / found['seconds']:7.1f} x ours")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one round, and shorter histories beside the peer")
    quick = parser.parse_args().quick
    rounds, count = (1, 3_000) if quick else (3, 10_000)
    distinct_values(rounds)
    for values in (None, VALUES):
        beside_the_peer(values, rounds, count)
    print("recorded once, on 2 cores: 10,000 operations, 10 clients, all values different; fine, and with a late fault")
    for name, (fine, late) in RECORDED.items():
        print(f"  {name:32} {fine:7.4g} s {late:8.4g} s")


if __name__ == "__main__":
    main()
