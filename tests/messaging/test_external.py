"""REDIS_URL: used when it is set, checked first, never stopped, its password never shown."""

import contextlib
import socketserver
import threading
from typing import ClassVar

import pytest
import redis

from splitbrain.messaging.server import ExternalServer, RedisError, describe, server


@pytest.mark.parametrize("transport", ["unix", "tcp"])
def test_is_used_and_left_running(choice, transport, monkeypatch):
    with server(choice=choice, transport=transport) as theirs:
        monkeypatch.setenv("REDIS_URL", theirs.url)
        with server() as found:
            assert found.url == theirs.url
            found.client().set("a", "1")
        found.stop()
        assert theirs.running
        assert theirs.client().get("a") == "1"
        assert found.source == describe()
        assert "as REDIS_URL says" in found.source and theirs.url not in found.source


def test_a_server_with_options_is_our_own_all_the_same(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    with server(transport="tcp") as ours:
        assert ours.port != 1


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("redis://:secret@127.0.0.1:1/0", "Connection refused"),
        ("unix://:secret@/nowhere/redis.sock", "No such file"),
        ("http://:secret@localhost", "must specify one of the following schemes"),
        ("redis://:secret@localhost:door", "[Pp]ort"),
    ],
)
def test_cannot_be_used(url, why, monkeypatch):
    monkeypatch.setenv("REDIS_URL", url)
    with pytest.raises(RedisError, match=f"REDIS_URL names .*{why}.* unset REDIS_URL") as caught:
        server()
    assert "secret" not in str(caught.value)


def test_wrong_password(monkeypatch):
    with server(transport="tcp") as theirs:
        monkeypatch.setenv("REDIS_URL", f"redis://:p@ssword@127.0.0.1:{theirs.port}")
        with pytest.raises(RedisError, match="unset REDIS_URL") as caught:
            server()
        assert "ssword@" not in str(caught.value)


class OldRedis(socketserver.StreamRequestHandler):
    """Speaks as Redis 5 does to the few commands that a client begins with, and hangs up at RPUSH."""

    seen: ClassVar[list] = []

    def handle(self):
        with contextlib.suppress(ConnectionError):
            while line := self.rfile.readline():
                words = [self.word() for _ in range(int(line[1:]))]
                self.seen.append(words[0].upper())
                if self.seen[-1] == b"RPUSH":
                    return
                self.wfile.write(self.answer(self.seen[-1]))

    def word(self):
        size = int(self.rfile.readline()[1:])
        return self.rfile.read(size + 2)[:-2]

    def answer(self, command):
        info = b"# Server\r\nredis_version:5.0.14\r\nprocess_id:1\r\n"
        answers = {b"PING": b"+PONG\r\n", b"INFO": b"$%d\r\n%s\r\n" % (len(info), info), b"SELECT": b"+OK\r\n"}
        return answers.get(command, b"-ERR unknown command\r\n")


@pytest.fixture
def old_redis():
    OldRedis.seen.clear()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), OldRedis) as old:
        threading.Thread(target=old.serve_forever, daemon=True).start()
        yield f"redis://127.0.0.1:{old.server_address[1]}"
        old.shutdown()


def test_too_old(old_redis, monkeypatch):
    monkeypatch.setenv("REDIS_URL", old_redis)
    with pytest.raises(RedisError, match="which is Redis 5.0.14; the course needs 6.2 or newer. Unset REDIS_URL"):
        server()


def test_a_client_never_sends_a_command_again_behind_ones_back(old_redis):
    with ExternalServer(old_redis, "").client(protocol=2) as client, pytest.raises(redis.ConnectionError):
        assert client.get_retry().get_retries() == 0
        client.rpush("queue", "job")
    assert OldRedis.seen.count(b"RPUSH") == 1
