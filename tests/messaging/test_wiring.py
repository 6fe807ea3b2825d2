"""A real Redis behind a proxy that obeys a cluster: by its methods, by a schedule, by its panel."""

import math
import time

import pytest
import redis

from splitbrain.cluster import Cluster
from splitbrain.faults import at, crash, cut, heal, latency, pause, restart, resume, slow
from splitbrain.latency import constant, uniform
from splitbrain.messaging.proxy import Proxy
from splitbrain.messaging.server import start_server
from splitbrain.messaging.wiring import Wiring, throttle
from splitbrain.node import Node
from splitbrain.widgets.panel import Panel


@pytest.fixture(scope="module")
def server():
    with start_server(transport="tcp", appendonly="yes", appendfsync="no") as server:
        yield server


@pytest.fixture
def wired(server):
    """A cluster of a shop and a Redis, what it steers, and a client that goes through it."""
    server.client().flushall()
    cluster = Cluster(Node, ["shop", "redis"])
    with Proxy(server.port) as proxy, Wiring(cluster, {("shop", "redis"): proxy}, {"redis": server}) as wiring:
        yield cluster, wiring, lambda seconds=20: server.through(proxy).client(socket_timeout=seconds)
    cluster.close()


def test_cut_on_the_way_back_a_command_is_carried_out_and_not_answered(server, wired):
    cluster, _, client = wired
    connected = client(0.3)
    connected.ping()
    cluster.cut("redis", "shop", one_way=True)
    with pytest.raises(redis.TimeoutError):
        connected.set("x", 1)
    assert server.client().get("x") == "1"


def test_cut_on_the_way_there_a_command_arrives_when_nobody_waits_for_it_any_more(server, wired):
    cluster, _, client = wired
    connected = client(0.3)
    connected.ping()
    cluster.cut("shop", "redis", one_way=True)
    with pytest.raises(redis.TimeoutError):
        connected.set("x", 1)
    assert server.client().get("x") is None
    cluster.heal()
    while server.client().get("x") != "1":
        time.sleep(0.01)


def test_a_cut_with_reset_is_told_at_once_and_what_was_sent_is_gone(server, wired):
    cluster, wiring, client = wired
    wiring.reset = True
    connected = client()
    connected.ping()
    cluster.cut("shop", "redis")
    for one in (connected, client()):
        with pytest.raises(redis.ConnectionError):
            one.set("x", 1)
    cluster.heal()
    assert client().get("x") is None and client().set("x", 2)


def test_a_schedule_is_followed_in_real_time(server, wired):
    cluster, wiring, client = wired
    begin, connected = time.monotonic(), client(0.05)
    connected.ping()
    wiring.follow([at(100, heal()), at(0, cut("shop", "redis"))])
    assert time.monotonic() - begin >= 0.1 and connected.ping()
    assert [repr(item.fault) for item in cluster.schedule] == ["cut('shop', 'redis')", "heal()"]
    assert [item.ms for item in cluster.schedule] == [0, 100]


def test_latency_and_slowness_delay_each_way_until_they_end(wired):
    cluster, wiring, client = wired
    connected = client()
    connected.ping()
    for fault in (latency(constant(60), "shop", "redis"), slow("redis", 120)):
        begin = time.monotonic()
        wiring.apply(fault)
        connected.ping()
        assert time.monotonic() - begin >= 0.12
    proxy = wiring.proxies["shop", "redis"]
    assert wiring._delay("shop", "redis") == 180 and wiring._delay("redis", "shop") == 60
    wiring.close()
    assert [way.delay() for way in proxy._ways.values()] == [0, 0]


def test_a_links_first_latency_is_the_simulators_affair(server):
    cluster = Cluster(Node, ["shop", "redis"], latency=uniform(50, 60))
    with Proxy(server.port) as proxy, Wiring(cluster, {("shop", "redis"): proxy}) as wiring:
        assert wiring._delay("shop", "redis") == 0.0
    cluster.close()


def test_throttled_a_value_takes_as_long_as_its_bytes(wired):
    _, wiring, client = wired
    connected = client()
    connected.ping()
    wiring.apply(throttle(100_000, "redis", "shop"))
    begin = time.monotonic()
    connected.set("x", "." * 20_000)
    assert time.monotonic() - begin >= 0.2
    wiring.apply(throttle(math.inf, "redis", "shop"))
    assert len(connected.get("x")) == 20_000


def test_a_server_is_paused_killed_and_started_again(server, wired):
    cluster, wiring, client = wired
    client().set("x", 1)
    wiring.follow([at(0, pause("redis"))])
    assert server.paused and server.running
    with pytest.raises(redis.TimeoutError):
        client(0.2).ping()
    wiring.follow([at(0, resume("redis")), at(0, crash("redis"))])
    assert not server.running
    wiring.follow([at(0, restart("redis"))])
    assert client().get("x") == "1"


def test_a_click_in_the_panel_cuts_the_real_connection(wired):
    cluster, _, client = wired
    connected = client(0.2)
    connected.ping()
    panel = Panel(cluster, operations=())
    panel.wish({"action": "cut", "nodes": ["shop", "redis"]})
    with pytest.raises(redis.TimeoutError):
        connected.ping()
    panel.wish({"action": "heal"})
    assert connected.ping()
    panel.close()


def test_closed_it_obeys_no_more(wired):
    cluster, wiring, client = wired
    cluster.cut("shop", "redis")
    wiring.close()
    assert client().ping()
    cluster.heal()
    cluster.cut("shop", "redis")
    assert client().ping()
