"""A replicated Redis that mends itself: a primary, replicas, and sentinels that choose another primary when it is gone.

All are processes of this machine, private to this one and gone with it. Each database is reached in two ways: by
whoever stands beside it (`Member.client`), and from everywhere else, through a proxy that can be cut. Sentinels,
replicas and routers come from everywhere else.

Redis documentation, "High availability with Redis Sentinel", says what sentinels promise: that a majority of them
agrees on each change of the primary, and gives it an epoch of its own. That no two primaries accept writes at one time
is not promised.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any

from splitbrain.messaging.errors import RedisError
from splitbrain.messaging.external import connection
from splitbrain.messaging.local import LocalServer
from splitbrain.messaging.proxy import Proxy
from splitbrain.messaging.router import Route, Router
from splitbrain.messaging.server import start_server

NAME = "course"
PATIENCE = 60.0  # seconds
ELECTION = 3_000  # milliseconds: after twice as long a failover that came to nothing is tried again
# What sentinels do every few seconds they do here several times a second, and they are not put off by a busy machine,
# which they take for a clock that jumps ("tilt"). Redis 6.2 cannot be told so, and takes its time. While the primary is
# down they ask replicas once a second how they are, and promote none that said nothing for five periods of pings.
HASTE = {"info-period": 100, "ping-period": 400, "ask-period": 100, "publish-period": 200, "tilt-trigger": 60_000}
# A copy of all data is sent, and taken, when it is asked for, not at the next full second.
AT_ONCE = {"repl_diskless_sync": False, "repl_diskless_load": "swapdb"}


class Member:
    """One of the databases. Made by `Group`.

    Attributes
    ----------
    name : str
        ``n1``, ``n2``, ...
    server : LocalServer
    proxy : Proxy
        What everybody goes through who does not stand beside it.
    beside : redis.Redis
        The client that `role` asks with.
    """

    def __init__(self, name: str, proxy: Proxy, server: LocalServer):
        self.name, self.proxy, self.server = name, proxy, server
        self.beside = server.client()
        proxy.target = server.port

    def client(self, **options: Any):
        """A `redis.Redis` for who stands beside it: no cut is in between."""
        return self.server.client(**options)

    def kill(self) -> None:
        """SIGKILL."""
        self.server.kill()

    def restart(self) -> None:
        """Start it again, as what it was when it died: a primary believes that it still is one."""
        self.server.restart()

    def pause(self) -> None:
        """SIGSTOP."""
        self.server.pause()

    def resume(self) -> None:
        """SIGCONT: what was sent to it meanwhile is done first."""
        self.server.resume()

    def cut(self) -> None:
        """Cut it off from replicas, sentinels and routers, in silence. Who stands beside it stays connected."""
        self.proxy.cut()

    def heal(self) -> None:
        """End the cut."""
        self.proxy.heal()

    def role(self) -> str:
        """What it takes itself for: ``primary``, ``replica``, ``dead`` or ``paused``."""
        import redis

        while True:
            if not self.server.running:
                return "dead"
            if self.server.paused:
                return "paused"
            with suppress(redis.ConnectionError):  # closed, because it is just changing its role
                return {"master": "primary", "slave": "replica"}[self.beside.info("replication")["role"]]

    def __repr__(self) -> str:
        return f"<{self.name}>"


class Group:
    """A primary with its replicas, and sentinels. Use it as a context manager, or call `stop`.

    Parameters
    ----------
    replicas, sentinels : int
        Half of the sentinels and one more agree that the primary is down.
    down_after : int
        Milliseconds of silence after which a majority of the sentinels takes a database for dead. The others take twice
        as long: were all to see it at once, each would vote for itself, and nobody be elected.
    choice : str, optional
        Which binary; see `splitbrain.messaging.server.start_server`.
    **options
        Directives of the databases, ``min_replicas_to_write=1``.

    Attributes
    ----------
    members : dict of str to Member
    sentinels : list of LocalServer
    password : str
        Of every one of them.

    Raises
    ------
    RedisError
        They cannot be started, or do not find each other within a minute.

    Examples
    --------
    >>> with Group() as group:
    ...     first = group.primary()
    ...     group.client().set("x", 1), group.client().wait(2, 1000)
    ...     first.kill()
    ...     epoch = group.wait_for_failover(group.route().epoch)
    ...     group.primary() is first, epoch
    (True, 2)
    (False, 1)
    """

    def __init__(self, *, replicas: int = 2, sentinels: int = 3, down_after: int = 700, choice: str | None = None,
                 **options: Any):
        self.password = secrets.token_hex(24)
        self.down_after, self.quorum = down_after, sentinels // 2 + 1
        self._all = ExitStack()
        self._started = {"transport": "tcp", "choice": choice, "password": self.password}
        try:
            self.members: dict[str, Member] = {}
            self.sentinels: list[LocalServer] = []
            self._ask: list[Any] = []  # a client of each
            for number in range(replicas + 1):
                self._start_member(f"n{number + 1}", options)
            self.wait_until(self._replicated, "The replicas do not follow")
            for _ in range(sentinels):
                self.sentinels.append(self._start_sentinel())
            self.wait_until(self._watched, "The sentinels do not find each other")
        except BaseException:
            self._all.close()
            raise

    # Who is who.

    def route(self) -> Route:
        """Where the primary is, as a majority of the sentinels says."""
        return self.router().learn()

    def primary(self) -> Member:
        """The database that the sentinels send clients to."""
        port = self.route().port
        return next(member for member in self.members.values() if member.proxy.port == port)

    def others(self) -> list[Member]:
        """The members that it is not."""
        primary = self.primary()
        return [member for member in self.members.values() if member is not primary]

    def router(self, **options: Any) -> Router:
        """A router of our own, that follows the primary; options are those of `Router`."""
        return Router(self._ask, NAME, password=self.password, **options)

    def client(self, **options: Any):
        """What redis-py offers: a client whose every new connection goes to whoever is primary then.

        It asks one sentinel after the other and takes the first answer. Errors are told at once, see `Server.client`.
        """
        from redis.sentinel import Sentinel

        login = {"password": self.password, "decode_responses": True, "socket_timeout": 1.0} | connection()
        places = [("127.0.0.1", one.port) for one in self.sentinels]
        return Sentinel(places, sentinel_kwargs=login, **login).master_for(NAME, **options)

    def roles(self) -> dict[str, str]:
        """What each database takes itself for: ``primary``, ``replica``, ``dead`` or ``paused``.

        It is asked from beside it; a majority of sentinels may take another one for the primary.
        """
        return {name: member.role() for name, member in self.members.items()}

    # Until something has happened.

    def wait_for_failover(self, epoch: int) -> int:
        """Wait until a majority gives a primary of a later epoch, it is one, and all send clients there; its epoch."""
        self.wait_until(lambda: self._taken_over(epoch), f"Nobody has taken over after epoch {epoch}")
        return self.route().epoch

    def wait_for_replicas(self) -> None:
        """Wait until all that are alive and can be reached have what the primary has, and no failover is going on."""
        self.wait_until(lambda: self._settled() and self._replicated(), "The replicas do not follow")

    def wait_until(self, true: Callable[[], bool], otherwise: str) -> None:
        """Ask until the answer is yes. A server that changes its role closes its connections: that is no answer.

        Raises
        ------
        RedisError
            It is still not true after a minute; `otherwise` is the sentence.
        """
        import redis

        deadline = time.monotonic() + PATIENCE
        while True:
            with suppress(redis.ConnectionError, RedisError):
                if true():
                    return
            if time.monotonic() > deadline:
                raise RedisError(f"{otherwise}, after {PATIENCE:g} seconds.")
            time.sleep(0.02)

    def stop(self) -> None:
        """End all processes, and remove their folders."""
        self._all.close()

    def __enter__(self) -> Group:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start_member(self, name: str, options: dict[str, Any]) -> None:
        proxy = self._all.enter_context(Proxy())
        first = next(iter(self.members.values()), None)
        follow = {"replicaof": f"127.0.0.1 {first.proxy.port}"} if first else {}
        ours = {"masterauth": self.password, "replica_announce_ip": "127.0.0.1", "replica_announce_port": proxy.port,
                "repl_ping_replica_period": 1} | AT_ONCE
        server = self._all.enter_context(start_server(**self._started, **follow, **ours, **options))
        self.members[name] = Member(name, proxy, server)

    def _start_sentinel(self) -> LocalServer:
        silence = self.down_after * (1 if len(self.sentinels) < self.quorum else 2)
        lines = [f"monitor {NAME} 127.0.0.1 {self.members['n1'].proxy.port} {self.quorum}",
                 f"auth-pass {NAME} {self.password}", f"down-after-milliseconds {NAME} {silence}",
                 f"failover-timeout {NAME} {ELECTION}", f"parallel-syncs {NAME} {len(self.members)}"]
        server = self._all.enter_context(start_server(**self._started, sentinel=lines))
        hurry(server)
        self._ask.append(server.client(socket_timeout=1.0))
        return server

    def _watched(self) -> bool:
        told = [one.sentinel_master(NAME) for one in self._ask]
        return all(t["num-other-sentinels"] == len(self.sentinels) - 1 and t["num-slaves"] == len(self.members) - 1
                   for t in told)

    def _up(self) -> list[Any]:
        return [ask for ask, one in zip(self._ask, self.sentinels, strict=True) if one.running and not one.paused]

    def _taken_over(self, epoch: int) -> bool:
        route = self.route()
        sent_to = {one.sentinel_get_master_addr_by_name(NAME, return_responses=True)[1] for one in self._up()}
        return route.epoch > epoch and sent_to == {route.port} and self.primary().role() == "primary"

    def _settled(self) -> bool:
        answers = set(Router(self._up(), NAME).answers())
        return None not in answers and len(answers) == 1

    def _replicated(self) -> bool:
        primary = self.primary() if self.sentinels else self.members["n1"]
        here = primary.beside.info("replication")
        told = [member.beside.info("replication") for member in self.members.values()
                if member is not primary and not member.proxy.cut_off and member.role() not in ("dead", "paused")]
        return all(t["role"] == "slave" and t["master_link_status"] == "up" and t["master_port"] == primary.proxy.port
                   and t["slave_repl_offset"] >= here["master_repl_offset"] for t in told)


def hurry(sentinel: LocalServer) -> None:
    """Let a sentinel look and tell more often; one too old to be told so stays as it is."""
    from redis import ResponseError

    with suppress(ResponseError):
        sentinel.client().execute_command("SENTINEL", "DEBUG", *[word for pair in HASTE.items() for word in pair])
