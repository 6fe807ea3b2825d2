"""The fast path for registers against the search, on histories too long for the definition."""

from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from splitbrain.checkers import MODELS, linearizability
from splitbrain.checkers.gibbons_korach import applies, conflict
from splitbrain.checkers.search import Search
from splitbrain.records import History, Operation

REGISTER = MODELS["register"]


def simulate(count, *, clients, seed, values=None, unknown=0.0, lies=0):
    """A history of a register that works, each operation taking effect at a moment of its own; then some lies.

    Every value written differs, unless `values` says how many there are. A client whose operation is of unknown
    outcome goes on at once, its operation perhaps taking effect later, perhaps never.
    """
    random = Random(seed).random
    operations, running, late = [], {}, []
    state, position = None, 0
    while len(operations) < count or running:
        client = int(random() * clients)
        if late and random() < 0.1:
            state = late.pop()
        if client not in running:
            if len(operations) >= count:
                continue
            f = "read" if random() < 0.5 else "write"
            value = None if f == "read" else len(operations) + 1 if values is None else int(random() * values)
            running[client] = len(operations), False
            operations.append(Operation(client, f, None, value, start=position, index=len(operations)))
        else:
            index, done = running[client]
            o = operations[index]
            if not done and random() < unknown:
                operations[index] = replace(o, status="unknown")
                late += [o.value] * (o.f == "write" and random() < 0.5)
                del running[client]
            elif not done:
                running[client] = index, True
                operations[index] = replace(o, result=state) if o.f == "read" else o
                state = o.value if o.f == "write" else state
            else:
                operations[index] = replace(o, end=position)
                del running[client]
        position += 1
    return History(lie(operations, lies, random))


def lie(operations, lies, random):
    reads = [o for o in operations if o.f == "read" and o.status == "ok"]
    for _ in range(lies if reads else 0):
        one, other = (reads[int(random() * len(reads))] for _ in range(2))
        operations[one.index] = replace(one, result=other.result)
    return operations


def happened(history):
    return REGISTER.needed([o for o in history if o.status == "ok" or o.f == "write"])


@pytest.mark.parametrize("unknown", [0.0, 0.15])
def test_agrees_with_the_search(unknown):
    seen = Counter()
    for seed in range(400):
        history = simulate(24, clients=2 + seed % 4, seed=seed, unknown=unknown, lies=seed % 2)
        part = happened(history)
        assert applies(part, None)
        search = Search(part, REGISTER)
        list(search)
        found = conflict(part, None)
        assert (found is None) == (search.order is not None), f"{seed}: {found}"
        seen[found is None] += 1
    assert min(seen.values()) > 100, seen


@pytest.mark.parametrize("values", [None, 5])
@pytest.mark.parametrize("unknown", [0.0, 0.02])
def test_a_register_that_works_is_never_condemned(values, unknown):
    for seed in range(20):
        history = simulate(300, clients=5, seed=seed, values=values, unknown=unknown)
        verdict = linearizability(history)
        assert verdict.status == "ok", verdict


def test_the_search_stays_small():
    fine = simulate(5000, clients=10, seed=1, values=5)
    verdict = linearizability(fine)
    assert verdict.status == "ok" and verdict.states < 3 * 5000
    differing = simulate(5000, clients=10, seed=1)
    assert linearizability(differing).states == 0


def test_the_conflict_says_what_it_says():
    kinds = Counter()
    for seed in range(400):
        found = conflict(happened(simulate(24, clients=4, seed=seed, lies=1)), None)
        if found is None:
            continue
        kinds[found.kind] += 1
        if found.kind == "future":
            read, write = found.operations
            assert read.end < write.start and read.result == write.value
        elif found.kind == "zones":
            a, b, c, d = found.operations
            assert value(b) == value(c) != value(d) and c.end < d.start
            assert value(d) is None if a is None else value(a) == value(d) and a.end < b.start
            kinds[len({o.index for o in found.operations if o is not None})] += 1
    assert kinds["future"] > 10 and kinds["zones"] > 50
    assert kinds[3] > kinds[4] > 0 and kinds[2] > 0


def value(operation):
    return operation.result if operation.f == "read" else operation.value


def test_what_it_does_not_apply_to():
    def write(*values):
        return [Operation("c1", "write", None, v, start=2 * i, end=2 * i + 1, index=i) for i, v in enumerate(values)]

    assert applies(write(1, 2, [3]), None)
    assert not applies(write(1, 2, 1), None)
    assert not applies(write(1, None), None)
    assert not applies([*write(1), Operation("c1", "cas", None, [1, 2])], None)
