"""What an atomic commitment costs with nothing failing: by the published formulas, and as counted in a journal.

Whoever compares such figures has to say what they count. Here n is the number of participants; work and clients are
left out, and so is what a node says to itself. Mohan, Lindsay and Obermarck (TODS 1986, sections 2 and 3) count
acknowledgements; Gray and Lamport (TODS 2006, section 3) do not: their last message is the one that tells the decision.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_TELLING = {"commit", "rollback"}


@dataclass(frozen=True)
class Cost:
    """Messages, with and without acknowledgements; delays, until the last participant knows; forced writes of all."""

    messages: int
    unacknowledged: int
    delays: int
    forced: int


FORMULAS: dict[str, Callable[[int], Cost]] = {
    "commit": lambda n: Cost(4 * n, 3 * n, 3, 2 * n + 1),
    "commit, coordinator's own node is one of the n": lambda n: Cost(4 * n - 4, 3 * n - 3, 3, 2 * n + 1),
    "commit, the first vote comes unasked": lambda n: Cost(4 * n - 1, 3 * n - 1, 4, 2 * n + 1),
    "abort, one votes no": lambda n: Cost(4 * n - 2, 3 * n - 1, 3, 2 * n),
    "abort, one votes no, presumed": lambda n: Cost(3 * n - 1, 3 * n - 1, 3, n - 1),
    "commit, presumed abort": lambda n: Cost(4 * n, 3 * n, 3, 2 * n + 1),
    "commit, one has only read": lambda n: Cost(4 * n - 2, 3 * n - 1, 3, 2 * n - 1),
    "commit, all have only read": lambda n: Cost(2 * n, 2 * n, 2, 0),
}
"""By variant, of n participants. What is called after presumed abort is `PresumedAbortCoordinator`, the rest R*'s
two-phase commit. 3n - 3 messages in 3 delays, and 3n - 1 in 4, are Gray and Lamport's figures; 4n and 2n + 1 R*'s."""


def counted(journal: Any) -> Cost:
    """The cost of the one transaction in the journal of a cluster whose messages take 1 ms each."""
    own = {"prepare", "prepared", *_TELLING}
    seen = [event for event in journal.of("send", "receive")
            if event.message.method in own and event.message.source != event.message.target]
    sent = [event for event in seen if event.kind == "send"]
    known = [event.time for event in seen if event.kind == "receive" and not _acknowledges(event.message)]
    forced = [event for event in journal.of("commit") if event.detail["forced"] and event.time > 0]  # 0: the start
    unacknowledged = sum(not _acknowledges(event.message) for event in sent)
    return Cost(len(sent), unacknowledged, round(max(known) - sent[0].time), len(forced))


def _acknowledges(message: Any) -> bool:
    return message.method in _TELLING and message.kind == "response"
