"""Lesson 00's check accepts right answers, the published one first. (Wrong ones are in tests/wrong_answers.)"""

import re
from collections import Counter
from pathlib import Path

import nbformat
import pytest

from splitbrain import Refused
from splitbrain.checkers import linearizability
from splitbrain.course.checks import start_here
from splitbrain.course.feedback import Wrong

NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "00_start_here.ipynb"


def published():
    """The answer that the lesson unfolds."""
    texts = [cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells if "def decide" in cell.source]
    answer = re.search(r"(?s)```python\n(from collections.*?)```", "\n".join(texts)).group(1)
    names = {"Refused": Refused}
    exec(answer, names)
    return names["decide"]


def by_counting(copies, nodes):
    for value in copies:
        if 2 * copies.count(value) > nodes:
            return value
    raise Refused("split")


def by_margin(copies, nodes):
    """More copies than all others have, and than those not heard could add."""
    best = max(sorted(set(copies)), key=copies.count)
    if copies.count(best) <= nodes - copies.count(best):
        raise Refused("split")
    return best


@pytest.mark.parametrize("decide", [published(), by_counting, by_margin])
def test_right_answers_are_right(decide, capsys):
    start_here.check_decide(decide)
    assert capsys.readouterr().out.startswith("Right: in 51 runs, under every set of cut links, no node lied")


def test_a_lie_is_shown_from_the_cut_to_the_answer_that_condemns_it():
    with pytest.raises(Wrong) as caught:
        start_here.check_decide(lambda copies, nodes: copies[0])
    assert "cut('n1', 'n2')" in caught.value.picture.alt and "witness" in caught.value.picture.alt
    assert "c3" not in caught.value.picture.alt


def test_a_trial_is_a_run_to_look_at():
    cluster = start_here.trial(by_counting, cuts=("n1 n2", "n2 n3"), put="n2", gets=("n2", "n3"))
    assert [o.status for o in cluster.history] == ["ok", "unknown", "fail", "ok"]
    assert cluster.history[-1].result == 1
    assert linearizability(cluster.history).status == "ok"


def test_copies_are_the_nodes_own_first_and_only_those_heard():
    heard = []

    def decide(copies, nodes):
        heard.append((copies, nodes))
        return Counter(copies).most_common(1)[0][0]

    start_here.trial(decide, cuts=("n1 n2",), put="n1", gets=("n2", "n3"))
    assert [(copies[0], sorted(copies), nodes) for copies, nodes in heard] == [(1, [0, 1], 3), (0, [0, 0, 1], 3)]
