"""Polling for marks splits in its literal form; with votes that are forced it is two-phase commit, and blocks."""

import pytest
from commit_runs import anything

from splitbrain import Cluster, Experiment
from splitbrain.explore import sweep
from splitbrain.protocols.polling import CarelesslyPolled, LiterallyPolled, Polled
from splitbrain.records import Verdict
from splitbrain.workloads import Planned, Workload


def experiment(kind, amount):
    accounts = {"n1": {"ann": 100}, "n2": {"bob": 100}}
    cluster = Cluster(type(kind.__name__, (kind,), {"accounts": accounts}), nodes=2, seed=1)
    cluster.close()
    work = {"n1": ["ann", -amount], "n2": ["bob", amount]}
    return Experiment(cluster, Workload("w", (Planned(0, "c1", 0, "transact", "T1", work, 1),), anything))


def judge(run):
    up = [run.cluster.values(name) for name in run.cluster.names if run.cluster.state(name) == "up"]
    states = {held.get("T1", "unknown") for held in up}
    if "committed" in states and states & {"aborted", "no", "unknown"}:
        return Verdict("violated", str(up))
    return "in doubt" if "yes" in states else "committed" if "committed" in states else "rolled back"


@pytest.mark.parametrize("kind", [LiterallyPolled, Polled, CarelesslyPolled])
def test_without_failures_and_with_money_enough_all_commit(kind):
    run = experiment(kind, 30).run()
    assert judge(run) == "committed" and run.cluster.values("n1")["ann"] == 70


def test_the_literal_form_splits_without_any_crash():
    assert judge(experiment(LiterallyPolled, 130).run()).status == "violated"
    assert judge(experiment(Polled, 130).run()) == "rolled back"


@pytest.mark.parametrize("amount", [30, 130])
def test_forced_votes_never_split_and_block(amount):
    found = sweep(experiment(Polled, amount), judge=judge, progress=False)
    assert found.failures == () and found.counts["in doubt"] > 10


def test_votes_that_are_not_forced_split_with_the_power():
    found = sweep(experiment(CarelesslyPolled, 30), judge=judge, progress=False)
    assert found.failures
    assert {dict(case.crashes[0].options).get("kind") for case in found.failures} == {"power"}
