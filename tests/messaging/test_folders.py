"""A server's files: on a local disk with room, short enough for a socket, and swept up after a power cut."""

import os
import subprocess
import sys
import tempfile
from collections import namedtuple
from pathlib import Path

import platformdirs
import psutil
import pytest

from splitbrain.messaging import folders
from splitbrain.messaging.errors import RedisError
from splitbrain.messaging.server import server

Mount = namedtuple("Mount", "mountpoint fstype")
local_folders = folders.local_folders


def test_a_folder_that_cannot_be_made(base):
    (base / "file").write_text("")
    with pytest.raises(RedisError, match="no folder for the server's files .*file/below: Not a directory.*set TMPDIR"):
        server(folder=base / "file" / "below")


def test_the_temporary_folder_stands_in_for_an_unwritable_cache(base, monkeypatch):
    (base / "file").write_text("")
    monkeypatch.setattr(folders, "local_folders", local_folders)
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name: base / "file" / name)
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(base))
    with server() as ours:
        assert ours.folder.parent == base


def test_a_name_too_long_for_a_socket(base, monkeypatch):
    long = base / ("x" * 90)
    with pytest.raises(RedisError, match="too long a name for a Unix socket"):
        server(folder=long)
    monkeypatch.setattr(folders, "local_folders", lambda: [long, base])
    with server() as ours:
        assert ours.folder.parent == base
    with server(folder=long, transport="tcp") as ours:
        assert ours.client().ping()


def test_the_longest_name_that_will_do(base):
    longest = base / ("x" * (folders.LONGEST_SOCKET - len(f"{base}//redis-12345678/redis.sock")))
    with server(folder=longest) as ours:
        assert len(str(ours.socket)) == folders.LONGEST_SOCKET
        assert ours.client().ping()


FULL = """
import resource, signal, sys
from splitbrain.messaging.server import start_server
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
start_server(folder=sys.argv[1])
"""


def test_no_room_for_a_file(base):
    told = subprocess.run([sys.executable, "-c", FULL, str(base)], capture_output=True, text=True)
    assert f"no folder for the server's files ({base}: File too large)" in told.stderr
    assert list(base.iterdir()) == []


def test_a_full_disk(base):
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(base)], capture_output=True)
    if mounted.returncode:
        pytest.skip("only root can mount a small disk")
    try:
        with pytest.raises(RedisError, match="No space left on device.*Make room there"):
            server(folder=base)
        assert list(base.iterdir()) == []
    finally:
        subprocess.run(["umount", str(base)], check=True)


def test_network_homes_are_passed_over(base, monkeypatch):
    mounts = [Mount("/", "ext4"), Mount("/home", "nfs4"), Mount("/tmp", "tmpfs")]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name: Path("/home/ada/.cache") / name)
    monkeypatch.setattr(tempfile, "gettempdir", lambda: "/tmp")
    assert list(local_folders()) == [Path("/tmp")]
    assert folders.disk_kind(Path("/home/ada/.cache/splitbrain")) == "nfs4"
    assert folders.is_memory(folders.disk_kind(Path("/tmp/x")))
    assert folders.disk_kind(Path("/usr")) == "ext4"


def test_an_unknown_disk_is_taken_for_local(monkeypatch):
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: [])
    assert folders.disk_kind(Path("/tmp")) == "unknown"
    assert Path("/tmp") in local_folders()


def test_this_machines_cache_is_on_some_disk():
    assert folders.disk_kind(Path.home()) != ""


def test_what_a_power_cut_left_is_swept_up_and_the_living_are_left_alone(base):
    dead = base / "redis-dead"
    young = base / "redis-young"
    for folder in (dead, young):
        folder.mkdir()
        (folder / "lock").touch()
    with server(folder=base) as living:
        for folder in (dead, living.folder):
            os.utime(folder / "lock", (0, 0))
        with server(folder=base):
            assert not dead.exists()
            assert young.exists()
            assert living.folder.exists()
