"""A cache that is told, and is not: the lease bounds what it serves, whatever else happens."""

from itertools import product

from splitbrain.checkers import staleness
from splitbrain.records import Operation
from splitbrain.theory.cache import reads

CASES = list(product((0, 1, 7, 20), (1, 3, 10), (5, 30), (0, 1, 13, 60), (True, False)))


def run(lease, write_every, cut_at, cut_for, notices):
    return reads(100, lease=lease, write_every=write_every, cut_at=cut_at, cut_for=cut_for, notices=notices)


def test_no_read_is_staler_than_its_lease():
    for lease, *rest in CASES:
        if lease:
            assert max(read.stale for read in run(lease, *rest)) < lease


def test_only_silence_makes_it_stale_and_noticing_ends_it():
    for lease, every, cut_at, cut_for, notices in CASES:
        late = [read.second for read in run(lease, every, cut_at, cut_for, notices) if read.stale]
        assert all(second >= cut_at for second in late)
        if notices:
            assert all(second < cut_at + cut_for for second in late)


def test_without_a_lease_and_without_a_writer_nothing_ends_it():
    late = [read for read in run(0, 60, 30, 60, False) if read.stale]
    assert late[-1].second == 99 and late[-1].stale == 39


def test_the_checker_of_histories_counts_the_same():
    for case in CASES[::7]:
        history, every = [], case[1]
        for read in run(*case):
            if read.second % every == 0:
                history.append(("put", read.second // every, read.second))
            history.append(("get", read.value, read.second))
        operations = [Operation("c", f, "k", value if f == "put" else None, result=value if f == "get" else None,
                                invoked=1000.0 * at, returned=1000.0 * at, start=2 * i, end=2 * i + 1, index=i)
                      for i, (f, value, at) in enumerate(history)]
        worst = max(read.stale for read in run(*case))
        assert staleness(operations, ms=1000 * worst).status == "ok"
        assert not worst or staleness(operations, ms=1000 * worst - 1).status == "violated"
