"""Where a wish is carried out: on the main thread of the kernel, after the cell that is running.

A widget's callback may come on another thread while a cell runs. There SQLite refuses to work, and the cell may be
in the middle of a run of the very same cluster. So a callback only leaves word with the kernel's own loop.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def after_the_cell(work: Callable[[], None]) -> None:
    """Call `work` on the kernel's main thread as soon as no cell is running; at once where there is no kernel."""
    loop = _kernel_loop()
    if loop is None:
        work()
    else:
        loop.add_callback(work)


def in_a_cell() -> bool:
    """Whether there is a kernel to leave word with."""
    return _kernel_loop() is not None


def _kernel_loop():
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    return getattr(getattr(get_ipython(), "kernel", None), "io_loop", None)


def kernel_id() -> str:
    """The id under which JupyterLab knows this kernel; "" where there is none."""
    if not in_a_cell():
        return ""
    from ipykernel import get_connection_file

    return Path(get_connection_file()).stem.removeprefix("kernel-")


@contextmanager
def interruptible() -> Iterator[None]:
    """Let *Interrupt the kernel* stop what runs inside; between two cells a kernel ignores it otherwise."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
