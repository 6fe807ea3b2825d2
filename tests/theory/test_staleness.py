"""The staleness of quorums, against the paper's published figures and against what must hold exactly.

Published: Bailis et al., VLDB 2012, section 5.4 (the text and the table of t-visibility, N = 3), and section 5.3 for
exponential writes. Its reads were 50,000, so its 99.9th percentiles scatter by several per cent.
"""

from itertools import combinations
from math import comb
from random import Random

import pytest

from splitbrain.latency import constant, exponential
from splitbrain.theory.staleness import LATENCIES, Latencies, is_strict, quantile, stale_versions, staleness

QUORUMS = [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (1, 3)]
VISIBLE = {"LinkedIn, SSD": [1.85, 1.79, 0, 0, 0, 0], "LinkedIn, disk": [45.5, 43.3, 13.6, 0, 0, 0],
           "Yammer": [1364.0, 1352.0, 202.0, 0, 0, 0]}
LATENCY = {"LinkedIn, SSD": ([0.66, 1.63, 4.14], [0.66, 1.63, 4.09]),
           "LinkedIn, disk": ([0.66, 1.63, 4.12], [10.99, 20.97, 112.65]),
           "Yammer": ([5.58, 32.6, 219.27], [10.83, 427.12, 1870.86])}
AT_ONCE = {"LinkedIn, SSD": (0.975, 1.0), "LinkedIn, disk": (0.439, 0.925), "Yammer": (0.893, 0.939)}
TRIALS = 60_000


@pytest.mark.parametrize("name", VISIBLE)
def test_the_published_table(name):
    dice = staleness(3, LATENCIES[name], trials=TRIALS)
    for (r, w), published in zip(QUORUMS, VISIBLE[name], strict=True):
        ours = dice.visible_after(r, w)
        assert (ours == 0) == (published == 0), (r, w)
        assert ours == pytest.approx(published, rel=0.17, abs=1e-9), (r, w)
    for ours, published in zip((dice.reads, dice.writes), LATENCY[name], strict=True):
        assert [quantile(values, 0.999) for values in ours] == pytest.approx(published, rel=0.1)
    at_once, after_ten = AT_ONCE[name]
    assert 1 - dice.stale(1, 1) == pytest.approx(at_once, abs=0.01)
    assert 1 - dice.stale(1, 1, 10) == pytest.approx(after_ten, abs=0.01)


@pytest.mark.parametrize(("slower", "at_once", "ms"), [(0.25, 0.94, 1), (10, 0.41, 65)])
def test_the_published_sweep_of_write_latency(slower, at_once, ms):
    dice = staleness(3, LATENCIES["exponential"], slower=slower, trials=TRIALS)
    assert 1 - dice.stale(1, 1) == pytest.approx(at_once, abs=0.015)  # printed with two digits
    assert 1 - dice.stale(1, 1, ms) == pytest.approx(0.999, abs=0.001)


def test_two_copies_by_integration():
    """N = 2, R = W = 1, all exponential with mean 1: found apart, by other dice and the definition."""
    random = Random(5)

    def ms():
        return random.expovariate(1)

    stale = 0
    for _ in range(TRIALS):
        written = [ms(), ms()]
        commit = min(written[i] + ms() for i in (0, 1))
        asked = [ms(), ms()]
        first = min((0, 1), key=[asked[i] + ms() for i in (0, 1)].__getitem__)
        stale += commit + asked[first] < written[first]
    dice = staleness(2, Latencies(*[exponential(1)] * 4), trials=TRIALS)
    assert dice.stale(1, 1) == pytest.approx(stale / TRIALS, abs=0.01)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("name", LATENCIES)
def test_a_strict_quorum_is_never_stale_and_another_may_be(n, name):
    dice = staleness(n, LATENCIES[name], trials=2000, slower=10)
    for (r, w), waits in dice.waits.items():
        assert is_strict(n, r, w) == (r + w > n)
        if is_strict(n, r, w):
            assert dice.stale(r, w) == 0 and waits[-1] <= 0
        else:
            assert dice.stale(r, w) > 0


def test_more_answers_more_acknowledgements_and_more_time_never_harm():
    dice = staleness(5, LATENCIES["LinkedIn, disk"], trials=2000)
    for r in range(1, 5):
        for w in range(1, 5):
            assert dice.stale(r, w) >= dice.stale(r + 1, w) and dice.stale(r, w) >= dice.stale(r, w + 1)
            assert [dice.stale(r, w, ms) for ms in range(60)] == sorted(
                (dice.stale(r, w, ms) for ms in range(60)), reverse=True)


def test_messages_that_all_take_the_same_time_are_never_stale():
    assert staleness(3, Latencies(*[constant(2)] * 4), trials=10).stale(1, 1) == 0


def test_the_same_seed_throws_the_same_dice():
    staleness.cache_clear()
    first = staleness(3, LATENCIES["Yammer"], trials=100)
    staleness.cache_clear()
    assert staleness(3, LATENCIES["Yammer"], trials=100) == first
    assert staleness(3, LATENCIES["Yammer"], trials=100, seed=2) != first


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_versions_by_counting_quorums(n):
    """Every way to choose R and W copies out of N, counted."""
    for r in range(1, n + 1):
        for w in range(1, n + 1):
            apart = sum(not set(a) & set(b) for a in combinations(range(n), r) for b in combinations(range(n), w))
            share = apart / (comb(n, r) * comb(n, w))
            assert [stale_versions(n, r, w, k) for k in (1, 2, 5)] == pytest.approx([share, share**2, share**5])
            assert (share == 0) == is_strict(n, r, w)


def test_a_quantile_is_a_value_that_so_many_do_not_exceed():
    assert [quantile([1, 2, 3, 4], share) for share in (0, 0.25, 0.26, 0.75, 1)] == [1, 1, 2, 3, 4]
