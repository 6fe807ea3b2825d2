"""A folder for a lesson's own databases."""

from __future__ import annotations

import atexit
import fcntl
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from splitbrain.messaging.folders import STALE_SECONDS, local_folders

_locks = []         # open for as long as this process lives


def scratch(lesson: str) -> Path:
    """A new folder on a local disk, gone when the kernel ends; what a killed kernel left goes the next time.

    A network home will not do: SQLite's write-ahead log fails there.

    Parameters
    ----------
    lesson : str
        Part of the folder's name: ``01_acid``.

    Raises
    ------
    OSError
        No local folder can be written.
    """
    base = next(local_folders(), None)
    if base is None:
        raise OSError("there is no local folder for a lesson's databases: set TMPDIR to one that can be written")
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sweep(base)
    folder = Path(tempfile.mkdtemp(prefix=f"lesson-{lesson}-", dir=base))
    lock = open(folder / "lock", "w")       # noqa: SIM115  (held until the process ends)
    fcntl.flock(lock, fcntl.LOCK_EX)
    _locks.append(lock)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _sweep(base: Path) -> None:
    for lock in base.glob("lesson-*/lock"):
        with suppress(OSError), open(lock, "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)        # refused while its process lives
            if time.time() - lock.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(lock.parent, ignore_errors=True)
