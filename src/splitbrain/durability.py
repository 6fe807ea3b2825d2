"""What survives a power cut: every journal mode at every level, cut again and again, beside what SQLite promises.

The workload is a bank that makes numbered transfers, one a transaction. After a cut its database is opened again and
looked at twice over: SQLite's own ``integrity_check``, and what only the application knows: no money appeared or
vanished, and the transfers that are there are the first so many, each with its effect.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

import apsw

from splitbrain.powercut import EVERYTHING, Disk, PowerCut

JOURNAL_MODES = ("delete", "truncate", "persist", "wal")
LEVELS = ("off", "normal", "full", "extra")
ACCOUNTS, BALANCE = 8, 100
SOON, USUAL = 6, 1000       # pages in the write-ahead log at which SQLite copies them to the database: a checkpoint
SCHEMA = (
    "CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL)",
    "CREATE TABLE transfer (number INTEGER PRIMARY KEY, source INTEGER, target INTEGER, amount INTEGER)",
    f"INSERT INTO account VALUES {', '.join(f'({i}, {BALANCE})' for i in range(ACCOUNTS))}",
)

DOCUMENTED = {
    ("delete", "off"): "lose corrupt", ("delete", "normal"): "lose corrupt", ("delete", "full"): "lose",
    ("truncate", "off"): "lose corrupt", ("truncate", "normal"): "lose corrupt",
    ("persist", "off"): "lose corrupt", ("persist", "normal"): "corrupt",
    ("wal", "off"): "lose corrupt", ("wal", "normal"): "lose",
}
"""What a power cut may do, by journal mode and level; a setting that is not listed promises that nothing happens.

OFF hands the data to the operating system and waits for nothing, so anything may happen. NORMAL with a rollback journal
waits at the critical moments only, and leaves "a very small (though non-zero) chance" of corruption. FULL does not
corrupt, but with DELETE the commit *is* the deletion of the journal, and only EXTRA syncs the directory after it: an
acknowledged commit can be rolled back. WAL does not corrupt from NORMAL on, and at NORMAL it may lose the latest
commits (sqlite.org/pragma.html#pragma_synchronous). TRUNCATE ends a transaction by truncating the journal, which FULL
syncs and NORMAL does not; PERSIST overwrites the journal's header, and syncs that from NORMAL on (pager.c,
``pager_end_transaction`` and ``zeroJournalHdr``).
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one power cut did.

    Attributes
    ----------
    cut : int
        Disk operations that had passed when the power went.
    acknowledged : int
        Transfers whose commit had returned.
    lost : int or None
        How many of these are gone; None where the database is too broken to tell.
    corrupt : str
        "" or what is wrong: SQLite's own words, or the invariant that does not hold.
    forced_writes : int
        Times that SQLite waited for the disk until the cut.
    """

    cut: int
    acknowledged: int
    lost: int | None
    corrupt: str
    forced_writes: int

    @property
    def harmless(self) -> bool:
        return not self.lost and not self.corrupt


def create_bank(disk: Disk, journal_mode: str) -> None:
    """Make ``bank.db``, with everything on the platter."""
    db = disk.connect("bank.db", journal_mode=journal_mode, synchronous="full")
    for sql in SCHEMA:
        db.execute(sql)
    db.close()
    disk.settle()


def transfer(db: apsw.Connection, number: int) -> None:
    """The transfer of this number: 1 coin between two accounts that follow from the number, in one transaction."""
    with db:
        for sql, values in statements(number):
            db.execute(sql, values)


def statements(number: int) -> list[tuple[str, tuple]]:
    """What the transfer of this number does, to be run in one transaction."""
    source, target = _parties(number)
    return [("UPDATE account SET balance = balance - 1 WHERE id = ?", (source,)),
            ("UPDATE account SET balance = balance + 1 WHERE id = ?", (target,)),
            ("INSERT INTO transfer VALUES (?, ?, ?, 1)", (number, source, target))]


def _parties(number: int) -> tuple[int, int]:
    return number % ACCOUNTS, (number * 3 + 1) % ACCOUNTS


def campaign(journal_mode: str, synchronous: str, *, cuts: int = 60, transfers: int = 6, seed: int = 0,
             forgets: Iterable[str] = EVERYTHING) -> list[Outcome]:
    """Cut the power `cuts` times while a bank makes transfers, and say what each cut did.

    Parameters
    ----------
    journal_mode : {"delete", "truncate", "persist", "wal"}
    synchronous : {"off", "normal", "full", "extra"}
    cuts : int
        Each on a disk of its own, at a moment and with a forgetting that follow from `seed` and the cut's number.
    transfers : int
        Commits that are tried before the power goes at the latest.
    forgets : iterable of str
        See `Disk`.

    Raises
    ------
    ValueError
        A setting that SQLite does not have.

    Examples
    --------
    >>> outcomes = campaign("delete", "extra", cuts=10)
    >>> all(outcome.harmless for outcome in outcomes)
    True
    """
    files, operations = _prepared(journal_mode, synchronous, transfers)
    random = Random(seed)
    return [_cut_once(Disk(seed=seed * 1_000_003 + number, forgets=forgets, files=files), journal_mode, synchronous,
                      transfers, int(random.random() * (operations + 1))) for number in range(cuts)]


def cut_once(journal_mode: str, synchronous: str, *, after: int, seed: int = 0, transfers: int = 6,
             forgets: Iterable[str] = EVERYTHING) -> tuple[Outcome, Disk]:
    """One cut of a `campaign`, at a moment of your choice: `after` so many disk operations.

    The disk that comes back with the outcome holds what was asked of it (`Disk.log`), what the cut took
    (`Disk.damage`) and what SQLite made of the rest (``disk.connect("bank.db")``). When the transfers end before
    `after` operations have passed, the power goes right after the last acknowledgement.

    Examples
    --------
    >>> outcome, disk = cut_once("wal", "off", after=100, seed=4)
    >>> outcome.acknowledged, outcome.lost
    (6, 3)
    """
    files, _ = _prepared(journal_mode, synchronous, 0)
    disk = Disk(seed=seed, forgets=forgets, files=files)
    return _cut_once(disk, journal_mode, synchronous, transfers, after), disk


def operations(journal_mode: str, synchronous: str, *, transfers: int = 6, checkpoint: int = SOON) -> list[dict]:
    """What is asked of the disk by `transfers` transfers that nothing disturbs, a row each; see `Disk.log`.

    `checkpoint` is SQLite's ``wal_autocheckpoint``, in pages; campaigns have it small, so that cuts meet checkpoints.
    """
    files, _ = _prepared(journal_mode, synchronous, 0)
    disk = Disk(files=files)
    _, _open = _work(disk, journal_mode, synchronous, transfers, checkpoint)
    return list(disk.log)


def _prepared(journal_mode: str, synchronous: str, transfers: int) -> tuple[dict[str, bytes], int]:
    """A bank's files, all on the platter, and how many disk operations so many transfers take."""
    disk = Disk()
    create_bank(disk, journal_mode)
    files, before = disk.files, len(disk.log)
    _, _open = _work(disk, journal_mode, synchronous, transfers)
    return files, len(disk.log) - before


def _cut_once(disk: Disk, journal_mode: str, synchronous: str, transfers: int, moment: int) -> Outcome:
    disk.cut(after=moment)
    acknowledged, _open = _work(disk, journal_mode, synchronous, transfers)
    forced = disk.forced_writes
    if acknowledged == transfers:
        disk.cut()
    lost, corrupt = examine(disk, acknowledged)
    return Outcome(moment, acknowledged, lost, corrupt, forced)


def _work(disk: Disk, journal_mode: str, synchronous: str, transfers: int,
          checkpoint: int = SOON) -> tuple[int, apsw.Connection | None]:
    """Make transfers until the power goes; how many were acknowledged, and the connection, which nobody closed.

    To close it would tidy up (a checkpoint, for WAL), and a power cut asks nobody to.
    """
    number, db = 1, None
    try:
        db = disk.connect("bank.db", journal_mode=journal_mode, synchronous=synchronous)
        db.execute(f"PRAGMA wal_autocheckpoint = {checkpoint}")
        for number in range(1, transfers + 1):
            transfer(db, number)
    except PowerCut:
        return number - 1, db
    return transfers, db


def examine(disk: Disk, acknowledged: int) -> tuple[int | None, str]:
    """Open the bank after a cut: how many acknowledged transfers are missing, and what is broken ("" if nothing)."""
    try:
        return examine_bank(disk.connect("bank.db"), acknowledged)
    except apsw.Error as error:
        return None, f"{type(error).__name__}: {error}"


def examine_bank(db, acknowledged: int) -> tuple[int | None, str]:
    """`examine` for an open connection, APSW's or the standard library's."""
    complaints = [row[0] for row in db.execute("PRAGMA integrity_check")]
    numbers = [row[0] for row in db.execute("SELECT number FROM transfer ORDER BY number")]
    balances = dict(db.execute("SELECT id, balance FROM account").fetchall())
    if complaints != ["ok"]:
        return None, complaints[0].splitlines()[-1]
    lost = len(set(range(1, acknowledged + 1)) - set(numbers))
    return lost, _broken(numbers, balances)


def _broken(numbers: list[int], balances: dict[int, int]) -> str:
    if numbers != list(range(1, len(numbers) + 1)):
        return f"transfers {numbers} are there, and one between them is not"
    expected = dict.fromkeys(range(ACCOUNTS), BALANCE)
    for number in numbers:
        source, target = _parties(number)
        expected[source] -= 1
        expected[target] += 1
    if balances != expected:
        return f"{len(numbers)} transfers are recorded, and the balances say otherwise"
    return ""


def durability_table(journal_modes: Iterable[str] = ("delete", "wal"), levels: Iterable[str] = LEVELS, *,
                     cuts: int = 60, seed: int = 0, forgets: Iterable[str] = EVERYTHING) -> list[dict]:
    """One row a setting: in how many cuts commits were lost, in how many the database broke, and the price.

    Forced writes are counted, not timed, over transfers without a cut: the price is the same on every machine.
    """
    levels = list(levels)
    return [_row(mode, level, campaign(mode, level, cuts=cuts, seed=seed, forgets=forgets))
            for mode in journal_modes for level in levels]


def _row(mode: str, level: str, outcomes: list[Outcome]) -> dict:
    return {"journal mode": mode, "synchronous": level, "power cuts": len(outcomes),
            "commits acknowledged": sum(o.acknowledged for o in outcomes),
            "commits lost": sum(o.lost or 0 for o in outcomes), "cuts that lost": sum(bool(o.lost) for o in outcomes),
            "cuts that corrupted": sum(bool(o.corrupt) for o in outcomes),
            "SQLite says it may": DOCUMENTED.get((mode, level), "nothing").replace(" ", ", "),
            "forced writes a commit": forced_writes_a_commit(mode, level)}


def forced_writes_a_commit(journal_mode: str, synchronous: str, *, transfers: int = 100) -> float:
    """Waits for the disk, of file and directory, that one transfer costs with SQLite's usual checkpoints."""
    rows = operations(journal_mode, synchronous, transfers=transfers, checkpoint=USUAL)
    return round(sum("sync" in row["what"] for row in rows) / transfers, 2)
