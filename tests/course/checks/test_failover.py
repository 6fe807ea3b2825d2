"""The checks of lab 13 accept right answers of other shapes, and know what they judge."""

from collections import deque
from math import sqrt

import numpy as np
import pytest

from splitbrain.course.checks import failover, failover_router
from splitbrain.course.feedback import NotAttempted, Raised, Wrong
from splitbrain.protocols.failure_detector import PhiAccrual

CHECKS = [failover.check_router, failover.check_fence]


pytestmark = pytest.mark.usefixtures("nothing_is_left")


@pytest.fixture
def without_servers(monkeypatch):
    monkeypatch.setattr(failover_router, "_on_real_servers", lambda learn: None)


# Detectors.


class Phi:
    """Phi-accrual, of the paper."""

    def __init__(self):
        self.inner = PhiAccrual(window=300)

    def heartbeat(self, now):
        self.inner.heartbeat(now)

    def suspects(self, now):
        return self.inner.phi(now) > 8


class Smoothed:
    """As TCP estimates its round trips (Jacobson 1988): two moving averages and no window."""

    def __init__(self):
        self.last = self.mean = None
        self.spread = 0.0

    def heartbeat(self, now):
        if self.last is not None:
            interval = now - self.last
            if self.mean is None:
                self.mean, self.spread = interval, interval / 2
            self.spread += (abs(interval - self.mean) - self.spread) / 16
            self.mean += (interval - self.mean) / 16
        self.last = now

    def suspects(self, now):
        return self.mean is not None and now - self.last > self.mean + 7 * self.spread + 1


class LongestSeen:
    """No distribution at all: half as long again as the longest of the last ones."""

    def __init__(self):
        self.last, self.seen = None, deque(maxlen=100)

    def heartbeat(self, now):
        if self.last is not None:
            self.seen.append(now - self.last)
        self.last = now

    def suspects(self, now):
        return len(self.seen) > 0 and now - self.last > 1.3 * max(self.seen)


class InTwoSums:
    """Mean and deviation from running sums over a window; suspicion is a number that is compared at the end."""

    def __init__(self):
        self.times = deque(maxlen=257)

    def heartbeat(self, now):
        self.times.append(now)

    def suspects(self, now):
        if len(self.times) < 3:
            return False
        intervals = [b - a for a, b in zip(self.times, list(self.times)[1:], strict=False)]
        n, total, squares = len(intervals), sum(intervals), sum(one * one for one in intervals)
        spread = sqrt(max(squares / n - (total / n) ** 2, 1.0))
        return (now - self.times[-1] - total / n) / spread > 5


class WithNumpy:
    """Its answer is a bool of numpy's."""

    def __init__(self):
        self.times = deque(maxlen=200)

    def heartbeat(self, now):
        self.times.append(now)

    def suspects(self, now):
        if len(self.times) < 2:
            return False
        intervals = np.diff(self.times)
        return now - self.times[-1] > intervals.mean() + 6 * intervals.std() + 1


@pytest.mark.parametrize("detector", [Phi, Smoothed, LongestSeen, InTwoSums, WithNumpy])
def test_detectors_of_other_shapes(detector, capsys):
    failover.check_detector(detector)
    assert "Right" in capsys.readouterr().out


def test_one_network_can_be_looked_at_alone(capsys):
    failover.check_detector(Phi, network="jittery")
    assert "Right" in capsys.readouterr().out


# Routers.


def keeps_all(db, answers):
    """Nothing is ever deleted: the latest row is the route, and one statement writes it."""
    votes = {}
    for answer in answers:
        votes[answer] = votes.get(answer, 0) + 1
    for answer, count in votes.items():
        if answer is not None and count * 2 > len(answers):
            db.execute("INSERT INTO route SELECT ?1, ?2 WHERE ?1 > (SELECT coalesce(max(epoch), -1) FROM route)",
                       answer)
    db.commit()
    row = db.execute("SELECT address FROM route ORDER BY epoch DESC LIMIT 1").fetchone()
    return row and row[0]


def with_its_own_begin(db, answers):
    db.isolation_level = None
    db.execute("BEGIN IMMEDIATE")
    known = db.execute("SELECT epoch, address FROM route").fetchall()
    for answer in set(answers) - {None}:
        if answers.count(answer) >= len(answers) // 2 + 1 and all(answer[0] > epoch for epoch, _ in known):
            db.execute("DELETE FROM route")
            db.execute("INSERT INTO route VALUES (?, ?)", answer)
            known = [answer]
    db.execute("COMMIT")
    return known[0][1] if known else None


@pytest.mark.parametrize("learn", [keeps_all, with_its_own_begin])
def test_routers_of_other_shapes(learn, without_servers, capsys):
    failover.check_router(learn)
    assert "Right" in capsys.readouterr().out


def test_a_right_router_finds_the_primary_of_a_real_group(capsys):
    failover.check_router(keeps_all)
    assert "a real group" in capsys.readouterr().out


def test_one_that_follows_nothing_real_is_told(monkeypatch):
    def learn(db, answers):
        address = keeps_all(db, answers)
        return None if address and address.startswith("127.") else address

    with pytest.raises(Wrong, match="Real sentinels"):
        failover.check_router(learn)


def test_a_story_can_be_looked_at_alone(capsys):
    failover.check_router(keeps_all, story="Epoch 9 is followed by epoch 10.")
    assert "as it should" in capsys.readouterr().out


# Fences.


def with_begin_immediate(db, epoch, holder, item):
    db.isolation_level = None
    db.execute("BEGIN IMMEDIATE")
    last = db.execute("SELECT epoch, holder FROM fence").fetchone()
    if epoch < last[0] or (epoch == last[0] and holder != last[1]):
        db.execute("ROLLBACK")
        return False
    db.execute("UPDATE fence SET epoch = ?, holder = ?", (epoch, holder))
    db.execute("INSERT INTO orders (epoch, holder, item) VALUES (?, ?, ?)", (epoch, holder, item))
    db.execute("COMMIT")
    return True


def without_the_table_fence(db, epoch, holder, item):
    """The last order is the fence: one statement compares and writes."""
    with db:
        changed = db.execute(
            "INSERT INTO orders (epoch, holder, item) SELECT ?1, ?2, ?3 WHERE NOT EXISTS "
            "(SELECT 1 FROM orders WHERE epoch > ?1 OR (epoch = ?1 AND holder <> ?2))", (epoch, holder, item)).rowcount
        db.execute("UPDATE fence SET epoch = max(epoch, ?1), holder = iif(?1 > epoch, ?2, holder)", (epoch, holder))
    return changed == 1


def fence_raised_first_in_the_same_transaction(db, epoch, holder, item):
    try:
        with db:
            db.execute("UPDATE fence SET epoch = ?, holder = ? WHERE (epoch, holder) IS NOT (?, ?) AND epoch < ?",
                       (epoch, holder, epoch, holder, epoch))
            if db.execute("SELECT epoch, holder FROM fence").fetchone() != (epoch, holder):
                raise LookupError
            db.execute("INSERT INTO orders (epoch, holder, item) VALUES (?, ?, ?)", (epoch, holder, item))
    except LookupError:
        return False
    return True


@pytest.mark.parametrize("write", [with_begin_immediate, without_the_table_fence,
                                   fence_raised_first_in_the_same_transaction])
def test_fences_of_other_shapes(write, capsys):
    failover.check_fence(write)
    assert "Right" in capsys.readouterr().out


def test_one_place_can_be_looked_at_alone(capsys):
    failover.check_fence(with_begin_immediate, before=2)
    assert "all is well" in capsys.readouterr().out


# All of them.


@pytest.mark.parametrize("check", CHECKS)
def test_blank_is_not_attempted(check):
    def blank(*_):
        raise NotImplementedError

    with pytest.raises(NotAttempted):
        check(blank)


@pytest.mark.parametrize("check", CHECKS)
def test_code_that_raises_is_shown_its_own_line(check):
    def breaks(*_):
        return {}["nothing"]

    with pytest.raises(Raised, match="KeyError") as raised:
        check(breaks)
    assert any('{}["nothing"]' in place for place in raised.value.places)


@pytest.mark.parametrize("check", CHECKS)
def test_what_is_no_answer_is_said(check):
    with pytest.raises(Wrong):
        check(lambda *_: 7)


@pytest.mark.parametrize("check", CHECKS)
def test_a_connection_that_is_closed_is_no_crash_of_the_check(check, without_servers):
    def closes(db, *rest):
        answer = (keeps_all if check is failover.check_router else with_begin_immediate)(db, *rest)
        db.close()
        return answer

    with pytest.raises(Wrong, match="closed"):
        check(closes)


def test_a_detector_whose_answer_is_no_bool_is_told():
    class Vague(Phi):
        def suspects(self, now):
            return self.inner.phi(now)

    with pytest.raises(Wrong, match="True"):
        failover.check_detector(Vague)
