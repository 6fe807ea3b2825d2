"""Two-phase commit on real files with full sync, one transaction at a time or many together.

The same `ResourceManager` as in the simulator, a file each, and no network: what is measured here is the disk. One
transaction among k participants waits for it 2k + 1 times, one wait after the other. Transactions that come together
may share each of these waits: that is group commit.

D. DeWitt et al., "Implementation Techniques for Main Memory Database Systems", SIGMOD 1984, section 5.2.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from splitbrain.protocols.resource_manager import NO, ResourceManager, XAError, create

Work = Mapping[str, Sequence[Sequence]]  # participant: its operations


LOG = 256  # pages, a megabyte: at so many SQLite checkpoints its log, and then writes over it from the beginning


class File:
    """A SQLite file whose commits wait for the disk; a `ResourceManager` keeps its tables in it.

    Its log is laid out in its full length at once, as databases do it. A file that grows makes each commit wait for the
    file system's own journal, too, until the log has gone round for the first time.
    """

    def __init__(self, path: Path):
        self.db = sqlite3.connect(path, isolation_level=None, cached_statements=256)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.execute(f"PRAGMA wal_autocheckpoint = {LOG}")
        self.shared = False
        self._lay_out_log()

    def _lay_out_log(self) -> None:
        page, = self.db.execute("PRAGMA page_size").fetchone()
        with self.transaction():
            self.db.execute("CREATE TABLE filler (x)")
            self.db.execute("INSERT INTO filler VALUES (zeroblob(?))", (LOG * page,))
        self.db.execute("DROP TABLE filler")
        self.db.execute("PRAGMA wal_checkpoint(RESTART)")

    def transaction(self, *, forced: bool = True) -> AbstractContextManager:
        """One commit; within `together`, a part of the one that all share. (Forced or not: FULL is for the file.)"""
        return nullcontext() if self.shared else Commit(self)

    def together(self) -> AbstractContextManager:
        """All transactions in here are one commit."""
        return Commit(self, shared=True)


class Commit:
    """One commit of a file. (A class: a generator takes several times as long to enter and to leave.)"""

    def __init__(self, file: File, *, shared: bool = False):
        self.file, self.shared = file, shared

    def __enter__(self) -> None:
        self.file.db.execute("BEGIN IMMEDIATE")
        self.file.shared = self.shared

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.file.shared = False
        self.file.db.execute("COMMIT" if kind is None else "ROLLBACK")


class Group:
    """A coordinator and its participants, each with a file of its own.

    Parameters
    ----------
    folder : Path
        Empty, on a real disk.
    accounts : mapping of str to mapping of str to int
        What each participant holds at first.
    """

    def __init__(self, folder: Path, accounts: Mapping[str, Mapping[str, int]]):
        self.files = {name: File(Path(folder) / f"{name}.db") for name in accounts}
        for name, file in self.files.items():
            create(file.db, accounts[name])
        self.managers = {name: ResourceManager(file) for name, file in self.files.items()}
        self.log = File(Path(folder) / "coordinator.db")
        self.log.db.execute("CREATE TABLE log (txn TEXT PRIMARY KEY, record TEXT) WITHOUT ROWID")
        self.ended: list[str] = []

    def transact(self, transactions: Mapping[str, Work]) -> dict[str, str]:
        """Decide all of these, ``commit`` or ``abort`` each: 2k + 1 waits for the disk, however many they are."""
        votes: dict[str, list[str]] = {txn: [] for txn in transactions}
        names = sorted({name for work in transactions.values() for name in work})
        for name in names:
            with self.files[name].together():
                for txn, work in transactions.items():
                    if name in work:
                        votes[txn].append(self._vote(name, txn, work[name]))
        decisions = {txn: "abort" if NO in voted else "commit" for txn, voted in votes.items()}
        self._record(decisions)
        for name in names:
            with self.files[name].together():
                for txn, work in transactions.items():
                    if name in work:
                        self._obey(name, txn, decisions[txn])
        self.ended = list(decisions)  # their records go with the next decision: to end is never worth a wait
        return decisions

    def _vote(self, name: str, txn: str, operations: Sequence[Sequence]) -> str:
        manager = self.managers[name]
        manager.start(txn)
        try:
            for verb, *arguments in operations:
                getattr(manager, verb)(txn, *arguments)
        except XAError:
            manager.rollback(txn)
            return NO
        manager.end(txn)
        return manager.prepare(txn)

    def _record(self, decisions: Mapping[str, str]) -> None:
        with self.log.transaction():
            self.log.db.executemany("DELETE FROM log WHERE txn = ?", [(txn,) for txn in self.ended])
            self.log.db.executemany("INSERT INTO log VALUES (?, ?)", list(decisions.items()))

    def _obey(self, name: str, txn: str, decision: str) -> None:
        manager = self.managers[name]
        if decision == "abort":
            manager.rollback(txn)
        elif manager.state(txn) is not None:  # one that only read has left
            manager.commit(txn)

    def close(self) -> None:
        for file in (*self.files.values(), self.log):
            file.db.close()


@dataclass(frozen=True)
class Throughput:
    """Transactions a second; the bound, what the disk allows where each waits for it 2k + 1 times by itself; and
    how many times the bound the rate was, round by round, in the median."""

    rate: float
    bound: float
    ratio: float


def throughput(folder: Path, participants: int, clients: int = 1, rounds: int = 100) -> Throughput:
    """Measure transactions among all participants, from so many clients that each wait for their answer.

    A round is one transaction of each client, and then 2k + 1 commits of one row on a file beside it, for the bound.
    So a disk whose speed drifts is the same to both; the median round of each counts. Each client adds to an account of
    its own at every participant: nobody stands in another's way.
    """
    names = [f"p{i + 1}" for i in range(participants)]
    group = Group(folder, {name: {f"a{i}": 0 for i in range(clients)} for name in names})
    plain = File(Path(folder) / "plain.db")
    plain.db.execute("CREATE TABLE counter (n INTEGER)")
    plain.db.execute("INSERT INTO counter VALUES (0)")

    def transactions(number: int) -> None:
        asked = {f"t{number:06}.{i:03}": {name: [("add", f"a{i}", 1)] for name in names} for i in range(clients)}
        if "abort" in group.transact(asked).values():
            raise RuntimeError("nobody stands in another's way, and yet a transaction was aborted")

    def commits(_: int) -> None:
        for _ in range(2 * participants + 1):
            with plain.transaction():
                plain.db.execute("UPDATE counter SET n = n + 1")

    with closing(group), closing(plain.db):
        seconds = [(_seconds(transactions, number), _seconds(commits, number)) for number in range(rounds)]
    seconds = seconds[rounds // 10:]  # the first fill caches
    taken, waited = (median(column) for column in zip(*seconds, strict=True))
    return Throughput(clients / taken, 1 / waited, clients * median(wait / take for take, wait in seconds))


def _seconds(work: Callable[[int], None], number: int) -> float:
    begin = time.perf_counter()
    work(number)
    return time.perf_counter() - begin
