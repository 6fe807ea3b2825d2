"""Lab 08 accepts right answers of any shape, and shows the smallest program that goes wrong."""

import uuid

import pytest

from splitbrain import rpc
from splitbrain.course.checks import base
from splitbrain.course.checks.base_values import does
from splitbrain.course.feedback import Wrong


class Ledger:
    """Not two maxima a node: a set of all additions, each with a name of its own."""

    def __init__(self):
        self.additions = frozenset()

    def add(self, node, amount):
        self.additions |= {(uuid.uuid4().hex, amount)}
        return self

    def merge(self, other):
        self.additions |= other.additions
        return self

    def value(self):
        return sum(amount for _, amount in self.additions)


class NewestOfEach:
    """For each node its total and how often it has added: the longer count is the newer one."""

    def __init__(self):
        self.totals = {}

    def add(self, node, amount):
        times, total = self.totals.get(node, (0, 0))
        self.totals[node] = times + 1, total + amount

    def merge(self, other):
        for node, pair in other.totals.items():
            self.totals[node] = max(self.totals.get(node, (0, 0)), pair)

    def value(self):
        return sum(total for _, total in self.totals.values())


@pytest.mark.parametrize("counter", [Ledger, NewestOfEach])
def test_right_counters(counter, capsys):
    base.check_counter(counter)
    assert capsys.readouterr().out.startswith("Right: in 160 programs")


class WithoutTombstones:
    """Bieniusa and others (2012): a vector says which tags were ever seen, so what is gone needs no memory."""

    def __init__(self):
        self.tags, self.seen = {}, {}

    def add(self, node, element):
        self.seen[node] = self.seen.get(node, 0) + 1
        self.tags[node, self.seen[node]] = element

    def remove(self, element):
        self.tags = {tag: other for tag, other in self.tags.items() if other != element}

    def merge(self, other):
        def knew(seen, tag):
            return seen.get(tag[0], 0) >= tag[1]

        both = {tag: e for tag, e in self.tags.items() if tag in other.tags or not knew(other.seen, tag)}
        both |= {tag: e for tag, e in other.tags.items() if tag in self.tags or not knew(self.seen, tag)}
        self.tags = both
        self.seen = {n: max(self.seen.get(n, 0), other.seen.get(n, 0)) for n in self.seen | other.seen}

    def elements(self):
        return set(self.tags.values())


class WithRandomTags:
    def __init__(self):
        self.added, self.gone = set(), set()

    def add(self, node, element):
        self.added.add((element, uuid.uuid4().hex))

    def remove(self, element):
        self.gone |= {pair for pair in self.added if pair[0] == element}

    def merge(self, other):
        self.added |= other.added
        self.gone |= other.gone

    def elements(self):
        return {element for element, _ in self.added - self.gone}


@pytest.mark.parametrize("cart", [WithoutTombstones, WithRandomTags])
def test_right_carts(cart, capsys):
    base.check_cart(cart)
    assert capsys.readouterr().out.startswith("Right: in 163 programs")


def by_sets(a, b):
    ours, theirs = ({(n, i) for n, count in v.items() for i in range(count)} for v in (a, b))
    return {(True, True): "equal", (True, False): "before", (False, True): "after"}.get(
        (ours <= theirs, theirs <= ours), "concurrent")


def one_by_one(ours, theirs):
    kept = list(ours)
    for vector, value in theirs:
        if all(by_sets(vector, other) in ("after", "concurrent") for other, _ in kept):
            kept = [pair for pair in kept if by_sets(pair[0], vector) != "before"] + [(vector, value)]
    return kept


def test_right_siblings(capsys):
    base.check_siblings(by_sets, one_by_one)
    assert "121 pairs of vectors" in capsys.readouterr().out


class KeyByKey(base.Replica):
    """Asks for each key, and tells by put what is newer here."""

    @rpc
    async def synchronise(self, peer):
        for key in sorted({*await self.call(peer, "keys"), *self.entries()}):
            version = self.entries().get(key, (0, ""))[0]
            theirs, value = await self.call(peer, "newer", key, version)
            own = self.entries().get(key, (0, ""))
            if theirs > own[0]:
                self.keep(key, theirs, value)
            elif theirs < own[0]:
                await self.call(peer, "put", key, *own)

    @rpc
    async def put(self, key, version, value):
        if version > self.entries().get(key, (0, ""))[0]:
            self.keep(key, version, value)

    @rpc
    async def keys(self):
        return list(self.entries())

    @rpc
    async def newer(self, key, version):
        own = self.entries().get(key, (0, ""))
        return own if own[0] > version else (own[0], None)


class BySending(base.Replica):
    """Waits for nothing: versions there, entries and a wish back, entries there."""

    @rpc
    async def synchronise(self, peer):
        self.send(peer, "compare", self.name, {key: version for key, (version, _) in self.entries().items()})

    @rpc
    async def compare(self, peer, theirs):
        ours = self.entries()
        newer = {key: entry for key, entry in ours.items() if entry[0] > theirs.get(key, 0)}
        wanted = [key for key, version in theirs.items() if version > ours.get(key, (0, ""))[0]]
        self.send(peer, "take", self.name, newer, wanted)

    @rpc
    async def take(self, peer, entries, wanted):
        for key, (version, value) in entries.items():
            if version > self.entries().get(key, (0, ""))[0]:
                self.keep(key, version, value)
        if wanted:
            self.send(peer, "take", self.name, {key: self.entries()[key] for key in wanted}, [])


@pytest.mark.parametrize("store", [KeyByKey, BySending])
def test_right_anti_entropy(store, capsys):
    base.check_anti_entropy(store)
    assert capsys.readouterr().out.startswith("Right: in 144 pairs of replicas")


class ForgetsAThird(NewestOfEach):
    """Goes wrong only once three nodes are known: the scenes do not see it, the search does."""

    def merge(self, other):
        super().merge(other)
        if len(self.totals) == 3 and len(other.totals) == 2 and self.value() % 5 == 1:
            self.totals.popitem()


def test_what_only_a_long_program_shows_is_cut_down():
    with pytest.raises(Wrong, match="does not follow from what it has heard") as caught:
        base.check_counter(ForgetsAThird)
    assert len(caught.value.sentence.splitlines()) <= 8


def test_steps_are_read_and_told():
    steps = does("n1 add -2; n2 hear n1; n2 hear n1 @1; n1 remove milk")
    assert [step.told(number) for number, step in enumerate(steps, 1)] == [
        "1. n1 adds -2", "2. n2 hears n1's state",
        "3. n2 hears n1's state as it was after step 1, in a message that came late", "4. n1 removes 'milk'"]
