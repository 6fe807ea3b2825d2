"""A saga's logic without a database: whatever is answered, in the end all is done, or what was done is undone."""

import itertools

import pytest

from splitbrain.messaging.saga import COMPENSATED, COMPLETED, Orchestrator, Step, check_order, decide
from splitbrain.services.order import ORDER_STEPS

FIVE = (Step("a", "a1", "a0"), Step("b", "b1", "b0"), Step("c", "c1", "c0"), Step("d", "d1"),
        Step("e", "e1", retriable=True))


def play(steps, refuses):
    """Answer what `decide` asks for: refused as `refuses` says ({command: times}), until it says how it ended."""
    log, commands, left = [], [], dict(refuses)
    while not isinstance(action := decide(steps, log), str):
        commands.append(action.command)
        if action.verb == "undo":
            log.append((action.step.do, "undone"))
        elif left.get(action.command, 0):
            left[action.command] -= 1
            log.append((action.step.do, "refused"))
        else:
            log.append((action.step.do, "done"))
        assert len(commands) < 50
    return action, commands


@pytest.mark.parametrize("steps", [ORDER_STEPS, FIVE], ids=["order", "five"])
def test_every_refusal_is_answered_by_the_way_back_in_reverse(steps):
    for number, step in enumerate(steps):
        ended, commands = play(steps, {step.do: 1})
        before = steps[:number]
        if step.retriable:
            assert ended == COMPLETED and commands.count(step.do) == 2
        else:
            assert ended == COMPENSATED
            assert commands == [s.do for s in before] + [step.do] + [s.undo for s in reversed(before)]


def test_nothing_refused_nothing_undone():
    assert play(FIVE, {}) == (COMPLETED, [s.do for s in FIVE])


def test_a_retriable_step_counts_its_attempts():
    log = [(s.do, "done") for s in FIVE[:4]] + [("e1", "refused")] * 3
    assert decide(FIVE, log).attempt == 4


def test_only_orders_that_can_always_end_are_allowed():
    """Of all orders of the three kinds, those where nothing that may be refused follows what cannot be undone."""
    kinds = {"C": {"undo": "undo"}, "P": {}, "R": {"retriable": True}}
    for length in (1, 2, 3, 4):
        for word in map("".join, itertools.product("CPR", repeat=length)):
            steps = [Step("s", f"do {n}", **{k: v if k == "retriable" else f"{v} {n}" for k, v in kinds[c].items()})
                     for n, c in enumerate(word)]
            fine = word.count("P") <= 1 and word == "".join(sorted(word, key="CPR".index))
            try:
                check_order(steps)
            except ValueError as error:
                assert not fine, word
                assert "cannot be undone" in str(error)
            else:
                assert fine, word


def test_an_orchestrator_with_a_wrong_order_cannot_be_written():
    with pytest.raises(ValueError, match="'charge' may be refused after 'ship'"):
        class Wrong(Orchestrator):
            steps = (Step("stock", "ship"), Step("payment", "charge", "refund"))


def test_two_commands_of_one_name_are_refused():
    with pytest.raises(ValueError, match="one name"):
        check_order([Step("a", "x", "y"), Step("b", "x", "z")])
