"""The process that runs a learner's saga and is killed: run as a program by `service_patterns_saga`, never imported.

It is started once and forks for every run. Before each statement, and around each call, the fork writes a line on its
output and waits for one on its input; who does not want it to live kills it there. When a fork is gone, however, that
is a line too.
"""

import json
import os
import sqlite3
import sys
import traceback

out = os.dup(1)
source = sys.stdin.buffer.raw


def say(**what):
    os.write(out, json.dumps(what).encode() + b"\n")


def ask(**what):
    say(**what)
    line = source.readline()
    if not line:
        os._exit(1)             # whoever started us is gone
    return json.loads(line)


def call(verb, name, key):
    return ask(call=[str(verb), str(name), str(key)])


def run(answer, task):
    """One run, in a fork: says what it returned or raised, and ends the process."""
    import signal

    signal.alarm(20)            # nobody waits for ever for a fork that spins
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    db = sqlite3.connect(task["path"], isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.set_trace_callback(lambda sql: ask(statement=" ".join(sql.split())[:70]))
    try:
        returned = answer(db, task["saga"], [tuple(step) for step in task["steps"]], call)
        db.set_trace_callback(None)
        say(returned=returned if isinstance(returned, str) else repr(returned), open=db.in_transaction)
    except BaseException as error:
        db.set_trace_callback(None)
        lines = [f"  {frame.filename.rpartition('/')[2]}, line {frame.lineno}, in {frame.name}"
                 for frame in traceback.extract_tb(error.__traceback__)[1:]]
        say(raised=type(error).__name__, text=str(error)[:300], lines=lines[-4:])
    os._exit(0)


def main():
    sys.path[:] = json.loads(source.readline())
    import cloudpickle

    size = int(source.readline())
    pickled = b""
    while len(pickled) < size:
        pickled += source.read(size - len(pickled))
    answer = cloudpickle.loads(pickled)
    while line := source.readline():
        child = os.fork()
        if not child:
            say(pid=os.getpid())
            run(answer, json.loads(line))
        os.waitpid(child, 0)
        say(gone=True)


main()
