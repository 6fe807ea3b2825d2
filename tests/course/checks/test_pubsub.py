"""The checks of lab 09 accept right answers of other shapes, and leave nothing behind, however an answer ends."""

import psutil
import pytest

from splitbrain.course.checks import pubsub
from splitbrain.course.feedback import NotAttempted, Raised
from splitbrain.messaging.pubsub import Lost, key_change


@pytest.fixture(autouse=True)
def no_socket_is_left(nothing_is_left):
    before = len(psutil.Process().net_connections("all"))
    yield
    assert len(psutil.Process().net_connections("all")) == before


class Aged:
    """Keeps when it asked, in two dicts, and compares ages."""

    def __init__(self, ask, lease, clock):
        self.ask, self.lease, self.clock = ask, lease, clock
        self.values, self.asked = {}, {}

    def get(self, key):
        if self.clock() - self.asked.get(key, float("-inf")) >= self.lease:
            self.values.pop(key, None)
            now = self.clock()
            self.values[key] = self.ask(key)
            self.asked[key] = now
        return self.values[key]


class Early:
    """Ends the lease a little early, which is allowed, and lets EAFP find what is kept."""

    def __init__(self, ask, lease, clock):
        self._ask, self._clock, self._lease, self._kept = ask, clock, 0.99 * lease, {}

    def get(self, key):
        try:
            value, until = self._kept[key]
            if self._clock() < until:
                return value
        except KeyError:
            pass
        until = self._clock() + self._lease
        self._kept[key] = self._ask(key), until
        return self._kept[key][0]


@pytest.mark.parametrize("cache", [Aged, Early])
def test_a_lease_may_be_kept_in_other_ways(cache, capsys):
    pubsub.check_leased(cache)
    assert "Right" in capsys.readouterr().out


class Emptied:
    """Puts a mark in before it asks; news takes the mark out, and without its mark an answer is not kept."""

    def __init__(self, ask, lease, clock):
        self.ask, self.lease, self.clock = ask, lease, clock
        self.kept = {}

    def get(self, key):
        kept = self.kept.get(key)
        if kept and self.clock() < kept[1]:
            return kept[0]
        mark = self.kept[key] = (None, float("-inf"))
        now = self.clock()
        try:
            value = self.ask(key)
        except Exception:
            self.kept.pop(key, None)
            raise
        if self.kept.get(key) is mark:
            self.kept[key] = value, now + self.lease
        return value

    def changed(self, key):
        self.kept.pop(key, None)

    def connected(self):
        self.kept = {}


class Heard(Early):
    """One list of all news, made from the first class; an answer is kept if nothing in what was added concerns it."""

    def __init__(self, ask, lease, clock):
        super().__init__(self.listening, lease, clock)
        self.really_ask, self.news = ask, []

    def listening(self, key):
        place = len(self.news)
        value = self.really_ask(key)
        self.spoilt = any(one in (key, all) for one in self.news[place:])
        return value

    def get(self, key):
        self.spoilt = False
        value = super().get(key)
        if self.spoilt:
            del self._kept[key]
        return value

    def changed(self, key):
        self.news.append(key)
        self._kept.pop(key, None)

    def connected(self):
        self.news.append(all)
        self._kept.clear()


class AsksAgain(Emptied):
    """Asks once more when the news overtook the answer: fresher than it has to be."""

    def get(self, key):
        value = super().get(key)
        return value if key in self.kept else super().get(key)


@pytest.mark.parametrize("cache", [Emptied, Heard, AsksAgain])
def test_news_may_be_remembered_in_other_ways(cache, capsys):
    pubsub.check_told(cache)
    assert "Right" in capsys.readouterr().out


def in_a_list(told, cache):
    try:
        messages = told.arrived()
    except Lost as lost:
        told.reconnect()
        for message in lost.before:
            cache.changed(key_change(message).key)
        cache.connected()
        return
    for key in dict.fromkeys(key_change(message).key for message in messages):
        cache.changed(key)


def three_times(told, cache):
    for attempt in range(3):
        try:
            for message in told.arrived():
                cache.changed(key_change(message).key)
            return
        except Lost:
            if attempt == 2:
                raise
            try:
                told.reconnect()
            except Lost:
                continue
            cache.connected()


def without_an_error(told, cache):
    """Lost does not leave it; the next call finds that there is no connection."""
    try:
        messages = told.arrived()
    except Lost:
        try:
            told.reconnect()
        except Lost:
            return
        cache.connected()
        messages = told.arrived()
    for message in messages:
        cache.changed(key_change(message).key)


@pytest.mark.parametrize("keep_up", [in_a_list, three_times, without_an_error])
def test_news_may_be_carried_in_other_ways(keep_up, capsys):
    pubsub.check_keep_up(keep_up)
    assert "Right" in capsys.readouterr().out


class Blank:
    def __init__(self, ask, lease, clock):
        raise NotImplementedError

    def get(self, key):
        raise NotImplementedError


@pytest.mark.parametrize("check", [pubsub.check_leased, pubsub.check_told])
def test_blank_is_not_attempted(check):
    with pytest.raises(NotAttempted):
        check(Blank)


class Breaks(Aged):
    def get(self, key):
        return {}["nothing"]


@pytest.mark.parametrize("check", [pubsub.check_leased, pubsub.check_told])
def test_code_that_raises_is_shown_its_own_line(check):
    with pytest.raises(Raised, match="KeyError") as raised:
        check(Breaks)
    assert any('{}["nothing"]' in place for place in raised.value.places)


def test_a_cache_without_changed_is_told_so():
    with pytest.raises(Raised, match="changed"):
        pubsub.check_told(Aged)
