"""Every moment at which a process may die, from one run of the code under test.

Before each statement that reaches SQLite, whoever sends it and however, the files are copied as they are: that is what
a process killed at this moment leaves behind. Nothing is raised into the code under test, so no ``except`` of its
own can tidy up what a dead process would not. Opening the copy is the recovery.
"""

from __future__ import annotations

import inspect
import sqlite3
import tempfile
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from splitbrain.course.feedback import Wrong

_ENDINGS = ("", "-journal", "-wal")
_MOST = 2_000       # moments; code that sends more than that is stopped by the watchdog, not by our memory


@dataclass(frozen=True, slots=True)
class Moment:
    """What the files held between two statements.

    Attributes
    ----------
    number : int
        Of the statement that comes next, from 1.
    previous, statement : str
        The statement before, and the one that comes next; "" where there is none.
    files : dict of str to bytes
        Contents by the ending of the name: "", "-journal", "-wal".
    """

    number: int
    previous: str
    statement: str
    files: dict[str, bytes] = field(repr=False)

    @property
    def committed(self) -> tuple[bytes, bytes]:
        """Tells two moments apart that differ in what a new process would see."""
        return self.files.get("", b""), self.files.get("-wal", b"")

    def __str__(self) -> str:
        if not self.statement:
            return "right after its end"
        if not self.previous:
            return f"before its first statement, `{self.statement}`"
        return f"between its statements {self.number - 1}, `{self.previous}`, and {self.number}, `{self.statement}`"


class Recorder:
    """A folder of databases for one check, gone at its end: ``with Recorder() as recorder``."""

    def __init__(self):
        self._numbers = count()

    def __enter__(self) -> Recorder:
        self._scratch = tempfile.TemporaryDirectory(prefix="splitbrain-check-", ignore_cleanup_errors=True)
        self._open: list[sqlite3.Connection] = []
        return self

    def __exit__(self, *_) -> None:
        for db in self._open:
            db.close()
        self._scratch.cleanup()

    def create(self, script: str) -> Moment:
        """A database made by this script, as the files of a moment to start from."""
        path = self._path()
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA synchronous = OFF")
            db.executescript(script)
        return Moment(0, "", "", _read(path))

    def connect(self, path: Path, **options: Any) -> sqlite3.Connection:
        """A connection that is closed with the recorder at the latest.

        It waits for no disk: to die is not to lose power, and a check runs hundreds of commits.
        """
        db = sqlite3.connect(path, **options)
        db.execute("PRAGMA synchronous = OFF")
        db.set_progress_handler(lambda: 0, 100_000)     # a query without end comes back to Python: it can be stopped
        self._open.append(db)
        return db

    def restore(self, moment: Moment) -> Path:
        """The files of a moment in a place of their own."""
        path = self._path()
        for ending, content in moment.files.items():
            path.with_name(path.name + ending).write_bytes(content)
        return path

    def look(self, moment: Moment, read: Callable[[sqlite3.Connection], Any]) -> Any:
        """What a new process finds that opens the database after dying at this moment."""
        with closing(sqlite3.connect(self.restore(moment))) as db:
            db.execute("PRAGMA synchronous = OFF")
            try:
                return read(db)
            except sqlite3.DatabaseError as error:
                raise Wrong("A new process opens the file and does not find the tables as they were given.",
                            expected="the given tables, readable", got=f"{error}, {moment}") from None

    def run(self, start: Moment, *, only_end: bool = False) -> Run:
        """``with recorder.run(start) as run: answer(run.db)``, then `Run.moments`; or the last of them only."""
        path = self.restore(start)
        return Run(path, self.connect(path), only_end)

    def _path(self) -> Path:
        return Path(self._scratch.name, f"{next(self._numbers)}.db")


class Run:
    """One run of the code under test on a connection as ``sqlite3.connect(path)`` gives it.

    Attributes
    ----------
    db : sqlite3.Connection
        For the code under test.
    moments : list of Moment
        Before each statement, and after the end.
    left_open : bool
        A transaction was still open at the end.
    closed : bool
        The connection was closed.
    journal_mode : str
        At the end.
    passed_by : bool
        Something was committed by another connection.
    """

    def __init__(self, path: Path, db: sqlite3.Connection, only_end: bool = False):
        self.path, self.db, self.moments, self.left_open, self.closed = path, db, [], False, False
        self.journal_mode, self.passed_by = "", False
        self._only_end, self._began = only_end, self._version()

    def __enter__(self) -> Run:
        if not self._only_end:
            self.db.set_trace_callback(self._record)
        return self

    def __exit__(self, *_) -> None:
        try:
            self.db.set_trace_callback(None)
            self.left_open = self.db.in_transaction
            self.journal_mode = self._pragma("journal_mode")
            self.passed_by = self._version() != self._began and self._began[0] == self.journal_mode
        except sqlite3.ProgrammingError:
            self.closed = True
        self._record("")

    def _version(self) -> tuple[str, int]:
        """Changes with what others commit; and with the journal mode, after which it says nothing."""
        return self._pragma("journal_mode"), self._pragma("data_version")

    def _pragma(self, name: str) -> Any:
        cursor = self.db.cursor()
        cursor.row_factory = None       # the code under test may have set its own
        return cursor.execute(f"PRAGMA {name}").fetchone()[0]

    def _record(self, statement: str) -> None:
        if len(self.moments) < _MOST or not statement:
            previous = self.moments[-1].statement if self.moments else ""
            self.moments.append(Moment(len(self.moments) + 1, previous, _short(statement), _read(self.path)))

    @property
    def end(self) -> Moment:
        """What was there when the code under test had returned or raised."""
        return self.moments[-1]


def came_by(run: Run, result: Any) -> None:
    """Refuse what this way of looking cannot follow: other connections, no journal, a function that never ran."""
    if inspect.iscoroutine(result) or inspect.isgenerator(result):
        kind, word = ("a coroutine", "async") if inspect.iscoroutine(result) else ("a generator", "yield")
        result.close()
        raise Wrong(f"Calling your function runs none of its lines: it gives {kind}, because of the word `{word}`. "
                    "Here a plain `def` is wanted.", expected="a plain function", got=kind)
    if run.passed_by:
        raise Wrong("Something was committed by another connection than `db`. The check cuts before each statement of "
                    "`db`, so it could not follow you. Send everything by `db`.",
                    expected="statements sent by db", got="a change that db did not make")
    if run.journal_mode in ("off", "memory"):
        raise Wrong(f"Your function sets journal_mode to {run.journal_mode}, so no journal is on the disk. A process "
                    "that is killed in the middle of a COMMIT then leaves half of it, and nobody can undo that.",
                    expected="a journal mode that keeps a journal on the disk", got=run.journal_mode)


def _read(path: Path) -> dict[str, bytes]:
    files = {ending: path.with_name(path.name + ending) for ending in _ENDINGS}
    return {ending: file.read_bytes() for ending, file in files.items() if file.exists()}


def _short(statement: str) -> str:
    text = " ".join(statement.split())
    return text if len(text) <= 70 else text[:67] + "..."


def distinct(moments: Iterable[Moment]) -> list[Moment]:
    """One moment for each state that a new process could find."""
    return list({moment.committed: moment for moment in reversed(list(moments))}.values())[::-1]
