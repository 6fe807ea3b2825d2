"""A trace says who sent what to whom and why, causes first, and refuses what cannot have happened."""

import random

import pytest

from splitbrain.views import message_trace

ROWS = [{"id": "a", "cause": "", "name": "start", "kind": "command", "sender": "customer", "receiver": "order"},
        {"id": "b", "cause": "a", "name": "placed", "kind": "event", "sender": "order", "receiver": "stock"},
        {"id": "b", "cause": "a", "name": "placed", "kind": "event", "sender": "order", "receiver": "mail"},
        {"id": "c", "cause": "b", "name": "reserved", "kind": "event", "sender": "stock", "receiver": "order"}]


def test_the_words_say_all():
    picture = message_trace(ROWS, title="o1")
    assert picture.alt.splitlines() == [
        "Message trace: o1. 3 messages; lanes: customer, order, stock, mail.",
        "1. customer to order: start (command).",
        "2. order to stock and mail: placed (event), because of 1.",
        "3. stock to order: reserved (event), because of 2."]
    assert [row["handled by"] for row in picture.table] == ["order", "stock", "mail", "order"]


def test_causes_come_first_in_whatever_order_the_rows_are():
    shuffled = ROWS[:]
    for seed in range(5):
        random.Random(seed).shuffle(shuffled)
        told = {line.partition(" ")[2].split(",")[0] for line in message_trace(shuffled).alt.splitlines()[1:]}
        assert "stock to order: reserved (event)" in told
        assert message_trace(shuffled).alt.splitlines()[3].startswith("3. stock to order")


def test_an_arrow_leads_from_the_place_where_the_cause_was_handled():
    svg = message_trace(ROWS).svg
    assert all(f"sb-message-{name}" in svg for name in "abc")


def test_a_message_whose_cause_was_never_handled_is_drawn_all_the_same():
    assert "x to y: late." in message_trace([{"id": "k", "cause": "gone", "name": "late", "sender": "x",
                                              "receiver": "y"}]).alt


def test_a_circle_and_nothing_are_refused():
    with pytest.raises(ValueError, match="circle"):
        message_trace([ROWS[0] | {"cause": "b"}, ROWS[1]])
    with pytest.raises(ValueError, match="nothing"):
        message_trace([])


def test_the_same_rows_give_the_same_bytes():
    assert message_trace(ROWS).svg == message_trace(ROWS).svg
