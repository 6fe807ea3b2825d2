"""How a kernel speaks to its nursery, which workers are forked from, and which begins with the first of them."""

from __future__ import annotations

import atexit
import itertools
import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from splitbrain.messaging import nursery

_nursery: subprocess.Popen | None = None
_lock = threading.Lock()
_numbers = itertools.count(1)


def ask(request: dict) -> str:
    """The nursery's answer; "" if it is gone. Asked by an interrupted cell, it may stand before that of the next."""
    global _nursery
    with _lock:
        if not is_alive():
            command = [sys.executable, "-I", nursery.__file__, str(os.getpid())]
            _nursery = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
                                        start_new_session=True)
        number = next(_numbers)
        with suppress(BrokenPipeError):
            _nursery.stdin.write(json.dumps(request | {"number": number}).encode() + b"\n")
        for line in _nursery.stdout:
            of, _, answer = line.decode().strip().partition(" ")
            if int(of) == number:
                return answer
        return ""


def is_alive() -> bool:
    """Whether there is one."""
    return _nursery is not None and _nursery.poll() is None


def remove(owner: int, folder: Path) -> None:
    """Kill the workers of a folder, and remove it; for the process `owner` only."""
    if os.getpid() != owner:
        return
    try:
        ask({"remove": str(folder)})
    except KeyboardInterrupt:       # whoever is impatient at the end of a block, too, leaves nothing behind
        ask({"remove": str(folder)})
        raise


def _let_go() -> None:
    """In a forked child: the workers live as long as their kernel, not as long as this process."""
    if _nursery:
        _nursery.stdin.close()


@atexit.register
def _end() -> None:
    if _nursery and not _nursery.stdin.closed:
        _nursery.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            _nursery.wait(timeout=10)


os.register_at_fork(after_in_child=_let_go)
