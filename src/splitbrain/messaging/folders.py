"""Where a server, or a lesson's database, may keep its files: on a local disk, never on a network home."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import platformdirs
import psutil

from splitbrain.messaging.errors import RedisError

NETWORK = ("nfs", "cifs", "smb", "afs", "9p", "fuse.sshfs", "lustre", "ceph", "gpfs", "beegfs", "glusterfs", "webdav")
MEMORY = ("tmpfs", "ramfs")
# sun_path is 104 bytes on macOS and 108 on Linux, the closing zero included.
LONGEST_SOCKET = 103
STALE_SECONDS = 60
ROOM_BYTES = 65_536


def disk_kind(path: Path) -> str:
    """Type of the file system that holds `path`, existing or not: ``ext4``, ``apfs``, ``tmpfs``, ``nfs4`` ...

    ``unknown`` where the operating system does not say.
    """
    path = Path(os.path.realpath(path))
    mounts = {Path(part.mountpoint): part.fstype for part in psutil.disk_partitions(all=True)}
    return next((mounts[folder] for folder in (path, *path.parents) if folder in mounts), "") or "unknown"


def is_network(kind: str) -> bool:
    """Whether a file system of this kind lives on another machine, where SQLite's WAL and sockets fail."""
    return kind.lower().startswith(NETWORK)


def is_memory(kind: str) -> bool:
    """Whether a file system of this kind is memory that is called a disk."""
    return kind.lower() in MEMORY


def local_folders() -> Iterator[Path]:
    """Folders for files that need a local disk, best first: the user's cache, the temporary folder, ``/tmp``."""
    candidates = [platformdirs.user_cache_path("splitbrain"), Path(tempfile.gettempdir()), Path("/tmp")]
    for folder in dict.fromkeys(candidates):
        if not is_network(disk_kind(folder)):
            yield folder


def make_private_folder(asked: Path | str | None, *, socket: str | None = None) -> Path:
    """A new folder that only this user can enter, on a local disk with room.

    Parameters
    ----------
    asked : path, optional
        Where to make it; without it in the first of `local_folders` that will do.
    socket : str, optional
        Name of a Unix socket that will stand in it; the whole path has to be short enough for one.

    Raises
    ------
    RedisError
        None of the folders will do, with the reason for each.
    """
    reasons = []
    for base in [Path(asked).absolute()] if asked else local_folders():
        if socket and len(os.fsencode(base / "redis-12345678" / socket)) > LONGEST_SOCKET:
            reasons.append(f"{base}: too long a name for a Unix socket")
            continue
        try:
            return _make_in(base)
        except OSError as error:
            reasons.append(f"{base}: {error.strerror}")
    raise RedisError(
        f"There is no folder for the server's files ({'; '.join(reasons)}). "
        "Make room there, or set TMPDIR to a local folder that can be written."
    )


def _make_in(base: Path) -> Path:
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sweep(base)
    home = Path(tempfile.mkdtemp(prefix="redis-", dir=base))
    try:
        # A folder can often be made on a full disk where a file has no room any more.
        write_private(home / "room", "#" * ROOM_BYTES)
        (home / "room").unlink()
    except BaseException:  # interrupted, as well
        shutil.rmtree(home, ignore_errors=True)
        raise
    return home


def _sweep(base: Path) -> None:
    """Remove what a power cut left behind: old folders of this user whose lock nobody holds."""
    for lock in base.glob("redis-*/lock"):
        with suppress(OSError), open(lock, "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if time.time() - lock.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(lock.parent, ignore_errors=True)


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user can read, from its first byte on."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
