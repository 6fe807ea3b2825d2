"""A queue against what is known of it: Little's law, M/M/1, Erlang's C, and a second queue, written otherwise."""

from math import factorial

import pytest

from splitbrain.theory.queueing import Job, arrivals, depth, little, serve

LONG = 10_000  # seconds of steady load


def steady(load, workers, rate, seed=3):
    jobs = serve(arrivals([(load, LONG)], seed=seed), workers=workers, rate=rate, seed=seed)
    return jobs, max(job.finished for job in jobs)


@pytest.mark.parametrize("load", [3, 5, 7])
def test_one_worker_is_m_m_1(load):
    """Kleinrock 1975, 3.2: rho / (1 - rho) jobs in the mean, 1 / (mu - lambda) seconds each."""
    measured = little(*steady(load, 1, 10))
    rho = load / 10
    assert measured.rate == pytest.approx(load, rel=0.02)
    assert measured.length == pytest.approx(rho / (1 - rho), rel=0.05)
    assert measured.stay == pytest.approx(1 / (10 - load), rel=0.05)


def test_several_workers_are_m_m_c():
    """Erlang's C formula for four of them."""
    jobs, _ = steady(30, 4, 10)
    load = 3.0
    waiting = load**4 / factorial(4) * 4 / (4 - load)
    must_wait = waiting / (sum(load**k / factorial(k) for k in range(4)) + waiting)
    assert sum(job.started > job.arrived for job in jobs) / len(jobs) == pytest.approx(must_wait, rel=0.05)
    assert sum(job.started - job.arrived for job in jobs) / len(jobs) == pytest.approx(must_wait / 10, rel=0.08)


def test_room_for_nobody_to_wait_is_erlangs_loss():
    """M/M/2/2: the share turned away is Erlang's B."""
    jobs = serve(arrivals([(20, LONG)], seed=3), workers=2, rate=10, room=0)
    assert sum(job.refused for job in jobs) / len(jobs) == pytest.approx(2 / (1 + 2 + 2), abs=0.005)


@pytest.mark.parametrize("room", [None, 5])
@pytest.mark.parametrize(("load", "workers"), [(9, 1), (40, 4), (80, 4)])
def test_littles_law_is_exact_once_all_have_left(load, workers, room):
    jobs = serve(arrivals([(load, 100)]), workers=workers, rate=10, room=room)
    until = max(job.finished for job in jobs if not job.refused)
    measured = little(jobs, until + 1)
    assert measured.length == pytest.approx(measured.product, rel=1e-9)


def test_littles_law_does_not_balance_while_jobs_are_left():
    jobs = serve(arrivals([(20, 200)]), workers=1, rate=10)
    measured = little(jobs, 200)
    assert measured.product > measured.length * 1.5


def test_above_capacity_the_queue_grows_for_ever():
    jobs = serve(arrivals([(15, 1000)]), workers=1, rate=10)
    there = [count for time, count in depth(jobs) if time < 1000][-1]
    assert there == pytest.approx((15 - 10) * 1000, rel=0.05)


def test_room_bounds_the_queue_and_turns_away_the_rest():
    jobs = serve(arrivals([(15, 1000)]), workers=1, rate=10, room=20)
    assert max(count for _, count in depth(jobs)) == 21
    assert sum(job.refused for job in jobs) / len(jobs) == pytest.approx(1 / 3, abs=0.02)


def second_queue(times, jobs, workers, room):
    """The same by looking at everybody at every arrival."""
    done = []
    for now, served in zip(times, jobs, strict=True):
        waiting = sum(job.started > now for job in done if job)
        busy = sum(job.started <= now < job.finished for job in done if job)
        if busy == workers and room is not None and waiting >= room:
            done.append(None)
            continue
        assert not served.refused
        ends = sorted(job.finished for job in done if job)
        started = max([now, *ends[-workers:][:1]]) if len(ends) >= workers else now
        done.append(Job(now, started, started + served.finished - served.started))
    return [job or Job(now) for job, now in zip(done, times, strict=True)]


@pytest.mark.parametrize("room", [None, 0, 1, 4])
@pytest.mark.parametrize("workers", [1, 2])
def test_another_queue_does_the_same(workers, room):
    times = arrivals([(10, 10), (40, 5), (2, 10)], seed=9)
    jobs = serve(times, workers=workers, rate=12, room=room)
    for ours, theirs in zip(jobs, second_queue(times, jobs, workers, room), strict=True):
        assert ours.refused == theirs.refused
        assert ours.refused or (ours.started, ours.finished) == pytest.approx((theirs.started, theirs.finished))


def test_arrivals_follow_the_rate_of_their_stretch():
    times = arrivals([(5, 1000), (0, 500), (50, 1000)])
    assert times == sorted(times)
    assert sum(time < 1000 for time in times) == pytest.approx(5000, rel=0.05)
    assert not [time for time in times if 1000 <= time < 1500]
    assert sum(time >= 1500 for time in times) == pytest.approx(50_000, rel=0.02)


def test_a_stretch_that_is_cut_in_pieces_is_the_same():
    pieces = arrivals([(5, 0.125)] * 800)
    assert pieces == pytest.approx(arrivals([(5, 100)])) and len(pieces) > 400


def test_more_workers_meet_the_same_jobs():
    times = arrivals([(30, 20)])
    one, two = serve(times, workers=1, rate=10), serve(times, workers=2, rate=10)
    assert [job.finished - job.started for job in one] == pytest.approx([job.finished - job.started for job in two])
    assert all(a.finished >= b.finished for a, b in zip(one, two, strict=True))
    assert serve(times, workers=1, rate=10) == one != serve(times, workers=1, rate=10, seed=2)
