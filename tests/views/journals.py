"""Journals and histories made by hand, in the raw form that the simulator writes; and how to look into a picture."""

import re
from marshal import dumps
from xml.etree import ElementTree

from splitbrain.records import History, Journal, Operation


class Script:
    """Writes a journal: ``s.send(1, 0, "n1", "n2", "put", ("x", 1))`` and so on; times in milliseconds."""

    def __init__(self):
        self.raw = []
        self.messages = {}

    def note(self, ms, kind, node="", message=None, /, **detail):
        self.raw.append((round(ms * 1000), kind, node, message, detail or None))

    def send(self, id, ms, source, target, method="replicate", body=("x", 1), kind="request", cause="c1#0"):
        self.messages[id] = (id, kind, source, target, method, dumps(body, 2), cause, None, 1)
        self.note(ms, "send", source, self.messages[id])

    def receive(self, id, ms):
        self.note(ms, "receive", self.messages[id][3], self.messages[id])

    def drop(self, id, ms, reason):
        message = self.messages[id]
        self.note(ms, "drop", message[3] if reason == "crashed" else message[2], message, reason=reason)

    def invoke(self, ms, operation, f, key, value, node):
        self.note(ms, "invoke", operation.partition("#")[0], operation=operation, f=f, key=key, value=value, node=node)

    def complete(self, ms, operation, status="ok", result=None, error=""):
        self.note(ms, "complete", operation.partition("#")[0], operation=operation, status=status, result=result,
                  error=error, delays=2)

    @property
    def journal(self):
        return Journal(self.raw)


def split_brain() -> Journal:
    """n1 takes a write that a partition keeps from n3; n3 answers with what it has."""
    s = Script()
    s.note(0, "fault", fault="partition('n1 n2', 'n3')", kind="partition", nodes=["n1", "n2", "n3"], lasts=True,
           groups=[["n1", "n2"], ["n3"]], ends=["partition"])
    s.invoke(1, "c1#0", "put", "x", 2, "n1")
    s.send(1, 1, "c1", "n1", "put", ("x", 2))
    s.receive(1, 3)
    s.note(3, "commit", "n1", forced=True)
    s.note(3, "values", "n1", values={"x": 2})
    s.send(2, 3, "n1", "n2", body=("x", 2))
    s.send(3, 3, "n1", "n3", body=("x", 2))
    s.drop(3, 3, "cut")
    s.receive(2, 5.5)
    s.note(5.5, "commit", "n2", forced=False)
    s.note(5.5, "values", "n2", values={"x": 2})
    s.send(4, 5.5, "n2", "n1", body=True, kind="response")
    s.receive(4, 8)
    s.send(5, 8, "n1", "c1", "put", "ok", kind="response")
    s.receive(5, 9)
    s.complete(9, "c1#0")
    s.invoke(20, "c2#0", "get", "x", None, "n3")
    s.send(6, 20, "c2", "n3", "get", ("x",))
    s.receive(6, 22)
    s.send(7, 22, "n3", "c2", "get", 1, kind="response")
    s.receive(7, 24)
    s.complete(24, "c2#0", result=1)
    s.note(30, "fault", fault="heal()", kind="heal", ends=["partition", "cut", "isolate"])
    return s.journal


def split_brain_history() -> History:
    return History([Operation("c1", "put", "x", 2, None, "ok", 1, 9, 0, 1, 0, "n1"),
                    Operation("c2", "get", "x", None, 1, "ok", 20, 24, 2, 3, 1, "n3")])


def every_outcome() -> History:
    """One operation ok, one refused, one given up, one that the end of the run cut short; two at a time."""
    return History([
        Operation("c1", "put", "x", 1, None, "ok", 0, 10, 0, 3, 0),
        Operation("c2", "put", "x", 2, None, "unknown", 4, 30, 1, None, 1, error="no answer within 26 ms"),
        Operation("c3", "get", "x", None, 1, "ok", 5, 15, 2, 4, 2),
        Operation("c1", "cas", "x", [1, 3], None, "fail", 16, 22, 5, 6, 3, error="x is 2"),
        Operation("c2", "get", "x", None, 2, "ok", 35, 44, 7, 8, 4),
        Operation("c1", "put", "x", 9, None, "unknown", 45, None, 9, None, 5),
    ])


def busy(messages: int, nodes: int = 5) -> Journal:
    """Messages round a ring, two at a time, each answered by a commit."""
    s = Script()
    for i in range(messages):
        a, b = f"n{i % nodes + 1}", f"n{(i + 1) % nodes + 1}"
        s.send(i, i * 2, a, b, "replicate", ("key", i))
        s.receive(i, i * 2 + 1.5)
        s.note(i * 2 + 1.5, "commit", b, forced=bool(i % 2))
    return s.journal


def look_of(svg: str, name: str) -> str:
    """The style of the element with this id."""
    element = next(e for e in ElementTree.fromstring(svg).iter() if e.get("id") == name)
    drawn = next(e for e in element.iter() if e.get("class"))
    return re.search(rf"\.{drawn.get('class')}{{([^}}]*)}}", svg)[1]
