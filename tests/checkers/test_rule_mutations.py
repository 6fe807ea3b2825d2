"""Each rule of the checkers that count is needed: with any one of them broken, one disagrees with its definition."""

import importlib
import sys
from pathlib import Path
from random import Random
from types import ModuleType

import oracle
import pytest
import rules

import splitbrain.checkers as package
from splitbrain.checkers import _named
from splitbrain.records import Operation

# (checker, module, what stands there, what stands there instead)
MUTATIONS = [
    ("total-queue", "queues", "self.lost = self.acknowledged - self.delivered", "self.lost = Counter()"),
    ("total-queue", "queues", "self.lost = self.acknowledged - self.delivered",
     "self.lost = self.attempts - self.delivered"),
    ("total-queue", "queues", "self.lost = self.acknowledged - self.delivered",
     "self.lost = Counter({v: 1 for v in self.acknowledged if v not in self.delivered})"),
    ("total-queue", "queues", "for value, n in self.delivered.items() if value not in self.attempts",
     "for value, n in ()"),
    ("total-queue", "queues", "if value not in self.attempts", "if value not in self.acknowledged"),
    ("total-queue", "queue_order", "if o.status == OK and o.f == \"drain\":", "if False:"),
    ("total-queue", "queue_order", "and o.result is not None:", ":"),
    ("total-queue", "queue_order", "    if any(o.key is None for o in history):\n", "    if True:\n"),
    ("total-queue(certain=True)", "queues", "    if certain:", "    if False:"),
    ("total-queue(certain=True)", "queues", "if o.end > looked]", "]"),
    ("total-queue(certain=True)", "queues", "if o.end > looked]", "if o.start > looked]"),
    ("total-queue(certain=True)", "queues", "default=-1)\n    unknown", "default=99)\n    unknown"),
    ("total-queue(certain=True)", "queues", "(o.f == \"drain\" or o.result is None)), default", "True), default"),
    ("total-queue(certain=True)", "queues", "(o.f == \"drain\" or o.result is None)), default",
     "o.f == \"dequeue\" and o.result is None), default"),
    ("total-queue(certain=True)", "queues", "or gone <= len(unknown)", "or unknown"),
    ("total-queue(certain=True)", "queues", "or gone <= len(unknown)", ""),
    ("total-queue(certain=True)", "queues", "if any(o.f == \"drain\" for o in unknown) or", "if"),
    ("unordered-queue", "queues", "takes = [(o.end, 1, value, o)", "takes = [(o.start, 1, value, o)"),
    ("unordered-queue", "queues", "puts = [(o.start, 0", "puts = [(o.end or 99, 0"),
    ("unordered-queue", "queues", 'o.f == "enqueue" and o.status != FAIL]', 'o.f == "enqueue"]'),
    ("unordered-queue", "queues", 'o.f == "enqueue" and o.status != FAIL]', 'o.f == "enqueue" and o.status == OK]'),
    ("unordered-queue", "queues", "> len(went_in.get(value, ())):", "> 0 == len(went_in.get(value, ())):"),
    ("unordered-queue", "queue_order", "    if any(o.key is None for o in history):\n", "    if True:\n"),
    ("producer-order", "queue_order", "other is not None and over[frozen(other.value)].end < first.start:",
     "other is not None:"),
    ("producer-order", "queue_order", "bisect_right(own, _end(put), key", "bisect_right(own, put.start, key"),
    ("producer-order", "queue_order", 'overtaken(puts, out, attrgetter("process"))', "overtaken(puts, out)"),
    ("producer-order", "queue_order", "and tried[frozen(o.value)] == 1]", "]"),
    ("producer-order", "queue_order", "and o.status != FAIL and tried", "and tried"),
    ("producer-order", "queue_order", ".end < over[frozen(rest.value)].end", ".end > over[frozen(rest.value)].end"),
    ("producer-order", "queue_order", 'over[value] = min(over.get(value, o), o, key=attrgetter("end"))',
     'over[value] = min(over.get(value, o), o, key=attrgetter("start"))'),
    ("producer-order", "queue_order", 'asked[value] = min(asked.get(value, o), o, key=attrgetter("start"))',
     "asked[value] = o"),
    ("producer-order", "queue_order", "    if any(o.key is None for o in history):\n", "    if True:\n"),
    ("counter", "counters", "o.end, o.value) for o in adds if o.status == OK and o.value > 0",
     "o.start, o.value) for o in adds if o.value > 0"),
    ("counter", "counters", "minus_begun.before(read.end)", "0"),
    ("counter", "counters", "plus_begun.before(read.end) + all_done - positive", "plus_begun.before(read.end)"),
    ("counter", "counters", "plus_begun.before(read.end)", "plus_begun.before(read.start)"),
    ("counter", "counters", 'o.f == "add" and o.status != FAIL]\n    reads', 'o.f == "add"]\n    reads'),
    ("counter", "counters", "setdefault(frozen(o.key), [])", "setdefault(None, [])"),
    ("counter", "counters", "self.low - slack <=", ""),
    ("counter", "counters", "<= self.high + slack", ""),
    ("set", "sets", "if o.end < last.start]", "]"),
    ("set", "sets", "max(reads, key=lambda o: o.end)", "reads[0]"),
    ("set", "sets", "if element not in attempted)", "if False)"),
    ("set", "sets", "if element not in attempted)", "if element not in acknowledged)"),
    ("set", "sets", "    if missing:", "    if False:"),
    ("set", "sets", "adds if o.status == OK and frozen(o.value) not in there",
     "adds if frozen(o.value) not in there and o.end"),
    ("set", "sets", "setdefault(frozen(o.key), [])", "setdefault(None, [])"),
    ("set", "sets", "(VIOLATED, UNKNOWN, OK)", "(OK, UNKNOWN, VIOLATED)"),
    ("bank", "bank", "if not _same(found, expected, held.values()):", "if False:"),
    ("bank", "bank", "firsts.setdefault(frozen(read.key), read)", "firsts.setdefault(None, read)"),
    ("bank", "bank", "if balance is None:", "if False:"),
    ("bank", "bank", "elif balance < 0 and not overdraft:", "elif False:"),
    ("bank", "bank", "elif balance < 0 and", "elif balance <= 0 and"),
    ("bank", "bank", 'return Verdict(UNKNOWN, "nobody read', 'return Verdict(OK, "nobody read'),
    ("availability(least=0.5, window=5)", "availability", "[asked] if window is None", "[asked] if True"),
    ("availability(least=0.5, window=5)", "availability", "min(groups, key=_answered)", "groups[0]"),
    ("availability(least=0.5, window=5)", "availability", "_answered(worst) >= least", "_answered(worst) > least"),
    ("availability(least=0.5, window=5)", "availability", "o.invoked // window, [])",
     "(o.returned or 0) // window, [])"),
    ("availability(least=0.5, window=5)", "availability", "sum(o.status == OK for o in some) / len(some)",
     "sum(o.status != UNKNOWN for o in some) / len(some)"),
    ("staleness", "staleness", "done[place].end < read.start", "done[place].end < read.end"),
    ("staleness", "staleness", "insort(starts, done[place].start)", "insort(starts, done[place].end)"),
    ("staleness", "staleness", "o.f in WRITES and o.status == OK), key=lambda o: o.end)\n    starts",
     "o.f in WRITES and o.end), key=lambda o: o.end)\n    starts"),
    ("staleness", "staleness", "INFINITY if o.end is None else o.end]", "o.start]"),
    ("staleness", "staleness", "max([*ends[-1:], INFINITY", "max([INFINITY"),
    ("staleness", "staleness", "bisect_left(self._starts.get(value, ()), read.end)",
     "len(self._starts.get(value, ()))"),
    ("staleness", "staleness", "[begun - 1] if begun else INFINITY", "[begun - 1] if begun else -1"),
    ("staleness", "staleness", "{None: [-1]}", "{}"),
    ("staleness", "staleness", "o.f in WRITES and o.status != FAIL)", "o.f in WRITES)"),
    ("staleness", "staleness", "setdefault(frozen(o.key), [])", "setdefault(None, [])"),
    ("staleness", "staleness", "ordered[i].end < rest.end", "ordered[i].end > rest.end"),
    ("staleness", "staleness", "read.invoked - newer.returned", "read.returned - newer.returned"),
    ("sequential-consistency", "sequential", "                if right and after != states:",
     "                if False:"),
    ("sequential-consistency", "sequential", "far[p] >= before:", "True:"),
    ("sequential-consistency", "sequential", "not used >> j & 1 and ", ""),
    ("sequential-consistency", "sequential", "self._keys[frozen(o.key)]\n", "0\n"),
    ("sequential-consistency", "sequential", "                    if not self._step(row[places[p]], states)[0]:",
     "                    if False:"),
    ("sequential-consistency", "sequential", "rows.setdefault(o.process, [])", "rows.setdefault(None, [])"),
    ("sequential-consistency", "sequential", "if o.status != FAIL and (", "if ("),
    ("sequential-consistency", "sequential", "o.status == OK or o.f not in model.reads)]\n    fits",
     "o.status == OK)]\n    fits"),
    ("sequential-consistency", "sequential", "    if search.order is not None:", "    if False:"),
    ("sequential-consistency", "sequential", "if (far, states, used) not in seen:",
     "if far not in {f for f, _, _ in seen}:"),
    ("read-your-writes", "session_rules", "return sessions.in_turn(WRITES, READS)", "return iter(())"),
    ("read-your-writes", "sessions", "[*sessions.initial_first(), *(", "[*("),
    ("read-your-writes", "session_rules", "if o.f in first and o.status == OK:", "if o.f in first:"),
    ("read-your-writes", "sessions", '"read-your-writes", own_order, own_writes', '"read-your-writes", own_writes'),
    ("monotonic-reads", "session_rules", "return sessions.in_turn(READS, READS)", "return iter(())"),
    ("monotonic-reads", "session_rules", "return sessions.in_turn(WRITES, WRITES)", "return iter(())"),
    ("monotonic-reads", "session_rules", "(o.status == UNKNOWN and o.f in WRITES)", "o.status == UNKNOWN"),
    ("monotonic-reads", "session_rules", "(o.status == UNKNOWN and o.f in WRITES)", "False"),
    ("monotonic-writes", "session_rules", "if o.status == OK and o.f in self._f)", "if o.f in self._f)"),
    ("monotonic-writes", "session_rules", "if _goes_back(sessions, reads):", "if False:"),
    ("monotonic-writes", "session_rules", "*own_reads(alone), *own_order(written)", "*own_reads(alone)"),
    ("monotonic-writes", "session_rules", "*own_reads(alone), *own_order(written)", "*own_order(written)"),
    ("monotonic-writes", "session_rules", "begin = self._done.get(write.process, 0)", "begin = place - 1"),
    ("monotonic-writes", "session_rules", "self._new[version[0]] = [version]", "self._new[version[0]] = []"),
    ("monotonic-writes", "session_rules", "self._new.pop(version[0], ())", "()"),
    ("monotonic-writes", "session_rules", "self._new.pop(version[0], ())", "sum(self._new.values(), [])"),
    ("monotonic-writes", "sessions", "seen_with(WRITES)", "seen_with(READS)"),
    ("monotonic-writes", "sessions", '"monotonic-writes", own_order, ', '"monotonic-writes", '),
    ("writes-follow-reads", "sessions", "seen_with(READS)", "seen_with(WRITES)"),
    ("writes-follow-reads", "sessions", "own_order, read_then_written, ", "own_order, "),
    ("writes-follow-reads", "session_rules", "waiting.append(earlier)", "pass"),
    ("writes-follow-reads", "session_rules", "Seen(a), o, strict=True)", "Seen(a), o)"),
    ("writes-follow-reads", "session_rules", "                if o.status == OK:\n                    since",
     "                if True:\n                    since"),
    ("writes-follow-reads", "session_rules", "                since[version] = o\n",
     "                since.clear()\n                since[version] = o\n"),
    ("writes-follow-reads", "session_rules", "if before.strict or before.one != before.other:",
     "if before.one != before.other:"),
]

FUNCTIONS = {"set": "grow_only_set", "staleness": "lags"}  # whose name is another
MODULES = {"total-queue": "queues", "unordered-queue": "queues", "producer-order": "queue_order", "counter": "counters",
           "set": "sets", "bank": "bank", "availability": "availability", "staleness": "staleness",
           "sequential-consistency": "sequential"}
STATUS = {True: "violated", False: "ok"}
TRUTH = {
    "total-queue": (rules.queue, rules.each_queue(lambda h: STATUS[rules.lost_or_unexpected(h)])),
    "total-queue(certain=True)": (rules.queue, rules.each_queue(rules.queue_status)),
    "unordered-queue": (rules.queue, rules.each_queue(lambda h: STATUS[rules.out_before_in(h)])),
    "producer-order": (rules.queue, rules.each_queue(lambda h: STATUS[rules.overtaken(h)])),
    "counter": (rules.ask_counter, lambda h: STATUS[rules.beyond_bounds(h)]),
    "set": (rules.ask_set, rules.each_queue(rules.set_status)),
    "bank": (rules.ask_bank, rules.bank_status),
    "availability(least=0.5, window=5)": (
        rules.ask_distinct, lambda h: rules.availability_status(h, least=0.5, window=5)),
    "sequential-consistency": (rules.ask_distinct, lambda h: STATUS[not rules.sequential(h, oracle.register)]),
    "staleness": (rules.ask_again, rules.lags),
}


def told(*steps):
    """``0 w x 1``, ``1 r x 1``, one after the other; ``0 w x 1 ?`` is of unknown outcome."""
    history = []
    for i, (process, f, key, value, *unknown) in enumerate(step.split() for step in steps):
        asked = {"value": int(value)} if f == "w" else {"result": int(value) or None}
        history.append(Operation(process, {"w": "write", "r": "read"}[f], key, **asked, start=2 * i, index=i,
                                 end=None if unknown else 2 * i + 1, status="unknown" if unknown else "ok"))
    return history


def queue(*lines):
    """``p put 1 0-1``, ``c take 1 2-5``: the numbers are positions."""
    spans = [(line.split(), *map(int, line.split()[3].split("-"))) for line in lines]
    return [Operation(who, "enqueue", None, int(value), start=start, end=end, index=i) if f == "put" else
            Operation(who, "dequeue", None, None, int(value), start=start, end=end, index=i)
            for i, ((who, f, value, _), start, end) in enumerate(spans)]


# What chance brings too seldom.
BY_HAND = {
    "producer-order": [queue("p put 1 0-1", "p put 2 2-3", "c take 2 4-20", "d take 2 5-6", "e take 1 7-8")],
    "sequential-consistency": [told("0 w x 1 ?", "1 w x 2", "2 r x 1", "2 r x 2", "2 r x 1"),
                               told("0 w x 1", "0 w u 4", "1 w x 2", "1 r u 4", "1 w y 9", "2 r y 9", "2 r x 1")],
    "monotonic-reads": [told("0 w x 1", "0 w x 2 ?", "1 r x 2", "1 r x 1")],
    "monotonic-writes": [told("0 w x 1", "0 r y 0", "0 w z 3", "1 r z 3", "1 r x 0"),
                         told("0 w x 1", "0 w x 2", "3 w x 3", "1 r x 2", "1 r x 3", "2 r x 3", "2 r x 1")],
    "writes-follow-reads": [told("0 w x 1", "1 r x 1", "1 w y 2", "2 r y 2", "2 w z 3", "3 r z 3", "3 r x 0"),
                            told("3 w x 1", "0 r x 1", "0 w x 5 ?", "0 w x 6", "1 r x 6", "1 r x 1"),
                            told("3 w x 2", "3 w x 1", "0 r x 1", "0 r x 2", "0 w x 6", "1 r x 6", "1 r x 1")],
}


@pytest.fixture(scope="module")
def corpus():
    """Tiny histories for each checker, and what is true of them; made when they are first asked for."""
    made = {}

    def histories(name):
        if name not in made:
            ask, truth = TRUTH.get(name, (rules.sessions, lambda h: STATUS[name not in rules.guarantees(h)]))
            tapes = [[int(Random(seed + i / 64).random() * 2**16) for i in range(24)] for seed in range(500)]
            drawn = [rules.tiny(tape, ask, keys=("x", "y") if seed % 3 else (None,)) for seed, tape in enumerate(tapes)]
            made[name] = [(history, truth(history)) for history in [*drawn, *BY_HAND.get(name, [])]]
        return made[name]

    return histories


def mutant(monkeypatch, name, module, old, new):
    """The checker's module, where `module` has one place changed: itself or one that it imports."""
    called = MODULES.get(name.partition("(")[0], "sessions")
    for one in dict.fromkeys((module, called)):
        path = Path(importlib.import_module(f"splitbrain.checkers.{one}").__file__)
        source = path.read_text()
        assert one != module or old in source, f"{module} has no {old!r} any more: change the mutation as well"
        fresh = ModuleType(f"splitbrain.checkers.{one}")
        fresh.__file__ = str(path)
        monkeypatch.setitem(sys.modules, fresh.__name__, fresh)
        monkeypatch.setattr(package, one, fresh, raising=False)
        exec(compile(source.replace(old, new) if one == module else source, str(path), "exec"), fresh.__dict__)
    return fresh


def says(module, check, history):
    name, options = _named(check)
    try:
        found = getattr(module, FUNCTIONS.get(name, name.replace("-", "_")))(history, **options)
    except (TypeError, ValueError, AttributeError, KeyError, IndexError, StopIteration):
        return None  # a rule that is broken may leave nothing to explain
    return [(lag.read.index, lag.versions, lag.ms) for lag in found] if isinstance(found, list) else found.status


@pytest.mark.parametrize("name", dict.fromkeys(m[0] for m in MUTATIONS))
def test_unchanged_they_agree(corpus, name):
    module = importlib.import_module(f"splitbrain.checkers.{MODULES.get(name.partition('(')[0], 'sessions')}")
    assert all(says(module, name, history) == truth for history, truth in corpus(name))


@pytest.mark.parametrize(("name", "module", "old", "new"), MUTATIONS)
def test_a_broken_rule_is_noticed(monkeypatch, corpus, name, module, old, new):
    changed = mutant(monkeypatch, name, module, old, new)
    assert any(says(changed, name, history) != truth for history, truth in corpus(name))
