"""A folder for a lesson's own databases."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from splitbrain.messaging.folders import STALE_SECONDS, local_folders
from splitbrain.messaging.local import start_watcher


def scratch(lesson: str) -> Path:
    """A new folder on a local disk, gone when the kernel is, however it ends.

    A process of its own looks after it; what that one could not remove (the power went) goes the next time. A
    network home will not do: SQLite's write-ahead log fails there.

    Parameters
    ----------
    lesson : str
        Part of the folder's name: ``01_acid``.

    Raises
    ------
    OSError
        No local folder can be written.
    RedisError
        The process that looks after it cannot be started.
    """
    base = next(local_folders(), None)
    if base is None:
        raise OSError("there is no local folder for a lesson's databases: set TMPDIR to one that can be written")
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sweep(base)
    folder = Path(tempfile.mkdtemp(prefix=f"lesson-{lesson}-", dir=base))
    atexit.register(_remove, os.getpid(), start_watcher(folder, []), folder)
    return folder


def _remove(owner: int, watching, folder: Path) -> None:
    """Not in a process that was forked off: the folder is its parent's."""
    if os.getpid() == owner:
        watching.stdin.close()
        shutil.rmtree(folder, ignore_errors=True)
        watching.wait()


def _sweep(base: Path) -> None:
    for lock in base.glob("lesson-*/lock"):
        with suppress(OSError), open(lock, "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # refused while somebody looks after it
            if time.time() - lock.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(lock.parent, ignore_errors=True)
