"""XA's verbs: what each may follow, what a lock keeps out, what is left after the process is gone."""

import sqlite3
from contextlib import contextmanager

import pytest

from splitbrain.protocols.resource_manager import ResourceManager, XAError, create


class Store:
    """A database in memory that counts what was forced."""

    def __init__(self):
        self.db, self.forced = sqlite3.connect(":memory:", isolation_level=None), []
        create(self.db, {"ann": 100, "bob": 50})

    @contextmanager
    def transaction(self, *, forced):
        self.db.execute("BEGIN")
        yield
        self.db.execute("COMMIT")
        self.forced.append(forced)

    def balances(self):
        return dict(self.db.execute("SELECT * FROM account"))


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def manager(store):
    return ResourceManager(store)


def branch(manager, xid="T1", key="ann", amount=-30):
    manager.start(xid)
    manager.add(xid, key, amount)
    manager.end(xid)


def test_a_branch_changes_nothing_until_it_commits(manager, store):
    branch(manager)
    assert manager.prepare("T1") == "yes" and store.balances()["ann"] == 100
    assert manager.commit("T1") == "committed" and store.balances()["ann"] == 70
    assert store.forced == [True, True]


def test_prepare_and_the_decision_may_be_asked_again(manager, store):
    branch(manager)
    assert [manager.prepare("T1"), manager.prepare("T1")] == ["yes", "yes"]
    assert [manager.commit("T1"), manager.commit("T1")] == ["committed"] * 2
    assert manager.prepare("T1") == "no" and store.balances()["ann"] == 70 and len(store.forced) == 2


def test_a_branch_sees_its_own_changes(manager):
    manager.start("T1")
    assert [manager.add("T1", "ann", -1), manager.add("T1", "ann", -1), manager.read("T1", "ann")] == [99, 98, 98]


@pytest.mark.parametrize("state", ["unknown", "active", "idle", "prepared"])
def test_a_rollback_undoes_whatever_there_is(manager, store, state):
    if state != "unknown":
        manager.start("T1")
        manager.add("T1", "ann", -30)
    if state in ("idle", "prepared"):
        manager.end("T1")
    if state == "prepared":
        manager.prepare("T1")
    assert [manager.rollback("T1"), manager.rollback("T1")] == ["aborted"] * 2
    assert store.balances()["ann"] == 100 and manager.prepare("T1") == "no"
    branch(manager, "T2")  # its locks are gone


def test_what_is_prepared_survives_with_its_locks_and_what_is_not_does_not(manager, store):
    branch(manager)
    manager.prepare("T1", ask="n1")
    branch(manager, "T2", "bob")
    again = ResourceManager(store)
    assert again.recover() == {"T1": "n1"} and again.state("T2") is None
    again.start("T3")
    with pytest.raises(XAError, match="ann is locked by T1"):
        again.read("T3", "ann")
    assert again.read("T3", "bob") == 50
    assert again.commit("T1") == "committed" and store.balances()["ann"] == 70
    assert again.read("T3", "ann") == 70


def test_readers_share_and_writers_do_not(manager):
    manager.start("T1")
    manager.start("T2")
    manager.read("T1", "ann")
    manager.read("T2", "ann")
    for xid, other in (("T1", "T2"), ("T2", "T1")):
        with pytest.raises(XAError, match=f"locked by {other}"):
            manager.add(xid, "ann", 1)
    manager.end("T2")
    assert manager.prepare("T2") == "read"
    assert manager.add("T1", "ann", 1) == 101


def test_a_branch_that_only_read_leaves_nothing(manager, store):
    manager.start("T1")
    manager.read("T1", "ann")
    manager.end("T1")
    assert manager.prepare("T1") == "read" and manager.state("T1") is None and store.forced == []


def test_an_overdraft_is_voted_down(manager, store):
    branch(manager, amount=-101)
    assert manager.prepare("T1") == "no" and manager.state("T1") == "aborted"
    branch(manager, "T2", amount=-101)
    assert manager.commit("T2", one_phase=True) == "aborted" == manager.commit("T2", one_phase=True)
    assert store.balances()["ann"] == 100


def test_one_phase_is_one_record(manager, store):
    branch(manager)
    assert manager.commit("T1", one_phase=True) == "committed" and store.forced == [True]
    assert store.balances()["ann"] == 70


def test_verbs_out_of_order_are_refused(manager):
    branch(manager)
    with pytest.raises(XAError, match="DUPID"):
        manager.start("T1")
    with pytest.raises(XAError, match="PROTO: T1 is idle"):
        manager.read("T1", "ann")
    with pytest.raises(XAError, match="NOTA.*which is idle"):
        manager.commit("T1")
    with pytest.raises(XAError, match="NOTA.*which is unknown"):
        manager.commit("T7")
    with pytest.raises(XAError, match="not in doubt"):
        manager.decide_heuristically("T1", "commit")
    manager.prepare("T1")
    manager.commit("T1")
    with pytest.raises(XAError, match="committed here"):
        manager.rollback("T1")
    manager.start("T2")
    with pytest.raises(XAError, match="no account 'zoe'"):
        manager.read("T2", "zoe")


@pytest.mark.parametrize("decision, balance", [("commit", 70), ("abort", 100)])
def test_a_heuristic_decision_is_remembered_until_forgotten(manager, store, decision, balance):
    branch(manager)
    manager.prepare("T1")
    told = manager.decide_heuristically("T1", decision)
    assert told.startswith("heuristically") and store.balances()["ann"] == balance
    assert list(ResourceManager(store).recover()) == ["T1"]
    assert manager.commit("T1") == manager.rollback("T1") == told
    manager.forget("T1")
    assert manager.recover() == {} and manager.state("T1") == told.removeprefix("heuristically ")


def test_only_what_is_said_to_be_is_forced(store):
    manager = ResourceManager(store, forced={"commit"})
    branch(manager)
    manager.prepare("T1")
    manager.commit("T1")
    assert store.forced == [False, True]
