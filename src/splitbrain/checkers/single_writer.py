"""One writer an epoch, and epochs that only grow: what a fencing token is for, judged from what a resource accepted."""

from __future__ import annotations

from collections.abc import Iterable

from splitbrain.checkers.explain import plural
from splitbrain.records import OK, VIOLATED, Verdict


def single_writer(accepted: Iterable[tuple[int, str]]) -> Verdict:
    """Judge the writes that one resource accepted, in the order in which it did.

    Parameters
    ----------
    accepted : iterable of (int, str)
        Epoch and holder of each.

    Returns
    -------
    Verdict
        ``violated`` if a write came after one of a later epoch, or one epoch was used by two holders.

    Examples
    --------
    >>> print(single_writer([(1, "a"), (1, "a"), (2, "b")]))
    ok: 3 writes of 2 epochs, each of one holder, in their order
    >>> print(single_writer([(1, "a"), (2, "b"), (1, "a")]))
    violated: write 3 is of epoch 1 of a, and epoch 2 of b had written before
    >>> print(single_writer([(1, "a"), (1, "b")]))
    violated: write 2 is of epoch 1 of b, and a had written with the same epoch
    """
    latest, holders, number = None, {}, 0
    for number, (epoch, holder) in enumerate(accepted, start=1):
        first = holders.setdefault(epoch, holder)
        if latest is not None and epoch < latest:
            return _violated(number, epoch, holder, f"epoch {latest} of {holders[latest]} had written before")
        if first != holder:
            return _violated(number, epoch, holder, f"{first} had written with the same epoch")
        latest = epoch
    told = f"{plural(number, 'write')} of {plural(len(holders), 'epoch')}, each of one holder, in their order"
    return Verdict(OK, told, "single-writer")


def _violated(number: int, epoch: int, holder: str, why: str) -> Verdict:
    return Verdict(VIOLATED, f"write {number} is of epoch {epoch} of {holder}, and {why}", "single-writer")
