"""The process that workers are forked from, and that ends them when their kernel ends.

A program of its own, started as ``python -I nursery.py PARENT`` with pipes as standard input and output. It imports
once what every worker needs (redis and sqlite_utils take most of half a second), so that a worker is there within some
milliseconds. A request is a line of JSON with a number, which its answer begins with. ``{"start": told}`` is answered
with the process id of the worker, ``{"remove": folder}`` when the folder and its workers are gone.

It has one thread and opens no connection, so a fork of it is safe. It reaps the workers and writes how each ended
into a file. When its input ends, or the parent is gone, it kills all of them, stopped ones too, and removes their
folders. Should it be killed itself, each worker learns it from the end of a pipe, the lifeline, and kills itself. It
has a session of its own: neither Ctrl-C in the parent's terminal nor a kill of the parent's group reaches it.
"""

import contextlib
import faulthandler
import fcntl
import gc
import json
import os
import select
import shutil
import signal
import sys
import threading
import time
import traceback

POLL_SECONDS = 0.5
KEEP_OPEN = []      # locks of folders: held until the end

workers = {}        # pid -> its specification


def main(parent):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    wake, lifeline = pipe_for_signals(), os.pipe()
    signal.signal(signal.SIGCHLD, lambda *_: None)      # a handler that does nothing: the byte in `wake` is what counts
    import_what_workers_need()
    try:
        serve(int(parent), wake, lifeline)
    finally:
        for folder in {worker["folder"] for worker in workers.values()} | {folder for folder, _ in KEEP_OPEN}:
            remove(folder)


def import_what_workers_need():
    sys.modules["numpy"] = None         # sqlite_utils would import it: 100 ms, and threads that no fork survives
    import cloudpickle  # noqa: F401
    import redis  # noqa: F401
    import sqlite_utils  # noqa: F401

    import splitbrain.messaging.external
    import splitbrain.messaging.running_service  # noqa: F401
    del sys.modules["numpy"]
    gc.freeze()


def pipe_for_signals():
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    os.set_blocking(reader, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    return reader


def serve(parent, wake, lifeline):
    """Answer requests and reap the dead, until the input ends or the parent is gone."""
    pending = b""
    while os.getppid() == parent:
        readable, _, _ = select.select([0, wake], [], [], POLL_SECONDS)
        if wake in readable:
            with contextlib.suppress(BlockingIOError):
                while os.read(wake, 4096):
                    pass
        reap()
        if 0 in readable:
            data = os.read(0, 65536)
            if not data:
                return
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                request = json.loads(line)
                os.write(1, b"%d %s\n" % (request["number"], answer(request, lifeline)))


def answer(request, lifeline):
    try:
        if "start" in request:
            return b"%d" % fork(request["start"], lifeline)
        remove(request["remove"])
        return b""
    except OSError as error:
        return (error.strerror or "failed").encode()


def fork(told, lifeline):
    lock(told["folder"])
    pid = os.fork()
    if pid == 0:
        try:
            become(told, lifeline)
        finally:
            os._exit(70)        # never reached: a child must not go on as a nursery
    workers[pid] = told
    return pid


def lock(folder):
    """Who finds a folder whose lock is free knows that nobody will remove it any more."""
    if folder not in (known for known, _ in KEEP_OPEN):
        held = open(os.path.join(folder, "lock"), "w")  # noqa: SIM115
        fcntl.flock(held, fcntl.LOCK_EX)
        KEEP_OPEN.append((folder, held))


def reap():
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        bury(pid, status)


def bury(pid, status):
    told = workers.pop(pid)
    with contextlib.suppress(OSError):
        os.killpg(pid, signal.SIGKILL)      # what it had started
    with contextlib.suppress(OSError):
        with open(told["exit"] + ".new", "w") as file:
            file.write(str(os.waitstatus_to_exitcode(status)))
        os.replace(told["exit"] + ".new", told["exit"])


def remove(folder):
    """Kill the folder's workers. Only here and in `reap` are they waited for: no id can be another's meanwhile."""
    for pid in [pid for pid, told in workers.items() if told["folder"] == folder]:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
        bury(pid, os.waitpid(pid, 0)[1])
    for known, held in [pair for pair in KEEP_OPEN if pair[0] == folder]:
        KEEP_OPEN.remove((known, held))
        held.close()
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.exists(folder):
            return
        time.sleep(0.1)


# From here on in the child.


def become(told, lifeline):
    """The worker: run the service, write down its error, end."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    os.setpgid(0, 0)
    os.close(lifeline[1])
    KEEP_OPEN.clear()
    workers.clear()
    redirect(told["log"])
    threading.Thread(target=die_with, args=(lifeline[0],), daemon=True).start()
    where = open(told["where"], "w")  # noqa: SIM115
    faulthandler.register(signal.SIGUSR1, where, all_threads=False)
    os.chdir(told["folder"])
    sys.path[:] = told["path"]
    code = 0
    try:
        service = make(told)
        os.write(service._marks, b"ready\n")
        service.run()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException as error:
        code = 1
        tell(error, told)
    with contextlib.suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def make(told):
    import pickle

    with open(told["pickle"], "rb") as file:
        what, arguments = pickle.load(file)
    from splitbrain.messaging.running_service import FunctionService

    service = what() if isinstance(what, type) else FunctionService(what)
    vars(service).update(arguments)
    service._set_up(told)
    return service


def redirect(log):
    """Standard input is empty; what the service prints goes to its log, line by line."""
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", buffering=1, closefd=False) for number in (1, 2))


def tell(error, told):
    """The error as the kernel shows it: without our own frames; the kernel knows the text of the cells."""
    trace = error.__traceback__
    while trace.tb_next and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    while trace.tb_next and trace.tb_frame.f_code.co_filename.endswith(os.path.join("messaging", "running_service.py")):
        trace = trace.tb_next
    frames = [(f.filename, f.lineno, f.name) for f in traceback.extract_tb(trace)]
    try:
        text = str(error)
    except Exception:
        text = "(an exception that cannot be shown)"
    with open(told["error"], "w") as file:
        json.dump({"type": type(error).__name__, "text": text, "frames": frames}, file)
    traceback.print_exception(error)


def die_with(lifeline):
    os.read(lifeline, 1)        # returns only when the nursery is gone
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
