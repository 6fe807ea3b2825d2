"""A process that is killed in the middle of a commit, and what its database says afterwards.

A real child process commits transfers to a real SQLite file and acknowledges each over a pipe. At a chosen disk
operation inside a commit it is killed with SIGKILL, which it can neither catch nor delay. Then the file is opened
again, by the standard library's `sqlite3`, and examined as after a power cut.

Nothing acknowledged is ever missing, at any setting, ``synchronous=off`` included: what the process had written, the
kernel has, and the kernel did not die. What the journal or the log is for shows all the same: the transaction that was
cut in half is gone without a trace. `durability.py` cuts the power instead, and there the settings differ.

The moments are chosen, not timed: the child stops before the operation it is to die at and says so, so each kill lands
where it was meant to, on a slow machine as well.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

from splitbrain.durability import JOURNAL_MODES, LEVELS, SCHEMA, examine_bank, statements

CHILD = Path(__file__).with_name("process_death_child.py")


@dataclass(frozen=True, slots=True)
class Death:
    """What one SIGKILL did.

    Attributes
    ----------
    operation : int
        Disk operations (writes, truncations, syncs, deletions) that the child had done when it was killed.
    acknowledged : int
        Transfers whose commit had returned.
    lost : int or None
        How many of these are gone; None where the database is too broken to tell.
    corrupt : str
        "" or what is wrong with the database.
    unfinished : bool
        The kill left half a transaction in the files: a journal to roll back, or log records without a commit.
    """

    operation: int
    acknowledged: int
    lost: int | None
    corrupt: str
    unfinished: bool


def campaign(journal_mode: str, synchronous: str, *, kills: int = 10, transfers: int = 4, seed: int = 0) -> list[Death]:
    """Start `kills` processes and kill each in mid-commit.

    Parameters
    ----------
    journal_mode : {"delete", "truncate", "persist", "wal"}
    synchronous : {"off", "normal", "full", "extra"}
    kills : int
        Each at an operation drawn from those of `transfers` commits.
    transfers : int
        Commits that each child would make if it were left alone.

    Raises
    ------
    ValueError
        A setting that SQLite does not have.
    RuntimeError
        The child ended by itself; with what it said.
    """
    if journal_mode not in JOURNAL_MODES or synchronous not in LEVELS:
        raise ValueError(f"journal mode is one of {', '.join(JOURNAL_MODES)} and synchronous one of {', '.join(LEVELS)}"
                         f", not {journal_mode!r} and {synchronous!r}")
    random, setting = Random(seed), (journal_mode, synchronous, transfers)
    with tempfile.TemporaryDirectory(prefix="splitbrain-") as folder:
        operations, _ = _run(_create(Path(folder, "whole.db"), journal_mode), *setting)
        moments = [int(random.random() * operations) for _ in range(kills)]
        return [_kill(Path(folder, f"{number}.db"), *setting, moment) for number, moment in enumerate(moments)]


def process_death_table(journal_modes: Iterable[str] = ("delete", "wal"), levels: Iterable[str] = LEVELS, *,
                        kills: int = 10, seed: int = 0) -> list[dict]:
    """One row a setting: acknowledged commits, how many of them a SIGKILL lost, databases that broke."""
    levels = list(levels)
    return [_row(mode, level, campaign(mode, level, kills=kills, seed=seed))
            for mode in journal_modes for level in levels]


def _row(mode: str, level: str, deaths: list[Death]) -> dict:
    return {"journal mode": mode, "synchronous": level, "kills": len(deaths),
            "half a transaction found": sum(d.unfinished for d in deaths),
            "commits acknowledged": sum(d.acknowledged for d in deaths),
            "commits lost": sum(d.lost or 0 for d in deaths),
            "kills that corrupted": sum(bool(d.corrupt) for d in deaths)}


def _create(path: Path, journal_mode: str) -> Path:
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA journal_mode = {journal_mode}")
        for sql in SCHEMA:
            db.execute(sql)
        db.commit()
    return path


def _kill(path: Path, journal_mode: str, synchronous: str, transfers: int, operation: int) -> Death:
    _create(path, journal_mode)
    _, acknowledged = _run(path, journal_mode, synchronous, transfers, operation)
    unfinished = _half_a_transaction(path)
    try:
        with closing(sqlite3.connect(path)) as db:
            lost, corrupt = examine_bank(db, acknowledged)
    except sqlite3.Error as error:
        lost, corrupt = None, f"{type(error).__name__}: {error}"
    return Death(operation, acknowledged, lost, corrupt, unfinished)


def _run(path: Path, journal_mode: str, synchronous: str, transfers: int, die_at: int = 1_000_000) -> tuple[int, int]:
    """Run a child until it is done or, at operation `die_at`, killed; operations done, transfers acknowledged."""
    command = _command(path, journal_mode, synchronous, transfers, die_at)
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, text=True, **pipes) as child:
        try:
            for acknowledged, line in enumerate(child.stdout):
                if line == "!\n":
                    return die_at, acknowledged
                if line.startswith("operations "):
                    return int(line.split()[1]), acknowledged
        finally:
            child.kill()            # SIGKILL; the one moment that this module is about
        raise RuntimeError(f"the child that was to be killed ended by itself: {child.stderr.read().strip()}")


def _command(path: Path, journal_mode: str, synchronous: str, transfers: int, die_at: int) -> list[str]:
    import apsw

    specification = {"apsw": str(Path(apsw.__file__).parent.parent), "database": str(path), "die_at": die_at,
                     "journal_mode": journal_mode, "synchronous": synchronous,
                     "transactions": [(number, statements(number)) for number in range(1, transfers + 1)]}
    return [sys.executable, "-I", "-S", str(CHILD), json.dumps(specification)]


def _half_a_transaction(path: Path) -> bool:
    journal, log = (path.with_name(path.name + ending) for ending in ("-journal", "-wal"))
    if journal.exists():
        return any(journal.read_bytes()[:1])        # a header of zeros, or none: finished (fileformat.html, section 3)
    return log.exists() and _ends_without_commit(log.read_bytes())


def _ends_without_commit(log: bytes) -> bool:
    """Whether the valid frames of a write-ahead log end in one that is no commit (fileformat.html, section 4.1)."""
    page = int.from_bytes(log[8:12], "big")
    unfinished = False
    for start in range(32, len(log), 24 + page):
        if log[start + 8:start + 16] != log[16:24]:     # salts of an earlier use of the file
            break
        unfinished = log[start + 4:start + 8] == bytes(4)
    return unfinished
