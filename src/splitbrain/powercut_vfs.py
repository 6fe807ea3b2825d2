"""How SQLite reaches the disk that forgets: a directory, open files and connections, for APSW.

`Disk` in `powercut.py` holds the files and decides what a cut takes; here is only what SQLite's virtual file system
interface asks for (sqlite.org/vfs.html). APSW looks the methods up by name.
"""

from __future__ import annotations

import itertools

import apsw

SECTOR = 512        # bytes; what is written whole or not at all
_numbers = itertools.count()


class PowerCut(Exception):
    """The power is gone. What was acknowledged is done; of the rest nobody knows."""

    def __init__(self, message="the power was cut: this connection is dead, open the database again with disk.connect"):
        super().__init__(message)


def set_pragma(db: apsw.Connection, pragma: str, value: str) -> None:
    answer = db.pragma(pragma, value)
    if pragma == "synchronous":
        levels = ("off", "normal", "full", "extra")
        if value not in levels:
            raise ValueError(f"synchronous is off, normal, full or extra, not {value!r}")
        answer = levels[db.pragma(pragma)]
    if answer != value:
        raise ValueError(f"SQLite keeps {pragma} {answer!r} when asked for {value!r}")


class Connection(apsw.Connection):
    """A connection that knows when it is dead, although SQLite could still answer from its cache."""

    disk, boot = None, 0

    @property
    def dead(self) -> bool:
        return self.disk is not None and self.boot != self.disk._boot

    def _alive(self) -> None:
        if self.dead:
            raise PowerCut

    def execute(self, *args, **options):
        self._alive()
        return super().execute(*args, **options)

    def executemany(self, *args, **options):
        self._alive()
        return super().executemany(*args, **options)

    def __enter__(self):
        self._alive()
        return super().__enter__()

    def __exit__(self, etype, evalue, traceback):
        if etype is PowerCut:
            return False
        try:
            return super().__exit__(etype, evalue, traceback)
        except apsw.Error:
            self._alive()           # SQLite's own words for a commit that met the cut are "SQL logic error"
            raise

    def close(self, force: bool = False) -> None:
        try:
            super().close(force)
        except Exception:
            if not self.dead:
                raise

    def __del__(self):
        self.close()


class Vfs(apsw.VFS):
    """SQLite's view of a disk: its directory."""

    def __init__(self, disk):
        self.disk, self.vfs_name = disk, f"splitbrain-disk-{next(_numbers)}"
        super().__init__(self.vfs_name, "")

    def xOpen(self, name, flags):
        return Handle(self.disk, name.filename() if isinstance(name, apsw.URIFilename) else name, flags)

    def xDelete(self, name, syncdir):
        disk = self.disk
        if name not in disk._names:
            error = apsw.IOError(f"no file {name}")
            error.extendedresult = apsw.SQLITE_IOERR_DELETE_NOENT
            raise error
        disk._operation("delete", name)
        del disk._names[name]
        if syncdir:
            disk._sync_directory()

    def xAccess(self, name, flags):
        return name in self.disk._names

    def xFullPathname(self, name):
        return name

    def excepthook(self, etype, evalue, traceback):
        return etype is PowerCut


class Handle:
    """SQLite's view of one open file."""

    def __init__(self, disk, name: str | None, flags: list[int]):
        self.disk, self.name, self.boot = disk, name, disk._boot
        self.file = disk._open(name)
        # As os_unix.c: the first sync of a new journal or log also syncs the directory it was made in.
        journals = apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_SUPER_JOURNAL
        self.directory_too = bool(flags[0] & apsw.SQLITE_OPEN_CREATE and flags[0] & journals)
        flags[1] = flags[0]

    def _alive(self) -> None:
        if self.boot != self.disk._boot:
            raise PowerCut

    def xRead(self, amount, offset):
        self._alive()
        return bytes(self.file.now[offset:offset + amount])

    def xWrite(self, data, offset):
        self._change(offset, bytes(data))

    def xTruncate(self, size):
        self._change(size, None)

    def _change(self, offset, data):
        self._alive()
        if self.name is not None:
            self.disk._operation("truncate" if data is None else "write", self.name, len(data or b""))
        self.file.change(offset, data)

    def xSync(self, flags):
        self._alive()
        self.disk._operation("sync", self.name or "")
        self.file.sync()
        if self.directory_too:
            self.disk._sync_directory()
            self.directory_too = False

    def xFileSize(self):
        self._alive()
        return len(self.file.now)

    def xClose(self):
        self.xUnlock(apsw.SQLITE_LOCK_NONE)

    def xSectorSize(self):
        return SECTOR

    def xDeviceCharacteristics(self):
        return apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE

    def xFileControl(self, op, pointer):
        return False

    def _others(self) -> list[int]:
        return [level for handle, level in self._held().items() if handle != id(self)]

    def _held(self) -> dict[int, int]:
        return self.disk._locks.setdefault(self.name or "", {})

    def xLock(self, level):
        self._alive()
        highest = max(self._others(), default=apsw.SQLITE_LOCK_NONE)
        if level == apsw.SQLITE_LOCK_EXCLUSIVE:
            refused = highest > apsw.SQLITE_LOCK_NONE
        elif level == apsw.SQLITE_LOCK_SHARED:
            refused = highest >= apsw.SQLITE_LOCK_PENDING
        else:
            refused = highest >= apsw.SQLITE_LOCK_RESERVED
        if refused:
            raise apsw.BusyError("another connection holds the lock")
        self._held()[id(self)] = level

    def xUnlock(self, level):
        if self.boot == self.disk._boot:
            self._held()[id(self)] = level
            if level == apsw.SQLITE_LOCK_NONE:
                self._held().pop(id(self))

    def xCheckReservedLock(self):
        self._alive()
        return any(level >= apsw.SQLITE_LOCK_RESERVED for level in self._held().values())
