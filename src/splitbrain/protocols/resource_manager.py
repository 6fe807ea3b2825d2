"""A resource manager with XA's verbs, over SQLite, which has no PREPARE of its own.

    start -> (read, add)* -> end -> prepare -> commit or rollback
                                 \\-> commit(one_phase=True)

A branch (one participant's part of a global transaction) is in memory until it is over. To prepare it is to keep a row
of `branch`: that it is prepared, whom to ask, and for each key that it will change the balance that this will have.
Such a key is locked for as long as the row says prepared. So the vote, its locks and its redo survive a crash together,
and a vote writes one page.

X/Open CAE Specification, "Distributed Transaction Processing: The XA Specification", 1991, chapters 2 (states) and 5
(verbs); J. Gray and A. Reuter, "Transaction Processing", 1993, section 10.4 (what a resource manager has to do).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

ACTIVE, IDLE = "active", "idle"  # in memory only: a crash rolls such a branch back
PREPARED = "prepared"  # in memory and in the tables, from which a restart takes it
COMMITTED, ABORTED = "committed", "aborted"  # in the table
HEURISTIC = {"commit": "heuristically committed", "abort": "heuristically aborted"}
YES, NO, READ = "yes", "no", "read"  # what `prepare` answers: XA_OK, XA_RB*, XA_RDONLY
RECORDS = frozenset({"prepare", "commit", "abort"})

_TABLES = (
    "CREATE TABLE account (key TEXT PRIMARY KEY, balance INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE branch (xid TEXT PRIMARY KEY, state TEXT NOT NULL, ask TEXT, balances TEXT) WITHOUT ROWID",
)


class XAError(Exception):
    """A verb that this branch cannot take: unknown (XAER_NOTA), known already (XAER_DUPID), too early or too late
    (XAER_PROTO), or a key that another branch has locked."""


@dataclass
class Branch:
    """A branch that is not over. `balances` is what it will write, `keys` what it has locked, shared or not."""

    state: str = ACTIVE
    balances: dict[str, int] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)


def create(db: Any, accounts: Mapping[str, int]) -> None:
    """Make the tables, and accounts with these balances."""
    for table in _TABLES:
        db.execute(table)
    for key, balance in sorted(accounts.items()):
        db.execute("INSERT INTO account VALUES (?, ?)", (key, balance))


class ResourceManager:
    """Branches of global transactions on the accounts of one database.

    Locks are strict and two-phase: shared to read, exclusive to change, held to the end (shared ones to the vote, after
    which a branch does no work). Nobody waits for one: a key that is taken is an `XAError`, so there is no deadlock.

    Parameters
    ----------
    store
        What has ``db.execute(sql, values)`` and ``transaction(forced=...)``: a `Node`, or a
        `splitbrain.protocols.group_commit.File`.
    forced : collection of str
        Which of its records, ``prepare``, ``commit`` and ``abort``, wait for the disk.
    leaves_after_reading : bool
        Whether a branch that changed nothing is over with its vote, and leaves no record.

    Notes
    -----
    What became of a branch is kept: on a network that duplicates messages, one that comes late must not begin it again.
    """

    def __init__(self, store: Any, *, forced: Iterable[str] = RECORDS, leaves_after_reading: bool = True):
        self.store, self.forced, self.leaves_after_reading = store, frozenset(forced), leaves_after_reading
        self.branches: dict[str, Branch] = {}
        self.locks: dict[str, set[str]] = {}  # key: the branches that share it
        self.exclusive: dict[str, str] = {}
        self._recover()

    # Work.

    def start(self, xid: str) -> None:
        """Begin a branch."""
        if self.state(xid) is not None:
            raise XAError(f"XAER_DUPID: {xid} is {self.state(xid)} here")
        self.branches[xid] = Branch()

    def read(self, xid: str, key: str) -> int:
        """The balance of a key, as this branch sees it; locks it, shared."""
        branch = self._working(xid)
        self._lock(xid, key)
        if key in branch.balances:
            return branch.balances[key]
        found = self._all("SELECT balance FROM account WHERE key = ?", (key,))
        if not found:
            raise XAError(f"there is no account {key!r} here")
        return found[0][0]

    def add(self, xid: str, key: str, amount: int) -> int:
        """Change a balance by so much; locks the key. No balance may be below 0 when the branch is to prepare."""
        balance = self.read(xid, key) + amount
        self._lock(xid, key, exclusive=True)
        self.branches[xid].balances[key] = balance
        return balance

    def end(self, xid: str) -> None:
        """The branch does no more work."""
        self._working(xid).state = IDLE

    # The protocol.

    def prepare(self, xid: str, ask: str = "") -> str:
        """Vote. After ``yes`` the branch can be committed, and can be rolled back, whatever happens in between.

        ``no`` rolls it back, ``read`` says that it changed nothing: such a branch is over. For a branch that is not
        known (any more) the vote is no. `ask` is kept beside the vote: who can tell the decision.
        """
        state = self.state(xid)
        if state == PREPARED:
            return YES
        if state != IDLE:
            if state in (None, ACTIVE):
                self.rollback(xid)
            return NO
        branch = self.branches[xid]
        if any(balance < 0 for balance in branch.balances.values()):
            self.rollback(xid)
            return NO
        leaves = self.leaves_after_reading and not branch.balances
        if not leaves:
            with self._record("prepare"):
                self._run("INSERT INTO branch VALUES (?, ?, ?, ?)", (xid, PREPARED, ask, json.dumps(branch.balances)))
        self._release(xid, branch.keys - branch.balances.keys())
        if leaves:
            del self.branches[xid]
            return READ
        branch.state = PREPARED
        return YES

    def commit(self, xid: str, *, one_phase: bool = False) -> str:
        """Make its changes. Returns the state that the branch is in afterwards.

        With `one_phase` an idle branch votes and decides at once: right only where there is no other participant.
        """
        if one_phase and self.state(xid) == IDLE:
            return self._commit_at_once(xid)
        state = self.state(xid)
        if state == PREPARED:
            return self._settle(xid, "commit", COMMITTED)
        if state == COMMITTED or state in HEURISTIC.values() or one_phase and state == ABORTED:
            return state
        raise XAError(f"XAER_NOTA: told to commit {xid}, which is {state or 'unknown'} here")

    def rollback(self, xid: str) -> str:
        """Undo the branch. Returns the state that it is in afterwards. One that is not known is never to vote yes."""
        state = self.state(xid)
        if state == PREPARED:
            return self._settle(xid, "abort", ABORTED)
        if state == COMMITTED:
            raise XAError(f"XAER_PROTO: told to roll {xid} back, which is committed here")
        if state in (None, ACTIVE, IDLE):
            with self._record("abort"):
                self._run("INSERT INTO branch (xid, state) VALUES (?, ?)", (xid, ABORTED))
            if state is not None:
                self._release(xid, self.branches.pop(xid).keys)
            return ABORTED
        return state

    def recover(self) -> dict[str, str]:
        """After a restart: the branches that are prepared, or were decided heuristically, and whom to ask."""
        return dict(self._all("SELECT xid, ask FROM branch WHERE state NOT IN (?, ?) ORDER BY xid",
                              (COMMITTED, ABORTED)))

    def decide_heuristically(self, xid: str, decision: str) -> str:
        """Commit or abort a prepared branch without being told, for somebody who cannot wait. It breaks the promise."""
        if self.state(xid) != PREPARED:
            raise XAError(f"XAER_PROTO: {xid} is {self.state(xid) or 'unknown'} here, not in doubt")
        return self._settle(xid, decision, HEURISTIC[decision])

    def forget(self, xid: str) -> None:
        """The coordinator knows of the heuristic decision: the branch is over."""
        for decision, state in (("commit", COMMITTED), ("abort", ABORTED)):
            if self.state(xid) == HEURISTIC[decision]:
                with self._record(decision):
                    self._run("UPDATE branch SET state = ? WHERE xid = ?", (state, xid))

    # Looking.

    def state(self, xid: str) -> str | None:
        """Active, idle, prepared, committed, ...; None if it is not known here."""
        if xid in self.branches:
            return self.branches[xid].state
        found = self._all("SELECT state FROM branch WHERE xid = ?", (xid,))
        return found[0][0] if found else None

    def whom_to_ask(self, xid: str) -> str:
        """What was kept beside the vote."""
        return self._all("SELECT ask FROM branch WHERE xid = ?", (xid,))[0][0]

    # Within.

    def _recover(self) -> None:
        for xid, kept in self._all("SELECT xid, balances FROM branch WHERE state = ? ORDER BY xid", (PREPARED,)):
            self.branches[xid] = Branch(PREPARED, json.loads(kept))
            self.exclusive |= dict.fromkeys(self.branches[xid].balances, xid)

    def _commit_at_once(self, xid: str) -> str:
        branch = self.branches[xid]
        if any(balance < 0 for balance in branch.balances.values()):
            return self.rollback(xid)
        with self._record("commit"):
            self._run("INSERT INTO branch (xid, state) VALUES (?, ?)", (xid, COMMITTED))
            for key, balance in branch.balances.items():
                self._run("UPDATE account SET balance = ? WHERE key = ?", (balance, key))
        self._release(xid, self.branches.pop(xid).keys)
        return COMMITTED

    def _settle(self, xid: str, decision: str, state: str) -> str:
        """End a prepared branch: its changes made or not, its locks gone with its state, in one transaction."""
        held = self.branches[xid].balances
        with self._record(decision):
            if decision == "commit":
                for key, balance in held.items():
                    self._run("UPDATE account SET balance = ? WHERE key = ?", (balance, key))
            self._run("UPDATE branch SET state = ? WHERE xid = ?", (state, xid))
        self._release(xid, held.keys())
        del self.branches[xid]
        return state

    def _working(self, xid: str) -> Branch:
        if self.state(xid) != ACTIVE:
            raise XAError(f"XAER_PROTO: {xid} is {self.state(xid) or 'unknown'} here, not at work")
        return self.branches[xid]

    def _lock(self, xid: str, key: str, *, exclusive: bool = False) -> None:
        holders = {self.exclusive.get(key, xid)} | (self.locks.get(key, set()) if exclusive else set())
        others = sorted(holders - {xid})
        if others:
            raise XAError(f"{key} is locked by {others[0]}")
        self.branches[xid].keys.add(key)
        if exclusive:
            self.exclusive[key] = xid
        else:
            self.locks.setdefault(key, set()).add(xid)

    def _release(self, xid: str, keys: Iterable[str]) -> None:
        for key in keys:
            self.locks.get(key, set()).discard(xid)
            if self.exclusive.get(key) == xid:
                del self.exclusive[key]

    def _record(self, kind: str) -> Any:
        return self.store.transaction(forced=kind in self.forced)

    def _run(self, sql: str, values: tuple = ()) -> Any:
        return self.store.db.execute(sql, values)

    def _all(self, sql: str, values: tuple = ()) -> list[tuple]:
        return self._run(sql, values).fetchall()
