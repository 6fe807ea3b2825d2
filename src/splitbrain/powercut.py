"""A disk that forgets: real SQLite, over a disk that loses on a power cut whatever was not synced.

When a program writes, the operating system keeps the bytes in memory and says "done". Killing the program
loses none of them: the kernel has them. A power cut takes the kernel's memory too, and what is left is what was
forced (`fsync`) and a random part of the rest. This module is that disk, as an APSW virtual file system: SQLite's
own code runs on top, unchanged, and decides with its ``journal_mode`` and ``synchronous`` when to force.

Files are held in memory, not in a folder: a cut then costs two milliseconds instead of a dozen real forced
writes, leaves nothing behind, and forgets the same on every machine, whatever file system lies below.

The price is that APSW carries an SQLite of its own, so this disk can not lie under the standard library's
`sqlite3`, and that it has no shared memory: in WAL mode a database has one connection at a time.

References
----------
.. [1] sqlite.org/atomiccommit.html, sections 2 (what a disk may do), 3 (the rollback journal), 9 (what can go wrong).
.. [2] sqlite.org/pragma.html#pragma_synchronous and #pragma_journal_mode.
.. [3] sqlite.org/wal.html, section 2.3 (performance, and what NORMAL gives up).
.. [4] T. S. Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014: unsynced writes, growth and names are
   forgotten independently of each other, and differently on each file system.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random

import apsw

from splitbrain.powercut_vfs import SECTOR, Connection, PowerCut, Vfs, set_pragma

WRITES, TEARS, GROWTH, NAMES = "writes", "tears", "growth", "names"
EVERYTHING = frozenset((WRITES, TEARS, GROWTH, NAMES))


@dataclass(slots=True)
class _File:
    """What a file holds for the running system, what of it the platter holds, and the changes in between."""

    now: bytearray = field(default_factory=bytearray)
    platter: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def change(self, offset: int, data: bytes | None) -> None:
        _apply(self.now, offset, data)
        self.pending.append((offset, data))

    def sync(self) -> None:
        self.platter = bytearray(self.now)
        self.pending.clear()


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    """Write `data` at `offset`, filling a gap with zeros; ``data=None`` truncates there."""
    if data is None:
        del content[offset:]
        return
    content.extend(bytes(max(0, offset - len(content))))
    content[offset:offset + len(data)] = data


class Disk:
    """A disk, and the SQLite databases on it.

    Parameters
    ----------
    seed : int
        Decides what a power cut takes. The same seed and the same statements lose the same things.
    forgets : iterable of str
        What an unsynced change can lose, to look at one kind at a time; everything by default.
        ``writes``: any of them, in any order. ``tears``: of a longer write only some 512-byte sectors arrive.
        ``growth``: the file has its new length, and zeros where the bytes were. ``names``: a file that was made
        or deleted has the old state back, if its directory was not synced.
    files : mapping of str to bytes
        What is on the platter to begin with.

    Attributes
    ----------
    writes, syncs, directory_syncs : int
        How often that was asked of the disk so far; deletions and truncations count as writes. A forced write is a
        sync of a file or of a directory.
    damage : list of dict
        What the last cut took, a row each: ``file``, ``what``, ``bytes``.
    log : list of dict
        Everything that was asked of the disk, in order, a row each: ``file``, ``what`` (``write``, ``truncate``,
        ``sync``, ``delete``, ``sync directory``), ``bytes``.

    Notes
    -----
    A sector is written whole or not at all, and writing it does not hurt its neighbours (the unix VFS assumes as
    much: ``SQLITE_IOCAP_POWERSAFE_OVERWRITE``). What was synced stays: this disk does not rot, and does not lie.

    Examples
    --------
    >>> disk = Disk(seed=1)
    >>> db = disk.connect("bank.db", synchronous="extra")
    >>> _ = db.execute("CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER)")
    >>> _ = db.execute("INSERT INTO account VALUES (1, 100)")
    >>> _ = disk.cut()
    >>> disk.connect("bank.db").execute("SELECT * FROM account").fetchall()
    [(1, 100)]
    """

    def __init__(self, *, seed: int = 0, forgets: Iterable[str] = EVERYTHING, files: Mapping[str, bytes] | None = None):
        self.forgets = frozenset(forgets)
        if unknown := self.forgets - EVERYTHING:
            raise ValueError(f"a disk forgets {', '.join(sorted(EVERYTHING))}, not {sorted(unknown)[0]!r}")
        self.writes = self.syncs = self.directory_syncs = 0
        self.damage: list[dict] = []
        self.log: list[dict] = []
        self._random = Random(seed)
        self._names = {name: _File(bytearray(data), bytearray(data)) for name, data in (files or {}).items()}
        self._platter_names = dict(self._names)
        self._locks: dict[str, dict[int, int]] = {}
        self._boot = 0
        self._left: int | None = None
        self._vfs = Vfs(self)

    def __repr__(self) -> str:
        return f"Disk({len(self._names)} files, {self.writes} writes, {self.forced_writes} forced)"

    @property
    def forced_writes(self) -> int:
        """Times that SQLite waited for the platter: syncs of files and of the directory."""
        return self.syncs + self.directory_syncs

    @property
    def files(self) -> dict[str, bytes]:
        """What the running system sees: name and content of every file."""
        return {name: bytes(file.now) for name, file in sorted(self._names.items())}

    @property
    def unsynced(self) -> int:
        """How many changes a power cut could take now."""
        names = self._names.keys() | self._platter_names.keys()
        moved = sum(self._names.get(name) is not self._platter_names.get(name) for name in names)
        return moved + sum(len(file.pending) for file in self._names.values())

    def connect(self, name: str, *, journal_mode: str | None = None, synchronous: str | None = None) -> apsw.Connection:
        """Open (or make) a database on this disk; after a cut SQLite recovers it here, if it can.

        Raises
        ------
        ValueError
            A journal mode or a level that SQLite does not know.
        apsw.Error
            The database does not open: a cut broke it.
        """
        db = Connection(name, vfs=self._vfs.vfs_name)
        db.disk, db.boot = self, self._boot
        try:
            if "wal" in ((journal_mode or "").lower(), self._mode_on_disk(name)):
                db.pragma("locking_mode", "exclusive")     # WAL without shared memory (wal.html, section 8)
            for pragma, value in (("journal_mode", journal_mode), ("synchronous", synchronous)):
                if value is not None:
                    set_pragma(db, pragma, value.lower())
        except BaseException:
            db.close()
            raise
        return db

    def _mode_on_disk(self, name: str) -> str:
        file = self._names.get(name)
        return "wal" if file and file.now[18:19] == b"\x02" else ""     # fileformat.html, section 1.3

    def cut(self, *, after: int | None = None) -> list[dict]:
        """Cut the power, and give it back: every open connection is dead, unsynced changes are partly gone.

        Parameters
        ----------
        after : int, optional
            Let this many more disk operations (writes, truncations, syncs, deletions) pass, then cut: the
            statement that asks for the next one raises `PowerCut`. Without it, cut now.

        Returns
        -------
        list of dict
            What was lost (`damage`); empty when the cut is still to come.
        """
        if after is None:
            return self._cut()
        if after < 0:
            raise ValueError("after counts disk operations from now on: 0 or more")
        self._left = after
        return []

    def settle(self) -> None:
        """Sync everything, as an orderly shutdown does."""
        for file in self._names.values():
            file.sync()
        self._platter_names = dict(self._names)

    def _open(self, name: str | None) -> _File:
        return _File() if name is None else self._names.setdefault(name, _File())

    def _operation(self, what: str, name: str = "", size: int = 0) -> None:
        if self._left is not None:
            if not self._left:
                self._cut()
                raise PowerCut
            self._left -= 1
        count = {"sync": "syncs", "sync directory": "directory_syncs"}.get(what, "writes")
        setattr(self, count, getattr(self, count) + 1)
        self.log.append({"file": name, "what": what, "bytes": size})

    def _sync_directory(self) -> None:
        self._operation("sync directory")
        self._platter_names = dict(self._names)

    def _cut(self) -> list[dict]:
        self._boot += 1
        self._left, self._locks, self.damage = None, {}, []
        drained = int(self._random.random() * 5) / 4        # how far the drive had got: nothing .. everything
        names = {}
        for name in sorted(self._names.keys() | self._platter_names.keys()):
            file = self._surviving(name, drained)
            if file is not None:
                names[name] = file
        for name, file in names.items():
            self._forget(name, file, drained)
        self._names, self._platter_names = names, dict(names)
        return self.damage

    def _surviving(self, name: str, drained: float) -> _File | None:
        new, old = self._names.get(name), self._platter_names.get(name)
        if new is old or self._arrives(NAMES, drained):
            return new
        what = "creation forgotten" if old is None else "deletion forgotten" if new is None else "old file is back"
        self._note(name, what, len((old or new).now))
        return old

    def _arrives(self, kind: str, drained: float) -> bool:
        drawn = self._random.random()           # drawn even if not needed: one kind switched off changes no other
        return kind not in self.forgets or drawn < drained

    def _note(self, name: str, what: str, size: int) -> None:
        self.damage.append({"file": name, "what": what, "bytes": size})

    def _forget(self, name: str, file: _File, drained: float) -> None:
        content, grows = file.platter, self._random.random() < 0.5 and GROWTH in self.forgets
        for offset, data in file.pending:
            if self._arrives(WRITES, drained):
                _apply(content, offset, data)
            elif data is None:
                self._note(name, "truncation lost", 0)
            else:
                self._tear(name, content, offset, data, grows)
        file.now, file.platter, file.pending = content, bytearray(content), []

    def _tear(self, name: str, content: bytearray, offset: int, data: bytes, grows: bool) -> None:
        """Lose a write, or all but some of its sectors; `grows`: the file's new length arrived, its bytes did not."""
        cuts = [0, *range(SECTOR - offset % SECTOR, len(data), SECTOR), len(data)]
        whole = self._arrives(TEARS, 0.5)
        kept = [self._random.random() < 0.5 for _ in cuts[1:]]
        if whole or len(kept) == 1:
            kept = [False] * len(kept)
        growth = max(0, offset + len(data) - len(content)) if grows else 0
        content.extend(bytes(growth))
        lost = 0
        for keep, start, end in zip(kept, cuts, cuts[1:], strict=False):
            if keep:
                _apply(content, offset + start, data[start:end])
            else:
                lost += end - start
        if lost:
            what = "write torn" if any(kept) else "write lost"
            self._note(name, what + (", zeros where the file grew" if growth else ""), lost)
