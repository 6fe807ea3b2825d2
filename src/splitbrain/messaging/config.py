"""The configuration file of a server: what the course insists on, what it prefers, what the caller adds."""

from __future__ import annotations

from pathlib import Path

# Nothing is saved and a replica syncs at once, unless the caller says otherwise.
DEFAULTS = {"save": "", "appendonly": "no", "repl-diskless-sync-delay": 0}
# Set here, so that a server is always private, found again, and cleaned up.
OURS = {
    "bind", "daemonize", "dir", "include", "logfile", "pidfile", "port", "protected-mode", "requirepass", "supervised",
    "syslog-enabled", "tls-port", "unixsocket", "unixsocketperm", "user", "aclfile", "enable-protected-configs",
}  # fmt: skip


def directives(options: dict) -> list[str]:
    """One line a directive, from keyword arguments: ``appendonly="yes"``, ``save=["60 1", "300 10"]``.

    Raises
    ------
    ValueError
        An option is one that the launcher sets itself, or a value cannot stand on one line.

    >>> directives({"maxmemory_policy": "allkeys-lru", "appendonly": True})[-2:]
    ['maxmemory-policy allkeys-lru', 'appendonly yes']
    """
    asked = {name.replace("_", "-").lower(): value for name, value in options.items()}
    if taken := sorted(OURS & asked.keys()):
        raise ValueError(f"{', '.join(taken)}: set by the launcher, not by an option of the server")
    merged = {name: value for name, value in DEFAULTS.items() if name not in asked} | asked
    return [_line(name, value) for name, values in merged.items() for value in _several(values)]


def listening(*, password: str, port: int | None, socket: Path | None) -> list[str]:
    """Loopback, or a socket that only this user can open, and always the password."""
    lines = ["protected-mode yes", f"requirepass {password}", "bind 127.0.0.1", f"port {port or 0}"]
    return [*lines, f'unixsocket "{socket}"', "unixsocketperm 700"] if socket else lines


def _several(value) -> list:
    return list(value) if isinstance(value, list | tuple) else [value]


def _line(name: str, value) -> str:
    text = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    if any(c in text + name for c in "\r\n\0"):
        raise ValueError(f"{name}: a value has to stand on one line")
    return f"{name} {text or chr(34) * 2}"
