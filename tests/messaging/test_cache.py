"""A client that keeps values: told of changes, whole after a cut; told nothing, stale for no longer than a lease."""

import pytest
import redis as redis_py

from splitbrain.messaging.cache import CachedReader
from splitbrain.messaging.proxy import Proxy
from splitbrain.messaging.server import start_server


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def redis(choice):
    with start_server(choice=choice) as started:
        yield started


@pytest.fixture
def client(redis):
    with redis.client() as one:
        yield one


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def reader(redis, clock):
    with CachedReader(redis, lease=10, clock=clock) as one:
        yield one


def cut(reader, client):
    own, = (one for one in client.client_list() if "t" in one["flags"])
    client.client_kill_filter(_id=own["id"])


def test_a_value_is_asked_for_once_until_it_changes(reader, client):
    client.set("k", "1")
    assert [reader.get("k") for _ in range(3)] == ["1"] * 3
    assert (reader.fetches, reader.hits, reader.invalidated) == (1, 2, 0)
    client.set("k", "2")
    client.set("other", "2")
    reader.catch_up()
    assert [reader.get("k") for _ in range(3)] == ["2"] * 3
    assert (reader.fetches, reader.hits, reader.invalidated) == (2, 4, 1)


def test_nothing_and_the_empty_text_are_values(reader, client):
    client.set("empty", "")
    assert [reader.get(key) for key in ("empty", "none", "empty", "none")] == ["", None, "", None]
    assert (reader.fetches, reader.hits) == (2, 2)
    client.set("none", "0")
    client.delete("empty")
    reader.catch_up()
    assert (reader.get("none"), reader.get("empty")) == ("0", None)
    client.flushall()
    reader.catch_up()
    assert reader.get("none") is None


def test_what_was_said_during_a_cut_is_not_missed(reader, client):
    client.set("k", "1")
    reader.get("k")
    cut(reader, client)
    client.set("k", "2")
    assert (reader.get("k"), reader.flushes) == ("2", 1)
    client.set("k", "3")
    reader.catch_up()
    assert reader.get("k") == "3"  # the new connection is told, too


def test_without_a_word_a_value_lasts_for_its_lease_from_before_it_was_asked_for(reader, client, clock, monkeypatch):
    client.set("k", "1")
    ask = reader._client.get

    def slow(key):
        value = ask(key)
        clock.now += 4  # the answer is on its way
        return value

    monkeypatch.setattr(reader._client, "get", slow)
    reader.get("k")
    monkeypatch.setattr(reader, "_hear", lambda: None)  # a connection that is cut and says nothing
    client.set("k", "2")
    clock.now = 9.9
    assert reader.get("k") == "1"
    clock.now = 10
    assert reader.get("k") == "2"


def test_a_dead_server_is_an_error_and_not_an_old_value(reader, client, redis):
    client.set("k", "1")
    reader.get("k")
    redis.kill()
    with pytest.raises(redis_py.ConnectionError):
        reader.get("k")
    redis.restart()
    assert reader.get("k") is None


def test_behind_a_cut_without_a_word_it_serves_the_old_value_for_its_lease_and_then_an_error(choice, clock):
    with start_server(choice=choice, transport="tcp") as redis, Proxy(redis.port) as cable, redis.client() as client, \
            CachedReader(redis.through(cable), lease=10, patience=1, clock=clock) as reader:
        client.set("k", "1")
        reader.get("k")
        cable.cut()
        client.set("k", "2")
        clock.now = 9.9
        assert reader.get("k") == "1"
        clock.now = 10
        with pytest.raises(redis_py.TimeoutError):
            reader.get("k")
        cable.heal()
        assert (reader.get("k"), reader.flushes) == ("2", 1)


def test_a_lease_is_above_zero(redis):
    for lease in (0, -1, float("nan")):
        with pytest.raises(ValueError, match="above 0"):
            CachedReader(redis, lease=lease)
