"""The trade-off of a failure detector, against arithmetic and against detectors that really run."""

from random import Random

import pytest

from splitbrain.latency import constant, mixture, pareto, uniform
from splitbrain.protocols.failure_detector import FixedTimeout, PhiAccrual
from splitbrain.theory.detection import fixed, heartbeats, phi_accrual

NOISY = mixture((0.95, uniform(1, 20)), (0.05, pareto(20, 1.5)))


def test_even_delays_by_arithmetic():
    """A silence is the interval and the difference of two delays: a triangle."""
    found = fixed(heartbeats(100, uniform(0, 40), count=72_000))
    for ms in (0, 10, 20, 30):
        expected = (1 - ms / 40) ** 2 / 2 * 36_000
        assert found.false_alarms(100 + ms) == pytest.approx(expected, rel=0.05)
    assert found.false_alarms(141) == 0
    assert found.detection(130) == pytest.approx(130 + 20 - 50, abs=0.5)


def test_losses_by_arithmetic():
    """With one in five lost, a silence of three intervals and more comes after two losses."""
    found = fixed(heartbeats(100, constant(5), lost=0.2, count=72_000))
    assert found.false_alarms(250) == pytest.approx(0.8 * 0.2**2 * 36_000, rel=0.05)
    assert found.detection(250) == pytest.approx(250 + 5 - 50 - 100 * 0.2 / 0.8, abs=1)  # counted from earlier


def test_a_heartbeat_that_was_overtaken_tells_nothing():
    slow_then_fast = iter([350, 5, 5, 5, 5])
    beats = heartbeats(100, lambda sent: constant(next(slow_then_fast)), count=5)
    assert beats.arrivals == [105, 205, 305, 405]


def test_the_last_sign_of_life_may_be_a_heartbeat_that_was_overtaken():
    """Sent at 0 and 100, arrived at 250 and 105: after a crash in either interval, the last arrives at 250."""
    slow_then_fast = iter([250, 5])
    beats = heartbeats(100, lambda sent: constant(next(slow_then_fast)), count=2)
    assert beats.last == ((250 - 50) + (250 - 150)) / 2


@pytest.mark.parametrize(("detector", "tradeoff", "threshold"), [
    (FixedTimeout(140), fixed, 140), (PhiAccrual(window=200), lambda b: phi_accrual(b, window=200, warm_up=1), 2.5)])
def test_false_alarms_are_those_of_a_running_detector(detector, tradeoff, threshold):
    beats = heartbeats(100, NOISY, lost=0.01, count=6000)
    alarms = 0
    for arrived in beats.arrivals:
        just_before = arrived - 1e-6
        if isinstance(detector, FixedTimeout):
            alarms += detector.suspects(just_before)
        elif detector.intervals:
            alarms += detector.phi(just_before) > threshold
        detector.heartbeat(arrived)
    assert alarms > 5
    assert tradeoff(beats).false_alarms(threshold) * beats.hours == pytest.approx(alarms, abs=1.01)


def test_detection_is_that_of_a_running_detector():
    """Crash at random moments; what was sent before still arrives; then wait until phi passes the threshold."""
    beats = heartbeats(100, NOISY, count=4000, seed=4)
    random, waits = Random(2), []
    dice = Random(4).random
    sent = []
    for number in range(4000):
        dice()
        sent.append((number * 100, number * 100 + NOISY.sample(dice())))
    for _ in range(60):
        crash = random.uniform(150_000, 399_000)
        detector, latest = PhiAccrual(), -1
        for time, arrived in sorted(((a, s) for s, a in sent if s <= crash)):
            if arrived > latest:
                latest = arrived
                detector.heartbeat(time)
        waits.append(detector.last + detector.timeout(3) - crash)
    ours = phi_accrual(beats).detection(3)
    assert sum(waits) / len(waits) == pytest.approx(ours, rel=0.1)


@pytest.mark.parametrize("tradeoff", [fixed, phi_accrual])
def test_a_higher_threshold_is_slower_and_alarms_less(tradeoff):
    found = tradeoff(heartbeats(100, NOISY))
    thresholds = [x / 10 for x in range(5, 100, 5)] if tradeoff is phi_accrual else range(100, 600, 20)
    alarms, waits = map(found.false_alarms, thresholds), map(found.detection, thresholds)
    assert (alarms := list(alarms)) == sorted(alarms, reverse=True) and alarms[0] > alarms[-1]
    assert (waits := list(waits)) == sorted(waits)


def test_normal_intervals_alarm_as_often_as_phi_says_and_heavy_tails_more_often():
    def share(delay, phi):
        beats = heartbeats(100, delay)
        return phi_accrual(beats).false_alarms(phi) * beats.hours / 36_000

    assert share(uniform(0, 20), 1) == pytest.approx(0.1, abs=0.02)
    assert share(NOISY, 3) > 3 * 0.001


def test_where_the_network_changes_phi_follows_and_a_timeout_does_not():
    """Half an hour calm, half an hour congested: at as many false alarms, phi detects sooner."""
    def delay(sent):
        return uniform(1, 5) if sent < 1_800_000 else uniform(1, 90)

    beats = heartbeats(100, delay)
    adaptive, rigid = phi_accrual(beats, window=300), fixed(beats)
    phi = min((x / 20 for x in range(20, 200)), key=lambda p: abs(adaptive.false_alarms(p) - 20))
    ms = min(range(100, 300), key=lambda t: abs(rigid.false_alarms(t) - 20))
    assert adaptive.false_alarms(phi) <= rigid.false_alarms(ms) + 5
    assert adaptive.detection(phi) < rigid.detection(ms) - 20
