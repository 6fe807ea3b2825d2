"""Workers that are killed at random moments, on a server that may be killed, too; and what became of the messages."""

from __future__ import annotations

import random
import sqlite3
import time
from collections import Counter
from contextlib import ExitStack, closing

import redis

from splitbrain.messaging.inbox import Inbox
from splitbrain.messaging.streams import ReliableQueue
from splitbrain.messaging.worker import start

POISONED = 97  # every so many messages, one that no worker can do
BROKEN = (redis.ConnectionError, redis.TimeoutError, redis.BusyLoadingError, OSError)


def open_database(path, *, make=False):
    db = sqlite3.connect(path, isolation_level=None, timeout=60)
    db.execute("PRAGMA synchronous = OFF")  # processes die here, the power does not go
    if make:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE effect (message TEXT)")
        Inbox(db)
    return db


def is_poisoned(number: int) -> bool:
    return number % POISONED == 0


def effect(name: str):
    return lambda db: db.execute("INSERT INTO effect VALUES (?)", (name,))


def make_queue(client):
    return ReliableQueue(client, "q", idle=0.3, max_deliveries=8, backoff=lambda tries: 0.02)


def with_inbox(client, path, name):
    """The form of the course: the effect once, in one transaction with the message's id; then the acknowledgement."""
    queue, db = make_queue(client), open_database(path)
    inbox = Inbox(db)
    while True:
        for message in queue.take(name, 10, block=1.0):
            if is_poisoned(message.body):
                queue.retry(message, f"{message.body} is poisoned")
            else:
                inbox.once(message.id, effect(message.id))
                queue.acknowledge(message)


def without_inbox(client, path, name):
    """At least once: whoever dies between the effect and the acknowledgement is followed by one that does it again."""
    queue, db = make_queue(client), open_database(path)
    while True:
        for message in queue.take(name, 10, block=1.0):
            effect(message.id)(db)
            queue.acknowledge(message)


def acknowledging_first(client, path, name):
    """At most once: whoever dies after the acknowledgement has lost it."""
    queue, db = make_queue(client), open_database(path)
    while True:
        for message in (messages := queue.take(name, 10, block=1.0)):
            queue.acknowledge(*messages)
            effect(message.id)(db)


def off_a_list(client, path, name):
    """BRPOP: what was popped is nowhere else."""
    db = open_database(path)
    while True:
        if popped := client.brpop("list", timeout=1):
            effect(popped[1])(db)


def tireless(process):
    """In the worker's process: a server that is gone comes back."""
    while True:
        try:
            process.work(process.redis, process.path, process.name)
        except BROKEN:
            time.sleep(0.01)


def run(server, path, work, *, workers=4, every=0.1, server_every=None, seed=1, enough=None):
    """Kill a worker about every `every` seconds until nothing is owed; returns how often each message had its effect.

    With `server_every` the server is killed, too, and restarted, about every so many seconds. `enough` says of (client,
    number of effects) that it is over. Also returned: how many workers were killed, and how many servers.
    """
    open_database(path, make=True).close()
    chance, kills = random.Random(seed), [0, 0]
    with ExitStack() as stack:
        crew = [stack.enter_context(start(tireless, name=f"w{place}", redis=server, work=work, path=path))
                for place in range(workers)]
        stack.callback(lambda: [worker.kill() for worker in crew])
        next_server = time.monotonic() + (server_every or 1e9)
        while not _over(server, path, enough):
            time.sleep(chance.expovariate(1 / every))
            chance.choice(crew).restart()
            kills[0] += 1
            if time.monotonic() > next_server:
                server.kill()
                kills[1] += 1
                server.restart()
                next_server = time.monotonic() + server_every
    with closing(open_database(path)) as db:
        return Counter(name for name, in db.execute("SELECT message FROM effect")), kills


def _over(server, path, enough) -> bool:
    try:
        return enough(server.client()) if enough else make_queue(server.client()).depth().owed == 0
    except BROKEN:
        return False
