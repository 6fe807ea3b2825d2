"""What every check has to leave behind: nothing."""

import psutil
import pytest

from splitbrain.course.checks import mortal


def family() -> set[psutil.Process]:
    """The processes below this one that run, but for those of a browser, which other tests open and close."""
    return {p for p in psutil.Process().children(recursive=True) if _counts(p)}


def _counts(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and not process.name().startswith("chrom")
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def nothing_is_left():
    mortal.run(lambda process: None, doing="")  # what processes are forked from stays until this one ends
    before = family()
    yield
    assert family() - before == set()
