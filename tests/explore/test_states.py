"""Breadth first over small specifications: published counts, shortest traces, and `unknown` when the budget ends."""

import random
from collections import deque
from dataclasses import replace

import pytest

from splitbrain.explore import Specification, states
from splitbrain.explore.specs import two_phase_commit

# Distinct states, states generated and depth, as TLC counts them. For 3 managers: what the TLA+ examples record;
# distinct states for 5 managers: Stateright's example 2pc. The others were counted by a search of another hand.
PUBLISHED = [(3, 288, 1146, 11), (5, 8832, 58146, 17), (6, 50816, 402306, 20)]


def counter(top, *, step=1):
    """0, 1, 2 ... top, where "reset" always leads back."""
    def after(n):
        if n < top:
            yield "add", n + step
        yield "reset", 0

    return Specification("counter", (0,), after)


def holds(limit):
    def below(n):
        return n < limit

    return (below,)


@pytest.mark.parametrize(("participants", "distinct", "generated", "depth"), PUBLISHED[:2])
def test_two_phase_commit_has_the_published_states(participants, distinct, generated, depth):
    found = states(two_phase_commit(participants))
    assert (found.distinct, found.generated, found.depth) == (distinct, generated, depth)
    assert found.verdict.status == "ok"
    assert found.trace == ()
    assert f"{distinct:,} states" in found.verdict.explanation


@pytest.mark.long
@pytest.mark.parametrize(("participants", "distinct", "generated", "depth"), PUBLISHED[2:] + [(7, 296448, 2744706, 23)])
def test_and_for_more_participants(participants, distinct, generated, depth):
    found = states(two_phase_commit(participants), progress=False)
    assert (found.distinct, found.generated, found.depth) == (distinct, generated, depth)


def forgetful(participants):
    """The transaction manager decides to commit as soon as one has voted: a lost vote."""
    spec = two_phase_commit(participants)

    def after(state):
        yield from spec.next(state)
        rm, decision, heard, sent = state
        if decision == "none" and heard:
            yield "decides too early", (rm, "commit", heard, sent | 1 << participants)

    return replace(spec, next=after)


def test_a_lost_vote_is_found_by_a_shortest_trace():
    found = states(forgetful(3))
    assert found.verdict.status == "violated"
    actions = [step.action for step in found.trace]
    assert len(actions) == 6 and actions[0] == ""
    assert set(actions[1:]) == {"r1 prepares", "hears that r1 is prepared", "decides too early", "r1 is told to commit",
                                "r2 aborts"}
    assert "consistent fails after 5 steps" in found.verdict.explanation
    assert "committed" in str(found) and "aborted" in str(found).splitlines()[-1]


def test_each_step_of_a_trace_is_one_that_the_specification_allows():
    spec = forgetful(4)
    trace = states(spec).trace
    assert trace[0].state in spec.initial
    for before, step in zip(trace, trace[1:], strict=False):
        assert (step.action, step.state) in list(spec.next(before.state))


def random_graph(seed):
    draw = random.Random(seed)
    size = draw.randint(1, 14)
    edges = {n: [draw.randrange(size) for _ in range(draw.choice([0, 1, 1, 2, 3]))] for n in range(size)}
    initial = tuple(draw.sample(range(size), draw.randint(1, min(2, size))))
    return initial, edges, draw.randrange(size)


def distances(initial, edges):
    far = dict.fromkeys(initial, 0)
    queue = deque(initial)
    while queue:
        here = queue.popleft()
        for there in edges[here]:
            if there not in far:
                far[there] = far[here] + 1
                queue.append(there)
    return far


def test_random_graphs_agree_with_distances_found_by_hand():
    outcomes = set()
    for seed in range(300):
        initial, edges, bad = random_graph(seed)
        far = distances(initial, edges)
        spec = Specification("graph", initial, lambda n, edges=edges: ((f"to {m}", m) for m in edges[n]),
                             (lambda n, bad=bad: n != bad,))
        free = states(replace(spec, invariants=()))
        assert (free.distinct, free.depth) == (len(far), max(far.values()) + 1)
        assert free.generated == len(initial) + sum(len(edges[n]) for n in far)
        found = states(spec)
        assert found.verdict.status == ("violated" if bad in far else "ok")
        assert len(found.trace) == (far[bad] + 1 if bad in far else 0)
        outcomes.add((found.verdict.status, len(found.trace)))
    assert len(outcomes) > 4


def test_a_limit_that_is_met_exactly_is_enough_and_one_less_is_not():
    assert states(counter(99), limit=100).verdict.status == "ok"
    short = states(counter(99), limit=99)
    assert short.verdict.status == "unknown"
    assert "gave up" in short.verdict.explanation


def test_endless_specifications_end_as_unknown():
    found = states(counter(float("inf")), limit=1000)
    assert found.verdict.status == "unknown" and 1000 <= found.distinct <= 1002
    assert states(counter(float("inf")), limit=None, seconds=0.05).verdict.status == "unknown"


def test_a_violation_within_the_limit_is_found_and_an_initial_one_needs_no_step():
    assert states(replace(counter(99), invariants=holds(50)), limit=60).verdict.status == "violated"
    found = states(replace(counter(99), invariants=holds(0)))
    assert found.verdict.explanation == "counter: below fails after 0 steps"
    assert [str(step) for step in found.trace] == ["at first: 0"]


def test_every_invariant_counts():
    spec = replace(counter(9), invariants=(*holds(100), *holds(5)))
    assert len(states(spec).trace) == 6


def test_interrupted_it_says_so_and_keeps_what_it_found():
    def after(n):
        if n == 40:
            raise KeyboardInterrupt
        yield "add", n + 1

    found = states(Specification("interrupted", (0,), after))
    assert found.verdict.status == "unknown" and "interrupted" in found.verdict.explanation
    assert found.distinct == 41
