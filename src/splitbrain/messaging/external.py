"""A Redis that is there: what every server offers, and the one that somebody else runs."""

from __future__ import annotations

import re

from splitbrain.messaging.binaries import OLDEST, dotted
from splitbrain.messaging.errors import RedisError


class Server:
    """A Redis that answers. As a context manager it is stopped at the end, if it is ours.

    Attributes
    ----------
    url : str
        For any client, password included.
    source : str
        Which Redis this is, in words, without a password.
    """

    url: str
    source: str
    running = True

    def client(self, **options):
        """A `redis.Redis` for it; options are those of `redis.Redis.from_url`.

        It answers in strings, and an error is told at once: made in other ways, a client of redis-py sends a command
        up to three times more when the connection broke, although the server may have carried it out the first time.
        """
        import redis

        return redis.Redis.from_url(self.url, **{"decode_responses": True} | connection() | options)

    def stop(self) -> None:
        """Stop it, if it was started here."""

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.source}>"


class ExternalServer(Server):
    """The Redis of ``REDIS_URL``, which somebody else started and will stop."""

    def __init__(self, url: str, source: str):
        self.url, self.source = url, source


def connect(url: str) -> ExternalServer:
    """Ask the Redis at `url` for its version.

    Raises
    ------
    RedisError
        It does not answer, refuses the password, is older than 6.2, or the URL is none.
    """
    import redis

    shown = re.sub(r"//.*@", "//***@", url)
    try:
        told = _ask(url, seconds=5)
    except (redis.RedisError, OSError, ValueError) as error:
        raise RedisError(
            f"REDIS_URL names {shown}, which cannot be used ({error}). "
            "Start that server or mend the address, or unset REDIS_URL and a private server is started."
        ) from error
    version = tuple(int(part) for part in re.findall(r"\d+", str(told["redis_version"]))[:3])
    product = "Valkey" if "valkey_version" in told else "Redis"
    if version < OLDEST:
        raise RedisError(
            f"REDIS_URL names {shown}, which is {product} {dotted(version)}; the course needs {dotted(OLDEST)} "
            "or newer. Unset REDIS_URL and a private server is started."
        )
    return ExternalServer(url, f"{product} {told.get('valkey_version', dotted(version))} at {shown}, as REDIS_URL says")


def probe(url: str, *, pid: int) -> bool:
    """Whether the process `pid` answers at `url`, to its password, with its data loaded.

    Another program that listens there may never answer, so half a second has to do.
    """
    import redis

    try:
        return _ask(url, seconds=0.5)["process_id"] == pid
    except (redis.RedisError, OSError):
        return False


def _ask(url: str, *, seconds: float) -> dict:
    import redis

    # The old protocol: a server too old to know HELLO could not tell that it is.
    patience = {"socket_timeout": seconds, "socket_connect_timeout": seconds, "protocol": 2} | connection()
    with redis.Redis.from_url(url, **patience) as client:
        client.ping()
        return client.info("server")


def connection() -> dict:
    """Options of a redis-py client that sends each command once, and tells an error at once."""
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return {"retry": Retry(NoBackoff(), 0)}
