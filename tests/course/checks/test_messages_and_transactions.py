"""The checks of lab 12 accept right answers of other shapes, stop what does not end, and leave nothing behind."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

from splitbrain.course.checks import messages_and_transactions as checks
from splitbrain.course.checks import mortal
from splitbrain.course.feedback import NotAttempted, Raised, Wrong

# Of no module, as in a notebook: a process is given them by value. By name, each would import this file, and pytest.
answers = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("messages_and_transactions_answers.py"))))


pytestmark = pytest.mark.usefixtures("nothing_is_left")


def test_right_answers_of_other_shapes(capsys):
    for other in (answers.place, answers.placed_by_a_trigger, answers.placed_in_pythons_transaction):
        checks.check_place(other)
    for other in (answers.relay, answers.relayed_in_a_batch, answers.relayed_and_deleted):
        checks.check_relay(other)
    checks.check_stock(answers.stock, answers.place, answers.relay)
    checks.check_stock(answers.stock_without_an_inbox, answers.placed_by_a_trigger, answers.relayed_and_deleted)
    assert capsys.readouterr().out.count("Right: ") == 8


CHECKS = [checks.check_place, checks.check_relay,
          lambda stock: checks.check_stock(stock, answers.place, answers.relay)]


@pytest.mark.parametrize("check", CHECKS, ids=("place", "relay", "stock"))
def test_what_is_blank_or_raises_or_does_not_end_is_named(check, monkeypatch):
    def blank(*_):
        raise NotImplementedError

    def breaks(*_):
        return {}["nothing"]

    def spins(*_):
        while True:
            pass

    with pytest.raises(NotAttempted):
        check(blank)
    with pytest.raises(Raised, match="KeyError") as raised:
        check(breaks)
    assert any('{}["nothing"]' in place for place in raised.value.places)
    monkeypatch.setattr(mortal, "SECONDS", 0.3)
    with pytest.raises(Wrong, match="did not end"):
        check(spins)


def test_the_chain_finds_what_no_exercise_has_looked_at():
    """A relay that marks first, given to the check of stock."""
    def loses(db, client):
        for position, id, lamps in db.execute("SELECT position, id, lamps FROM outbox WHERE sent = 0").fetchall():
            db.execute("UPDATE outbox SET sent = 1 WHERE position = ?", (position,))
            client.xadd("stock", {"id": id, "lamps": lamps})

    with pytest.raises(Wrong, match="The chain was killed"):
        checks.check_stock(answers.stock, answers.place, loses)
