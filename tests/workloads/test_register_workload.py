"""The register workload: the same plan from the same seed, and operations that do not depend on each other."""

import pickle

import pytest

from splitbrain.checkers import CHECKERS
from splitbrain.workloads import Planned, Workload, register


def test_the_plan_is_the_same_on_every_python():
    assert [str(o) for o in register(clients=2, ops=4, keys=2, seed=7).operations] == [
        "at 19.43 ms c1 asks get('y')", "at 32.153 ms c2 asks get('x')",
        "at 62.25 ms c1 asks get('x')", "at 85.471 ms c2 asks put('x', 1)"]
    assert register(seed=7) == register(seed=7)
    assert register(seed=7) != register(seed=8)
    assert register().operations[0].salt == 4545815071595972


def test_values_differ_and_salts_differ():
    plan = register(clients=5, ops=500, keys=4).operations
    puts = [o.value for o in plan if o.f == "put"]
    assert sorted(puts) == list(range(1, len(puts) + 1))
    assert len({o.salt for o in plan}) == 500
    assert 200 < len(puts) < 300
    assert {o.key for o in plan} == {"k1", "k2", "k3", "k4"}
    assert all(o.value is None for o in plan if o.f == "get")


def test_clients_take_turns_and_time_goes_on():
    plan = register(clients=3, ops=60, every=50, start=100).operations
    assert [o.at for o in plan] == sorted(o.at for o in plan)
    assert plan[0].at >= 100 and plan[-1].at < 100 + 20 * 50
    for number in range(3):
        mine = [o for o in plan if o.process == f"c{number + 1}"]
        assert len(mine) == 20 and {o.node for o in mine} == {number}
        assert [int((o.at - 100) // 50) for o in mine] == list(range(20))


def test_a_longer_plan_has_those_of_the_shorter():
    short, long = register(ops=30).operations, register(ops=60).operations
    assert set(short) < set(long)


def test_one_parameter_leaves_the_others_draws_where_they_are():
    reads, writes = register(reads=1).operations, register(reads=0).operations
    assert {o.f for o in reads} == {"get"} and {o.f for o in writes} == {"put"}
    assert [(o.at, o.salt) for o in reads] == [(o.at, o.salt) for o in writes]


def test_a_plan_with_operations_left_out_is_the_same_otherwise():
    plan = register(ops=5)
    fewer = plan.without(0, 3)
    assert fewer.operations == tuple(plan.operations[i] for i in (1, 2, 4))
    assert (fewer.name, fewer.check) == (plan.name, plan.check)


def test_it_is_a_plain_value():
    plan = register(keys=["a", "b"])
    assert pickle.loads(pickle.dumps(plan)) == plan and hash(plan) == hash(register(keys=["a", "b"]))
    assert repr(plan) == "Workload('register', 60 operations, check='linearizability')"
    assert {o.key for o in plan.operations} == {"a", "b"}
    assert plan.check in CHECKERS


def test_arguments():
    assert Planned(0, "c1", 0, "get", "x").arguments == ("x",)
    assert Planned(0, "c1", 0, "put", "x", 0).arguments == ("x", 0)
    assert repr(Workload("mine", (), len)) == "Workload('mine', 0 operations, check='len')"


@pytest.mark.parametrize("wrong", [{"clients": 0}, {"ops": -1}, {"keys": 0}, {"keys": []}, {"every": 0},
                                   {"reads": 1.5}])
def test_nonsense_is_refused(wrong):
    with pytest.raises(ValueError, match="register\\(\\) needs at least one client"):
        register(**wrong)
