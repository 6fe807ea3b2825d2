"""A lesson's folder: its own, on a local disk, gone with the process or at the latest when the next one is made."""

import os
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
    monkeypatch.setattr(module.atexit, "register", lambda *_, **__: None)
    return tmp_path


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


def test_what_a_killed_process_left_goes_the_next_time(base):
    leave_one_behind(base / "lesson-01_acid-dead", age=3600)
    leave_one_behind(base / "lesson-01_acid-just-made", age=0)
    module.scratch("01_acid")
    assert not (base / "lesson-01_acid-dead").exists()
    assert (base / "lesson-01_acid-just-made").exists()


def test_the_folder_of_a_living_process_stays(base):
    command = [sys.executable, "-c", f"import sys; {MAKE} sys.stdin.read()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        folder = child.stdout.readline().strip()
        lock = os.path.join(folder, "lock")
        os.utime(lock, (time.time() - 3600,) * 2)
        module._sweep(module.Path(folder).parent)
        assert os.path.exists(lock)
        child.stdin.close()


def test_without_a_local_folder_it_says_so(monkeypatch):
    monkeypatch.setattr(module, "local_folders", lambda: iter([]))
    with pytest.raises(OSError, match="TMPDIR"):
        module.scratch("01_acid")
