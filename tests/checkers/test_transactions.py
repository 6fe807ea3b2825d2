"""What the checker of transactions finds, by example, and against the definitions on thousands of tiny histories."""

from collections import Counter
from random import Random

import adya
import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transaction_histories import FINE, FINE_REGISTERS, WRONG, WRONG_REGISTERS, told

from splitbrain.checkers import CHECKERS, dependencies, judge, transactions
from splitbrain.checkers.dependency import Dependencies
from splitbrain.checkers.isolation import ANOMALIES, MODELS, forbidden, ruled_out, weakest
from splitbrain.records import History, Operation


@pytest.mark.parametrize("name", FINE)
def test_accepts_lists(name):
    verdict = transactions(told(*FINE[name]))
    assert (verdict.status, verdict.anomalies, verdict.excluded) == ("ok", (), ()), verdict
    assert verdict.witness is None and verdict.checker == "list-append"


@pytest.mark.parametrize("name", FINE_REGISTERS)
def test_accepts_registers(name):
    verdict = transactions(told(*FINE_REGISTERS[name], lists=False), workload="rw-register")
    assert (verdict.status, verdict.anomalies) == ("ok", ()), verdict
    assert "so others may be hidden" in verdict.explanation


@pytest.mark.parametrize("name", WRONG)
def test_rejects_lists_and_says_why(name):
    lines, anomalies, excluded, sentence = WRONG[name]
    verdict = transactions(told(*lines))
    assert (verdict.status, " ".join(verdict.anomalies), " ".join(verdict.excluded)) == (
        "violated", anomalies, excluded), verdict
    assert sentence in verdict.explanation
    assert verdict.witness.operations


@pytest.mark.parametrize("name", WRONG_REGISTERS)
def test_rejects_registers_and_says_why(name):
    lines, anomalies, excluded, sentence = WRONG_REGISTERS[name]
    verdict = transactions(told(*lines, lists=False), workload="rw-register")
    assert (verdict.status, " ".join(verdict.anomalies), " ".join(verdict.excluded)) == (
        "violated", anomalies, excluded), verdict
    assert sentence in verdict.explanation


def agree(examples, check, **how):
    """Let `check` compare a verdict and the definition, on histories drawn by Hypothesis; count what it gives."""
    seen = Counter()

    @settings(max_examples=examples, derandomize=True, database=None, deadline=None)
    @given(st.binary(min_size=30, max_size=120), st.sampled_from([3, 4, 4]))
    def agrees(tape, most):
        seen.update(check(*adya.draw(adya.from_bytes(tape), most=most, **how)))

    agrees()
    return seen


@pytest.mark.parametrize("strange", [False, True])
def test_strict_serializability_of_lists_is_decided_exactly(strange):
    def check(history, versions, committed):
        verdict = transactions(history)
        assert (verdict.status == "ok") == adya.serial_order_exists(history, lists=True), f"{history}\n{verdict}"
        yield verdict.status

    seen = agree(800, check, strange=strange)
    assert min(seen["ok"], seen["violated"]) > 100, seen


def test_what_is_found_of_lists_is_there_and_where_all_was_read_nothing_is_missed():
    def check(history, versions, committed):
        verdict = transactions(history)
        found, truth = ruled_out(verdict.anomalies), adya.models_ruled_out(history, versions, committed)
        assert found <= truth, f"{history}\n{versions}\n{verdict}"
        if adya.all_read(history, versions):
            assert found == truth, f"{history}\n{versions}\n{verdict}"
            yield "all read", bool(truth)
        yield bool(found)

    seen = agree(1000, check)
    assert min(seen[True], seen[False], seen["all read", True], seen["all read", False]) > 50, seen


@pytest.mark.parametrize("strange", [False, True])
def test_anomalies_that_are_no_cycles_are_those_of_the_definitions(strange):
    alone = {"G1a", "G1b", "internal", "future-read", "lost-update", "garbage-read", "duplicate-elements"}

    def check(history, versions, committed):
        found = set(transactions(history).anomalies) & alone
        assert found == adya.alone(history, versions, committed) & alone, history
        yield from found

    seen = agree(600, check, strange=strange)
    assert set(seen) >= (alone - {"lost-update"} if strange else {"internal", "future-read", "G1b"}), seen


def test_what_is_found_of_registers_is_there():
    def check(history, versions, committed):
        verdict = transactions(history, workload="rw-register")
        truth = adya.models_ruled_out(history, versions, committed)
        assert ruled_out(verdict.anomalies) <= truth, f"{history}\n{verdict}"
        if verdict.status == "violated":
            assert not adya.serial_order_exists(history, lists=False), f"{history}\n{verdict}"
        yield verdict.status

    seen = agree(800, check, write="w")
    assert min(seen["ok"], seen["violated"]) > 100, seen


@pytest.mark.long
def test_a_hundred_thousand_histories():
    for seed in range(100_000):
        history, versions, committed = adya.draw(Random(seed).random, strange=seed % 3 == 0, most=4 + seed % 2)
        verdict = transactions(history)
        assert (verdict.status == "ok") == adya.serial_order_exists(history, lists=True), f"{seed}: {history}"
        if seed % 3:
            found, truth = ruled_out(verdict.anomalies), adya.models_ruled_out(history, versions, committed)
            assert found <= truth and (found == truth or not adya.all_read(history, versions)), f"{seed}: {history}"


def test_the_witness_is_a_cycle_of_the_dependencies():
    found = 0
    for seed in range(400):
        history, _, _ = adya.draw(Random(seed).random, most=6, keys="xyz")
        verdict = transactions(history)
        if verdict.witness is None or not verdict.witness.edges or not verdict.anomalies[0].startswith("G"):
            continue
        edges = verdict.witness.edges
        if edges[0][0] == edges[-1][1]:
            found += 1
            graph = dependencies(history)
            assert all(a[1] == b[0] for a, b in zip(edges, [*edges[1:], edges[0]], strict=True))
            for start, end, reason in edges:
                kind = reason.partition(":")[0]
                assert kind == "realtime" or graph.has_edge(start, end, kind), (seed, reason)
            assert {e[0] for e in edges} <= {o.index for o in verdict.witness.operations}
    assert found > 50


def test_the_witness_is_a_shortest_cycle():
    ring = [f"r{'abcdefgh'[i - 1]}1a{'abcdefgh'[i]}1" for i in range(8)]
    assert len(transactions(told(*ring)).witness.edges) == 8
    assert len(transactions(told(*ring, "ap1rq1", "aq1rp1")).witness.edges) == 2


def test_other_models_forbid_less():
    skew = told("ax1ry_", "ay1rx_")
    assert transactions(skew, model="serializable").status == "violated"
    verdict = transactions(skew, model="snapshot-isolation")
    assert (verdict.status, verdict.anomalies, verdict.excluded) == ("ok", ("G2-item",), ("repeatable-read",))
    assert verdict.explanation.startswith("nothing was found that snapshot-isolation forbids, but G2-item, so not")
    assert transactions(skew, anomalies=["G1"]).status == "ok"
    assert transactions(skew, anomalies=["G1", "G2"]).status == "violated"


def test_a_value_written_twice_leaves_it_unknown():
    for workload, *lines in (("list-append", "ax1", "ax1"), ("rw-register", "wx1wx2", "wx1"), ("rw-register", "wx_")):
        verdict = transactions(told(*lines), workload=workload)
        assert verdict.status == "unknown" and "values must differ" in verdict.explanation
    assert transactions(told("ax1 fail", "ax1", "rx1")).status == "ok"  # tried again, with success
    assert transactions(told("wx1 fail", "wx1", "rx1", lists=False), workload="rw-register").status == "ok"


def test_by_its_name_through_judge():
    assert {"list-append", "rw-register"} <= set(CHECKERS)
    assert judge("list-append", told("ax1ry1", "ay1rx1")).anomalies == ("G1c",)
    assert judge("rw-register", told("wx1ry1", "wy1rx1", lists=False)).anomalies == ("G1c",)


@pytest.mark.parametrize(("operation", "sentence"), [
    (Operation("c1", "read"), "operations txn only, not 'read' (operation 0 of process c1)"),
    (Operation("c1", "txn", result=7), "operation 0 of process c1: a transaction is a list of micro-operations, not 7"),
    (Operation("c1", "txn", result=[["w", "x", 1]]), 'is ["r", key, value] or ["append", key, value], not [\'w\''),
    (Operation("c1", "txn", result=[["r", "x"]]), "a micro-operation is"),
    (Operation("c1", "txn", result=[["r", "x", 1]]), "a read of x gives a list or null, not 1"),
])
def test_what_is_no_transaction_is_refused(operation, sentence):
    with pytest.raises(ValueError) as refused:
        transactions([operation])
    assert sentence in str(refused.value)


def test_transactions_asked_for_by_hand_have_their_list_as_the_key():
    by_hand = [Operation("c1", "txn", [["append", "x", 1]], status="unknown", start=0, index=0),
               Operation("c2", "txn", [["r", "x", None]], None, [["r", "x", [1]]], start=1, end=2, index=1)]
    assert list(dependencies(by_hand).edges(keys=True)) == [(0, 1, "wr")]


def test_keys_and_values_of_any_kind():
    odd = [Operation("c1", "txn", result=[["append", ["a", 1], {"n": 1}], ["r", ["a", 1], [{"n": 1}]]], end=1)]
    assert transactions(odd).status == "ok"


def test_the_graph_says_why():
    graph = dependencies(told("ax1", "ax2", "rx12", "rx1"))
    assert isinstance(graph, networkx.MultiDiGraph)
    assert {(a, b): kind for a, b, kind in graph.edges(keys=True)} == {(0, 1): "ww", (1, 2): "wr", (0, 3): "wr",
                                                                      (3, 1): "rw"}
    assert graph.edges[3, 1, "rw"]["why"] == ("T3 read x before T1 appended 2 to it, because T3 read x = [1] "
                                              "and T2 read x = [1, 2]")
    assert graph.nodes[0]["operation"].process == "c1"


def test_real_time_is_reduced_and_exact():
    for seed in range(60):
        history, _, committed = adya.draw(Random(seed).random, most=8, failures=False)
        graph = networkx.DiGraph((a, b) for a, b, kind in dependencies(history).edges(keys=True) if kind == "realtime")
        graph.add_nodes_from(o.index for o in history)
        before = {(a.index, b.index) for a in history for b in history if a.end < b.start}
        assert set(networkx.transitive_closure(graph).edges) == before
        assert set(networkx.transitive_reduction(graph).edges) == set(graph.edges)


def test_edges_stay_few_whatever_the_number_of_clients():
    def edges(count, clients):
        ops = (Operation(f"c{i % clients}", "txn", result=[["append", "x", i]], start=2 * i, index=i,
                         end=2 * (i + clients) - 1) for i in range(count))
        return transactions(History(ops)).states

    assert edges(2000, 2) < 10_000 and edges(2000, 1000) < 10_000


@pytest.mark.parametrize(("starts", "ends"), [([0, 1, 2, 3, 8, 9], [1, 3, 4, 5, 6, 7]), ([5], [1, 5]), ([1, 2], [1, 2]),
                                              (range(10), range(10)), (range(6), range(6, 10))])
def test_junctions_lead_from_each_to_each_other_and_not_to_itself(starts, ends):
    graph = Dependencies(10)
    graph.add_to_all(starts, list(ends), "rw")
    drawn = {(a, b) for a, b, kind in graph.pairs([], []) if kind == "rw"}
    assert drawn == {(a, b) for a in starts for b in ends if a != b}
    assert len(graph) <= 6 * (len(list(starts)) + len(list(ends)))


def test_models_are_ordered():
    assert weakest(MODELS) == ("read-uncommitted",)
    assert all(ruled_out([name]) for name in ANOMALIES)
    assert all("strict-serializable" in ruled_out([name]) for name in ANOMALIES)
    assert forbidden("strict-serializable") == set(ANOMALIES)
    assert forbidden("read-uncommitted") == {"G0", "duplicate-elements", "garbage-read"}
    assert "G2-item" not in forbidden("snapshot-isolation") and "G2-item" in forbidden("serializable")
