"""A real group: it mends itself after a kill, a pause and a cut; what was acknowledged and lost is counted."""

import subprocess
import sys

import psutil
import pytest
import redis
from test_lifetime import assert_gone

from splitbrain.messaging.fencing import Fenced, FencedDatabase, Token
from splitbrain.messaging.sentinel import Group


@pytest.fixture
def group(choice):
    with Group(choice=choice) as ours:
        yield ours


def put(client, name, count):
    """How many of so many writes are acknowledged."""
    done = 0
    for number in range(count):
        try:
            done += client.set(f"{name}{number}", number)
        except redis.ResponseError as error:
            assert "NOREPLICAS" in str(error)
    return done


def there(group, name):
    return len(group.primary().client().keys(f"{name}*"))


HURT = [("kill", "restart"), ("pause", "resume"), ("cut", "heal")]


def two_primaries_accept(old, new):
    """One of them forgets when the cut has healed."""
    assert old.role() == new.role() == "primary"
    assert old.client().set("who", "old") and new.client().set("who", "new")


def test_the_route_changes_by_itself_and_who_was_hurt_comes_back_as_a_replica(group):
    assert list(group.roles().values()) == ["primary", "replica", "replica"]
    router, client, epochs = group.router(), group.client(), [group.route().epoch]
    for hurt, mend in HURT:
        router.learn()
        assert put(client, hurt, 10) == 10 and client.wait(2, 10_000) == 2
        old = group.primary()
        getattr(old, hurt)()
        epochs.append(group.wait_for_failover(epochs[-1]))
        assert group.primary() is not old
        assert there(group, hurt) == 10
        if hurt == "cut":
            two_primaries_accept(old, group.primary())
        with pytest.raises((redis.ConnectionError, redis.TimeoutError)):
            router.run(lambda one: one.set("x", 1))
        router.run(lambda one: one.set("x", 1))
        assert put(group.client(), f"after {hurt}", 10) == 10
        getattr(old, mend)()
        group.wait_for_replicas()
        assert sorted(group.roles().values()) == ["primary", "replica", "replica"]
        assert old.client().get("x") == "1"
        assert {member.client().get("who") for member in group.members.values()} == {"new" if hurt == "cut" else None}
    assert epochs == sorted(set(epochs))


def cut_write_kill(group, write):
    """Copies are cut off, so many writes are made, the primary dies: acknowledged, and there afterwards."""
    old, epoch = group.primary(), group.route().epoch  # a long cut may have its failover before the kill
    put(old.client(), "known", 1)
    group.wait_for_replicas()
    old.cut()
    acknowledged = write(old.client())
    old.kill()
    group.wait_for_failover(epoch)
    assert there(group, "known") == 1
    return acknowledged, there(group, "new")


def test_writes_that_were_acknowledged_and_not_copied_are_lost_exactly_these_and_wait_had_said_so(group):
    assert cut_write_kill(group, lambda client: (put(client, "new", 100), client.wait(1, 200))) == ((100, 0), 0)


def test_with_least_replicas_the_primary_stops_once_their_silence_has_lasted(choice):
    with Group(choice=choice, min_replicas_to_write=1, min_replicas_max_lag=2) as group:
        def write(client):
            before = put(client, "new", 100)
            group.wait_until(lambda: client.info("replication")["min_slaves_good_slaves"] == 0, "It goes on")
            return before, put(client, "later", 100)

        assert cut_write_kill(group, write) == ((100, 0), 0)


def test_two_routers_of_one_failover_have_one_epoch_and_the_database_takes_one_of_them(tmp_path):
    with Group() as group:
        routers = {name: group.router(database=tmp_path / f"{name}.db") for name in ("asleep", "b", "c")}
        for router in routers.values():
            router.learn()
        database, before = FencedDatabase(tmp_path / "x.db"), routers["asleep"].known.epoch
        database.write(Token(before, "asleep"), lambda db: None)
        group.sentinels[-1].kill()  # two of three are a majority still
        group.primary().kill()
        group.wait_for_failover(before)
        tokens = [Token(routers[name].learn().epoch, name) for name in ("b", "c")]
        assert tokens[0].epoch == tokens[1].epoch > before
        database.write(tokens[0], lambda db: None)
        for token in (tokens[1], Token(routers["asleep"].known.epoch, "asleep")):
            with pytest.raises(Fenced):
                database.write(token, lambda db: None)
        database.close()


def test_a_group_that_cannot_be_started_leaves_nothing(base):
    with pytest.raises(RuntimeError, match="no-such-thing"):
        Group(no_such_thing=1)
    assert list(base.iterdir()) == []


GROUP = """
import os, sys, time
from splitbrain.messaging import folders
from pathlib import Path
folders.local_folders = lambda: [Path(sys.argv[1])]
from splitbrain.messaging.sentinel import Group
group = Group()
group.primary().pause()
print("ready", flush=True)
time.sleep(60)
"""


def test_killed_the_process_that_started_it_takes_all_along_the_paused_ones_too(base):
    kernel = subprocess.Popen([sys.executable, "-c", GROUP, str(base)], stdout=subprocess.PIPE, text=True)
    assert kernel.stdout.readline() == "ready\n"
    started = psutil.Process(kernel.pid).children(recursive=True)
    assert len(started) == 12  # six servers, and a watcher for each
    folders = list(base.glob("redis-*"))
    kernel.kill()
    kernel.communicate()
    for folder in folders:
        assert_gone(*started, folder=folder)
