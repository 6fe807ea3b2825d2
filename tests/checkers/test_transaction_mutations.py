"""Each rule of the checker of transactions is needed: with any one broken it disagrees with the truth somewhere."""

import importlib
import sys
from pathlib import Path
from random import Random
from types import ModuleType

import adya
import pytest
from transaction_histories import FINE, FINE_REGISTERS, WRONG, WRONG_REGISTERS, told

import splitbrain.checkers as package
from splitbrain.checkers.isolation import ruled_out

ORDER = ["isolation", "txns", "dependency", "list_findings", "list_append", "rw_register", "graphs", "cycles",
         "transactions"]

# (name, module, what stands there, what stands there instead)
MUTATIONS = [
    ("reads of unknown transactions count", "txns", "            if o.status != OK:\n                continue\n", ""),
    ("no ww edges", "list_append", 'graph.add(one, two, "ww")', "pass"),
    ("no ww edges to what nobody read", "list_append", 'graph.add(known[-1], i, "ww")', "pass"),
    ("ww edges from failed transactions", "list_append", "in key.order if value in key.writers]",
     "in key.order[-1:] if value in key.writers]"),
    ("no wr edges", "list_append", 'graph.add(key.writers[value[-1]], i, "wr")', "pass"),
    ("no wr edges from reads that fit no order", "list_append", 'graph.add(key.writers[distinct[-1]], i, "wr")',
     "pass"),
    ("reads that fit no order are placed by their length", "list_append", "if n in key.odd:\n", "if False:\n"),
    ("no rw edges", "list_append", 'graph.add(i, key.writers[following], "rw")', "pass"),
    ("no rw edges to what nobody read", "list_append", 'graph.add_to_all(of_all, unseen, "rw")', "pass"),
    ("what nobody read comes before the newest read", "list_append", "                if following is None:\n",
     "                if True:\n"),
    ("an unknown transaction that was read is left out", "list_append",
     "                        committed[key.writers[value]] = True\n", "                        pass\n"),
    ("failed transactions commit", "list_append", "            elif txn.failed:\n", "            elif False:\n"),
    ("the shortest list is the order", "list_append", "max(self.reads, key", "min(self.reads, key"),
    ("no aborted reads", "list_findings", "        if element in key.failed:\n", "        if False:\n"),
    ("aborted reads by the last element only", "list_findings", "for element in value:", "for element in value[-1:]:"),
    ("no garbage reads", "list_findings", 'yield Finding("garbage-read"', '("garbage-read"'),
    ("no intermediate reads", "list_findings", 'yield Finding("G1b"', '("G1b"'),
    ("one's own intermediate reads are wrong", "list_findings", " and key.writers[value[-1]] != i:", ":"),
    ("no duplicate elements", "list_findings", "if len(distinct) < len(value):", "if False:"),
    ("no incompatible orders", "list_findings", "if distinct != key.order[:len(distinct)]:", "if False:"),
    ("one's own appends in any order", "list_findings", "    yield from _own_order(key, txns)\n", ""),
    ("one's own appends in any order if one is missing", "list_findings", "key.place.get(value, len(key.order)) >",
     "key.place.get(value, -1) >"),
    ("no dirty updates", "list_findings", "            if later:\n", "            if False:\n"),
    ("no internal anomalies", "list_findings", 'yield Finding("internal"', '("internal"'),
    ("internal only after a read", "list_findings", "value[len(value) - len(expected):] == expected", "True"),
    ("internal only before a read", "list_findings", "value == expected if whole else", "True if whole else"),
    ("no future reads", "list_findings", "if value in read.get(key, ()):", "if False:"),
    ("no lost updates", "list_findings", "            if other != i:\n", "            if False:\n"),
    ("updates of different versions are lost", "list_findings", "updates.setdefault((key, read[key]), i)",
     "updates.setdefault(key, i)"),
    ("no process edges", "dependency", 'self.add(latest[process], i, "process")', "pass"),
    ("process edges from unknown transactions", "dependency",
     "            if txns[i].ok and txns[i].operation.end is not None:\n                latest[process] = i\n",
     "            latest[process] = i\n"),
    ("no real-time edges", "dependency", 'self.add(i, moment, "realtime")', "pass"),
    ("real time a moment too early", "dependency", "moment, fresh = following, True", "fresh = True"),
    ("an end at a beginning comes first", "dependency", "found.append((txn.operation.end, 1, i))",
     "found.append((txn.operation.end - 1, -1, i))"),
    ("peeled too far", "dependency", "            if not count[end] and left[end]:", "            if left[end]:"),
    ("no G0", "cycles", '[e for e in edges if e[2] == "ww"]', "[]"),
    ("no G1c", "cycles", '[e for e in inside(self.forward) if e[2] == "wr"]', "[]"),
    ("wr edges need no way back", "cycles", 'e for e in inside(self.forward) if e[2] == "wr"',
     'e for e in self.forward if e[2] in ("wr", "ww")'),
    ("no G-single", "cycles", "return shortest(self.single, ", "return shortest([], "),
    ("every rw edge is single", "cycles", "for edge, comes_back in zip(rw, back, strict=True) if comes_back]",
     "for edge, comes_back in zip(rw, back, strict=True)]"),
    ("no G-nonadjacent", "cycles", "        return [e for e in inner if e not in single]", "        return []"),
    ("two rw edges in a row are no matter", "graphs", "            elif not flag:\n", "            else:\n"),
    ("no G2-item", "cycles", 'if e[2] == "rw" and e not in self.mild]', "if False]"),
    ("variants are not looked for", "cycles", "for level in LEVELS if core else ():", "for level in LEVELS[:1]:"),
    ("no -realtime variants", "cycles", "for level in LEVELS if core else ():", "for level in LEVELS[:2]:"),
    ("variants hide behind any anomaly", "cycles", "ruled_out([name + level]) <= out:", "out:"),
    ("registers: no wr edges", "rw_register", 'graph.add(key.writers[value], i, "wr")', "pass"),
    ("registers: null is nothing special", "rw_register", "        if value is None:\n            return [i for",
     "        if False:\n            return [i for"),
    ("registers: an update says nothing", "rw_register", "return key.updates.get(value, [])", "return []"),
    ("registers: a later read counts as the one before the write", "rw_register",
     "if name not in newest and name not in read:", "if name not in newest:"),
    ("registers: no intermediate reads", "rw_register", "if value in key.inner and key.inner[value] != i:",
     "if False:"),
    ("registers: no aborted reads", "rw_register", "if value in key.failed and value not in key.writers and value not",
     "if False and value not"),
    ("registers: one value from nowhere is garbage", "rw_register", "return [] if len(found) < 2 else", "return"),
    ("registers: anything from nowhere is initial", "rw_register", "return [] if len(found) < 2 else", "return [] and"),
    ("registers: no lost updates", "rw_register", "            if len(those) > 1:", "            if False:"),
    ("registers: no internal anomalies", "rw_register", "if due.get(key, value) != value and not wrong:", "if False:"),
    ("registers: no future reads", "rw_register", "            if (key, value) in read:", "            if False:"),
    ("snapshot isolation allows long forks", "isolation", '"snapshot-isolation": ("G-nonadjacent",),', ""),
]


@pytest.fixture(scope="module")
def corpus():
    """Histories with what is true of them: of those drawn, a serial order, the models ruled out, and the anomalies that
    are no cycles; of those by hand, exactly which anomalies."""
    by_hand = [("list-append", told(*lines), {"anomalies": set()}) for lines in FINE.values()]
    by_hand += [("list-append", told(*lines), {"anomalies": set(names.split())})
                for lines, names, *_ in WRONG.values()]
    by_hand += [("rw-register", told(*lines, lists=False), {"anomalies": set()}) for lines in FINE_REGISTERS.values()]
    by_hand += [("rw-register", told(*lines, lists=False), {"anomalies": set(names.split())})
                for lines, names, *_ in WRONG_REGISTERS.values()]
    return by_hand + [drawn(seed) for seed in range(900)]


def drawn(seed):
    strange, lists = seed % 3 == 0, seed % 5 > 0
    history, versions, committed = adya.draw(Random(seed).random, strange=strange, write="append" if lists else "w")
    serial = adya.serial_order_exists(history, lists=lists)
    truth = {"status": "ok" if serial else "violated"} if lists else {"not violated": serial}
    if not strange:
        truth["within"] = adya.models_ruled_out(history, versions, committed)
        if lists and adya.all_read(history, versions):
            truth["models"] = truth["within"]
    return ("list-append" if lists else "rw-register"), history, truth


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
        monkeypatch.setattr(package, name, fresh, raising=False)
        exec(compile(source, str(path), "exec"), fresh.__dict__)
    return sys.modules["splitbrain.checkers.transactions"]


def disagreement(module, corpus):
    """The first history on which the checker and the truth differ, or on which it breaks; else None."""
    for workload, history, truth in corpus:
        try:
            verdict = module.transactions(history, workload=workload)
        except Exception:  # a broken rule may leave the others without ground
            return history
        models = ruled_out(verdict.anomalies)
        right = [truth.get("status", verdict.status) == verdict.status,
                 truth.get("anomalies", set(verdict.anomalies)) == set(verdict.anomalies),
                 not (truth.get("not violated") and verdict.status == "violated"),
                 models <= truth.get("within", models), truth.get("models", models) == models,
                 set(verdict.excluded) == set(module.weakest(models))]
        if not all(right):
            return history
    return None


def test_unchanged_it_agrees(monkeypatch, corpus):
    assert disagreement(mutant(monkeypatch, "txns", "Txn", "Txn"), corpus) is None


@pytest.mark.parametrize(("module", "old", "new"), [m[1:] for m in MUTATIONS], ids=[m[0] for m in MUTATIONS])
def test_a_broken_rule_is_noticed(monkeypatch, corpus, module, old, new):
    assert disagreement(mutant(monkeypatch, module, old, new), corpus) is not None
