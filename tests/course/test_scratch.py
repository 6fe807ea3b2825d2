"""A lesson's folder: its own, on a local disk, gone with the process or at the latest when the next one is made."""

import os
import signal
import subprocess
import sys
import time

import pytest

from splitbrain.course import scratch as module

MAKE = "from splitbrain.course.scratch import scratch; print(scratch('01_acid'), flush=True); "


@pytest.fixture(autouse=True)
def base(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(module, "local_folders", lambda: iter([tmp_path]))
    registered = []
    monkeypatch.setattr(module.atexit, "register", lambda *call: registered.append(call))
    yield tmp_path
    for remove, *arguments in registered:
        remove(*arguments)


def gone(folder):
    """Within five seconds."""
    deadline = time.monotonic() + 5
    while os.path.exists(folder) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not os.path.exists(folder)


def leave_one_behind(folder, age):
    folder.mkdir()
    (folder / "a.db").write_bytes(b"x")
    (folder / "lock").touch()
    os.utime(folder / "lock", (time.time() - age,) * 2)


def test_each_call_has_a_folder_of_its_own():
    first, second = module.scratch("01_acid"), module.scratch("01_acid")
    assert first != second and first.is_dir() and second.is_dir()
    assert first.stat().st_mode & 0o077 == 0


def test_it_is_gone_when_the_process_ends():
    child = subprocess.run([sys.executable, "-c", MAKE], capture_output=True, text=True, check=True)
    assert child.stdout.strip() and not os.path.exists(child.stdout.strip())


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_it_is_gone_when_the_process_is_killed(how):
    command = [sys.executable, "-c", f"import sys; {MAKE} sys.stdin.read()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        folder = child.stdout.readline().strip()
        assert os.path.exists(folder)
        child.send_signal(how)
    assert gone(folder)


def test_a_process_that_was_forked_off_does_not_take_it_along():
    fork = "import os, sys; child = os.fork(); child or sys.exit(); os.waitpid(child, 0); print(flush=True)"
    command = [sys.executable, "-c", f"{MAKE} {fork}; sys.stdin.read()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        folder = child.stdout.readline().strip()
        child.stdout.readline()
        assert os.path.exists(folder)
        child.stdin.close()
    assert gone(folder)


def test_what_nobody_looks_after_goes_the_next_time(base):
    leave_one_behind(base / "lesson-01_acid-dead", age=3600)
    leave_one_behind(base / "lesson-01_acid-just-made", age=0)
    module.scratch("01_acid")
    assert not (base / "lesson-01_acid-dead").exists()
    assert (base / "lesson-01_acid-just-made").exists()


def test_the_folder_of_a_living_process_stays():
    folder = module.scratch("01_acid")
    while not (lock := folder / "lock").exists():
        time.sleep(0.01)
    os.utime(lock, (time.time() - 3600,) * 2)
    module._sweep(folder.parent)
    assert lock.exists()


def test_without_a_local_folder_it_says_so(monkeypatch):
    monkeypatch.setattr(module, "local_folders", lambda: iter([]))
    with pytest.raises(OSError, match="TMPDIR"):
        module.scratch("01_acid")
