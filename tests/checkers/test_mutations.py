"""Each rule of the checker is needed: with any one of them broken, it disagrees with the definition somewhere."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

import oracle
import pytest
from histories import OK_HISTORIES, VIOLATED_HISTORIES, told

import splitbrain.checkers as package

ORDER = ["values", "forms", "budget", "models", "search", "gibbons_korach", "explain", "linearizability"]

# (name, module, what stands there, what stands there instead)
MUTATIONS = [
    ("failed operations count as done", "linearizability", "if o.status != FAIL and (", "if (o.status == FAIL or "),
    ("keys are one object", "linearizability", "setdefault(frozen(o.key), [])", "setdefault(None, [])"),
    ("only the first key is judged", "linearizability", "    for key, part in parts.items():\n",
     "    for key, part in list(parts.items())[:1]:\n"),
    ("a search without an order is ok", "linearizability", "                return [key], None\n",
     "                pass\n"),
    ("zones for any register", "gibbons_korach", "len(set(written)) == len(written)", "True"),
    ("zones although the initial value is written", "gibbons_korach", "and initial not in written", ""),
    ("no real time between forward zones", "gibbons_korach", "if two.ends < one.begins]", "if False]"),
    ("touching zones overlap", "gibbons_korach", "if two.ends < one.begins]", "if two.ends < one.begins + 3]"),
    ("no real time for backward zones", "gibbons_korach", "and inner.ends < forward[place].begins", "and False"),
    ("a backward zone may not even touch", "gibbons_korach", "and inner.ends < forward[place].begins", ""),
    ("reads from the future", "gibbons_korach", "and _end(o) < cluster.write.start", "and False"),
    ("reads from nowhere", "gibbons_korach", '                return Conflict("nowhere", (o,))\n',
     "                continue\n"),
    ("the initial value may come back", "gibbons_korach", "            self.ends, self.begins = -1, -2\n",
     "            pass\n"),
    ("an unknown write is over when its client gives up", "gibbons_korach",
     "return INFINITY if operation.end is None or operation.status != OK else operation.end",
     "return operation.returned or INFINITY"),
    ("no real time in the search", "search", "self._ends = [INFINITY if o.end is None else o.end for",
     "self._ends = [INFINITY for"),
    ("a later beginning waits for nothing", "search", "while (k := self._what[node]) >= 0:\n            twin",
     "while node != self._tail:\n            k = self._what[node]\n            if k < 0:\n"
     "                node = following[node]\n                continue\n            twin"),
    ("an unknown operation did not happen", "search", "if right and after != state:", "if False:"),
    ("an unknown operation happened", "linearizability", "    parts, failed = _objects(history, model)",
     "    from dataclasses import replace\n    history = [o if o.status != UNKNOWN or o.f in model.reads else\n"
     "               replace(o, status=OK) for o in history]\n    parts, failed = _objects(history, model)"),
    ("an unknown operation may come before it began", "search", "or self.optional[j].start > self._time[node] ", ""),
    ("an unknown operation may happen twice", "search", "yield ~j, after, used | 1 << j", "yield ~j, after, used"),
    ("an unknown operation is over when its client gives up", "search",
     "[(INFINITY, o) for o in operations if o.status != OK]",
     "[(o.returned or INFINITY, o) for o in operations if o.status != OK]"),
    ("an unknown read counts", "linearizability", "    parts, failed = _objects(history, model)",
     "    from dataclasses import replace\n    history = [replace(o, status=OK) if o.f in model.reads else o\n"
     "               for o in history]\n    parts, failed = _objects(history, model)"),
    ("the search forgets the state", "search", "        before = self._memory.get(place)\n",
     "        place = place[:2]\n        before = self._memory.get(place)\n"),
    ("more optional operations used is better", "search", "if any(u & used == u for u in before)",
     "if any(u & used == used for u in before)"),
    ("any two optional operations are interchangeable", "search",
     "setdefault((f, value, result is ANY, None if result is ANY else result), [])",
     "setdefault(result is ANY, [])"),
    ("twins, whichever ended first", "search", "if ends[i] <= ends[k] and", "if"),
    ("a read is placed although it is wrong", "search", "if self._pure[k] and step(state, *self._calls[k])[0] and ",
     "if self._pure[k] and "),
    ("writes are placed as reads are", "search", "self._pure = [o.f in model.reads for", "self._pure = [True for"),
    ("a write whose value was read may be left out", "models",
     "return [o for o in operations if o.status == OK or frozen(o.value) in values]",
     "return [o for o in operations if o.status == OK]"),
    ("what was appended may be left out", "models", "any(o.value in a for a in answers)", "o.value in answers"),
    ("reads may be wrong", "models", "        return result == state, state\n    return True, value\n",
     "        return True, state\n    return True, value\n"),
    ("a cas swaps whatever there is", "models", "return state == old, new", "return True, new"),
    ("a cas that compared says nothing", "models", "return state != old, state", "return True, state"),
    ("a held lock can be acquired", "models", "return not held, (value,)", "return True, (value,)"),
    ("a free lock can be released", "models", "return bool(held) and (value", "return not held or (value"),
    ("another can release a lock", "models", "held[0] in (None, value)), ()", "True), ()"),
    ("only the holder can release a lock", "models", "held[0] in (None, value)), ()", "held[0] == value), ()"),
    ("a refused acquire says nothing", "models", "return bool(held), held", "return True, held"),
    ("last in, first out", "models", "return True, (*queue, value)", "return True, (value, *queue)"),
    ("a dequeue leaves it there", "models", "result == queue[0], queue[1:]", "result == queue[0], queue"),
    ("a queue is empty whenever one says so", "models", "    if not queue:\n",
     "    if not queue or result is None:\n"),
    ("a dequeue may find an empty queue full", "models", "return result == None, queue", "return True, queue"),
    ("what was given out may be left out", "models", 'o.f != "enqueue" or frozen(o.value) in given',
     'o.f != "enqueue"'),
    ("a put appends", "models", 'value if f == "put" else state + value', "state + value"),
]


@pytest.fixture(scope="module")
def corpus():
    """Tiny histories of every kind, drawn and by hand, and whether they are linearizable."""
    drawn = [(kind, oracle.draw_history(kind, seed, keys=(None,) if seed % 3 else ("x", "y")))
             for kind in oracle.KINDS for seed in range(400)]
    drawn += [(kind, oracle.draw_history(kind, seed, longest=7, events=16, sure=3))
              for kind in oracle.KINDS for seed in range(300)]
    by_hand = [("register", told(*lines), True) for lines in OK_HISTORIES.values()]
    by_hand += [("register", told(*lines), False) for lines, _ in VIOLATED_HISTORIES.values()]
    return by_hand + [(oracle.KINDS[kind][0], h, oracle.linearizable(h, oracle.KINDS[kind][3])) for kind, h in drawn]


def mutant(monkeypatch, module, old, new):
    """The checker from its source, with one place changed."""
    for name in ORDER:
        path = Path(importlib.import_module(f"splitbrain.checkers.{name}").__file__)
        source = path.read_text()
        if name == module:
            assert source.count(old) >= 1, f"{module} has no {old!r} any more: change the mutation as well"
            source = source.replace(old, new)
        fresh = ModuleType(f"splitbrain.checkers.{name}")
        fresh.__file__ = str(path)
        monkeypatch.setitem(sys.modules, fresh.__name__, fresh)
        monkeypatch.setattr(package, name, fresh)
        exec(compile(source, str(path), "exec"), fresh.__dict__)
    return sys.modules["splitbrain.checkers.linearizability"].linearizability


def disagreement(check, corpus):
    """The first history on which the checker and the definition differ, or on which it breaks; else None."""
    return next((history for model, history, truth in corpus if says(check, history, model) != truth), None)


def says(check, history, model):
    try:
        return check(history, model=model, budget=2_000).status == "ok"
    except ValueError:  # with a rule on overlapping broken there may be no conflict to explain
        return None


def test_unchanged_it_agrees(monkeypatch, corpus):
    assert disagreement(mutant(monkeypatch, "models", "Model", "Model"), corpus) is None


@pytest.mark.parametrize(("module", "old", "new"), [m[1:] for m in MUTATIONS], ids=[m[0] for m in MUTATIONS])
def test_a_broken_rule_is_noticed(monkeypatch, corpus, module, old, new):
    assert disagreement(mutant(monkeypatch, module, old, new), corpus) is not None
