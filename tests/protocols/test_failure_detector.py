"""Suspicion as a function of silence."""

from math import inf, log10
from statistics import NormalDist, fmean, pstdev

import pytest

from splitbrain.protocols.failure_detector import FixedTimeout, PhiAccrual, deviations, phi_of

TIMES = [0, 95, 210, 300, 420, 515]


def told(**options):
    detector = PhiAccrual(**options)
    for time in TIMES:
        detector.heartbeat(time)
    return detector


def test_nobody_is_suspected_before_there_is_anything_to_go_by():
    assert not FixedTimeout(100).suspects(1e9)
    assert PhiAccrual().phi(1e9) == 0
    detector = PhiAccrual()
    detector.heartbeat(5)
    assert detector.phi(1e9) == 0


def test_a_timeout_is_counted_from_the_last_heartbeat():
    detector = FixedTimeout(100)
    detector.heartbeat(50)
    assert not detector.suspects(150) and detector.suspects(150.1)
    detector.heartbeat(160)
    assert not detector.suspects(260)


def test_phi_is_the_papers_formula():
    intervals = [b - a for a, b in zip(TIMES, TIMES[1:], strict=False)]
    normal = NormalDist(fmean(intervals), pstdev(intervals))
    detector = told()
    for silence in (50, 100, 110, 130, 150):
        assert detector.phi(515 + silence) == pytest.approx(-log10(1 - normal.cdf(silence)), rel=1e-6)


def test_phi_grows_with_silence_and_falls_with_a_heartbeat():
    detector = told()
    phis = [detector.phi(515 + ms) for ms in range(0, 3000, 10)]
    assert phis == sorted(phis) and phis[-1] == inf
    detector.heartbeat(600)
    assert detector.phi(650) < 0.1


@pytest.mark.parametrize("threshold", [0.5, 1, 3, 8, 12])
def test_the_timeout_is_where_phi_passes_the_threshold(threshold):
    detector = told()
    assert detector.phi(detector.last + detector.timeout(threshold)) == pytest.approx(threshold, rel=1e-6)
    assert phi_of(deviations(threshold)) == pytest.approx(threshold, rel=1e-6)


def test_old_intervals_are_forgotten():
    detector = told(window=3)
    for time in range(600, 1200, 100):
        detector.heartbeat(time)
    assert detector.intervals == 3 and detector.mean == pytest.approx(100)
    assert detector.deviation == detector.least_deviation


def test_the_sums_do_not_drift():
    detector = PhiAccrual(window=10)
    now = 0.0
    for i in range(50_000):
        now += 100 + (i * 7919 % 101) / 10
        detector.heartbeat(now)
    last = [100 + (i * 7919 % 101) / 10 for i in range(49_990, 50_000)]
    assert detector.mean == pytest.approx(fmean(last), rel=1e-9)
    assert detector.deviation == pytest.approx(pstdev(last), rel=1e-4)
