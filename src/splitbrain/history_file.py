"""Histories from files: read line by line, within the memory that there is."""

from __future__ import annotations

import contextlib
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import psutil

from splitbrain.records import History

LINE = 64 * 2**20  # bytes that one line may have
GLANCE = 4096  # lines between two looks at the memory


class Unreadable(Exception):
    """A file that cannot be judged; the message says which line and what is wrong with it."""


def read(path: str, *, memory: float | None = None) -> History:
    """Read a history, line by line.

    Parameters
    ----------
    path : str
    memory : float, optional
        Bytes by which this process may grow meanwhile; by default two thirds of what is free.

    Raises
    ------
    Unreadable
        If it cannot be read, or holds more than the memory takes, or nothing.
    """
    try:
        with _open(path) as file:
            history = History.from_json_lines(_lines(file, free_memory() * 2 / 3 if memory is None else memory))
    except OSError as error:
        raise Unreadable(f"it cannot be read ({error.strerror or error})") from None
    except ValueError as error:
        raise Unreadable(str(error)) from None
    except MemoryError:
        history = None
    if history is None:
        raise Unreadable("it does not fit into the memory of this machine: check it in parts, a key at a time")
    if not history:
        raise Unreadable("it holds no operation")
    return history


@contextmanager
def _open(path: str) -> Iterator[BinaryIO]:
    if path == "-":
        yield sys.stdin.buffer
        return
    with open(path, "rb") as file:
        yield file


def _lines(file: BinaryIO, memory: float) -> Iterator[str]:
    resident = psutil.Process().memory_info
    most = resident().rss + memory
    number = 0
    while raw := file.readline(LINE + 1):
        number += 1
        if len(raw) > LINE:
            raise ValueError(f"line {number}: longer than {LINE // 2**20} MiB")
        if number % GLANCE == 0 and resident().rss > most:
            raise ValueError(f"line {number}: no memory left for what follows ({memory / 1e6:,.0f} MB are taken): "
                             "check it in parts, a key at a time")
        try:
            yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(f"line {number}: not UTF-8 (byte 0x{raw[error.start]:02x} at {error.start + 1})") from None


def free_memory() -> float:
    """Bytes that this process can still have: of the machine's, of its container's and of its own limit."""
    free = float(psutil.virtual_memory().available)
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY:
        free = min(free, limit - psutil.Process().memory_info().vms)
    group = Path("/sys/fs/cgroup")
    with contextlib.suppress(OSError, ValueError):  # no container, or one without a limit
        free = min(free, int((group / "memory.max").read_text()) - int((group / "memory.current").read_text()))
    return max(free, 0.0)
