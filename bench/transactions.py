"""Seconds to judge the isolation of many transactions, and how they grow.

    make bench            # or: .venv/bin/python bench/transactions.py [--quick]

Transactions of 1 to 4 micro-operations, half of them reads, on 10 lists at a time, each list retired after 64 appends;
20 clients, all of them busy all the time. Three stores answer them: one that runs them one after the other; the same
with stale reads in the last ten transactions; and one with stale reads in one transaction of a hundred, so that most of
the history is one knot of cycles. Each size is judged in a process of its own, for its memory.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import statistics
import sys
import time

from splitbrain.checkers.transactions import transactions
from splitbrain.records import History, Operation
from splitbrain.workloads import append, rw_register

CLIENTS = 20


def played(planned, *, stale_from: int = sys.maxsize, stale_share: float = 1.0) -> History:
    """The plan on one list or register a key, one transaction after the other; some miss what was appended last."""
    store: dict = {}
    draw = random.Random(7).random
    operations = []
    for i, operation in enumerate(planned):
        stale = i >= stale_from and draw() < stale_share
        result = [_apply(mop, store, operation.value, stale) for mop in operation.value]
        operations.append(Operation(f"c{i % CLIENTS}", "txn", None, operation.value, result, "ok", i, i + CLIENTS,
                                    2 * i, 2 * (i + CLIENTS) - 1, i))
    return History(operations)


def _apply(mop: list, store: dict, mops: list, stale: bool) -> list:
    f, key, value = mop
    if f == "append":
        store[key] = (*store.get(key, ()), value)
    elif f == "w":
        store[key] = value
    else:
        now = store.get(key)
        # What the transaction appended itself it does see: else one look at it alone would tell.
        return [f, key, now[:-30] if stale and now and not any(m[0] == "append" and m[1] == key for m in mops) else now]
    return mop


def judged(workload: str, count: int, kind: str, rounds: int) -> tuple[list[float], int, str]:
    make = append if workload == "list-append" else rw_register
    limit = {"appends" if make is append else "writes": 64}
    planned = make(clients=CLIENTS, ops=count, keys=10, seed=1, **limit).operations
    stale = {"fine": {}, "late": {"stale_from": count - 10}, "knot": {"stale_from": 0, "stale_share": 0.01}}[kind]
    history = played(planned, **stale)
    before, seconds = _peak(), []
    for _ in range(rounds):
        begin = time.process_time()
        verdict = transactions(history, workload=workload)
        seconds.append(time.process_time() - begin)
    return seconds, _peak() - before, f"{verdict.status} {', '.join(verdict.anomalies)}".strip()


def _peak() -> int:
    """Peak memory of this process, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform != "darwin" else 1024**2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one round")
    rounds = 1 if parser.parse_args().quick else 3
    pool = multiprocessing.get_context("spawn")
    for workload, kind in (("list-append", "fine"), ("list-append", "late"), ("list-append", "knot"),
                           ("rw-register", "fine")):
        print(f"{workload}, {kind}, median of {rounds}")
        for count in (10_000, 30_000, 100_000):
            with pool.Pool(1) as one:
                seconds, memory, said = one.apply(judged, (workload, count, kind, rounds))
            median = statistics.median(seconds)
            print(f"  {count:>7,} transactions {median:7.2f} s  {median / count * 1e6:6.1f} us each  "
                  f"{memory:>5} MiB more than the history  {said}")
    print("bound: 100,000 list-append transactions in 10 s")


if __name__ == "__main__":
    main()
