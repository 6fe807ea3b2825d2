"""Distributions, and the luck of messages: uniform, independent, and a function of what it is for."""

import math
import statistics

import pytest

from splitbrain.clock import Clock
from splitbrain.latency import constant, draw, exponential, mix, mixture, name_salt, pareto, spell, uniform
from splitbrain.network import Cause, Endpoint, Network

GRID = [(i + 0.5) / 20_000 for i in range(20_000)]
KINDS = [
    constant(3), constant(0), uniform(1, 5), uniform(2, 2), uniform(0.125, 7.0625), exponential(10), pareto(2, 3),
    mixture((0.9, constant(1)), (0.1, pareto(5, 1.5))),
    mixture((0.25, uniform(0, 1)), (0.75, mixture((0.5, constant(7)), (0.5, exponential(1.5))))),
]
SAME = {"constant": constant, "uniform": uniform, "exponential": exponential, "pareto": pareto, "mixture": mixture}


@pytest.mark.parametrize("kind", KINDS, ids=repr)
def test_its_repr_is_the_code_that_makes_it(kind):
    assert eval(repr(kind), SAME) == kind


def test_no_digit_is_lost_in_a_repr():
    assert repr(uniform(0.1234567891, 1234567.891)) == "uniform(0.1234567891, 1234567.891)"
    assert repr(constant(200.0)) == "constant(200)"
    assert [spell(x) for x in (0, 1e14, 1e22, 0.1 + 0.2)] == ["0", "100000000000000", "1e+22", "0.30000000000000004"]


@pytest.mark.parametrize("kind", KINDS, ids=repr)
def test_samples_never_fall_as_luck_rises_and_come_in_whole_microseconds(kind):
    sample = kind.sampler()
    if not repr(kind).startswith("mixture"):
        found = [sample(u) for u in GRID]
        assert found == sorted(found)
    for u in (0.0, 0.5, 1 - 2**-53):
        assert isinstance(sample(u), int) and sample(u) >= 0
        assert abs(sample(u) - kind.sample(u) * 1000) <= 1


@pytest.mark.parametrize(("kind", "mean"), [
    (constant(3), 3), (uniform(1, 5), 3), (exponential(10), 10), (pareto(2, 3), 3),
    (mixture((0.9, constant(1)), (0.1, uniform(10, 12))), 2)], ids=repr)
def test_means(kind, mean):
    assert statistics.fmean(map(kind.sample, GRID)) == pytest.approx(mean, rel=0.02)


def test_shares_and_tails():
    tail = pareto(2, 1.5)
    assert sum(tail.sample(u) > 8 for u in GRID) / len(GRID) == pytest.approx((2 / 8) ** 1.5, abs=0.001)
    assert sum(exponential(10).sample(u) > 20 for u in GRID) / len(GRID) == pytest.approx(math.exp(-2), abs=0.001)
    both = mixture((0.3, constant(1)), (0.7, constant(2)))
    assert sum(both.sample(u) == 1 for u in GRID) / len(GRID) == pytest.approx(0.3, abs=0.001)


@pytest.mark.parametrize("wrong", [
    lambda: constant(-1), lambda: constant("3"), lambda: constant(float("nan")), lambda: uniform(5, 1),
    lambda: exponential(float("inf")), lambda: pareto(1, 0), lambda: pareto(1, 0.01), lambda: mixture(),
    lambda: mixture((0.5, constant(1))), lambda: mixture((1.5, constant(1)), (-0.5, constant(2)))])
def test_what_is_no_distribution_is_refused(wrong):
    with pytest.raises(ValueError):
        wrong()


def test_the_heaviest_tail_has_an_end():
    assert pareto(1e11, 0.1).sampler()(1 - 2**-53) > 0


def test_published_values_of_the_hash_stay_as_they_are():
    """A changed hash changes every stored notebook, so the first numbers of it are pinned."""
    assert [mix(7, i) for i in range(2)] == [1666833969347876293, 11529068210322789898]
    assert (name_salt("n1"), draw(7, 1)) == (3950597356, 0.6249920400182767)
    assert mix(1, 2) != mix(2, 1) and mix(-1) == mix(2**64 - 1)
    assert all(0 <= draw(seed, 1) < 1 for seed in (0, -5, 10**30))


# The luck of messages, as the network draws it.

class Lucky:
    """A network of which only the luck is looked at: latency from 0 to 1,000 s, so a microsecond is a part in 10**9."""

    def __init__(self, names="n1 n2 n3 n4 n5 n6"):
        self.clock = Clock()
        self.network = Network(self.clock, seed=0, latency=uniform(0, 1_000_000), in_order=False, raw=None)
        for name in names.split():
            self.network.add(Endpoint(name))

    def __call__(self, cause, source, target):
        ends = self.network.endpoints
        self.network.transmit("send", ends[source], ends[target], "m", b"N", cause, None, 1)
        (us, _, _, _), = self.clock.heap
        self.clock.heap.clear()
        return us / 1e9


def chi_square(lucks, bins=64):
    counts = [0] * bins
    for u in lucks:
        counts[int(u * bins)] += 1
    expected = len(lucks) / bins
    return sum((c - expected) ** 2 / expected for c in counts)


LIMIT = 63 + 4.5 * math.sqrt(2 * 63)  # 63 degrees of freedom; a fair draw passes this once in some 50,000


def correlation(a, b):
    return statistics.correlation(a, b)


NAMES = [f"n{i}" for i in range(1, 7)]
LINKS = [(a, b) for a in NAMES for b in NAMES]


def test_luck_is_uniform_over_each_thing_that_it_follows_from():
    lucky = Lucky(" ".join(NAMES) + " " + " ".join(f"m{i}" for i in range(1, 80)))
    many = 4000
    across = {
        "seeds": [lucky(Cause("", mix(seed, 3)), "n1", "n2") for seed in range(many)],
        "operations": [lucky(Cause("", mix(7, number)), "n1", "n2") for number in range(many)],
        "operations of clients": [lucky(Cause("", mix(mix(7, name_salt(f"c{c}")), k)), "n1", "n2")
                                  for c in range(40) for k in range(100)],
        "links": [lucky(Cause("", mix(7, 1)), f"m{a}", f"m{b}") for a in range(1, 80) for b in range(1, 80)],
        "both ways of links": [lucky(Cause("", mix(7, k)), a, b) for k in range(120) for a, b in LINKS],
    }
    cause = Cause("", mix(7, 1))
    across["ordinals"] = [lucky(cause, "n1", "n2") for _ in range(many)]
    across["first ordinals"] = [lucky(c, "n1", "n2") for k in range(many // 4)
                                for c in [Cause("", mix(11, k))] for _ in range(4)]
    for what, lucks in across.items():
        assert chi_square(lucks) < LIMIT, what
        assert statistics.fmean(lucks) == pytest.approx(0.5, abs=4.5 / math.sqrt(12 * len(lucks))), what


def test_luck_is_independent_between_links_ordinals_operations_and_seeds():
    lucky, many = Lucky(), 3000
    bound = 4.5 / math.sqrt(many)
    causes = [Cause("", mix(7, k)) for k in range(many)]
    columns = {f"{a} {b} {i}": [lucky(c, a, b) for c in causes] for i in range(2)
               for a, b in [("n1", "n2"), ("n2", "n1"), ("n1", "n3"), ("n3", "n1"), ("n1", "n1")]}
    columns["next operation"] = [lucky(Cause("", mix(7, k + 1)), "n1", "n2") for k in range(many)]
    columns["next seed"] = [lucky(Cause("", mix(8, k)), "n1", "n2") for k in range(many)]
    columns["next operation "] = columns["next operation"][::-1]
    names = list(columns)
    for i, one in enumerate(names):
        for other in names[i + 1:]:
            assert abs(correlation(columns[one], columns[other])) < bound, (one, other)


def test_pairs_of_luck_fill_the_square():
    lucky = Lucky()
    first_second = [(lucky(c, "n1", "n2"), lucky(c, "n1", "n2")) for c in (Cause("", mix(3, k)) for k in range(6000))]
    two_links = [(lucky(c, "n1", "n2"), lucky(c, "n1", "n3")) for c in (Cause("", mix(3, k)) for k in range(6000))]
    for pairs in (first_second, two_links):
        assert chi_square([(int(a * 8) + b) / 8 for a, b in pairs]) < LIMIT


def test_luck_follows_from_names_not_from_who_else_there_is():
    small, large = Lucky("n1 n2"), Lucky("n9 n2 n8 n1 n7")
    for k in range(20):
        few, many = Cause("", mix(7, k)), Cause("", mix(7, k))
        large(many, "n9", "n1"), large(many, "n1", "n8")
        assert [small(few, "n1", "n2") for _ in range(3)] == [large(many, "n1", "n2") for _ in range(3)]
