import re
from xml.etree import ElementTree

import pytest

from splitbrain import Cluster, Node, rpc
from splitbrain.records import Journal, Verdict, Witness
from splitbrain.views import space_time, style

from .conftest import text_boxes
from .journals import Script, busy, look_of, split_brain, split_brain_history


def test_the_words_say_what_the_picture_shows():
    assert space_time(split_brain()).alt.splitlines() == [
        "Space-time diagram from 0 to 30 ms: clients c1, c2; nodes n1, n2, n3. 7 messages, 1 lost.",
        "c1 asked n1 put(x, 2) at 1 ms and was told ok at 9 ms; c2 asked n3 get(x) at 20 ms and was told 1 at 24 ms.",
        "Between nodes: n1 to n2 1, n1 to n3 1, n2 to n1 1.",
        "Lost: replicate(x, 2) from n1 to n3 (cut).",
        "Faults: partition('n1 n2', 'n3') at 0 ms; heal() at 30 ms.",
        "In the end n1 holds x = 2; n2 holds x = 2.",
    ]


def test_the_table_has_every_event():
    journal = split_brain()
    table = space_time(journal).table
    assert len(table) == len(journal)
    assert table[0] == {"ms": 0.0, "where": "network", "what": "fault", "which": "partition('n1 n2', 'n3')"}
    assert {"ms": 3.0, "where": "n1", "what": "commits", "which": "forced"} in table
    assert {"ms": 3.0, "where": "n1", "what": "dropped (cut)", "which": "replicate(x, 2) from n1 to n3"} in table
    assert {"ms": 24.0, "where": "c2", "what": "is told (ok)", "which": "1"} in table


def test_the_witness_is_marked_in_picture_words_and_table():
    journal, history = split_brain(), split_brain_history()
    plain = space_time(journal)
    assert "witness" not in plain.svg + plain.alt and style.VERMILLION.lower() in plain.svg  # the cross of the lost one
    verdict = Verdict("violated", "a stale read", witness=Witness((history[1],), events=(8,)))
    picture = space_time(journal, witness=verdict)
    assert 'id="sb-witness-c2#0"' in picture.svg and 'id="sb-witness-c1#0"' not in picture.svg
    assert 'id="sb-witness-message-3"' in picture.svg
    assert picture.alt.splitlines()[-1] == (
        "The verdict's witness: c2 asked n3 get(x) at 20 ms and was told 1 at 24 ms; "
        "n1 dropped (cut) replicate(x, 2) from n1 to n3 at 3 ms.")
    assert [row["what"] for row in picture.table if row["witness"]] == ["dropped (cut)", "asks n3", "is told (ok)"]
    assert style.VERMILLION.lower() in look_of(picture.svg, "sb-witness-c2#0")
    assert style.VERMILLION.lower() in look_of(picture.svg, "sb-witness-message-3")


def test_forced_and_unforced_commits_crosses_and_windows_are_drawn():
    svg = space_time(split_brain()).svg
    assert svg.count('id="sb-lost"') == 1
    assert svg.count('id="sb-commit-forced"') == svg.count('id="sb-commit-unforced"') == 1
    assert f"fill:{style.INK}" in look_of(svg, "sb-commit-forced")
    assert f"fill:{style.PAPER}" in look_of(svg, "sb-commit-unforced")
    assert svg.count('id="sb-window-partition"') == 1


def test_words_stay_apart(assert_tidy):
    history = split_brain_history()
    space_time(split_brain())
    space_time(split_brain(), witness=Witness(tuple(history)))
    space_time(split_brain(), nodes="n1 n2")
    space_time(split_brain(), width=600)
    for nodes in (2, 3, 4, 5):
        picture = space_time(busy(40, nodes))
        assert "too close" not in picture.caption
        assert len(picture.svg) < 90_000
    assert_tidy()


def test_a_crash_pauses_and_notes(assert_tidy):
    s = Script()
    s.send(1, 0, "n1", "n2")
    s.note(1, "crash", "n2", kind="power")
    s.drop(1, 2, "crashed")
    s.note(3, "pause", "n3")
    s.note(5, "restart", "n2")
    s.note(6, "role", "n2", role="leader")
    s.note(6.5, "note", "n2", text="took over <n1> & $all$")
    s.note(7, "resume", "n3")
    s.send(2, 8, "n2", "n3", kind="send")
    picture = space_time(s.journal)
    assert ("Faults: n2 crashes (power) at 1 ms; n3 is paused at 3 ms; n2 restarts at 5 ms; n3 goes on at 7 ms."
            in picture.alt)
    assert 'id="sb-window-crash"' in picture.svg and 'id="sb-window-pause"' in picture.svg
    assert {"ms": 6.0, "where": "n2", "what": "becomes", "which": "leader"} in picture.table
    ElementTree.fromstring(picture.svg)
    assert_tidy()


def test_what_is_said_beside_the_last_column_is_not_cut_off(figures):
    class Talks(Node):
        def setup(self):
            self.db.execute("CREATE TABLE kept (key TEXT, value TEXT)")

        def values(self):
            return dict(self.connection.execute("SELECT * FROM kept").fetchall())

        @rpc
        async def put(self, value):
            if self.name == "n1":
                self.send("n2", "put", value)
                return
            with self.transaction():
                self.db.execute("INSERT INTO kept VALUES ('the transaction', ?)", (value,))
            self.log("transaction 1: decide commit")

    with Cluster(Talks, nodes=2, seed=1) as cluster:
        cluster.client("n1").put("is prepared")
        cluster.run(20)
        space_time(cluster, width=860)
    said = [text for text, _ in text_boxes(figures[-1])]
    assert {"transaction 1: decide commit", "the transaction = is prepared"} <= set(said)


def test_a_duplicate_has_two_arrows():
    s = Script()
    s.send(1, 0, "n1", "n2")
    s.receive(1, 2)
    s.receive(1, 5)
    once, twice = space_time(Journal(s.raw[:2])).svg, space_time(s.journal).svg
    assert twice.count("<path") > once.count("<path")
    assert [row["what"] for row in space_time(s.journal).table] == ["sends", "receives", "receives"]


def test_what_is_left_out_is_said():
    picture = space_time(busy(500), limit=30)
    assert "Left out: 470 of 500 messages, sent after 59.5 ms." in picture.alt
    assert "470 of 500" in picture.caption and "start=" in picture.caption
    assert sum(row["what"] == "sends" for row in picture.table) == 30
    assert "Left out: nodes n3, n4, n5." in space_time(busy(20), nodes=["n1", "n2"]).alt


def test_with_a_witness_the_picture_begins_there():
    picture = space_time(busy(500), limit=20, witness=Witness(events=(900,)))
    assert picture.table[0]["witness"] == "yes"
    assert "sent before 600 and after" in picture.alt


def test_a_window_that_began_before_the_picture_is_shaded_from_its_top():
    picture = space_time(split_brain(), start=19, end=25)
    assert 'id="sb-window-partition"' in picture.svg
    assert picture.table[0]["ms"] == 20


def test_a_message_that_is_under_way_at_either_edge_is_drawn():
    journal = split_brain()
    assert "sends" not in [row["what"] for row in space_time(journal, start=8.5, end=9).table]
    picture = space_time(journal, start=0, end=4)
    assert "7 messages" not in picture.alt and "3 messages" in picture.alt
    assert "c1 asked n1 put(x, 2) at 1 ms and was told nothing yet." in picture.alt


@pytest.mark.parametrize(("arguments", "says"), [
    ({"start": 5, "end": 2}, "end=2 lies before start=5"),
    ({"start": 99}, "the journal goes from 0 to 30 ms"),
    ({"end": -1}, "the journal goes from 0 to 30 ms"),
    ({"nodes": ["n1", "n9"]}, "no 'n9' in this journal; there are n1, n2, n3, c1, c2"),
    ({"nodes": "n2", "start": 10, "end": 12}, "nothing happened to n2"),
    ({"limit": 0}, "limit=0"),
])
def test_wrong_arguments_are_named(arguments, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        space_time(split_brain(), **arguments)


def test_nothing_to_draw_is_an_error_that_says_what_to_do():
    with pytest.raises(ValueError, match="run something first"):
        space_time(Journal())
    with pytest.raises(TypeError, match="needs a run, a cluster or a Journal, not list"):
        space_time([1, 2])
    with pytest.raises(TypeError, match="a witness is a Witness or the Verdict that holds it, not tuple"):
        space_time(split_brain(), witness=(1,))


class Copy(Node):
    """Writes where it is asked, tells the others."""

    def setup(self):
        self.db["register"].create({"key": str, "value": int}, pk="key")

    @rpc
    async def put(self, key, value):
        with self.transaction():
            self.db["register"].upsert({"key": key, "value": value}, pk="key")
        await self.gather(*[self.call(peer, "copy", key, value, timeout=30) for peer in self.peers])
        return "ok"

    @rpc
    async def copy(self, key, value):
        with self.transaction(forced=False):
            self.db["register"].upsert({"key": key, "value": value}, pk="key")


@pytest.mark.parametrize("nodes", [2, 3, 5])
def test_real_runs(nodes, assert_tidy):
    with Cluster(Copy, nodes=nodes, seed=7) as cluster:
        cluster.client("n1").put("x", 1)
        cluster.crash("n2", kind="power")
        cluster.client("n1").start("put", "x", 2)
        cluster.run(100)
        cluster.restart("n2")
        cluster.client("n2").put("x", 3)
        picture = space_time(cluster)
        again = space_time(cluster.journal)
    assert picture.alt == again.alt and picture.svg == again.svg
    assert f"nodes {', '.join(cluster.names)}" in picture.alt
    assert "n2 crashes (power)" in picture.alt
    assert "and gave up: " in picture.alt
    assert_tidy()
