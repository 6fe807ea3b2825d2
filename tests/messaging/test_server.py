"""Servers of our own while their process lives: private, found, said, configured."""

import gc
import os
import socket
import stat
import threading
from types import SimpleNamespace

import psutil
import pytest
import redis

from splitbrain.messaging import folders, local
from splitbrain.messaging import server as module
from splitbrain.messaging.proxy import Proxy
from splitbrain.messaging.server import RedisError, describe, get_server, server, start_server

VERSION = '[ "$1" = --version ] && echo "Redis server v=7.0.1" && exit'


def test_answers_over_a_unix_socket(choice):
    with server(choice=choice) as ours:
        assert ours.url.startswith("unix://")
        assert ours.client().set("a", "1") and ours.client().get("a") == "1"
        assert psutil.Process(ours.pid).net_connections(kind="inet") == []
    assert not ours.running
    assert not ours.folder.exists()


def test_over_tcp_it_listens_on_loopback_only(choice):
    with server(choice=choice, transport="tcp") as ours:
        assert ours.client().ping()
        connections = psutil.Process(ours.pid).net_connections(kind="inet")
        listening = [c.laddr for c in connections if c.status == psutil.CONN_LISTEN]
        assert [(where.ip, where.port) for where in listening] == [("127.0.0.1", ours.port)]


def test_through_a_proxy_it_is_the_same_server_and_a_unix_socket_has_no_such_way():
    with server(transport="tcp") as ours, Proxy(ours.port) as proxy, ours.through(proxy).client() as client:
        assert client.info("server")["process_id"] == ours.pid
        assert client.connection_pool.connection_kwargs["port"] == proxy.port
    with server() as ours, pytest.raises(ValueError, match="transport='tcp'"):
        ours.through(proxy)


@pytest.mark.parametrize("transport", ["unix", "tcp"])
@pytest.mark.parametrize("login", [{}, {"password": "wrong"}])
def test_refuses_without_its_password(choice, transport, login):
    with server(choice=choice, transport=transport) as ours:
        where = {"unix_socket_path": str(ours.socket)} if ours.socket else {"host": "127.0.0.1", "port": ours.port}
        with pytest.raises(redis.AuthenticationError), redis.Redis(**where, **login, retry=None) as stranger:
            stranger.get("a")


def test_other_users_see_neither_password_nor_socket():
    with server(transport="tcp") as ours, server() as hidden:
        for each in (ours, hidden):
            password = each.url.split("@")[0].rsplit(":", 1)[1]
            seen = [" ".join(p.info["cmdline"] or []) for p in psutil.process_iter(["cmdline"])]
            assert len(password) > 40 and not any(password in line for line in seen)
            assert password not in repr(each)
            assert stat.S_IMODE(each.folder.stat().st_mode) == 0o700
            assert stat.S_IMODE((each.folder / "redis.conf").stat().st_mode) == 0o600
        assert stat.S_IMODE(hidden.socket.stat().st_mode) == 0o700


def test_two_at_once_are_strangers_to_each_other():
    with server() as one, server() as other:
        one.client().set("a", "one")
        assert other.client().get("a") is None
        assert one.url != other.url and one.folder != other.folder
        mixed = other.url.replace(str(other.folder), str(one.folder))
        with pytest.raises(redis.AuthenticationError), redis.Redis.from_url(mixed, retry=None) as stranger:
            stranger.ping()


def test_options_reach_the_server(choice):
    with server(choice=choice, appendonly="yes", save=["60 1", "300 10"], maxmemory_policy="allkeys-lru") as ours:
        client = ours.client()
        assert client.config_get("appendonly")["appendonly"] == "yes"
        assert client.config_get("save")["save"] == "60 1 300 10"
        assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "allkeys-lru"


def test_killed_and_restarted_it_reads_its_own_file_again(choice):
    with server(choice=choice, appendonly="yes", appendfsync="always") as ours:
        ours.client().set("a", "1")
        first = ours.pid
        ours.kill()
        assert not ours.running
        with pytest.raises(redis.ConnectionError):
            ours.client().ping()
        ours.restart()
        assert ours.pid != first
        assert ours.client().get("a") == "1"


def test_a_stopped_server_does_not_come_back():
    with server() as ours:
        pass
    with pytest.raises(RedisError, match="it was stopped"):
        ours.restart()


def test_forgotten_means_stopped():
    ours = server()
    process = psutil.Process(ours.pid)
    del ours
    gc.collect()
    assert not process.is_running()


def test_a_taken_port_is_left_for_a_free_one(choice, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = iter([taken.getsockname()[1], taken.getsockname()[1], local.free_port()])
        monkeypatch.setattr(local, "free_port", lambda: next(ports))
        with server(choice=choice, transport="tcp") as ours:
            assert ours.client().ping()
            assert next(ports, None) is None


def test_a_taken_port_that_was_asked_for_is_an_error(choice, base):
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(RedisError, match=f"Port {taken.getsockname()[1]} is taken"),
    ):
        server(choice=choice, port=taken.getsockname()[1])
    assert list(base.iterdir()) == []


def test_no_port_is_free_in_the_end(monkeypatch, base):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(local, "free_port", lambda: taken.getsockname()[1])
        with pytest.raises(RedisError, match="is taken"):
            server(transport="tcp")
    assert list(base.iterdir()) == []


@pytest.mark.parametrize("where", [local, folders])
def test_interrupted_while_it_starts_it_leaves_nothing(base, monkeypatch, where):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    broken = {folders: "write_private", local: "subprocess"}[where]
    monkeypatch.setattr(where, broken, interrupted if where is folders else SimpleNamespace(
        Popen=interrupted, PIPE=-1, DEVNULL=-3))
    with pytest.raises(KeyboardInterrupt):
        start_server()
    assert list(base.iterdir()) == []


def test_the_last_words_of_a_server_that_dies_at_once(program):
    path = program(f"{VERSION}\necho starting\necho cannot find a leg >&2")
    with pytest.raises(RedisError, match="ended as soon as it was started. Its last words: cannot find a leg"):
        server(choice=path)


def test_a_server_that_dies_without_a_word(program):
    path = program(f"{VERSION}\nkill -SEGV $$")
    with pytest.raises(RedisError, match="It left no word"):
        server(choice=path)


def test_a_server_that_never_answers(program, monkeypatch):
    monkeypatch.setattr(local, "READY_SECONDS", 0.2)
    path = program(f"{VERSION}\necho thinking\nexec sleep 60")
    with pytest.raises(RedisError, match="did not answer within 0.2 s. Its last words: thinking"):
        server(choice=path)


def test_a_directive_that_the_server_does_not_know(choice):
    with pytest.raises(RedisError, match="'no-such-thing 1': Bad directive"):
        server(choice=choice, no_such_thing=1)


def test_transport_is_one_of_two():
    with pytest.raises(ValueError, match="'unix' or 'tcp'"):
        start_server(transport="carrier pigeon")


def test_the_kernels_own_is_one_until_it_dies(monkeypatch):
    monkeypatch.setattr(module, "_kernels_own", None)
    found = []
    threads = [threading.Thread(target=lambda: found.append(get_server())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with found[0]:
        assert len(set(map(id, found))) == 1
        found[0].kill()
        with get_server() as another:
            assert another is not found[0]
            assert another.client().ping()


def test_says_which(choice, monkeypatch):
    monkeypatch.setenv("SPLITBRAIN_REDIS_SERVER", choice)
    with server() as ours:
        version = ours.client().info("server")
        assert version.get("valkey_version", version["redis_version"]) in describe()
        assert ours.source == describe()
        assert {"bundled": "the bundled", "path": "on the PATH"}[choice] in repr(ours)
        assert os.path.realpath(psutil.Process(ours.pid).exe()) == os.path.realpath(ours.source.split("(")[1][:-1])
