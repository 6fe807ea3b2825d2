"""Lab 09: what carries news from a real subscription to a cache, and what it does when the connection breaks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from splitbrain.course.checks.pubsub_world import soon
from splitbrain.course.feedback import Wrong, exercise, learner_code
from splitbrain.messaging.pubsub import Lost, Subscription, enable_key_changes, watch_keys
from splitbrain.messaging.server import LocalServer, start_server


class _Copy:
    """A cache with a busy reader: whatever it drops is read again at once. Without a lease, so that each slip stays."""

    def __init__(self, client):
        self._client, self.said = client, []
        self.values = {"lamp": client.get("lamp"), "vase": client.get("vase")}

    def changed(self, key):
        self.said.append(key)
        if key in self.values:
            self.values[key] = self._client.get(key)

    def connected(self):
        self.said.append("connected")
        self.values = {key: self._client.get(key) for key in self.values}


class _Told(Subscription):
    """A subscription; something happens right before it is made again."""

    before_reconnecting: Callable = staticmethod(lambda: None)

    def reconnect(self) -> None:
        action, self.before_reconnecting = self.before_reconnecting, lambda: None
        action()
        super().reconnect()


class _Scene:
    def __init__(self, server: LocalServer, keep_up: Callable):
        self.client = server.client()
        self.client.flushall()
        self.client.mset({"lamp": "3", "vase": "5"})
        with watch_keys(server) as told:
            patterns = told.patterns
        self.told, self.copy, self._keep_up = _Told(server, (), patterns), _Copy(self.client), keep_up
        self.story: list[str] = []

    def __enter__(self) -> _Scene:
        return self

    def __exit__(self, *_) -> None:
        self.told.close()
        self.client.close()

    def write(self, key: str, value: str) -> None:
        self.story.append(f"{key} = {value!r} is written")
        self.client.set(key, value)

    def cut(self) -> None:
        self.story.append("the connection is closed")
        self.client.client_kill_filter(_type="pubsub")

    def keep_up(self) -> None:
        self.story.append("keep_up(told, cache) is called")
        with learner_code("in keep_up(told, cache)"), soon():
            self._keep_up(self.told, self.copy)

    def want_right(self, why: str) -> None:
        held = {key: self.client.get(key) for key in self.copy.values}
        if self.copy.values != held:
            said = ", ".join(self.copy.said) or "nothing"
            raise Wrong(f"{why}\n" + "\n".join(self.story), expected=f"the cache holds {held}",
                        got=f"{self.copy.values}; it was told: {said}")


@exercise("09_pubsub", "keep_up", title="Keep up with what is told", lines=7, seconds=20, hints=(
    "`told.arrived()` gives messages; `key_change(message).key` is the key that one is about. When it raises `Lost`, "
    "some were published to nobody: which of the cache's two methods says that?",
    "There are two things to do after `Lost`, and their order matters. The cache is read at once again. If it drops "
    "all before the subscription stands, what happens to a key that is written in between?",
    "try: for message in told.arrived(): cache.changed(key_change(message).key); except Lost: told.reconnect(), and "
    "after that cache.connected(). No loop: whoever calls you calls you again."))
def check_keep_up(keep_up: Callable) -> str:
    with start_server() as server:
        _carries(server, keep_up)
        _mends_a_cut(server, keep_up)
        _leaves_no_gap(server, keep_up)
        _survives_the_server(server, keep_up)
    return "every change reaches the cache, and no cut leaves a gap that the cache does not know of."


def _carries(server: LocalServer, keep_up: Callable) -> None:
    with _Scene(server, keep_up) as scene:
        for key, value in (("lamp", "2"), ("vase", "0"), ("lamp", "1")):
            scene.write(key, value)
        scene.keep_up()
        scene.want_right("Three changes were told, and not all reached the cache.")
        if "connected" in scene.copy.said:
            raise Wrong("Nothing was lost, and the cache was told to drop all.", expected="changed('lamp'), ...",
                        got=", ".join(scene.copy.said))


def _mends_a_cut(server: LocalServer, keep_up: Callable) -> None:
    with _Scene(server, keep_up) as scene:
        scene.cut()
        scene.write("lamp", "2")
        scene.keep_up()
        scene.want_right("A change was published while nobody listened. It will never come: how is the cache to know?")
        scene.write("vase", "4")
        scene.keep_up()
        scene.want_right("After the cut nothing is told any more: is there a subscription?")


def _leaves_no_gap(server: LocalServer, keep_up: Callable) -> None:
    with _Scene(server, keep_up) as scene:
        scene.cut()
        scene.told.before_reconnecting = lambda: scene.write("lamp", "2")
        scene.keep_up()
        scene.keep_up()
        scene.want_right("A key was written just before the subscription stood again. The cache had dropped all by "
                         "then and was read again at once, so it has the old value, and nobody will tell it.")


def _survives_the_server(server: LocalServer, keep_up: Callable) -> None:
    with _Scene(server, keep_up) as scene:
        server.kill()
        scene.story.append("the server is killed")
        try:
            dead = "in keep_up(told, cache), with the server dead"
            with learner_code(dead, passes=(Lost,)), suppress(Lost), soon():
                keep_up(scene.told, scene.copy)
        finally:
            server.restart()
        scene.client.mset({"lamp": "9", "vase": "9"})
        enable_key_changes(scene.client)
        scene.keep_up()
        scene.want_right("The server was killed, keep_up called, the server started again, and keep_up called once "
                         "more.")
        scene.write("lamp", "8")
        scene.keep_up()
        scene.want_right("After the server's restart nothing is told any more.")
