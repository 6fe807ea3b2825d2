"""What a checker says of a run, and what the run cost."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from splitbrain.records.operations import Operation

OK, FAIL, UNKNOWN = "ok", "fail", "unknown"
VIOLATED = "violated"


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a run cost. Ledgers subtract: ``cluster.ledger - before`` is the price of what lay between.

    `messages` and `bytes` count what was put on the network, lost or not, clients' requests and responses
    included; `delays` the longest chain of messages that an operation waited for; `transactions` commits;
    `forced_writes` those that waited for the disk.
    """

    messages: int = 0
    bytes: int = 0
    delays: int = 0
    transactions: int = 0
    forced_writes: int = 0

    def __sub__(self, other: Ledger) -> Ledger:
        counts = {f.name: getattr(self, f.name) - getattr(other, f.name) for f in fields(self)}
        return Ledger(**counts | {"delays": self.delays})


@dataclass(frozen=True, slots=True)
class Witness:
    """What shows that a verdict is right: the fewest things to look at.

    Attributes
    ----------
    operations : tuple of Operation
        The operations that cannot all be right.
    events : tuple of int
        Positions in the journal, where the witness is there rather than in the history.
    edges : tuple of (int, int, str)
        ``(i, j, reason)`` between operation indexes: i must come before j, because.
    """

    operations: tuple[Operation, ...] = ()
    events: tuple[int, ...] = ()
    edges: tuple[tuple[int, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a checker says: ``ok``, ``violated`` or ``unknown``, one sentence, and a witness.

    ``unknown`` means that the checker ran out of its budget; it never stands for ``ok``.

    >>> print(Verdict("violated", "n1 says 1 and n2 says 2", checker="convergence"))
    violated: n1 says 1 and n2 says 2
    """

    status: str
    explanation: str
    checker: str = ""
    witness: Witness | None = None
    anomalies: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    states: int = 0

    def __post_init__(self):
        if self.status not in (OK, VIOLATED, UNKNOWN):
            raise ValueError(f"a verdict is ok, violated or unknown, not {self.status!r}")

    def __bool__(self) -> bool:
        raise TypeError("a verdict is ok, violated or unknown: compare verdict.status, it is not true or false")

    def __str__(self) -> str:
        return f"{self.status}: {self.explanation}"

    def to_dict(self) -> dict:
        """Plain data, ready for JSON."""
        return asdict(self)
