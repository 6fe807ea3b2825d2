"""What surrounds a message between services: who sent it, what caused it, whom to answer, what it is the same as."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

COMMAND, REPLY, EVENT = "command", "reply", "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A message and what a receiver has to know to treat it rightly.

    Attributes
    ----------
    name : str
        A command's says what is to be done (``reserve``), an event's what has happened (``stock reserved``).
    body : dict
        Plain data.
    id : str
        The same for every copy of this message, and for no other.
    kind : {"command", "reply", "event"}
        A command has one receiver, who may refuse. An event names nobody and cannot be refused: it has happened.
    trace : str
        The business process that it belongs to, from end to end: an order's number.
    cause : str
        The `id` of the message in whose handling this one was sent; "" for the first.
    sender, to : str
        A service, and a queue or topic.
    reply_to, correlation : str
        Where the answer goes, and which request it answers.
    key : str
        Idempotency key: two messages with the same key ask for one and the same effect.
    deadline : float
        Seconds since 1970 after which nobody waits for the answer any more; 0 for none.
    version : int
        Of the body's form.
    """

    name: str
    id: str
    body: dict[str, Any] = field(default_factory=dict)
    kind: str = COMMAND
    trace: str = ""
    cause: str = ""
    sender: str = ""
    to: str = ""
    reply_to: str = ""
    correlation: str = ""
    key: str = ""
    deadline: float = 0.0
    version: int = 1

    def to_json(self) -> str:
        """One line of text, the same for equal envelopes."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Envelope:
        """The envelope of a line; fields that this version does not know are passed over.

        >>> Envelope.from_json('{"name": "ship", "id": "a-1", "colour": "of a later version"}').name
        'ship'
        """
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in json.loads(text).items() if name in known})
