"""The proxy: carries bytes both ways, holds them while it is cut, and is gone when it is closed."""

import queue
import socket
import threading
import time
from contextlib import suppress

import pytest

from splitbrain.messaging.proxy import Proxy


@pytest.fixture
def echo():
    """A server on loopback that sends back what it gets; its port, the connections that it accepted, how they broke."""
    accepted, ends = [], queue.Queue()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        def serve():
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                accepted.append(connection)
                threading.Thread(target=answer, args=(connection, ends), daemon=True).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1], accepted, ends
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
    for connection in accepted:
        connection.close()


def answer(connection, ends):
    try:
        while data := connection.recv(65536):
            connection.sendall(data)
    except OSError as error:
        ends.put(type(error))


def connect(port):
    client = socket.create_connection(("127.0.0.1", port))
    client.settimeout(10)
    return client


def read(client, count):
    data = b""
    while len(data) < count:
        more = client.recv(count - len(data))
        assert more, "closed too early"
        data += more
    return data


def silent(client):
    client.settimeout(0.2)
    try:
        return client.recv(1) and False
    except TimeoutError:
        return True
    finally:
        client.settimeout(10)


def test_more_bytes_than_buffers_hold_arrive_in_order(echo):
    sent = bytes(range(256)) * 20_000
    with Proxy(echo[0]) as proxy, connect(proxy.port) as client:
        writing = threading.Thread(target=client.sendall, args=(sent,))
        writing.start()
        assert read(client, len(sent)) == sent
        writing.join()


def test_a_cut_is_silent_and_what_was_held_comes_when_it_heals(echo):
    with Proxy(echo[0]) as proxy, connect(proxy.port) as client:
        client.sendall(b"before")
        assert read(client, 6) == b"before"
        proxy.cut()
        assert proxy.cut_off
        client.sendall(b"during")
        assert silent(client)
        proxy.heal()
        assert read(client, 6) == b"during" and not proxy.cut_off


def test_who_connects_during_a_cut_gets_no_answer_and_reaches_nobody_until_it_heals(echo):
    with Proxy(echo[0]) as proxy:
        proxy.cut()
        with connect(proxy.port) as client:
            client.sendall(b"hello")
            assert silent(client) and echo[1] == []
            proxy.heal()
            assert read(client, 5) == b"hello"


@pytest.mark.parametrize("way, heard", [("there", False), ("back", True)])
def test_a_cut_in_one_way_holds_what_goes_that_way_only(echo, way, heard):
    with Proxy(echo[0]) as proxy, connect(proxy.port) as client:
        client.sendall(b"before")
        read(client, 6)
        proxy.cut(way)
        server = echo[1][0]
        server.settimeout(10)
        server.sendall(b"news")
        if not heard:
            assert read(client, 4) == b"news"
        client.sendall(b"during")
        assert proxy.cut_off and silent(client)
        proxy.heal(way)
        assert read(client, 10 if heard else 6) == (b"newsduring" if heard else b"during") and not proxy.cut_off


@pytest.mark.parametrize("way", ["there", "back"])
def test_nobody_connects_through_a_cut_in_either_way(echo, way):
    with Proxy(echo[0]) as proxy:
        proxy.cut(way)
        with connect(proxy.port) as client:
            client.sendall(b"hello")
            assert silent(client) and echo[1] == []
            proxy.heal()
            assert read(client, 5) == b"hello"


def test_a_cut_with_reset_breaks_what_is_connected_at_both_ends_and_who_connects_anew(echo):
    with Proxy(echo[0]) as proxy, connect(proxy.port) as client:
        client.sendall(b"before")
        read(client, 6)
        proxy.cut(reset=True)
        with pytest.raises(ConnectionResetError):
            client.recv(1)
        with connect(proxy.port) as other, pytest.raises(ConnectionResetError):
            other.recv(1)
        assert len(echo[1]) == 1 and echo[2].get(timeout=10) is ConnectionResetError
        proxy.heal()
        with connect(proxy.port) as again:
            again.sendall(b"after")
            assert read(again, 5) == b"after"


def test_what_is_delayed_less_does_not_overtake(echo):
    delays = [300.0, 0.0, 0.0]
    with Proxy(echo[0]) as proxy, connect(proxy.port) as client:
        client.sendall(b"0")
        assert read(client, 1) == b"0"
        proxy.delay(lambda: delays.pop(0) if delays else 0.0, "there")
        for piece in (b"1", b"2", b"3"):
            client.sendall(piece)
            while len(delays) > 3 - int(piece):  # it is on its way
                time.sleep(0.001)
        assert read(client, 3) == b"123"


@pytest.mark.parametrize("way", ["there", "back"])
def test_throttled_no_byte_comes_before_its_time(echo, way):
    with Proxy(echo[0]) as proxy, connect(proxy.port) as client, connect(proxy.port) as other:
        begin = time.monotonic()
        proxy.throttle(50_000, way)
        for one in (client, other):
            one.sendall(b"." * 5_000)
        for one in (client, other):
            read(one, 5_000)
        assert time.monotonic() - begin >= 0.2
    with Proxy(echo[0]) as proxy, pytest.raises(ValueError, match="a rate is a number"):
        proxy.throttle(0)


def test_the_end_of_a_server_is_told_but_not_through_a_cut(echo):
    with Proxy(echo[0]) as proxy, connect(proxy.port) as client, connect(proxy.port) as other:
        for one in (client, other):
            one.sendall(b"x")
            read(one, 1)
        echo[1][0].shutdown(socket.SHUT_RDWR)
        assert client.recv(1) == b""
        proxy.cut()
        echo[1][1].shutdown(socket.SHUT_RDWR)
        assert silent(other)
        proxy.heal()
        assert other.recv(1) == b""


def test_a_client_that_goes_is_told_to_the_server(echo):
    with Proxy(echo[0]) as proxy:
        with connect(proxy.port) as client:
            client.sendall(b"x")
            read(client, 1)
        echo[1][0].settimeout(10)
        assert echo[1][0].recv(1) == b""


def test_nobody_at_the_target_closes_the_connection():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with Proxy(port) as proxy, connect(proxy.port) as client, suppress(ConnectionResetError):
        assert client.recv(1) == b""


def test_closed_it_listens_no_more_and_its_thread_is_gone(echo):
    proxy = Proxy(echo[0])
    with connect(proxy.port) as client:
        client.sendall(b"x")
        read(client, 1)
        proxy.cut()
        proxy.close()
        proxy.close()
        with suppress(ConnectionResetError):
            assert client.recv(1) == b""
    assert not proxy._thread.is_alive()
    with pytest.raises(ConnectionRefusedError):
        connect(proxy.port)
