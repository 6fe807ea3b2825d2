"""On files: all or nothing, and a wait for the disk that many transactions may share."""

import pytest

from splitbrain.protocols.group_commit import Group, throughput


@pytest.fixture
def group(tmp_path):
    group = Group(tmp_path, {"p1": {"ann": 100, "eve": 10}, "p2": {"bob": 100}, "p3": {"cid": 100}})
    yield group
    group.close()


def balances(group):
    return {key: n for file in group.files.values() for key, n in file.db.execute("SELECT * FROM account")}


def transfer(amount, source="ann"):
    return {"p1": [("add", source, -amount)], "p2": [("add", "bob", amount)]}


def test_each_is_done_everywhere_or_nowhere(group):
    assert group.transact({"t1": transfer(30)}) == {"t1": "commit"}
    assert group.transact({"t2": transfer(300)}) == {"t2": "abort"}
    assert balances(group) == {"ann": 70, "bob": 130, "cid": 100, "eve": 10}


def test_one_that_fails_does_not_take_the_others_of_its_group_along(group):
    asked = {"t1": transfer(30), "t2": {"p1": [("add", "eve", -11)], "p3": [("add", "cid", 11)]},
             "t3": {"p3": [("add", "cid", 1)], "p1": [("read", "eve")]}}
    assert group.transact(asked) == {"t1": "commit", "t2": "abort", "t3": "abort"}  # cid is locked by t2
    assert group.transact({"t4": asked["t3"]}) == {"t4": "commit"}
    assert balances(group) == {"ann": 70, "bob": 130, "cid": 101, "eve": 10}


def test_a_group_waits_as_often_as_one(group):
    commits = []
    for name, file in [*group.files.items(), ("log", group.log)]:
        file.db.set_trace_callback(lambda sql, name=name: commits.append(name) if sql == "COMMIT" else None)
    group.transact({"t1": transfer(1)})
    assert sorted(commits) == ["log", "p1", "p1", "p2", "p2"]
    commits.clear()
    group.transact({"t2": transfer(1), "t3": {"p1": [("add", "eve", 1)], "p2": [("read", "bob")]}})
    assert sorted(commits) == ["log", "p1", "p1", "p2", "p2"]


def test_records_that_are_done_with_go_with_the_next_decision(group):
    for number in range(3):
        group.transact({f"t{number}": transfer(1)})
    assert group.log.db.execute("SELECT * FROM log").fetchall() == [("t2", "commit")]


def test_throughput_is_measured_against_its_bound(tmp_path):
    found = throughput(tmp_path, participants=2, clients=2, rounds=20)
    assert found.rate > 0 and found.bound > 0 and found.ratio > 0


def test_a_vote_is_one_page_and_a_commit_two(group):
    def pages(file):
        return file.db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1]  # what was written since the last one

    file, manager = group.files["p1"], group.managers["p1"]
    group.transact({"t1": transfer(30)})
    pages(file)
    manager.start("t2")
    manager.add("t2", "ann", -1)
    manager.add("t2", "eve", 1)
    manager.end("t2")
    assert manager.prepare("t2") == "yes" and pages(file) == 1
    assert manager.commit("t2") == "committed" and pages(file) == 2
