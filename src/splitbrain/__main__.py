"""The command line: ``splitbrain check``, ``splitbrain doctor``, ``splitbrain redis``.

Exit codes: 0 all is well, 1 something is not (a history is violated), 2 a verdict is unknown, 64 the command or the
file was not understood.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from typing import NoReturn

from splitbrain import __version__

NOT_UNDERSTOOD = 64


class Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments, and leaves with the exit code that the course gives to that."""

    def error(self, message: str) -> NoReturn:
        self.exit(NOT_UNDERSTOOD, f"{self.prog}: {message}\nTry: {self.prog} --help\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    chosen = parser().parse_args(arguments)
    return chosen.run(chosen)


def parser() -> Parser:
    top = Parser(prog="splitbrain", description="A course in distributed data, taught by breaking things.")
    top.add_argument("--version", action="version", version=f"Split Brain {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    for add in (_add_check, _add_doctor, _add_redis):
        add(commands)
    return top


HISTORIES = """\
A history has an event a line, as Jepsen's have them:
  {"process": 0, "type": "invoke", "f": "write", "key": "x", "value": 1, "time": 12.5}
type is invoke, and later ok, fail (it certainly did not happen) or info (nobody knows). key and time may be left out;
the order of lines is the order of time. Lines of a process named nemesis are passed over. Every key is an object of its
own; where a Jepsen test has keys within its values, [key, value], move them to "key".

models, linearizable:
  register      read, write (or get, put), initially null
  cas-register  the same with cas, value [old, new]
  kv            get, put, append on strings, initially ""
  mutex         acquire, release
  fifo-queue    enqueue, dequeue (null: it was empty)
models, by Jepsen's rules:
  total-queue   enqueue, dequeue, drain (a list): nothing acknowledged is lost, nothing comes from nowhere
  counter       add, read: each read within the bounds of what may have been added
  set           add, read (a list): the last read has all that was acknowledged, and nothing that nobody added
  bank          transfer, read ({account: balance}): the sum stays the same
models of transactions, f is txn:
  list-append   value [["append", "x", 1], ["r", "y", [1, 2]]]
  rw-register   value [["w", "x", 1], ["r", "y", null]]

exit code: 0 ok, 1 violated, 2 unknown, 64 not understood (the message names the line)
"""


def _add_check(commands) -> None:
    command = commands.add_parser("check", help="judge a history that is given as JSON lines", epilog=HISTORIES,
                                  formatter_class=argparse.RawDescriptionHelpFormatter)
    command.add_argument("file", metavar="FILE", help="the history, an event a line; - is standard input")
    command.add_argument("--model", required=True, metavar="M", help="what the object promises: see below")
    command.add_argument("--time-limit", type=_seconds, metavar="S", help="after S seconds the verdict is unknown")
    command.add_argument("--json", action="store_true", help="the verdict as one JSON object")
    command.set_defaults(run=_check)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"a time limit is a number of seconds above 0, not {text!r}")
    return seconds


def _check(chosen: argparse.Namespace) -> int:
    from splitbrain.check import run

    return run(chosen.file, chosen.model, limit=chosen.time_limit, in_json=chosen.json)


def _add_doctor(commands) -> None:
    command = commands.add_parser("doctor", help="what is installed, what is missing, and how to mend it")
    command.add_argument("--brief", action="store_true", help="one line if all is well, else only what is not")
    command.set_defaults(run=_doctor)


def _doctor(chosen: argparse.Namespace) -> int:
    from splitbrain.doctor import brief, examine

    findings = examine()
    print(brief(findings) if chosen.brief else "\n".join(map(str, findings)))
    return 0 if all(finding.well for finding in findings) else 1


def _add_redis(commands) -> None:
    command = commands.add_parser("redis", help="start a private Redis here, until Ctrl-C")
    where = command.add_mutually_exclusive_group()
    where.add_argument("--port", type=_port, help="a port on 127.0.0.1 to insist on; without it a free one is taken")
    where.add_argument("--unix", action="store_true", help="a Unix socket instead of a port")
    command.add_argument(
        "--server", metavar="WHICH", help="bundled, path (the one on the PATH), or the path of a server binary"
    )
    command.set_defaults(run=_redis)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text!r}")
    return int(text)


def _redis(chosen: argparse.Namespace) -> int:
    from splitbrain.messaging.server import RedisError, start_server

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with start_server(transport="unix" if chosen.unix else "tcp", port=chosen.port, choice=chosen.server) as server:
            print(server.url, flush=True)
            print(f"This is {server.source}. Ctrl-C ends it.", file=sys.stderr, flush=True)
            while server.running:
                time.sleep(0.2)
            print(f"The server was ended. Its last words:\n{server.log()[-2000:]}", file=sys.stderr)
            return 1
    except KeyboardInterrupt:
        return 0
    except RedisError as error:
        print(f"splitbrain redis: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
