"""The router: a majority of all sentinels, the later epoch, and never back, not even after a restart."""

import itertools
import random

import pytest
import redis

from splitbrain.messaging.errors import RedisError
from splitbrain.messaging.router import Route, Router, elect

OLD, NEW = Route(1, 6001), Route(2, 6002)


class Sentinel:
    """One that gives the answer it was told to give."""

    def __init__(self, answer=None):
        self.answer, self.flags = answer, "master"

    def sentinel_master(self, name):
        if self.answer is None:
            raise redis.TimeoutError
        return {"config-epoch": self.answer.epoch, "port": self.answer.port, "flags": self.flags}


def router(*answers, **options):
    sentinels = [Sentinel(answer) for answer in answers]
    return Router(sentinels, "course", **options), sentinels


@pytest.mark.parametrize(("answers", "elected"), [
    ([OLD, OLD, OLD], OLD), ([OLD, OLD, None], OLD), ([OLD, None, None], None), ([OLD, NEW, None], None),
    ([OLD, NEW, NEW], NEW), ([], None), ([OLD], OLD), ([OLD, OLD, NEW, NEW], None),
    ([Route(2, 6001), NEW, OLD], None),
])
def test_more_than_half_of_all_elect(answers, elected):
    assert elect(answers, len(answers)) == elected


def test_every_order_of_answers_elects_the_same():
    for answers in itertools.permutations([OLD, NEW, NEW]):
        assert elect(answers, 3) == NEW


def test_it_follows_a_majority_and_not_one_alone():
    ours, sentinels = router(OLD, OLD, OLD)
    assert ours.learn() == OLD
    sentinels[0].answer = NEW
    assert ours.learn() == OLD
    sentinels[1].answer = NEW
    assert ours.learn() == NEW


def test_it_never_goes_back():
    ours, sentinels = router(NEW, NEW, None)
    assert ours.learn() == NEW
    for sentinel in sentinels:
        sentinel.answer = OLD
    assert ours.learn() == NEW


def test_under_one_epoch_it_knows_one_address():
    ours, sentinels = router(NEW, NEW, NEW)
    ours.learn()
    for sentinel in sentinels:
        sentinel.answer = Route(2, 6009)
    assert ours.learn() == NEW


def test_a_sentinel_in_the_middle_of_a_failover_has_the_new_epoch_and_the_old_address_and_is_not_believed():
    ours, [only] = router(OLD)
    ours.learn()
    only.answer, only.flags = Route(NEW.epoch, OLD.port), "master,s_down,o_down,failover_in_progress"
    assert ours.answers() == [None] and ours.learn() == OLD
    only.answer, only.flags = NEW, "master"
    assert ours.learn() == NEW


def test_it_remembers_after_a_restart(tmp_path):
    router(NEW, NEW, NEW, database=tmp_path / "route.db")[0].learn()
    again, _ = router(OLD, OLD, OLD, database=tmp_path / "route.db")
    assert again.known == NEW and again.learn() == NEW


def test_without_a_majority_it_keeps_what_it_knows_or_says_that_it_knows_nothing():
    ours, sentinels = router(OLD, OLD, None)
    ours.learn()
    sentinels[0].answer = None
    assert ours.learn() == OLD
    with pytest.raises(RedisError, match="No majority"):
        router(OLD, None, None)[0].learn()


@pytest.mark.parametrize("seed", range(20))
def test_its_epoch_only_grows_whatever_it_is_told_and_whenever_it_restarts(seed, tmp_path):
    luck, seen = random.Random(seed), [-1]
    for _ in range(60):
        ours, _ = router(*(luck.choice([None, *(Route(e, 6000 + e) for e in range(8))]) for _ in range(3)),
                         database=tmp_path / "route.db")
        try:
            seen.append(ours.learn().epoch)
        except RedisError:
            assert seen == [-1]
    assert seen == sorted(seen)


def test_an_error_is_told_and_the_route_learnt_for_the_next_time():
    ours, sentinels = router(OLD, OLD, OLD)
    ours.learn()
    for sentinel in sentinels:
        sentinel.answer = NEW

    def fails(client):
        raise redis.ConnectionError

    with pytest.raises(redis.ConnectionError):
        ours.run(fails)
    assert ours.known == NEW
    assert ours.run(lambda client: client.connection_pool.connection_kwargs["port"]) == 6002
