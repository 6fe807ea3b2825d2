"""What each service does to its own data: once an order, and made good once, in whichever order the two come."""

import pytest

from splitbrain.services.payment import Payment
from splitbrain.services.stock import Stock

ORDER = {"id": "o1", "owner": "ann", "item": "lamp", "n": 2, "price": 30}


@pytest.fixture(params=[(Payment, "charge", "refund", "SELECT balance FROM account WHERE owner = 'ann'", 100, 70),
                        (Stock, "reserve", "release", "SELECT free FROM item WHERE name = 'lamp'", 5, 3)],
                ids=["payment", "stock"])
def deeds(request, redis, tmp_path):
    """Do, undo, and how much there is: before and after."""
    kind, do, undo, question, before, after = request.param
    service = kind(redis, tmp_path, space=f"test-{tmp_path.name}-{kind.name}")
    do, undo = getattr(service, do), getattr(service, undo)
    yield do, undo, lambda: service.db.execute(question).fetchone()[0], before, after
    service.close()


def test_done_twice_is_done_once(deeds):
    do, _, level, _, after = deeds
    assert (do(ORDER), do(ORDER), level()) == (True, True, after)


def test_undone_twice_is_undone_once(deeds):
    do, undo, level, before, _ = deeds
    do(ORDER), undo(ORDER), undo(ORDER)
    assert level() == before


def test_undone_before_it_is_done_stays_undone(deeds):
    do, undo, level, before, _ = deeds
    undo(ORDER)
    assert (do(ORDER), level()) == (False, before)


def test_too_little_is_refused_and_leaves_nothing(deeds):
    do, _, level, before, _ = deeds
    assert (do(ORDER | {"n": 99, "price": 999}), level()) == (False, before)
