"""What the page can show of the past is what the journal says: at every position, by Python and by the page's code."""

import json

import pytest

from splitbrain.widgets import Panel
from splitbrain.widgets.drawn import compared, draw_link, draw_node
from splitbrain.widgets.moment import flights, flying, moment
from splitbrain.widgets.reel import Reel

from .page import Page, needs_node
from .registers import register
from .stories import acts


@pytest.fixture
def played():
    """A cluster with a past, its panel, and all that the page was told."""
    made = []

    def play(seed):
        cluster = register(timeout=60)
        page = Page(Panel(cluster))
        for _ in acts(cluster, seed):
            pass
        made.append(cluster)
        return cluster, page

    yield play
    for cluster in made:
        cluster.close()


def told(news):
    """All increments as one."""
    first, *rest = news
    whole = {key: list(value) if isinstance(value, list) else value for key, value in first.items()}
    for one in rest:
        assert one["from"] == whole["until"] and not one["whole"], "nothing is missing, nothing is told twice"
        for key in ("times", "tracks", "flights", "ends", "marks"):
            whole[key] += one[key]
        whole["until"] = one["until"]
    return whole


def expected(cluster, size, position):
    """What there is to see at a position, from `moment` alone."""
    then = moment(cluster, position)
    text, agrees = compared(then)
    return {
        "nodes": [draw_node(size, then, name) | {"answer": then.answers.get(name)} for name in cluster.names],
        "links": [draw_link(then, a, b) for a, b in cluster.links], "groups": then.groups,
        "verdict": {"text": text, "agrees": agrees}, "flying": flying(cluster.journal, position)}


def look(whole, thing, position):
    return next((look for at, name, look in reversed(whole["tracks"]) if name == thing and at <= position), None)


@pytest.mark.parametrize("seed", range(6))
def test_the_increments_say_what_the_journal_says(seed, played):
    cluster, page = played(seed)
    whole = told(page.news)
    assert whole["until"] == len(cluster.journal) == len(whole["times"])
    assert whole["times"] == [e.time for e in cluster.journal]
    for position in range(len(cluster.journal) + 1):
        right = expected(cluster, page.panel._layout, position)
        for card in right["nodes"]:
            assert look(whole, f"n {card['name']}", position) == {k: v for k, v in card.items() if k != "answer"}
            assert look(whole, f"a {card['name']}", position) == card["answer"]
        for link in right["links"]:
            assert look(whole, f"l {link['a']} {link['b']}", position) == link
        assert (look(whole, "g", position), look(whole, "v", position)) == (right["groups"], right["verdict"])
    ends = [(f.message, f.end, f.lost) for f in flights(cluster.journal) if f.end is not None]
    assert sorted((id, at, bool(lost)) for at, id, lost in whole["ends"]) == sorted(ends)


@needs_node
@pytest.mark.parametrize("seed", range(6))
def test_the_page_finds_every_moment(seed, played):
    cluster, page = played(seed)
    found = page.ask("[...Array(reel.until + 1).keys()].map((p) => past(setup, snapshot, reel, p, reel.timeAt(p)))")
    assert len(found) == len(cluster.journal) + 1
    for position, shown in enumerate(found):
        right = expected(cluster, page.panel._layout, position)
        assert {key: shown[key] for key in ("nodes", "links", "groups", "verdict")} == {
            key: json.loads(json.dumps(right[key])) for key in ("nodes", "links", "groups", "verdict")}
        assert sorted(dot["id"] for dot in shown["dots"] if not dot["lost"]) == right["flying"]
        assert shown["ms"] == (cluster.journal[position - 1].time if position else 0)


@needs_node
@pytest.mark.parametrize("seed", range(3))
def test_the_last_moment_is_the_present(seed, played):
    cluster, page = played(seed)
    then, now = page.ask("[past(setup, snapshot, reel, reel.until, snapshot.time), present(snapshot, reel)]")
    for key in ("nodes", "links", "groups", "verdict", "ms"):
        assert then[key] == now[key]
    assert sorted(d["id"] for d in then["dots"]) == sorted(d["id"] for d in now["dots"])


@needs_node
def test_what_was_missed_is_asked_for_and_heard_again(played):
    cluster, page = played(1)
    assert len(page.news) > 4
    gap = page.ask("taken", news=[page.news[0], *page.news[3:]])
    assert gap[0] is True and False in gap[1:]
    again = Reel(cluster, page.panel._layout).news() | {"run": page.news[0]["run"]}
    same = "[reel.until, reel.times.length, [...reel.flights.values()].flat(), reel.asked.size, reel.marks.length]"
    assert page.ask(same) == page.ask(same, news=[page.news[0], page.news[3], again])
    assert page.ask(same) == page.ask(same, news=[*page.news, again]), "what is known already is not added twice"


@needs_node
def test_of_a_very_long_stretch_the_page_can_go_back_a_part(played):
    cluster, page = played(2)
    short = Reel(cluster, page.panel._layout, kept=30).news() | {"run": 1}
    assert short["from"] == len(cluster.journal) - 30 and short["whole"]
    found = page.ask("[...Array(31).keys()].map((i) => past(setup, snapshot, reel, reel.first + i, 0))", news=[short])
    for i, shown in enumerate(found):
        right = expected(cluster, page.panel._layout, short["from"] + i)
        assert [n["rows"] for n in shown["nodes"]] == [n["rows"] for n in right["nodes"]]
        assert [link["cut"] for link in shown["links"]] == [link["cut"] for link in right["links"]]
        assert sorted(d["id"] for d in shown["dots"] if not d["lost"]) == right["flying"]


def test_every_step_tells_what_is_new_and_no_more():
    with register(nodes=5) as cluster:
        page = Page(Panel(cluster))
        sizes = []
        for i in range(300):
            cluster.client(f"n{i % 5 + 1}").put("x", i % 7)
            sizes.append(len(json.dumps(page.panel.news)) + len(json.dumps(page.panel.snapshot)))
        assert max(sizes[200:]) < 1.1 * max(sizes[:100])
        assert told(page.news)["until"] == len(cluster.journal)


def test_a_cluster_that_begins_again_has_a_new_reel():
    with register() as cluster:
        page = Page(Panel(cluster))
        cluster.client("n1").put("x", 1)
        cluster.reset()
        assert (page.news[-1]["run"], page.news[-1]["from"], page.news[-1]["whole"]) == (2, 0, True)


@needs_node
def test_messages_are_drawn_where_the_simulator_has_them():
    """Halfway between sending and arriving, a message is halfway."""
    with register() as cluster:
        page = Page(Panel(cluster))
        cluster.client("n1").start("put", "x", 1)
        cluster.run(3)
        now, before = page.ask("[present(snapshot, reel), past(setup, snapshot, reel, reel.positionAt(1), 1)]"
                               ".map((look) => look.dots)")
        assert [(d["kind"], d["share"], d["live"]) for d in now] == [("send", 0.5, True), ("send", 0.5, True),
                                                                     ("response", 0.5, True)]
        assert [(d["kind"], d["share"], d["lost"]) for d in before] == [("request", 0.5, False)]


@needs_node
def test_a_lost_message_is_marked_where_it_was_lost_and_then_gone():
    with register() as cluster:
        cluster.cut("n1", "n2")
        page = Page(Panel(cluster))
        cluster.client("n1").put("x", 1)
        lost = page.ask("[1.9, 2, 4.9, 5].map((ms) => past(setup, snapshot, reel, reel.positionAt(ms), ms).dots"
                        ".filter((d) => d.lost).map((d) => d.share))")
        assert lost == [[], [0.2], [0.2], []], "a cut stops it at once"
