"""Two-phase commit on files with full sync: transactions a second against the bound that the disk sets.

    make bench            # or: .venv/bin/python bench/two_phase_commit.py [--quick]

A transaction among k participants waits for the disk 2k + 1 times in sequence, so it cannot be faster than the commit
rate divided by 2k + 1. Transactions and the commits that make the bound take turns, so that a disk whose speed drifts
is the same to both; the median of each counts. Beside them, as a peer, SQLite's own commit over several files (ATTACH,
rollback journal, full sync): atomic as well, but in one process, and with no participant that could be elsewhere.
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

from splitbrain.protocols.group_commit import throughput


def attached(folder: Path, files: int, rounds: int) -> float:
    """Transactions a second over several files by ATTACH: SQLite's super-journal makes them one."""
    db = sqlite3.connect(folder / "main.db", isolation_level=None)
    db.execute("CREATE TABLE main_file (x)")
    for i in range(files):
        db.execute(f"ATTACH '{folder / f'f{i}.db'}' AS f{i}")
        db.execute(f"PRAGMA f{i}.synchronous = FULL")
        db.execute(f"CREATE TABLE f{i}.account{i} (key TEXT PRIMARY KEY, balance INTEGER)")
        db.execute(f"INSERT INTO account{i} VALUES ('a', 0)")
    seconds = []
    for _ in range(rounds):
        begin = time.perf_counter()
        db.execute("BEGIN IMMEDIATE")
        for i in range(files):
            db.execute(f"UPDATE account{i} SET balance = balance + 1")
        db.execute("COMMIT")
        seconds.append(time.perf_counter() - begin)
    db.close()
    return 1 / statistics.median(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    rounds = 100 if parser.parse_args().quick else 1000
    print(f"transactions a second, files with full sync, {rounds} rounds; bound = commit rate / (2k + 1)")
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix="bench-") as base:  # /tmp may be no disk
        for k in (2, 3, 5):
            folders = [Path(base) / f"{k}-{name}" for name in ("one", "many", "attached")]
            for folder in folders:
                folder.mkdir()
            one, many = throughput(folders[0], k, 1, rounds), throughput(folders[1], k, 16, rounds)
            own = attached(folders[2], k, rounds)
            print(f"  {k} participants")
            print(f"    one at a time: {one.rate:5.0f} of {one.bound:5.0f}, {one.ratio:5.2f} of it (at least 0.70)")
            print(f"    16 clients:    {many.rate:5.0f} of {many.bound:5.0f}, {many.ratio:5.2f} times (at least 2.00)")
            print(f"    SQLite's own:  {own:5.0f}")


if __name__ == "__main__":
    main()
