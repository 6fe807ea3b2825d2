"""Lab 09: a learner's cache beside a real Redis, a writer, a subscription that can be cut, and a clock set by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from splitbrain.checkers import staleness
from splitbrain.course.feedback import Wrong, expect, learner_code
from splitbrain.course.learner import Endless, is_learners_frame
from splitbrain.messaging.pubsub import Lost, key_change, watch_keys
from splitbrain.messaging.server import LocalServer
from splitbrain.records import Operation
from splitbrain.views import timeline
from splitbrain.watchdog import watchdog

LEASE = 10.0
ONE_CALL = 2.0  # seconds of processor time; a right answer needs a few thousandths of one


def soon() -> watchdog:
    """Stops one call of the learner's code; the check as a whole may take long on a busy machine."""
    return watchdog(ONE_CALL, lambda _: Endless(f"it was given {ONE_CALL:g} seconds."), where=is_learners_frame)


class World:
    """One cache, made by the learner's class, and all that happens around it; reads and writes are a history."""

    def __init__(self, server: LocalServer, make: Callable[..., Any], name: str):
        self.server, self.name, self.now = server, name, 0.0
        self.client = server.client()
        self.client.flushall()
        self.listening = watch_keys(server)
        self.asked: list[str] = []
        self.meanwhile: list[Callable[[], Any]] = []  # once Redis has read a value, before its answer is there
        self.story: list[str] = []
        self.history: list[Operation] = []
        with learner_code(f"in {name}(ask, lease, clock)"), soon():
            self.cache = make(self.ask, LEASE, lambda: self.now)

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_) -> None:
        self.listening.close()
        self.client.close()

    def ask(self, key: str) -> str | None:
        """What the learner's code asks Redis by."""
        self.asked.append(key)
        value = self.client.get(key)
        self.story.append(f"{self.now:g} s: Redis is asked for {key}, and reads {value!r}")
        actions, self.meanwhile = self.meanwhile, []
        for action in actions:
            action()
        return value

    def write(self, key: str, value: str) -> None:
        self.story.append(f"{self.now:g} s: {key} = {value!r} is written")
        self.client.set(key, value)
        self._note("put", key, value=value, began=self.now)

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def get(self, key: str) -> str | None:
        began = self.now
        with learner_code(f"in {self.name}.get"), soon():
            value = self.cache.get(key)
        expect(value, str | None, of=f"{self.name}.get({key!r})")
        self.story.append(f"{self.now:g} s: get({key!r}) gives {value!r}")
        self._note("get", key, result=value, began=began)
        return value

    def tell(self) -> None:
        """What the subscription has heard reaches the cache, or that it was cut."""
        try:
            messages = self.listening.arrived()
        except Lost:
            self.listening.reconnect()
            self.story.append(f"{self.now:g} s: connected again; connected() is called")
            with learner_code(f"in {self.name}.connected"), soon():
                self.cache.connected()
            return
        for key in (key_change(message).key for message in messages):
            self.story.append(f"{self.now:g} s: changed({key!r}) is called")
            with learner_code(f"in {self.name}.changed"), soon():
                self.cache.changed(key)

    def cut(self) -> None:
        """The subscription's connection is closed: what is published from now on is lost."""
        self.story.append(f"{self.now:g} s: the subscription is cut")
        self.client.client_kill_filter(_type="pubsub")

    def judge(self, why: str) -> None:
        """Whether no read was stale for longer than the lease."""
        verdict = staleness(self.history, ms=1000 * LEASE)
        if verdict.status == "violated":
            raise Wrong(f"{why}\n{self.told()}", expected=f"no read stale for more than {LEASE:g} s",
                        got=str(verdict), picture=timeline(self.history))

    def want(self, key: str, value: str | None, why: str) -> None:
        """A read has to give this."""
        if (got := self.get(key)) != value:
            raise Wrong(f"{why}\n{self.told()}", expected=f"get({key!r}) gives {value!r}", got=repr(got))

    def want_asked(self, times: int, why: str) -> None:
        """So often Redis has to have been asked by now."""
        if len(self.asked) != times:
            raise Wrong(f"{why}\n{self.told()}", expected=f"Redis is asked {times} times",
                        got=f"{len(self.asked)} times")

    def told(self) -> str:
        return "\n".join(self.story[-12:])

    def _note(self, f: str, key: str, *, began: float, value: str | None = None, result: str | None = None) -> None:
        place = len(self.history)
        self.history.append(Operation("reader" if f == "get" else "writer", f, key, value, result=result,
                                      invoked=1000 * began, returned=1000 * self.now, start=2 * place,
                                      end=2 * place + 1, index=place))
