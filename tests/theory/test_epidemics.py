"""The recurrences against a plain simulation with dice of its own, and the published table against its own law."""

from random import Random
from statistics import fmean

import pytest

from splitbrain.theory.epidemics import RUMOURS, ignorant, never_hear, rounds_until_all


def spread(n, push, pull, random):
    """The share that does not know, after each round; everybody calls at the same moment."""
    knows, shares = {0}, [1 - 1 / n]
    while len(knows) < n:
        calls = [(one, random.randrange(n)) for one in range(n)]
        knows |= {b for a, b in calls if push and a in knows} | {a for a, b in calls if pull and b in knows}
        shares.append(1 - len(knows) / n)
    return shares


@pytest.mark.parametrize(("push", "pull"), [(True, False), (False, True), (True, True)])
def test_one_round_from_any_share(push, pull):
    """The recurrence, step by step: what one round makes of the share that there was."""
    n, random = 2000, Random(1)
    for _ in range(3):
        shares = spread(n, push, pull, random)
        for before, after in zip(shares, shares[1:], strict=False):
            p = before * ((1 - 1 / n) ** (n * (1 - before)) if push else 1) * (before if pull else 1)
            assert after == pytest.approx(p, abs=0.03)
    expected = ignorant(n, 40, push=push, pull=pull)
    assert expected[0] == 1 - 1 / n and expected == sorted(expected, reverse=True) and expected[-1] < 1e-3


def test_pull_ends_faster_than_push_as_it_squares_what_is_left():
    def steps(push, pull):
        shares = ignorant(10**6, 60, push=push, pull=pull)
        return sum(1e-6 < share < 0.01 for share in shares)

    assert steps(False, True) <= 3 < steps(True, False)


def test_rounds_until_all_know():
    random = Random(2)
    for n in (64, 1024):
        assert fmean(len(spread(n, True, False, random)) - 1 for _ in range(20)) == pytest.approx(
            rounds_until_all(n), abs=2)


def test_the_published_residues_follow_from_the_published_traffic():
    for share, traffic in RUMOURS.values():
        assert never_hear(traffic) == pytest.approx(share, rel=0.05)
