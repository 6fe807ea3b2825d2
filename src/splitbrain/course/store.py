"""Where predictions, hints and outcomes are kept: one small SQLite file of the learner's.

It lies in ``SPLITBRAIN_HOME`` if that is set, else where the operating system keeps users' data. Whatever happens to
it, the lesson goes on: if it is damaged it is put aside and begun anew; if it cannot be written, what is new is kept
in memory until the kernel ends. Either is said once.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FILE = "course.sqlite"
_VERSION = 2
_SCHEMA = """
CREATE TABLE IF NOT EXISTS prediction (name TEXT PRIMARY KEY, answer TEXT NOT NULL, seconds REAL NOT NULL);
CREATE TABLE IF NOT EXISTS quiz (name TEXT NOT NULL, answer TEXT NOT NULL, is_right INTEGER NOT NULL,
                                 seconds REAL NOT NULL);
CREATE TABLE IF NOT EXISTS hint (exercise TEXT PRIMARY KEY, shown INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS attempt (exercise TEXT NOT NULL, outcome TEXT NOT NULL, seconds REAL NOT NULL);
CREATE TABLE IF NOT EXISTS finished (lesson TEXT PRIMARY KEY, seconds REAL NOT NULL);
"""

_lock = threading.RLock()  # a widget's callback may come on another thread
_in_memory: dict[Path, sqlite3.Connection] = {}


class _Newer(Exception):
    """The file was written by a newer version of the course."""


def home() -> Path:
    """The folder of the learner's data; it may not exist yet."""
    if chosen := os.environ.get("SPLITBRAIN_HOME"):
        return Path(chosen).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("splitbrain", appauthor=False))


def read(query: str, *values: Any) -> list[tuple]:
    """The rows of a query; none if the file cannot be read."""
    with _lock:
        return _run(query, values)


def write(statement: str, *values: Any) -> None:
    """Run one statement and keep its effect: on disk if possible, else in memory."""
    with _lock:
        _run(statement, values)


def now() -> float:
    """Seconds since the epoch; kept beside entries, never shown in a notebook."""
    return time.time()


def _run(statement: str, values: tuple) -> list[tuple]:
    path = home() / FILE
    if path not in _in_memory:
        try:
            return _on_disk(path, statement, values)
        except sqlite3.DatabaseError as error:
            if not _is_damaged(error):
                _to_memory(path, error)
            elif _put_aside(path, error):
                return _run(statement, values)
        except (OSError, _Newer) as error:
            _to_memory(path, error)
    with _in_memory[path] as connection:
        return connection.execute(statement, values).fetchall()


def _on_disk(path: Path, statement: str, values: tuple) -> list[tuple]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with _open(path) as connection, connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise _Newer("it was written by a newer version of this course")
        if version < _VERSION:
            connection.executescript(f"{_SCHEMA} PRAGMA user_version = {_VERSION};")
        return connection.execute(statement, values).fetchall()


@contextlib.contextmanager
def _open(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, timeout=2)  # no WAL: a home may lie on a network
    try:
        yield connection
    finally:
        connection.close()


def _is_damaged(error: sqlite3.DatabaseError) -> bool:
    if isinstance(error, sqlite3.OperationalError):  # locked, full, read-only ... or a table that is not there
        return "no such table" in str(error) or "no such column" in str(error)
    return True


def _put_aside(path: Path, error: Exception) -> bool:
    aside = path.with_suffix(".damaged")
    try:
        os.replace(path, aside)
    except OSError:
        _to_memory(path, error)
        return False
    _warn(f"{path} was damaged ({error}); it is now {aside.name}, and your progress begins anew.")
    return True


def _to_memory(path: Path, error: Exception) -> None:
    content = b""
    if not isinstance(error, _Newer):
        with contextlib.suppress(OSError):
            content = path.read_bytes()
    _in_memory[path] = _copy(content)
    _warn(f"Your predictions and progress cannot be kept in {path} ({error}). The lesson goes on; they last until "
          "this kernel ends. SPLITBRAIN_HOME can name another folder.")


def _copy(content: bytes) -> sqlite3.Connection:
    """What can still be read, in memory. Not by SQLite's backup, which waits for a lock without end."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    try:
        if content:
            connection.deserialize(content)
        connection.executescript(_SCHEMA)
    except sqlite3.Error:
        connection.close()
        return _copy(b"")
    return connection


def _warn(text: str) -> None:
    warnings.warn(text, RuntimeWarning, stacklevel=2)
