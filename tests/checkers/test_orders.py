"""The order that is found is one: true to real time, and every answer right; and it is found if there is one."""

from collections import Counter
from random import Random

import oracle
import pytest

from splitbrain.checkers.orders import linearization, moments
from splitbrain.records import History, Operation


def is_an_order(order, history, run):
    """By the definition, for all objects at once."""
    sure = {o.index for o in history if o.status == "ok"}
    if not sure <= {o.index for o in order} <= sure | {o.index for o in history if o.status == "unknown"}:
        return False
    if any(later.end is not None and later.end < o.start for i, o in enumerate(order) for later in order[i + 1:]):
        return False
    return all(oracle.explains([o for o in order if o.key == key], run) for key in {o.key for o in order})


@pytest.mark.parametrize("kind", oracle.KINDS)
def test_an_order_is_found_exactly_if_there_is_one(kind):
    model, ask, answer, run = oracle.KINDS[kind]
    seen = Counter()
    for seed in range(600):
        dice = Random(seed)
        history = oracle.tiny_history([int(dice.random() * 2**16) for _ in range(13)], ask, answer,
                                      keys=dice.choice([(None,), ("x", "y")]))
        order = linearization(history, model=model)
        assert (order is not None) == oracle.linearizable(history, run), history
        seen[order is not None] += 1
        if order is not None:
            assert is_an_order(order, history, run), f"{history}\n{order}"
            found = moments(order)
            assert list(found.values()) == sorted(set(found.values())) and list(found) == [o.index for o in order]
            assert all(o.start < found[o.index] < (o.end or 1e9) for o in order)
    assert min(seen[True], seen[False]) > 60, seen


def test_an_unknown_write_stands_in_the_order_only_if_it_is_needed():
    text = "a  [put x=1 ?\nb          [get x -> {}]"
    assert [o.f for o in linearization(History.from_sketch(text.format(1)))] == ["put", "get"]
    assert [o.f for o in linearization(History.from_sketch(text.format(None)))] == ["get"]


def test_the_budgets_end_is_no_answer():
    hard = [Operation(f"c{i}", "write", None, i % 11, start=i, end=100 + i, index=i) for i in range(12)]
    last = Operation("z", "read", None, None, 99, start=300, end=301, index=20)
    with pytest.raises(RuntimeError, match="gave up after 10 states"):
        linearization([*hard, last], budget=10)
    assert linearization([*hard, last], budget=1_000_000) is None


def test_an_order_against_real_time_has_no_moments():
    a, b = History.from_sketch("a [put x=1]  [put x=2]")
    with pytest.raises(ValueError, match="only when it was over"):
        moments([b, a])
