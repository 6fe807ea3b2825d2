"""What a client of real servers writes down of what it did: JSON lines that survive its own SIGKILL.

Every line is one `write` to a file opened for appending, made before the client goes on, so what the client had
written when it was killed, the kernel has. The shape is Jepsen's (`History.from_json_lines`), with lines of type
``note`` in between, which are no operations.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from splitbrain.records import History

EPOCH_NS = time.monotonic_ns()      # one for all processes of a kernel: the clock is the machine's


class Told:
    """How an operation ends. `result` is its answer; `fail` says that it certainly did not happen."""

    def __init__(self):
        self.result: Any = None
        self.failed = False

    def fail(self) -> None:
        """It certainly did not happen."""
        self.failed = True


class Recorder:
    """Appends what one process did to a file.

    Parameters
    ----------
    path : path
        The file; made if it is not there.
    process : str
        Who did it. A client that was killed in the middle of an operation goes on under another name.
    epoch_ns : int
        The zero of its clock, on `time.monotonic_ns`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, Recorder(Path(folder, "h.jsonl"), "ann") as ann:
    ...     with ann.operation("dequeue") as told:
    ...         told.result = 7
    ...     ann.note("applied", message=7)
    ...     print(read_history([ann.path]), [n["note"] for n in read_notes([ann.path])])
    ann: dequeue() -> 7 ['applied']
    """

    def __init__(self, path: Path | str, process: str, *, epoch_ns: int = EPOCH_NS):
        self.path, self.process, self._epoch = Path(path), process, epoch_ns
        self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def now(self) -> float:
        """Milliseconds since the kernel began to record."""
        return (time.monotonic_ns() - self._epoch) / 1e6

    @contextmanager
    def operation(self, f: str, value: Any = None, *, key: Any = None) -> Iterator[Told]:
        """Record what the body does as one operation: invoked before it, told after it.

        An exception that leaves the body makes the outcome unknown, and goes on: nobody has said that nothing
        happened. `Told.fail` says it.
        """
        asked = {"f": f, "value": value} | ({} if key is None else {"key": key})
        told = Told()
        self._write({"type": "invoke"} | asked)
        try:
            yield told
        except BaseException as error:
            kind = "fail" if told.failed else "info"
            self._write({"type": kind} | asked | {"error": f"{type(error).__name__}: {error}"})
            raise
        self._write({"type": "fail"} | asked if told.failed else {"type": "ok"} | asked | {"value": told.result})

    def note(self, what: str, **details: Any) -> None:
        """Put down something that is no operation: an effect, a decision."""
        self._write(details | {"type": "note", "note": what})

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
        self._file = None

    def _write(self, line: dict) -> None:
        line = json.dumps(line | {"process": self.process, "time": self.now()}, ensure_ascii=False)
        os.write(self._file, line.encode() + b"\n")

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_) -> None:
        self.close()


def read_history(paths: Iterable[Path | str]) -> History:
    """The operations of several recorders as one history, in the order of the machine's clock."""
    lines = sorted((line for line in _lines(paths) if line["type"] != "note"), key=lambda line: line["time"])
    return History.from_json_lines(json.dumps(line) for line in lines)


def read_notes(paths: Iterable[Path | str]) -> list[dict]:
    """The notes of several recorders in the order of time: ``{"note": what, "process": who, "time": ms, ...}``."""
    notes = [{k: v for k, v in line.items() if k != "type"} for line in _lines(paths) if line["type"] == "note"]
    return sorted(notes, key=lambda line: line["time"])


def _lines(paths: Iterable[Path | str]) -> Iterator[dict]:
    for path in paths:
        if not Path(path).exists():
            continue
        for line in Path(path).read_bytes().splitlines(keepends=True):
            if line.endswith(b"\n"):        # the last one may be torn: its writer was killed while it wrote
                yield json.loads(line)
