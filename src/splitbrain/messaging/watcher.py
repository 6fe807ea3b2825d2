"""Runs one Redis server for a parent process, and outlives both for as long as it takes to clean up.

A program of its own, started as ``python -I -S watcher.py PARENT FOLDER COMMAND...`` with pipes as standard input
and output; it imports the standard library only. One byte ``s`` on its input starts the server in FOLDER and is
answered with the server's process id on a line; one byte ``k`` kills it, and is answered once all its threads are
gone, which hold its connections open a little longer than the process seems to live. When the input ends, or the
parent is gone, it kills the server, removes FOLDER and ends.

The end of the input is how it learns at once that the parent died, by SIGKILL as well. A process that the
parent forked may still hold the other end of the pipe, so twice a second it also asks who its parent is.
It has a session of its own: neither Ctrl-C in the parent's terminal nor a kill of the parent's group reaches it.
"""

import contextlib
import fcntl
import os
import select
import shutil
import signal
import subprocess
import sys
import time

POLL_SECONDS = 0.5


def main(parent, folder, *command):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    server = None
    try:
        # Held until the end: who finds a folder whose lock is free knows that nobody will remove it any more.
        lock = open(os.path.join(folder, "lock"), "w")  # noqa: SIM115
        fcntl.flock(lock, fcntl.LOCK_EX)
        while os.getppid() == int(parent):
            if select.select([0], [], [], POLL_SECONDS)[0]:
                wish = os.read(0, 1)
                if wish not in (b"s", b"k"):
                    break
                if server:
                    kill_group(server)
                server = start(folder, command) if wish == b"s" else None
                os.write(1, b"%d\n" % server.pid if server else b"killed\n")
    except OSError as error:
        os.write(1, b"%s\n" % (error.strerror or "failed").encode())
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if server:
            kill_group(server)
        remove(folder)


def start(folder, command):
    """The server, with its words in a log; its own group holds the processes that it forks to save its data."""
    with open(os.path.join(folder, "server.log"), "ab") as log:
        return subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


def kill_group(server):
    """Kill it and what it forked. Only here is it waited for, so until now its id cannot be another's."""
    with contextlib.suppress(OSError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


def remove(folder):
    """A saving process that is just dying may still add a file; so try until the folder is gone."""
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.exists(folder):
            return
        time.sleep(0.1)


if __name__ == "__main__":
    main(*sys.argv[1:])
