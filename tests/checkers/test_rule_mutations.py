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
from splitbrain.checkers.staleness import lags as real_lags
from splitbrain.records import Operation

# (checker, module, what stands there, what stands there instead)
MUTATIONS = [
    ("total-queue", "queues", "lost = acknowledged - delivered", "lost = Counter()"),
    ("total-queue", "queues", "lost = acknowledged - delivered", "lost = attempts - delivered"),
    ("total-queue", "queues", "for value, n in delivered.items() if value not in attempts", "for value, n in ()"),
    ("total-queue", "queues", "if value not in attempts", "if value not in acknowledged"),
    ("total-queue(certain=True)", "queues", "if certain and report.lost", "if False"),
    ("total-queue(certain=True)", "queues", "if o.end > looked]", "]"),
    ("total-queue(certain=True)", "queues", "if o.end > looked]", "if o.start > looked]"),
    ("total-queue(certain=True)", "queues", "default=-1)\n    unknown", "default=99)\n    unknown"),
    ("total-queue(certain=True)", "queues", "(o.f == \"drain\" or o.result is None)), default", "True), default"),
    ("total-queue(certain=True)", "queues", "len(gone.lost) <= len(unknown)", "unknown"),
    ("total-queue(certain=True)", "queues", "len(gone.lost) <= len(unknown)", "False"),
    ("total-queue(certain=True)", "queues", "_with_unsure(history, missing).verdict if", "report.verdict if"),
    ("unordered-queue", "queues", "takes = [(o.end, 1, value, o)", "takes = [(o.start, 1, value, o)"),
    ("unordered-queue", "queues", "puts = [(o.start, 0", "puts = [(o.end or 99, 0"),
    ("unordered-queue", "queues", 'o.f == "enqueue" and o.status != FAIL]', 'o.f == "enqueue"]'),
    ("unordered-queue", "queues", "if len(takes_by_now) > len(puts_by_now):",
     "if len(takes_by_now) > 0 == len(puts_by_now):"),
    ("producer-order", "queues", "and _end(first[other]) < first[value].start", ""),
    ("producer-order", "queues", "bisect_right(starts, _end(puts[value][0]))",
     "bisect_right(starts, puts[value][0].start)"),
    ("producer-order", "queues", "setdefault(o.process, [])", "setdefault(None, [])"),
    ("producer-order", "queues", "if once[frozen(o.value)] == 1]", "]"),
    ("producer-order", "queues", "_end(first[value]) < _end(first[rest]) else",
     "_end(first[value]) > _end(first[rest]) else"),
    ("counter", "counters", "o.end, o.value) for o in adds if o.status == OK and o.value > 0",
     "o.start, o.value) for o in adds if o.value > 0"),
    ("counter", "counters", "minus_begun.before(read.end)", "0"),
    ("counter", "counters", "plus_begun.before(read.end) + all_done - positive", "plus_begun.before(read.end)"),
    ("counter", "counters", "plus_begun.before(read.end)", "plus_begun.before(read.start)"),
    ("counter", "counters", 'o.f == "add" and o.status != FAIL]\n    reads', 'o.f == "add"]\n    reads'),
    ("counter", "counters", "setdefault(frozen(o.key), [])", "setdefault(None, [])"),
    ("set", "sets", "if o.end < last.start]", "]"),
    ("set", "sets", "max(reads, key=lambda o: o.end)", "reads[0]"),
    ("set", "sets", "unexpected = [element for element in last.result if frozen(element) not in attempted]",
     "unexpected = []"),
    ("set", "sets", "if frozen(element) not in attempted", "if frozen(element) not in acknowledged"),
    ("set", "sets", "    if missing:", "    if False:"),
    ("set", "sets", "adds if o.status == OK and frozen(o.value) not in there",
     "adds if frozen(o.value) not in there and o.end"),
    ("staleness", "staleness", "done[place].end < read.start", "done[place].end < read.end"),
    ("staleness", "staleness", "insort(starts, done[place].start)", "insort(starts, done[place].end)"),
    ("staleness", "staleness", "o.f in WRITES and o.status == OK), key", "o.f in WRITES and o.end), key"),
    ("staleness", "staleness", "INFINITY if o.end is None else o.end)", "o.start)"),
    ("staleness", "staleness", "setdefault(frozen(o.key), [])", "setdefault(None, [])"),
    ("sequential-consistency", "sequential", "                if right and after != states:",
     "                if False:"),
    ("sequential-consistency", "sequential", "far[p] >= before:", "True:"),
    ("sequential-consistency", "sequential", "not used >> j & 1 and ", ""),
    ("sequential-consistency", "sequential", "self._keys[frozen(o.key)]\n", "0\n"),
    ("sequential-consistency", "sequential", "                    if not self._step(row[places[p]], states)[0]:",
     "                    if False:"),
    ("sequential-consistency", "sequential", "rows.setdefault(o.process, [])", "rows.setdefault(None, [])"),
    ("sequential-consistency", "sequential", "if o.status != FAIL and (", "if ("),
    ("read-your-writes", "sessions", "return sessions.pairs(WRITES, READS)", "return iter(())"),
    ("read-your-writes", "sessions", "[*_initial_first(sessions), *(", "[*("),
    ("read-your-writes", "sessions", "and a.status == OK:", ":"),
    ("monotonic-reads", "sessions", "return sessions.pairs(READS, READS)", "return iter(())"),
    ("monotonic-reads", "sessions", "return sessions.pairs(WRITES, WRITES)", "return iter(())"),
    ("monotonic-writes", "sessions", "if other.status == OK]", "]"),
    ("monotonic-writes", "sessions", "                continue\n", "                pass\n"),
    ("writes-follow-reads", "sessions", "waiting.append((_version(o), *seen[_version(o)]))", "pass"),
    ("monotonic-writes", "sessions", "_seen_with(_earlier_writes)", "_seen_with(_earlier_reads)"),
    ("writes-follow-reads", "sessions", "_seen_with(_earlier_reads)", "_seen_with(_earlier_writes)"),
    ("writes-follow-reads", "sessions", "return sessions.pairs(READS, WRITES)", "return iter(())"),
    ("writes-follow-reads", "sessions", "(before.strict or before.one != before.other)", "before.one != before.other"),
]

FUNCTIONS = {"total-queue": "total_queue", "unordered-queue": "unordered_queue", "producer-order": "producer_order",
             "counter": "counter", "set": "grow_only_set", "sequential-consistency": "sequential_consistency",
             "staleness": "lags"}
OPTIONS = {"total-queue(certain=True)": {"certain": True}}
STATUS = {True: "violated", False: "ok"}
TRUTH = {
    "total-queue": (rules.queue, lambda h: STATUS[rules.lost_or_unexpected(h)]),
    "total-queue(certain=True)": (rules.queue, rules.queue_status),
    "unordered-queue": (rules.queue, lambda h: STATUS[rules.out_before_in(h)]),
    "producer-order": (rules.queue, lambda h: STATUS[rules.overtaken(h)]),
    "counter": (rules.ask_counter, lambda h: STATUS[rules.beyond_bounds(h)]),
    "set": (rules.ask_set, rules.set_status),
    "sequential-consistency": (rules.ask_distinct, lambda h: STATUS[not rules.sequential(h, oracle.register)]),
    "staleness": (rules.ask_distinct, lambda h: [(lag.read, lag.versions) for lag in real_lags(h)]),
}




def told(*steps):
    """``0 w x 1``, ``1 r x 1``, one after the other; ``0 w x 1 ?`` is of unknown outcome."""
    history = []
    for i, (process, f, key, value, *unknown) in enumerate(step.split() for step in steps):
        asked = {"value": int(value)} if f == "w" else {"result": int(value) or None}
        history.append(Operation(process, {"w": "write", "r": "read"}[f], key, **asked, start=2 * i, index=i,
                                 end=None if unknown else 2 * i + 1, status="unknown" if unknown else "ok"))
    return history


# What chance brings too seldom.
BY_HAND = {
    "sequential-consistency": [told("0 w x 1 ?", "1 w x 2", "2 r x 1", "2 r x 2", "2 r x 1")],
    "writes-follow-reads": [told("0 w x 1", "1 r x 1", "1 w y 2", "2 r y 2", "2 w z 3", "3 r z 3", "3 r x 0")],
}


@pytest.fixture(scope="module")
def corpus():
    """Tiny histories for each checker, and what is true of them; made when they are first asked for."""
    made = {}

    def histories(name):
        if name not in made:
            ask, truth = TRUTH.get(name, (rules.sessions, lambda h: STATUS[name not in rules.guarantees(h)]))
            tapes = [[int(Random(seed + i / 64).random() * 2**16) for i in range(24)] for seed in range(500)]
            drawn = [rules.tiny(tape, ask, keys=(None,) if seed % 3 == 0 and ask is not rules.ask_set else ("x", "y"))
                     if ask is not rules.ask_set else rules.tiny(tape, ask) for seed, tape in enumerate(tapes)]
            made[name] = [(history, truth(history)) for history in [*drawn, *BY_HAND.get(name, [])]]
        return made[name]

    return histories


def mutant(monkeypatch, module, old, new):
    path = Path(importlib.import_module(f"splitbrain.checkers.{module}").__file__)
    source = path.read_text()
    assert old in source, f"{module} has no {old!r} any more: change the mutation as well"
    fresh = ModuleType(f"splitbrain.checkers.{module}")
    fresh.__file__ = str(path)
    monkeypatch.setitem(sys.modules, fresh.__name__, fresh)
    monkeypatch.setattr(package, module, fresh, raising=False)
    exec(compile(source.replace(old, new), str(path), "exec"), fresh.__dict__)
    return fresh


def says(module, name, history):
    answer = getattr(module, FUNCTIONS.get(name, name.partition("(")[0].replace("-", "_")))
    try:
        found = answer(history, **OPTIONS.get(name, {}))
    except (TypeError, ValueError, AttributeError, KeyError, IndexError, StopIteration):
        return None  # a rule that is broken may leave nothing to explain
    return [(lag.read, lag.versions) for lag in found] if isinstance(found, list) else found.status


@pytest.mark.parametrize("name", sorted({m[0] for m in MUTATIONS}))
def test_unchanged_they_agree(corpus, name):
    module = importlib.import_module(f"splitbrain.checkers.{next(m[1] for m in MUTATIONS if m[0] == name)}")
    assert all(says(module, name, history) == truth for history, truth in corpus(name))


@pytest.mark.parametrize(("name", "module", "old", "new"), MUTATIONS)
def test_a_broken_rule_is_noticed(monkeypatch, corpus, name, module, old, new):
    changed = mutant(monkeypatch, module, old, new)
    assert any(says(changed, name, history) != truth for history, truth in corpus(name))
