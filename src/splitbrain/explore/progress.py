"""A progress bar for long work, which short work never shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

DELAY = 2.0  # seconds before the bar appears: what a stored notebook runs is over by then


@contextmanager
def progress_bar(title: str, total: int | None = None, *, show: bool = True,
                 unit: str = "runs") -> Iterator[Callable[[int], object]]:
    """``with progress_bar("sweep", 100) as advance: advance(1)``: a line on the standard error, gone at the end."""
    from tqdm import tqdm

    with tqdm(desc=title, total=total, unit=f" {unit}", delay=DELAY, leave=False, disable=not show,
              dynamic_ncols=True) as bar:
        yield bar.update
