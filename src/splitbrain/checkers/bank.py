"""A bank: transfers move money, and every read of all accounts finds the same total. By Jepsen's rule."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from splitbrain.checkers.explain import plural, told
from splitbrain.checkers.forms import BALANCES, amount, require
from splitbrain.checkers.values import frozen
from splitbrain.records import OK, UNKNOWN, VIOLATED, Operation, Verdict, Witness


def bank(history: Iterable[Operation], *, total: float | None = None, accounts: Collection | None = None,
         overdraft: bool = False) -> Verdict:
    """Judge whether money is conserved in everything that anyone read.

    Parameters
    ----------
    history : iterable of Operation
        ``read``, which answers ``{account: balance}`` or a list of balances; ``transfer``, of whatever form. Reads of
        different keys are of different banks.
    total : number, optional
        The sum that each read must find; by default that of the read that was answered first.
    accounts : collection, optional
        The names of all accounts; if given, a read of any other is wrong.
    overdraft : bool
        Whether balances may be negative.

    Returns
    -------
    Verdict
        ``violated`` if a read finds another total, a negative balance, none at all (None), or an account that does
        not exist; ``unknown`` if nothing was read. Which of two reads that differ is the wrong one cannot be told where
        the total is not known.

    Raises
    ------
    ValueError
        If there are other functions than these, or a read that answers no balances.

    Notes
    -----
    The rules are those of Jepsen's bank test. A total that holds says that reads are not torn across a transfer; it
    does not say that they are fresh, nor that any transfer happened.

    Examples
    --------
    >>> reads = [Operation("c1", "read", result={"a": a, "b": 5}, start=2 * i, end=2 * i + 1, index=i)
    ...          for i, a in enumerate([5, 2])]
    >>> print(bank(reads))
    violated: c1 read {'a': 2, 'b': 5}: a total of 7, where it was 10 when c1 read {'a': 5, 'b': 5}
    """
    history = tuple(history)
    require(history, name="bank", functions=("read", "transfer"), told={"read": BALANCES})
    reads = sorted((o for o in history if o.f == "read" and o.status == OK), key=lambda o: o.end)
    if not reads:
        return Verdict(UNKNOWN, "nobody read the accounts", "bank")
    firsts: dict[Any, Operation] = {}
    for read in reads:
        held = _held(read)
        for kind, wrong in _wrong(held, accounts, overdraft):
            return Verdict(VIOLATED, f"{told(read)}: {wrong}", "bank", Witness((read,)), (kind,))
        first = firsts.setdefault(frozen(read.key), read) if total is None else None
        found = sum(held.values())
        expected = sum(_held(first).values()) if first else total
        if not _same(found, expected, held.values()):
            where = f", where it was {amount(expected)} when {told(first)}" if first else f", not {amount(total)}"
            witness = Witness((first, read) if first else (read,))
            return Verdict(VIOLATED, f"{told(read)}: a total of {amount(found)}{where}", "bank", witness,
                           ("wrong-total",))
    always = f"a total of {amount(expected)}" if len(firsts) < 2 else f"the total of its bank ({len(firsts)} banks)"
    return Verdict(OK, f"each of the {plural(len(reads), 'read')} finds {always}", "bank")


def _held(read: Operation) -> dict[Any, Any]:
    return dict(read.result) if isinstance(read.result, Mapping) else dict(enumerate(read.result))


def _wrong(held: Mapping, accounts: Collection | None, overdraft: bool) -> Iterator[tuple[str, str]]:
    """What no total could mend: the kind, as Jepsen calls it, and a clause."""
    for account, balance in held.items():
        if accounts is not None and account not in accounts:
            yield "unexpected-key", f"there is no account {account!r}"
        if balance is None:
            yield "nil-balance", f"account {account!r} has no balance"
        elif balance < 0 and not overdraft:
            yield "negative-value", f"account {account!r} is overdrawn"


def _same(found: float, expected: float, balances: Iterable[float]) -> bool:
    # Sums of fractions differ in their last digits with the order of adding.
    exact = isinstance(found, int) and isinstance(expected, int)
    return found == expected if exact else abs(found - expected) <= 1e-9 * max(sum(map(abs, balances)), abs(expected))
