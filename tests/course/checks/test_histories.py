"""The checks of lab 05 take any right answer, whatever its shape, and handle whatever is none."""

from collections import Counter
from functools import cache
from itertools import combinations, permutations, product

import pytest

from splitbrain.checkers import linearizability
from splitbrain.course.checks import histories
from splitbrain.course.checks.histories_beliefs import MISCONCEPTIONS
from splitbrain.course.checks.histories_search import PATIENCE, _larger, _questions
from splitbrain.course.checks.histories_tiny import queue, register, tiny_histories
from splitbrain.course.feedback import NotAttempted, Raised, Wrong
from splitbrain.records import History


def before(a, b):
    return a.end is not None and a.end < b.start


def subsets_as_bits(history, step, state):
    """Brute force, each subset of the unknown operations as bits, a loop where the solution has a generator."""
    sure = [o for o in history if o.status == "ok"]
    perhaps = [o for o in history if o.status == "unknown"]
    for bits in product([False, True], repeat=len(perhaps)):
        for order in permutations(sure + [o for o, there in zip(perhaps, bits, strict=True) if there]):
            now, good = state, not any(before(b, a) for a, b in combinations(order, 2))
            for o in order if good else ():
                right, now = step(now, o)
                good = good and right
            if good:
                return True
    return False


def all_that_did_not_fail(history, step, state):
    """An unknown operation has no end, so it may be put last: whoever says that it happened says nothing wrong."""
    return any(not any(before(b, a) for a, b in combinations(order, 2)) and plays(order, step, state)
               for order in permutations([o for o in history if o.status != "fail"]))


def plays(order, step, state):
    for o in order:
        right, state = step(state, o)
        if not right:
            return False
    return True


def one_of_those_that_may_be_next(history, step, state):
    """A recursion over lists, without memory."""
    left = [o for o in history if o.status != "fail"]
    if all(o.status == "unknown" for o in left):
        return True
    for o in left:
        if not any(before(other, o) for other in left):
            right, after = step(state, o)
            if right and one_of_those_that_may_be_next([other for other in left if other is not o], step, after):
                return True
    return False


def breadth_first(history, step, state):
    """All places that can be reached, one operation further at a time."""
    operations = [o for o in history if o.status != "fail"]
    everything = frozenset(i for i, o in enumerate(operations) if o.status == "ok")
    places = {(frozenset(), state)}
    for _ in range(len(operations) + 1):
        if any(everything <= done for done, _ in places):
            return True
        further = set()
        for done, now in places:
            for i, o in enumerate(operations):
                if i not in done and not any(before(p, o) for j, p in enumerate(operations) if j not in done):
                    right, after = step(now, o)
                    if right:
                        further.add((done | {i}, after))
        places = further
    return False


def remembered_by_cache(history, step, state):
    """Bits for what is placed, and functools for the memory."""
    operations = [o for o in history if o.status != "fail"]
    sure = sum(1 << i for i, o in enumerate(operations) if o.status == "ok")
    earlier = [sum(1 << j for j, p in enumerate(operations) if before(p, o)) for o in operations]

    @cache
    def place(done, state):
        if done & sure == sure:
            return True
        for i, o in enumerate(operations):
            if not done >> i & 1 and earlier[i] & ~done == 0:
                right, after = step(state, o)
                if right and place(done | 1 << i, after):
                    return True
        return False

    return place(0, state)


def with_a_stack(history, step, state):
    """No recursion, and unknown operations are tried as soon as they have begun."""
    operations = sorted((o for o in history if o.status != "fail"), key=lambda o: (o.status == "ok", o.start))
    stack, seen = [(frozenset(o.index for o in operations), state)], set()
    while stack:
        place = stack.pop()
        if place in seen:
            continue
        seen.add(place)
        left, state = place
        rest = [o for o in operations if o.index in left]
        if not any(o.status == "ok" for o in rest):
            return True
        end = min(o.end for o in rest if o.end is not None)
        for o in rest:
            right, after = step(state, o) if o.start < end else (False, None)
            if right:
                stack.append((left - {o.index}, after))
    return False


def asks_first_and_looks_at_time_afterwards(history, step, state):
    """Wasteful, but it looks at every state once: it has to pass."""
    seen = set()

    def place(left, state):
        if (left, state) in seen:
            return False
        seen.add((left, state))
        if all(o.status != "ok" for o in history if o.index in left):
            return True
        for o in history:
            if o.index in left:
                right, after = step(state, o)
                may = not any(before(p, o) for p in history if p.index in left)
                if right and may and place(left - {o.index}, after):
                    return True
        return False

    return place(frozenset(o.index for o in history if o.status != "fail"), state)


SEARCHES = [breadth_first, remembered_by_cache, with_a_stack, asks_first_and_looks_at_time_afterwards]


@pytest.mark.parametrize("answer", [subsets_as_bits, all_that_did_not_fail, one_of_those_that_may_be_next, *SEARCHES])
def test_a_judge_of_another_shape_is_right(answer, capsys):
    histories.check_brute_force(answer)
    assert "of them wrong) you say what" in capsys.readouterr().out


@pytest.mark.parametrize("answer", SEARCHES)
def test_a_search_of_another_shape_is_right(answer, capsys):
    histories.check_search(answer)
    assert "operations you say what the course's checker says" in capsys.readouterr().out


def test_clocks_of_another_shape_are_right(capsys):
    def lamport_by_cases(count, stamp=None):
        return count + 1 if stamp is None or stamp < count else stamp + 1

    def advance(vector, me):
        after = dict(vector)
        after[me] = after.setdefault(me, 0) + 1
        return after

    def merge(vector, me, stamp):
        after = dict.fromkeys(["n1", "n2", "n3"], 0) | vector      # all nodes named, also those at 0
        for name in stamp:
            if stamp[name] > after[name]:
                after[name] = stamp[name]
        return advance(after, me)

    def compare(v, w):
        greater = {n for n in v if v[n] > w.get(n, 0)}
        less = {n for n in w if w[n] > v.get(n, 0)}
        return ("concurrent" if less else "after") if greater else ("before" if less else "same")

    histories.check_clocks(lamport_by_cases, advance, merge, compare)
    assert "nobody can" in capsys.readouterr().out


JUDGES = [histories.check_brute_force, histories.check_search]


def check_clocks(answer):
    histories.check_clocks(answer, answer, answer, answer)


@pytest.mark.parametrize("check", [*JUDGES, check_clocks])
def test_blank_is_not_attempted(check):
    def blank(*_):
        raise NotImplementedError

    for nothing in (blank, ...):
        with pytest.raises(NotAttempted):
            check(nothing)


@pytest.mark.parametrize("check", [*JUDGES, check_clocks])
def test_code_that_raises_is_shown_its_own_line(check):
    def breaks(*_):
        return {}["nothing"]

    with pytest.raises(Raised, match="KeyError"):
        check(breaks)


@pytest.mark.parametrize("check", [*JUDGES, check_clocks])
def test_code_without_end_is_stopped(check, monkeypatch):
    from splitbrain.watchdog import watchdog

    def spins(*_):
        while True:
            pass

    def quick(seconds, *args, **options):
        return watchdog(0.3, *args, **options)

    monkeypatch.setattr("splitbrain.course.feedback.watchdog", quick)
    with pytest.raises(Raised, match="did not end"):
        check(spins)


@pytest.mark.parametrize("check", [*JUDGES, check_clocks])
@pytest.mark.parametrize("value", [None, "yes", 1.5, [1]])
def test_another_type_is_told(check, value):
    with pytest.raises(Wrong, match=r"returns|is there a"):
        check(lambda *_: value)


@pytest.mark.parametrize("check", JUDGES)
@pytest.mark.parametrize("value", [True, False])
def test_one_answer_for_all_is_wrong(check, value):
    with pytest.raises(Wrong):
        check(lambda *_: value)


def test_an_answer_that_swallows_everything_does_not_swallow_the_count(capsys):
    def swallows(history, step, state):
        def careful(state, o):
            try:
                return step(state, o)
            except Exception:
                return True, state

        return one_of_those_that_may_be_next(history, careful, state)

    with pytest.raises(Wrong, match="asks the same things again and again"):
        histories.check_search(swallows)


def test_an_answer_that_empties_its_list_is_judged_by_what_it_says(capsys):
    def empties(history, step, state):
        mine = [history.pop(0) for _ in range(len(history))]
        return one_of_those_that_may_be_next(mine, step, state)

    histories.check_brute_force(empties)
    assert "Right" in capsys.readouterr().out


def test_a_failure_is_judged_again_by_its_replay_line():
    def never(history, step, state):
        return False

    with pytest.raises(Wrong) as failed:
        histories.check_brute_force(never)
    assert len(failed.value.picture.table) == 1                   # cut down to one operation
    with pytest.raises(Wrong, match="There is an order"):
        eval(failed.value.replay, {"histories": histories, "brute_force": never})


def test_the_picture_shows_the_points_or_the_witness():
    with pytest.raises(Wrong) as failed:
        histories.check_brute_force(lambda *_: False, history="a  [write 1]\nb             [read -> 1]")
    assert "In the order of the points: 1 " in failed.value.picture.alt
    with pytest.raises(Wrong) as failed:
        histories.check_brute_force(lambda *_: True, history="a  [write 1]\nb             [read -> None]")
    assert "The verdict's witness" in failed.value.picture.alt and "initial value" in failed.value.sentence


def test_tiny_histories_hold_what_the_misconceptions_get_wrong():
    """Each is wrong somewhere, and no two say the same of all: else a message could name the wrong one."""
    tiny = tiny_histories()
    assert len({one.to_sketch() for one in tiny}) == len(tiny) == 1500
    truth = [linearizability(one).status == "ok" for one in tiny]
    assert 500 < sum(truth) < 1000
    says = [[believes(one) for one in tiny] for _, believes in MISCONCEPTIONS]
    assert all(answers != truth for answers in says)
    assert len({tuple(answers) for answers in says}) == len(says)


def test_our_count_is_that_of_a_search_that_looks_at_every_state_once():
    for history in _larger():
        asked = Counter()

        def step(state, o, asked=asked):
            asked[o.index] += 1
            return register(state, o)

        breadth_first(history, step, None)
        assert asked.total() <= _questions(history) <= PATIENCE * asked.total()


def test_the_larger_histories_are_of_both_kinds():
    verdicts = [linearizability(one).status for one in _larger()]
    assert verdicts.count("ok") == verdicts.count("violated") == 7


def test_steps_know_what_an_unknown_answer_says():
    write, read, lost = History.from_sketch("a  [write 1]  [read -> 2]  [read ?")
    assert register(None, write) == (True, 1) and register(1, read) == (False, 1) and register(1, lost) == (True, 1)
    put, empty, first = History.from_sketch("a  [enqueue 1]  [dequeue -> None]  [dequeue -> 1]")
    assert queue((), put) == (True, (1,)) and queue((), empty) == (True, ()) and queue((1,), empty)[0] is False
    assert queue((1, 2), first) == (True, (2,))


def test_questions_are_counted_and_stopped():
    assert histories.questions(one_of_those_that_may_be_next, 3) == "3 writes: 21 questions"
    assert histories.questions(one_of_those_that_may_be_next, 9) == "9 writes: more than 20,000 questions"
    assert histories.questions(lambda *_: 1 / 0, 3) == "3 writes: ZeroDivisionError"
