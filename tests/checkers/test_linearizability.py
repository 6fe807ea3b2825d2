"""What linearizability accepts and rejects, by example, and against the definition on thousands of tiny histories."""

from collections import Counter
from dataclasses import replace

import oracle
import pytest
from histories import OK_HISTORIES, VIOLATED_HISTORIES, told
from hypothesis import given, settings
from hypothesis import strategies as st

from splitbrain.checkers import MODELS, Model, judge, linearizability
from splitbrain.checkers.explain import smallest_witness
from splitbrain.checkers.forms import Malformed
from splitbrain.checkers.search import Search
from splitbrain.records import History, Operation


@pytest.mark.parametrize("name", OK_HISTORIES)
def test_accepts(name):
    verdict = linearizability(told(*OK_HISTORIES[name]))
    assert verdict.status == "ok", verdict
    assert verdict.witness is None and verdict.checker == "linearizability"


@pytest.mark.parametrize("name", VIOLATED_HISTORIES)
def test_rejects_and_says_why(name):
    lines, sentence = VIOLATED_HISTORIES[name]
    verdict = linearizability(told(*lines))
    assert verdict.status == "violated"
    assert verdict.explanation.startswith(sentence)
    assert 1 <= len(verdict.witness.operations) <= 4


def test_cas_register():
    def cas(process, old, new, start, end, result=True):
        return Operation(process, "cas", None, [old, new], result, "ok", start=start, end=end, index=start)

    history = told("c1 write 1 0-1")
    assert judge("linearizability", history).status == "ok"
    model = "cas-register"
    assert linearizability([*history, cas("c2", 1, 2, 2, 3)], model=model).status == "ok"
    assert linearizability([*history, cas("c2", 3, 2, 2, 3)], model=model).status == "violated"
    assert linearizability([*history, cas("c2", 3, 2, 2, 3, False)], model=model).status == "ok"
    both = linearizability([*history, cas("c2", 1, 2, 2, 5), cas("c3", 1, 3, 3, 6)], model=model)
    assert both.status == "violated"
    assert "cas([1, 3])" in both.explanation and "cas([1, 2])" in both.explanation
    assert linearizability([*history, cas("c2", 1, 2, 2, 3, False)], model=model).status == "violated"


def call(process, f, start, end, value=None, result=None):
    status = "unknown" if end is None else "ok"
    return Operation(process, f, None, value, result, status, start=start, end=end, index=start)


def test_mutex():
    held = [call("c1", "acquire", 0, 1)]
    assert linearizability([*held, call("c2", "acquire", 2, 3, result=False)], model="mutex").status == "ok"
    assert linearizability([*held, call("c1", "release", 2, None), call("c2", "acquire", 3, 4)],
                           model="mutex").status == "ok"
    both = linearizability([*held, call("c1", "release", 2, 7), call("c2", "acquire", 3, 4),
                            call("c3", "acquire", 5, 6)], model="mutex")
    assert both.status == "violated"
    assert "c3 called acquire()" in both.explanation and "c2 called acquire()" in both.explanation
    others = linearizability([call("c1", "acquire", 0, 1, "c1"), call("c2", "release", 2, 3, "c2")], model="mutex")
    assert str(others) == "violated: c2 called release('c2'), which no order of the operations explains"


def test_fifo_queue():
    two = [call("c1", "enqueue", 0, 1, "a", "a"), call("c1", "enqueue", 2, 3, "b", "b")]
    in_order = [call("c2", "dequeue", 4, 5, result="a"), call("c2", "dequeue", 6, 7, result="b"),
                call("c2", "dequeue", 8, 9)]
    assert linearizability([*two, *in_order], model="fifo-queue").status == "ok"
    turned = linearizability([*two, call("c2", "dequeue", 4, 5, result="b")], model="fifo-queue")
    assert str(turned) == ("violated: c2 called dequeue() -> 'b' after c1 had called enqueue('a'), "
                           "and nothing that may have come between explains it")
    perhaps_taken = [call("c3", "dequeue", 4, None), call("c2", "dequeue", 5, 6, result="b")]
    assert linearizability([*two, *perhaps_taken], model="fifo-queue").status == "ok"


@pytest.mark.parametrize(("model", "wrong", "sentence"), [
    ("cas-register", call("c1", "cas", 0, 1, 5), "the value of cas is a pair [old, new], not 5"),
    ("kv", call("c1", "put", 0, 1, 5), "the value of put is a string, not 5"),
    ("kv", call("c1", "get", 0, 1, None, None), "the answer of get is a string, not None"),
])
def test_values_of_another_kind_are_refused(model, wrong, sentence):
    with pytest.raises(Malformed) as refused:
        linearizability([wrong], model=model)
    assert str(refused.value) == sentence
    assert refused.value.position == (1 if "answer" in sentence else 0)


def test_a_model_of_ones_own():
    def step(state, f, value, result):
        return (result == state, state) if f == "read" else (True, state + value)

    counter = Model("counter", step, 0, frozenset({"add", "read"}), frozenset({"read"}))
    add = Operation("c1", "add", None, 2, start=0, end=None, status="unknown")
    reads = [Operation("c2", "read", None, None, n, start=4 + n, end=5 + n, index=n) for n in (0, 2)]
    assert linearizability([add, *reads], model=counter).status == "ok"
    assert linearizability([add, *reads[::-1], replace(reads[0], start=20, end=21)], model=counter).status == "violated"


def test_lists_and_dicts_are_values_too():
    put = Operation("c1", "put", "x", {"a": [1, 2]}, start=0, end=1)
    get = Operation("c2", "get", "x", None, {"a": [1, 2]}, start=2, end=3, index=1)
    assert linearizability([put, get]).status == "ok"
    assert linearizability([put, replace(get, result={"a": [2, 1]})]).status == "violated"


def test_what_the_model_does_not_know_is_refused():
    with pytest.raises(ValueError, match="the model register knows get, put, read, write, not 'cas'"):
        linearizability([Operation("c1", "cas", None, [1, 2])])
    with pytest.raises(ValueError, match="there is no model 'stack'; there are cas-register, fifo-queue, kv, mutex, r"):
        linearizability([], model="stack")
    with pytest.raises(ValueError, match="there is no checker 'vibes'"):
        judge("vibes", History())


def test_a_budget_that_runs_out_says_unknown_never_ok():
    hard = [Operation(f"c{i}", "write", None, i % 11, start=i, end=100 + i, index=i) for i in range(12)]
    last = Operation("z", "read", None, None, 99, start=300, end=301, index=20)
    verdict = linearizability([*hard, last], budget=10)
    assert verdict.status == "unknown" and verdict.states == 10
    assert "gave up after 10 states" in verdict.explanation
    late, fat = linearizability([*hard, last], seconds=0), linearizability([*hard, last], megabytes=-1)
    assert late.explanation.startswith("gave up after 0 s and 0 states")
    assert fat.explanation.startswith("gave up after -1 MB of memory and 0 states")
    assert late.status == fat.status == "unknown"
    assert linearizability([*hard, last], budget=None).status == "violated"


def test_a_wrong_key_is_found_before_a_hard_one_eats_the_budget():
    hard = [Operation(f"c{i}", "write", "hard", i % 29, start=i, end=100 + i, index=i) for i in range(30)]
    hard.append(Operation("z", "read", "hard", None, 99, start=300, end=301, index=40))
    twice = [Operation("a", "write", "wrong", 1, start=at, end=at + 1, index=at) for at in (302, 304)]
    wrong = [*twice, Operation("b", "read", "wrong", start=306, end=307, index=306)]
    assert linearizability(hard, budget=20_000).status == "unknown"
    verdict = linearizability([*hard, *wrong], budget=20_000)
    assert verdict.status == "violated" and "wrong = None" in verdict.explanation


@pytest.mark.parametrize("kind", oracle.KINDS)
def test_agrees_with_the_definition(kind):
    model, ask, answer, run = oracle.KINDS[kind]
    seen = Counter()

    @settings(max_examples=1000, derandomize=True, database=None, deadline=None)
    @given(st.binary(min_size=12, max_size=32), st.sampled_from([(None,), ("x", "y")]))
    def agrees(tape, keys):
        # Bytes, two for a number: many times faster to draw than lists of numbers.
        numbers = [256 * high + low for high, low in zip(tape[::2], tape[1::2], strict=False)]
        history = oracle.tiny_history(numbers, ask, answer, keys=keys)
        verdict = linearizability(history, model=model)
        seen[verdict.status] += 1
        assert (verdict.status == "ok") == oracle.linearizable(history, run), f"{history}\n{verdict}"

    agrees()
    assert min(seen["ok"], seen["violated"]) > 100 and set(seen) == {"ok", "violated"}, seen


@pytest.mark.parametrize("kind", oracle.KINDS)
def test_the_order_that_is_found_is_one(kind):
    model, _, _, run = oracle.KINDS[kind]
    found = 0
    for seed in range(1000):
        history = [o for o in oracle.draw_history(kind, seed) if o.status != "fail"]
        search = Search(history, MODELS[model])
        assert sum(1 for _ in search) < 2000
        if search.order is not None:
            found += 1
            assert {o.index for o in history if o.status == "ok"} <= {o.index for o in search.order}
            assert oracle.explains(search.order, run)
    assert found > 100


@pytest.mark.parametrize("kind", oracle.KINDS)
def test_the_witness_condemns(kind):
    model, _, _, run = oracle.KINDS[kind]
    checked = 0
    for seed in range(600):
        history = oracle.draw_history(kind, seed)
        verdict = linearizability(history, model=model)
        if verdict.status == "violated":
            checked += 1
            few = {o.index for o in verdict.witness.operations}
            others_may_have_happened = [o if o.index in few else replace(o, status="unknown") for o in history
                                        if o.status != "fail"]
            assert not oracle.linearizable(others_may_have_happened, run), f"{history}\n{verdict}"
    assert checked > 200


@pytest.mark.parametrize("kind", oracle.KINDS)
def test_nothing_of_the_smallest_witness_can_be_spared(kind):
    model, _, _, run = oracle.KINDS[kind]
    checked = 0
    for seed in range(600):
        history = [o for o in oracle.draw_history(kind, seed) if o.status != "fail"]
        search = Search(history, MODELS[model])
        list(search)
        if search.order is None:
            checked += 1
            few = {o.index for o in smallest_witness(history, search.stuck, MODELS[model])}
            assert not oracle.linearizable(let_go(history, few, search.stuck.end), run)
            for one in few:
                assert oracle.linearizable(let_go(history, few - {one}, search.stuck.end), run), history
    assert checked > 200


def let_go(history, kept, end):
    """What is known at this moment if all but these may or may not have happened."""
    status = {True: "ok", False: "maybe"}
    return [replace(o, status=status[o.end <= end] if o.index in kept and o.status == "ok" else "unknown")
            for o in history if o.start <= end]


def test_the_witness_of_a_long_history_is_short():
    lines = []
    for n in range(200):
        lines += [f"c1 write {n % 5} {4 * n}-{4 * n + 1}", f"c2 read {n % 5} {4 * n + 2}-{4 * n + 3}"]
    lines[301] = lines[301].replace("read 0", "read 4")
    verdict = linearizability(told(*lines))
    assert verdict.status == "violated"
    assert [str(o) for o in verdict.witness.operations] == ["c1: write(4) -> None", "c1: write(0) -> None",
                                                              "c2: read() -> 4"]
    assert verdict.explanation == "c2 read 4 after c1 had written 0, although c1 had written 4 before that"
