"""Workers and servers that are killed: nothing is lost, each effect is there once, dead is what was poisoned.

The naive forms are run in the same way, and lose or double: a campaign that they survived would show nothing.
"""

import pytest
import queue_campaign as campaign

from splitbrain.messaging.server import start_server

SHORT = 1_000
LONG = 10_000


@pytest.fixture
def server(choice):
    with start_server(transport="unix", choice=choice, appendonly="yes", appendfsync="always") as server:
        yield server


def fill(server, count):
    queue = campaign.make_queue(server.client())
    for begin in range(0, count, 500):
        numbers = range(begin, min(begin + 500, count))
        queue.put_many(list(numbers), ids=[f"m{number}" for number in numbers])
    return queue


def the_reliable_queue_keeps_its_promise(server, path, count, **options):
    queue = fill(server, count)
    effects, kills = campaign.run(server, path, campaign.with_inbox, **options)
    good = {f"m{n}" for n in range(count) if not campaign.is_poisoned(n)}
    assert kills[0] > 0 and (kills[1] > 0) == ("server_every" in options)
    assert set(effects) == good and set(effects.values()) == {1}
    letters = {letter.id: letter.why for letter in queue.dead_letters()}
    assert set(letters) == {f"m{n}" for n in range(count) if campaign.is_poisoned(n)}
    assert all("poisoned" in why for why in letters.values())
    assert queue.depth().owed == 0
    print(f"{count:,} messages, {len(letters)} dead letters, {kills[0]} workers and {kills[1]} servers killed")


def test_workers_are_killed(server, tmp_path):
    the_reliable_queue_keeps_its_promise(server, tmp_path / "db", SHORT)


def test_workers_and_the_server_are_killed(server, tmp_path):
    the_reliable_queue_keeps_its_promise(server, tmp_path / "db", SHORT, server_every=0.1)


@pytest.mark.long
def test_workers_are_killed_over_ten_thousand_messages(server, tmp_path):
    the_reliable_queue_keeps_its_promise(server, tmp_path / "db", LONG)


@pytest.mark.long
def test_workers_and_the_server_are_killed_over_ten_thousand_messages(server, tmp_path):
    the_reliable_queue_keeps_its_promise(server, tmp_path / "db", LONG, server_every=0.5)


@pytest.mark.long
def test_without_an_inbox_some_effects_are_there_twice_and_none_is_missing(server, tmp_path):
    fill(server, LONG)
    effects, _ = campaign.run(server, tmp_path / "db", campaign.without_inbox, every=0.03)
    assert len(effects) == LONG and max(effects.values()) > 1


@pytest.mark.long
def test_who_acknowledges_first_loses_and_doubles_nothing(server, tmp_path):
    fill(server, LONG)
    effects, _ = campaign.run(server, tmp_path / "db", campaign.acknowledging_first)
    assert 0 < len(effects) < LONG and max(effects.values()) == 1


@pytest.mark.long
def test_a_list_loses_what_was_popped(server, tmp_path):
    server.client().lpush("list", *(f"m{n}" for n in range(LONG)))
    effects, _ = campaign.run(server, tmp_path / "db", campaign.off_a_list, every=0.03,
                              enough=lambda client: client.llen("list") == 0)
    assert 0 < len(effects) < LONG and max(effects.values()) == 1
