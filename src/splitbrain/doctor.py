"""What is installed, what the course will use, and how to mend what is missing."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

OLDEST_SQLITE = (3, 35, 0)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
REINSTALL = "run `make install` in the folder of the course"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    subject, found : str
    mend : str
        What to do about it; empty if nothing is wrong.
    needed : bool
        Whether the course fails without it. What is not needed is only remarked upon.
    """

    subject: str
    found: str
    mend: str = ""
    needed: bool = True

    @property
    def well(self) -> bool:
        return not (self.mend and self.needed)

    def __str__(self) -> str:
        mark = "ok     " if not self.mend else "MISSING" if self.needed else "note   "
        return f"{mark}  {self.subject:<11} {self.found}" + (f"\n{' ' * 21}-> {self.mend}" if self.mend else "")


def examine() -> list[Finding]:
    """Look at everything. Starts a Redis and stops it again, unless ``REDIS_URL`` names one."""
    checks: list[Callable[[], Iterator[Finding]]] = [_python, _packages, _sqlite, _redis, _browser, _disk]
    return [finding for check in checks for finding in check()]


def brief(findings: list[Finding]) -> str:
    """One line if all is well, else what is not."""
    ill = [str(finding) for finding in findings if not finding.well]
    told = {finding.subject: finding.found.split(" (")[0] for finding in findings}
    return "\n".join(ill) or f"All is well: Python {told['Python']}, SQLite {told['sqlite3']}, {told['Redis']}."


def _python() -> Iterator[Finding]:
    version = platform.python_version()
    try:
        needed = metadata.metadata("splitbrain")["Requires-Python"]
    except metadata.PackageNotFoundError:
        yield Finding("Python", version)
        return
    mend = "" if _inside(version, needed) else f"the course needs Python {needed}: make clean, then make lab PYTHON=..."
    yield Finding("Python", f"{version} ({sys.executable})", mend)


def _packages() -> Iterator[Finding]:
    try:
        lines = metadata.requires("splitbrain") or []
    except metadata.PackageNotFoundError:
        yield Finding("splitbrain", "runs from its sources, but is not installed", REINSTALL)
        return
    try:
        from packaging.requirements import Requirement
    except ImportError:
        yield Finding("packaging", "is not installed", REINSTALL)
        return
    wanted = [requirement for line in lines if _applies(requirement := Requirement(line))]
    wrong = [finding for requirement in wanted if (finding := _package(requirement))]
    yield from wrong
    if not wrong:
        yield Finding("packages", f"all {len(wanted)} that the course needs, in versions that it accepts")


def _applies(requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def _package(requirement) -> Finding | None:
    wanted = f"{requirement.name}{requirement.specifier}"
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return Finding(requirement.name, "is not installed", f"{REINSTALL}, or: pip install '{wanted}'")
    if requirement.specifier.contains(version, prereleases=True):
        return None
    return Finding(requirement.name, f"is {version}", f"{REINSTALL}, or: pip install '{wanted}'")


def _sqlite() -> Iterator[Finding]:
    oldest = ".".join(map(str, OLDEST_SQLITE))
    mend = "" if sqlite3.sqlite_version_info >= OLDEST_SQLITE else f"use a Python built with SQLite {oldest} or newer"
    yield Finding("sqlite3", sqlite3.sqlite_version, mend)
    try:
        import apsw
    except ImportError as error:
        yield Finding("apsw", f"cannot be imported ({error})", REINSTALL)
    else:
        yield Finding("apsw", f"{apsw.sqlite_lib_version()}, a SQLite of its own for the power cuts")


def _redis() -> Iterator[Finding]:
    try:
        from splitbrain.messaging.server import RedisError, server
    except ImportError as error:
        yield Finding("Redis", f"its client cannot be imported ({error})", REINSTALL)
        return
    try:
        with server() as found:
            found.client().ping()
            yield Finding("Redis", found.source)
    except RedisError as error:
        yield Finding("Redis", "none that can be used", str(error))


def _browser() -> Iterator[Finding]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    mend = "" if path else "only the browser tests need it, and `make test` passes over them; lessons open in any"
    yield Finding("Chromium", path or "is not on the PATH", mend, needed=False)


def _disk() -> Iterator[Finding]:
    try:
        import platformdirs

        from splitbrain.messaging.folders import disk_kind, is_memory, is_network, local_folders
    except ImportError:  # named among the packages
        return
    cache = platformdirs.user_cache_path("splitbrain")
    kind = disk_kind(cache)
    mend = ""
    if is_network(kind):
        mend = f"a network disk; databases and sockets go to {next(local_folders(), 'no local folder: set TMPDIR')}"
    elif is_memory(kind):
        mend = "this is memory, not a disk: fine for the simulator, but lesson 01 measures a disk there that is none"
    elif not os.access(_existing(cache), os.W_OK):
        mend = "cannot be written; the temporary folder is used"
    yield Finding("disk", f"{kind} holds {cache}", mend, needed=False)


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _inside(version: str, needed: str | None) -> bool:
    """Whether a Python version is in a range; without `packaging`, which may be what is missing."""
    numbers = _numbers(version)
    tests = {">=": numbers.__ge__, "<": numbers.__lt__}
    return all(tests[sign](_numbers(bound)) for sign, bound in re.findall(r"(>=|<)\s*([\d.]+)", needed or ""))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:3]))
