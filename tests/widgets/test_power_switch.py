"""The power switch: what the button does, code does; what is stored says that it is a still."""

import pytest

from splitbrain.durability import Outcome, cut_once
from splitbrain.widgets.power_switch import PowerSwitch, verdict


def test_the_button_does_what_code_does():
    switch = PowerSwitch(journal_mode="wal", synchronous="normal", after=30, seed=3)
    switch.button.click()
    clicked = switch.outcome, switch.seen.value
    assert (switch.cut(), switch.seen.value) == clicked
    assert switch.outcome == cut_once("wal", "normal", after=30, seed=3)[0]
    assert verdict(switch.outcome) in switch.seen.value


def test_the_moment_is_one_of_the_transfers():
    switch = PowerSwitch(after=200)
    assert switch.after.value == switch.after.max < 200
    before = switch.after.max
    switch.journal_mode.set_state({"index": 3})          # as the browser does
    assert switch.journal_mode.value == "wal"
    assert switch.after.max < before


def test_other_controls_give_another_cut():
    switch = PowerSwitch(journal_mode="delete", synchronous="off", after=60, seed=1)
    seen = set()
    for seed in range(8):
        switch.seed.value = seed
        switch.cut()
        seen.add(switch.seen.value)
    assert len(seen) > 3


def test_what_is_stored_says_that_it_is_a_still():
    switch = PowerSwitch()
    switch.cut()
    bundle = switch._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "run this cell" in data["text/html"] and switch.seen.value in data["text/html"]
    assert data["text/plain"] == repr(switch) and "0x" not in repr(switch)
    assert "application/vnd.jupyter.widget-view+json" in data


@pytest.mark.parametrize(("lost", "words"), [(0, "none is lost"), (1, "1 of them is lost"), (3, "3 of them are lost")])
def test_the_verdict_is_a_sentence(lost, words):
    assert words in verdict(Outcome(5, 4, lost, "", 0))


def test_the_only_one_is_not_one_of_them():
    assert verdict(Outcome(5, 1, 1, "", 0)) == "1 transfer had been acknowledged; it is lost. The database is in order."


def test_a_broken_database_is_called_broken():
    assert verdict(Outcome(5, 1, None, "page 3 is gone", 0)) == (
        "1 transfer had been acknowledged. The database is broken: page 3 is gone.")
