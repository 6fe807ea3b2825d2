"""Channels, patterns and key changes: what comes, what is lost, and that a subscription knows of a gap."""

import pytest

from splitbrain.messaging.proxy import Proxy
from splitbrain.messaging.pubsub import (
    KeyChange,
    Lost,
    Message,
    enable_key_changes,
    key_change,
    subscribe,
    watch_keys,
)
from splitbrain.messaging.server import start_server


@pytest.fixture
def redis(choice):
    with start_server(choice=choice, client_output_buffer_limit="pubsub 32kb 0 0") as started:
        yield started


@pytest.fixture
def client(redis):
    with redis.client() as one:
        yield one


def cut(client):
    client.client_kill_filter(_type="pubsub")


def test_everyone_who_listens_gets_it_once_and_in_order(redis, client):
    with subscribe(redis, "a") as one, subscribe(redis, "a", "b") as two:
        assert [client.publish(channel, text) for channel, text in (("a", "1"), ("b", "2"), ("a", "3"), ("c", "4"))] \
            == [2, 1, 2, 0]
        assert one.arrived() == [Message("a", "1"), Message("a", "3")]
        assert two.arrived() == [Message("a", "1"), Message("b", "2"), Message("a", "3")]
        assert one.arrived() == []
        client.publish("a", "5")
        assert one.receive() == Message("a", "5")
        assert one.receive(0) is None


def test_what_fits_a_channel_and_a_pattern_comes_twice(redis, client):
    with subscribe(redis, "a.b", patterns=["a.*"]) as one:
        assert client.publish("a.b", "x") == 2
        assert client.publish("a", "x") == 0
        assert one.arrived() == [Message("a.b", "x"), Message("a.b", "x", "a.*")]


def test_who_is_away_loses_just_what_is_said_meanwhile(redis, client):
    with subscribe(redis, "a") as one:
        client.publish("a", "before")
        one.close()
        assert [client.publish("a", str(n)) for n in range(7)] == [0] * 7
        with pytest.raises(Lost, match="no connection"):
            one.receive(0)
        one.reconnect()
        client.publish("a", "after")
        assert one.arrived() == [Message("a", "after")]
        assert one.connections == 2


@pytest.mark.parametrize("ask", [lambda one: one.arrived(), lambda one: one.receive()])
def test_a_cut_connection_is_told_and_stays_cut_until_it_is_made_again(redis, client, ask):
    with subscribe(redis, "a") as one:
        cut(client)
        for _ in range(2):
            with pytest.raises(Lost, match="will never come"):
                ask(one)
        assert client.publish("a", "x") == 0
        one.reconnect()
        assert client.publish("a", "y") == 1
        assert one.arrived() == [Message("a", "y")]


def test_what_came_before_a_cut_is_not_lost(redis, client):
    with subscribe(redis, "a") as one:
        client.publish("a", "x")
        cut(client)
        with pytest.raises(Lost) as lost:
            one.arrived()
        assert lost.value.before == [Message("a", "x")]


def test_who_is_behind_by_more_than_the_limit_is_cut_off_and_the_publisher_believes_it_was_heard(redis, client):
    with subscribe(redis, "a") as one, client.pipeline() as at_once:
        for _ in range(100):
            at_once.publish("a", "x" * 1000)
        assert at_once.execute() == [1] * 100
        with pytest.raises(Lost) as lost:
            one.arrived()
        assert lost.value.before == []


def test_a_server_that_is_gone_is_lost_and_no_channel_is_a_mistake(redis):
    with pytest.raises(ValueError, match="at least"):
        subscribe(redis)
    one = subscribe(redis, "a")
    redis.kill()
    with pytest.raises(Lost):
        one.arrived()
    with pytest.raises(Lost):
        one.reconnect()
    redis.restart()
    one.reconnect()
    assert one.arrived() == []
    assert one.connections == 2
    one.close()


def test_a_server_that_does_not_answer_is_lost_after_a_while(redis, client):
    with subscribe(redis, "a", patience=0.05) as one:
        client.client_pause(60_000, all=True)
        with pytest.raises(Lost, match="in time"):
            one.arrived()


def test_a_cut_without_a_word_is_silence_until_a_question_is_not_answered(choice):
    with start_server(choice=choice, transport="tcp") as redis, Proxy(redis.port) as cable, redis.client() as client, \
            subscribe(redis.through(cable), "a", patience=1) as one, subscribe(redis.through(cable), "a") as kept:
        client.publish("a", "before")
        assert kept.receive() == one.receive() == Message("a", "before")
        cable.cut()
        assert client.publish("a", "meanwhile") == 2
        assert one.receive(0) is None
        with pytest.raises(Lost, match="in time"):
            one.arrived()
        cable.heal()
        one.reconnect()
        client.publish("a", "after")
        assert one.receive() == Message("a", "after")
        assert [kept.receive() for _ in range(2)] == [Message("a", "meanwhile"), Message("a", "after")]


def test_the_server_tells_what_is_done_to_its_keys(redis, client):
    with watch_keys(redis, "stock:*") as one:
        client.set("stock:lamp", 0)
        client.set("price:lamp", 1)
        client.incr("stock:lamp")
        client.delete("stock:lamp", "stock:none")
        assert [key_change(message) for message in one.arrived()] == [
            KeyChange("stock:lamp", "set"), KeyChange("stock:lamp", "incrby"), KeyChange("stock:lamp", "del")]


def test_what_others_have_asked_to_be_told_of_stays(redis, client):
    assert enable_key_changes(client, "Ex") == ""
    assert set(enable_key_changes(client)) == set("xE")
    assert {"E", "K", "A"} <= set(client.config_get("notify-keyspace-events")["notify-keyspace-events"])


def test_not_every_message_is_about_a_key():
    with pytest.raises(ValueError, match="no keyspace"):
        key_change(Message("orders", "set"))


def test_nothing_is_left_open(redis, client):
    for _ in range(3):
        with subscribe(redis, "a"), watch_keys(redis):
            assert client.publish("a", "x") == 1
        assert client.publish("a", "x") == 0
    assert client.client_list(_type="pubsub") == []
    client.ping()
    assert client.client_list(_type="pubsub") == []
