"""Clients that move money between accounts, and read all balances at once. The sum must not change."""

from __future__ import annotations

from collections.abc import Sequence

from splitbrain.workloads.plan import Check, Workload
from splitbrain.workloads.turns import Turns


def bank(*, clients: int = 3, ops: int = 60, accounts: int | Sequence = 3, reads: float = 0.5, most: int = 5,
         total: float | None = None, settle: float = 500.0, check: Check | None = None, every: float = 60.0,
         start: float = 0.0, seed: int = 0) -> Workload:
    """Plan transfers, and reads of all accounts; at the end, every client reads once more.

    The handlers are ``transfer(source, target, amount)`` and ``read()``, which answers ``{account: balance}``. What the
    accounts hold at the beginning is the nodes' affair. A transfer that would overdraw its source is to be refused: it
    raises `splitbrain.Refused`.

    Parameters
    ----------
    accounts : int or sequence
        How many accounts there are to move money between (x, y, z; beyond three: k1, k2, ...), or their names.
    reads : float
        The share of reads, between 0 and 1.
    most : int
        Of what a transfer moves; the least is 1.
    total : number, optional
        The sum of all balances, if it is known; if not, the first read tells what it must be.
    settle : float
        Milliseconds between the rest and the reads at the end, which are not counted in `ops`.
    check : str or function of a History, giving a Verdict
        By default ``"bank"``, with the total, if it is given.
    clients, ops, every, start, seed
        As for `register`.

    Examples
    --------
    >>> plan = bank(clients=2, ops=3, total=30)
    >>> plan
    Workload('bank', 5 operations, check='bank(total=30)')
    >>> print(plan.operations[0])
    at 24.296 ms c2 asks transfer('x', 'z', 3)
    """
    turns = Turns("bank", clients=clients, ops=ops, keys=accounts, every=every, start=start, seed=seed, reads=reads)
    if len(turns.keys) < 2:
        raise ValueError(f"bank() needs two accounts to move money between; got accounts={accounts!r}")
    pairs = [(source, target) for source in turns.keys for target in turns.keys if source != target]

    def ask(client: str, kind: float, which: float, amount: float) -> tuple:
        source, target = pairs[int(which * len(pairs))]
        return ("read", None, None) if kind < reads else ("transfer", source, (target, 1 + int(amount * most)))

    turns.take(ask, draws=3).finish(clients, "read", settle=settle)
    return turns.workload(check or ("bank" if total is None else f"bank(total={total!r})"))
