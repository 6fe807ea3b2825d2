"""A short folder of its own for every test's servers, an environment that names no Redis, and nothing left behind."""

import shutil
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from splitbrain.messaging import folders

sys.path.insert(0, str(Path(__file__).parent))  # what stands beside these tests is imported by name


@pytest.fixture(autouse=True)
def base(monkeypatch):
    """Where this test's servers make their folders; short, for the sake of Unix sockets."""
    monkeypatch.delenv("REDIS_URL", raising=False)
    path = Path(tempfile.mkdtemp(prefix="sb", dir="/tmp"))
    monkeypatch.setattr(folders, "local_folders", lambda: [path])
    yield path
    found = psutil.process_iter(["cmdline", "status"])
    left = [p for p in found if p.info["status"] != "zombie" and str(path) in " ".join(p.info["cmdline"] or [])]
    for process in left:
        process.kill()
    shutil.rmtree(path, ignore_errors=True)
    assert not left, "the test left a server or a watcher running"


@pytest.fixture(params=["bundled", pytest.param("path", marks=pytest.mark.long)])
def choice(request):
    """Each server binary there is: the bundled one, and the PATH's; what asks for none takes `make test-redis`'s."""
    if request.param == "path" and not any(map(shutil.which, ("redis-server", "valkey-server"))):
        pytest.skip("no redis-server and no valkey-server on the PATH")
    return request.param


@pytest.fixture
def program(base):
    """Makes an executable shell script: a server binary that misbehaves."""

    def make(body, name="redis-server"):
        path = base / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return str(path)

    return make
