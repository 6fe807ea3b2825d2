"""Runs a learner's code: says which exceptions are theirs and on which line, and limits what it can do to us.

Stopped or limited: endless loops (`splitbrain.watchdog`), endless recursion (Python's own limit), printing
(the first few thousand characters pass), memory (Linux: 2 GiB beyond what the process had; elsewhere not).
Not stopped: C code that does not return, ``os._exit``, threads and open transactions left behind; a check
whose exercise invites these runs the answer in a child process.
"""

from __future__ import annotations

import contextlib
import functools
import linecache
import os
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from splitbrain.course.outcomes import CheckFailed, NotAttempted, Raised, show
from splitbrain.watchdog import Stuck

MEMORY = 2 << 30  # bytes beyond what the process had
OUTPUT = 4_000  # characters in one check
_DEEPEST = 6  # lines of the learner's that are shown

_OURS = str(Path(__file__).resolve().parents[1]) + os.sep
_LIBRARIES = tuple(str(Path(sysconfig.get_paths()[name]).resolve()) + os.sep
                   for name in ("stdlib", "platstdlib", "purelib", "platlib"))


Frame = tuple[str, int, str]
"""File, line, function."""


class Endless(Stuck):
    """What the watchdog raises in a learner's code."""


@functools.lru_cache(maxsize=4096)
def is_learners(filename: str) -> bool:
    """Whether code of this file is the learner's: neither ours, nor Python's, nor an installed package's."""
    if filename.startswith("<"):  # frozen modules, and what libraries compile from strings
        return filename.startswith(("<stdin>", "<answer", "<ipython-input"))
    path = os.path.realpath(filename)
    return not path.startswith(_OURS) and not path.startswith(_LIBRARIES)


def is_learners_frame(frame: FrameType) -> bool:
    """The same for a frame."""
    return is_learners(frame.f_code.co_filename)


class learner_code:  # noqa: N801  (reads as a statement)
    """``with learner_code(): answer(...)``: what is raised in here is the learner's, and said to be.

    Parameters
    ----------
    doing : str
        What the check was doing, to complete "Your code raised ... ": ``while reading an empty file``.
    passes : tuple of exception types
        Not the learner's, and let through: the crash that a check injects.

    Raises
    ------
    NotAttempted
        A `NotImplementedError` on a line of the learner's.
    Raised
        Every other exception, `SystemExit` and `KeyboardInterrupt` included.
    """

    def __init__(self, doing: str = "", *, passes: tuple[type[BaseException], ...] = ()):
        self.doing, self.passes = doing, passes

    def __enter__(self) -> learner_code:
        self._check = sys._getframe(1)
        self._output = contextlib.ExitStack()
        for redirect, stream in ((contextlib.redirect_stdout, sys.stdout), (contextlib.redirect_stderr, sys.stderr)):
            if not isinstance(stream, _Limited):
                self._output.enter_context(redirect(_Limited(stream)))
        return self

    def __exit__(self, _kind, error: BaseException | None, _traceback) -> None:
        self._output.close()
        check, self._check = self._check, None
        if error is None or isinstance(error, (CheckFailed, *self.passes)):
            return
        raise blame(error, self.doing, check) from None


def blame(error: BaseException, doing: str = "", check: FrameType | None = None) -> CheckFailed:
    """The outcome that an exception of the learner's code stands for; `check` is the frame that called it."""
    places = _places(error, check)
    if isinstance(error, NotImplementedError) and places:
        return NotAttempted()
    return Raised(_sentence(error, f" {doing}" if doing else ""), cause=error, by_learner=bool(places),
                  places=places or _call(type(error).__name__, _frames(error)))


def blame_elsewhere(kind: str, text: str, frames: list[Frame], doing: str) -> CheckFailed:
    """The same for an exception of another process: of which type, with what text, on its way through which lines."""
    places = _learners(frames)
    if kind == "NotImplementedError" and places:
        return NotAttempted()
    return Raised(f"Your code raised {kind} {doing}: {show(text) or '(without a message)'}", cause=RuntimeError(kind),
                  places=places or _call(kind, frames), by_learner=bool(places))


def _sentence(error: BaseException, doing: str) -> str:
    name = type(error).__name__
    match error:
        case Endless():
            return f"Your code did not end{doing}: {show(str(error))} It was stopped at this line:"
        case RecursionError():
            return f"Your code calls itself without end{doing} (RecursionError):"
        case MemoryError():
            return f"Your code asked for more than {MEMORY >> 30} GiB of memory{doing} (MemoryError):"
        case SystemExit():
            return f"Your code ended the program{doing} (SystemExit); return or raise instead:"
        case KeyboardInterrupt():
            return f"Your code was interrupted{doing} (KeyboardInterrupt)."
    return f"Your code raised {name}{doing}: {show(_text(error)) or '(without a message)'}"


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "(an exception that cannot be shown)"


def _places(error: BaseException, check: FrameType | None) -> tuple[str, ...]:
    """The learner's lines on the way to an exception, or to the one that caused it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if places := _learners(_frames(error, check)):
            return places
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return ()


def _frames(error: BaseException, check: FrameType | None = None) -> list[Frame]:
    return [(f.f_code.co_filename, line, f.f_code.co_name) for f, line in traceback.walk_tb(error.__traceback__)
            if f is not check]


def _learners(frames: list[Frame]) -> tuple[str, ...]:
    frames = [frame for frame in frames if is_learners(frame[0])]
    shown = [_place(*frame) for frame in (frames if len(frames) <= _DEEPEST else frames[:2] + frames[-3:])]
    if len(frames) > _DEEPEST:
        shown.insert(2, f"  ... {len(frames) - 5} calls more ...")
    return tuple(shown)


def _place(file: str, line: int, function: str) -> str:
    source = linecache.getline(file, line).strip()
    where = f"  {_file(file)}, line {line}, in {function}"
    return f"{where}\n      {source}" if source else where


def _file(filename: str) -> str:
    """How people call it: a notebook's cell by its number, a file by its path from here."""
    with contextlib.suppress(Exception):
        kind, name = sys.modules["IPython"].get_ipython().compile.format_code_name(filename)
        return f"{kind.lower()} {name}"
    with contextlib.suppress(ValueError):
        return str(Path(filename).resolve().relative_to(Path.cwd()))
    return Path(filename).name


def _call(kind: str, frames: list[Frame]) -> tuple[str, ...]:
    """A `TypeError` that never reached the learner's lines: they took other arguments than the check gives."""
    if kind != "TypeError" or not frames:
        return ()
    source = linecache.getline(*frames[-1][:2]).strip()
    return (f"  the check calls it so:\n      {source}",) if source else ()


@contextlib.contextmanager
def limits() -> Iterator[None]:
    """For one check: memory is limited, and what was printed beyond `OUTPUT` characters is counted."""
    _Limited.left, _Limited.dropped = OUTPUT, 0
    with _memory_limit():
        try:
            yield
        finally:
            dropped, _Limited.left, _Limited.dropped = _Limited.dropped, OUTPUT, 0
    if dropped:
        print(f"\n({dropped:,} more characters that your code printed are not shown.)")


class _Limited:
    """A stream that lets the first characters pass. One allowance for stdout and stderr together."""

    left, dropped = OUTPUT, 0

    def __init__(self, stream):
        self._stream = stream

    def write(self, text: str) -> int:
        if text[: _Limited.left]:
            self._stream.write(text[: _Limited.left])
        _Limited.dropped += max(0, len(text) - _Limited.left)
        _Limited.left = max(0, _Limited.left - len(text))
        return len(text)

    def __getattr__(self, name: str):
        return getattr(self._stream, name)


@contextlib.contextmanager
def _memory_limit() -> Iterator[None]:
    try:
        import resource

        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        soft, hard = before = resource.getrlimit(resource.RLIMIT_AS)
        known = [limit for limit in (used + MEMORY, soft, hard) if limit != resource.RLIM_INFINITY]
        resource.setrlimit(resource.RLIMIT_AS, (min(known), hard))
    except (ImportError, OSError, ValueError):  # not Linux, or not allowed
        yield
        return
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


