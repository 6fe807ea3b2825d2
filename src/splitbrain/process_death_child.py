"""The process that is killed: run as a script of its own by `process_death.py`, never imported.

It commits the transactions it is given to a real file through SQLite's own unix VFS, writes each one's number to its
standard output once the commit has returned, and when the operation comes at which it is to die, says ``!`` and waits
for the SIGKILL. It imports next to nothing, so that starting it costs some tens of milliseconds.
"""

import json
import os
import signal
import sys

SPEC = json.loads(sys.argv[1])
sys.path.append(SPEC["apsw"])       # started with -S: no site-packages
import apsw  # noqa: E402

left = None


def operation():
    """Called before each write, truncation, sync and deletion: here is where the process can die."""
    global left
    if left == 0:
        os.write(1, b"!\n")
        os.read(0, 1)               # returns only if the parent is gone
        os._exit(1)
    if left is not None:
        left -= 1


class File(apsw.VFSFile):
    """A file of the operating system whose changes are counted, and one of which may be the last."""

    def __init__(self, name, flags):
        super().__init__("unix", name, flags)

    def xWrite(self, data, offset):
        operation()
        super().xWrite(data, offset)

    def xTruncate(self, size):
        operation()
        super().xTruncate(size)

    def xSync(self, flags):
        operation()
        super().xSync(flags)


class Watched(apsw.VFS):
    def __init__(self):
        super().__init__("watched", "unix")

    def xOpen(self, name, flags):
        return File(name, flags)

    def xDelete(self, name, syncdir):
        operation()
        super().xDelete(name, syncdir)


def main():
    global left
    signal.alarm(60)                # nobody waits for ever for a process that hangs
    vfs = Watched()
    db = apsw.Connection(SPEC["database"], vfs="watched")
    if SPEC["journal_mode"] == "wal":
        db.pragma("locking_mode", "exclusive")      # APSW files have no shared memory
    db.pragma("journal_mode", SPEC["journal_mode"])
    db.pragma("synchronous", SPEC["synchronous"])
    db.pragma("wal_autocheckpoint", 6)
    db.execute("SELECT count(*) FROM account").fetchall()
    left = SPEC["die_at"]
    for number, statements in SPEC["transactions"]:
        db.execute("BEGIN IMMEDIATE")
        for sql, values in statements:
            db.execute(sql, values)
        db.execute("COMMIT")
        os.write(1, b"%d\n" % number)
    os.write(1, b"operations %d\n" % (SPEC["die_at"] - left))
    db.close()
    del vfs


main()
