"""Isolation by its definitions, for tiny histories: serial orders one by one, and Adya's graph with every cycle in it.

Written from the definitions alone, so that it shares no mistake with the checker: lists of transactions and a given
order of versions, all pairs, all cycles, all permutations.
"""

from itertools import combinations, cycle, permutations

import networkx

from splitbrain.checkers.isolation import ruled_out
from splitbrain.records import History, Operation


def serial_order_exists(history, *, lists) -> bool:
    """Strict serializability: an order of the ok transactions and some unknown ones, true to real time, that explains
    every answer."""
    sure = [o for o in history if o.status == "ok"]
    unsure = [o for o in history if o.status == "unknown"]
    return any(_explains(order, lists) for count in range(len(unsure) + 1) for some in combinations(unsure, count)
               for order in permutations(sure + list(some)))


def _explains(order, lists) -> bool:
    for place, later in enumerate(order):
        if any(later.end is not None and later.end < earlier.start for earlier in order[:place]):
            return False
    state = {}
    for o in order:
        for f, key, value in o.result if o.status == "ok" else o.value:
            if f == "append":
                state[key] = [*state.get(key, []), value]
            elif f == "w":
                state[key] = value
            elif o.status == "ok" and (value or None if lists else value) != state.get(key):
                return False
    return True


def phenomena(history, versions, committed) -> set[str]:
    """Adya's, of the transactions that committed; `versions` is, for each key, every committed value in its order.

    Of a list each value appended is a version, and a read saw the one that it ends in.
    """
    txns = [o for o in history if o.index in committed]
    writer = {(key, value): o.index for o in txns for f, key, value in _mops(o) if f != "r"}
    edges = set()
    for key, order in versions.items():
        for n, value in enumerate(order[1:], 1):
            edges.add((writer[key, order[n - 1]], writer[key, value], "ww"))
    for o in txns:
        for f, key, value in _mops(o) if o.status == "ok" else ():
            if f == "r":
                seen = value[-1] if isinstance(value, list) and value else value or None
                if seen is not None and (key, seen) in writer:
                    edges.add((writer[key, seen], o.index, "wr"))
                order = versions.get(key, [])
                place = order.index(seen) + 1 if seen in order else 0 if seen is None else len(order)
                if place < len(order):
                    edges.add((o.index, writer[key, order[place]], "rw"))
    for a in txns:
        for b in txns:
            if a.end is not None and a.end < b.start:
                edges.add((a.index, b.index, "realtime"))
                if a.process == b.process:
                    edges.add((a.index, b.index, "process"))
    return _of_cycles(edge for edge in edges if edge[0] != edge[1])


def models_ruled_out(history, versions, committed) -> set[str]:
    return ruled_out(phenomena(history, versions, committed) | alone(history, versions, committed))


def all_read(history, versions) -> bool:
    """Whether every version that committed was in a list that was read, so that the order of versions shows."""
    seen = {(key, v) for o in history if o.status == "ok" for f, key, value in o.result if f == "r"
            for v in value or ()}
    return all((key, v) in seen for key, order in versions.items() for v in order)


def alone(history, versions, committed) -> set[str]:
    """The anomalies that are no cycles, by their definitions."""
    found = set()
    writer = {(key, v): (o, n) for o in history for n, (f, key, v) in enumerate(_mops(o)) if f != "r"}
    updates = {}
    for o in [o for o in history if o.status == "ok"]:
        for n, (f, key, value) in enumerate(o.result):
            if f == "r":
                found |= _of_read(o, n, key, value, writer)
            else:
                reads = [repr(v or None) for g, k, v in o.result[:n] if (g, k) == ("r", key)]
                if reads and not any(g == f and k == key for g, k, _ in o.result[:n]):
                    updates.setdefault((key, reads[0]), set()).add(o.index)
    for o in [o for o in history if o.index in committed]:
        for key, order in versions.items():
            own = [v for f, k, v in _mops(o) if f == "append" and k == key]
            if [v for v in order if v in own] != own:
                found.add("incompatible-order")
    return found | {"lost-update" for those in updates.values() if len(those) > 1}


def _of_read(o, n, key, value, writer) -> set[str]:
    found, lists = set(), not isinstance(value, int | None)
    seen = (value or []) if lists else [] if value is None else [value]
    for v in seen:
        source, place = writer.get((key, v), (None, 0))
        found |= {"garbage-read"} if source is None else {"G1a"} if source.status == "fail" else set()
        found |= {"future-read"} if source is o and place > n else set()
    if seen and (key, seen[-1]) in writer:
        source, place = writer[key, seen[-1]]
        later = source is not o and any(f != "r" and k == key for f, k, _ in _mops(source)[place + 1:])
        found |= {"G1b"} if later and source.status != "fail" else set()
    found |= {"duplicate-elements"} if len(set(seen)) < len(seen) else set()
    before = [(f, v) for f, k, v in o.result[:n] if k == key]
    last = max((i for i, (f, _) in enumerate(before) if f == "r"), default=-1)
    own = [v for _, v in before[last + 1:]]
    if not lists:
        return found | ({"internal"} if before and before[-1][1] != value else set())
    whole = [*(before[last][1] or []), *own] if last >= 0 else seen[:max(len(seen) - len(own), 0)] + own
    return found | ({"internal"} if seen != whole else set())


def _mops(o):
    return o.result if o.status == "ok" else o.value


def _of_cycles(edges) -> set[str]:
    graph = networkx.MultiDiGraph()
    graph.add_edges_from((a, b, kind) for a, b, kind in edges)
    kinds = {}
    for a, b, kind in graph.edges(keys=True):
        kinds.setdefault((a, b), []).append(kind)
    found = set()
    for nodes in networkx.simple_cycles(networkx.DiGraph(graph)):
        found |= _names([kinds[a, b] for a, b in zip(nodes, [*nodes[1:], nodes[0]], strict=True)])
    return found


def _names(steps) -> set[str]:
    """What cycles with one of these kinds at each step are called."""
    ways = [[]]
    for kinds in steps:
        ways = [[*way, kind] for way in ways for kind in kinds]
    names = set()
    for way in ways:
        rw = way.count("rw")
        in_a_row = any(a == b == "rw" for a, b in zip(way, [*way[1:], way[0]], strict=True))
        if {"ww", "wr", "rw"}.isdisjoint(way):
            continue
        name = "G0" if rw == 0 and "wr" not in way else "G1c" if rw == 0 else "G-single-item" if rw == 1 else \
            "G2-item" if in_a_row else "G-nonadjacent-item"
        names.add(name + ("-realtime" if "realtime" in way else "-process" if "process" in way else ""))
    return names


def from_bytes(tape):
    """Numbers from 0 to 1 from a tape, again and again: so that Hypothesis can shrink what is drawn."""
    numbers = cycle(byte / 256 for byte in tape or b"\0")
    return lambda: next(numbers)


def draw(random, *, write="append", most=4, keys="xy", failures=True, strange=False):
    """A tiny history that some database might have left, its order of versions, and who committed.

    Some are run in a serial order, so that many are fine; the others read old versions, or are given another order of
    versions than the one in which they wrote. `random` gives numbers from 0 to 1, `strange` reads what never was.
    """

    def below(n):
        return int(random() * n)

    def shuffled(items):
        return [item for _, _, item in sorted((random(), i, item) for i, item in enumerate(items))]

    count = 2 + below(most - 1)
    sure = 0.6 if strange else 0.85 if failures else 1
    statuses = ["ok" if random() < sure else ("fail", "unknown")[below(2)] for _ in range(count)]
    plans = [[("r" if random() < 0.5 else write, keys[below(len(keys))]) for _ in range(1 + below(3))]
             for _ in range(count)]
    sloppy = strange or random() < 0.7
    value, asked = 0, []
    for plan in plans:
        asked.append([])
        for f, key in plan:
            value += f != "r"
            asked[-1].append([f, key, None if f == "r" else value])
    committed = {i for i, status in enumerate(statuses) if status == "ok" or status == "unknown" and random() < 0.5}
    order = shuffled(committed)
    versions = {}
    for i in order:
        for f, key, v in asked[i]:
            if f != "r":
                versions.setdefault(key, []).append(v)
    if sloppy and random() < 0.5:
        versions = {key: shuffled(vs) for key, vs in versions.items()}
    results = _answers(asked, order, versions, write, sloppy, strange, below)
    return _timed(asked, results, statuses, order, below), versions, committed


def _strange(seen, asked, write, below):
    """What no order of versions explains: any transaction's value, or nobody's, one twice, one left out."""
    written = [v for mops in asked for f, _, v in mops if f == write]
    return [[*seen, *written[below(len(written) + 1):][:1]], [*seen, 99], seen + seen[:1], seen[1:]][below(4)]


def _answers(asked, order, versions, write, sloppy, strange, below):
    state, results = {}, {}
    for i in [*order, *(i for i in range(len(asked)) if i not in order)]:
        results[i] = []
        for f, key, v in asked[i]:
            if f != "r":
                state.setdefault(key, []).append(v)
                results[i].append([f, key, v])
                continue
            now = state.get(key, [])
            seen = list(now)
            if sloppy:
                order = versions.get(key, [])
                own = any(f != "r" and k == key for f, k, _ in results[i])
                seen = order[:len(now) if own or not below(3) else below(len(order) + 1)]
            if strange and not below(8):
                seen = _strange(seen, asked, write, below)
            results[i].append([f, key, seen if write == "append" else seen[-1] if seen else None])
    return results


def _timed(asked, results, statuses, order, below):
    """Intervals that more often than not are true to the order in which they ran."""
    moments = {i: 10 * n + 5 for n, i in enumerate(order)}
    spans = []
    for i in range(len(asked)):
        middle = moments.get(i, below(10 * len(asked))) if below(8) else below(10 * len(asked))
        spans.append((middle - 1 - below(12), middle + 1 + below(12), i))
    free, rows = {}, []
    for start, end, i in sorted(spans):
        process = next((p for p in range(9) if free.get(p, -99) < start), 9)
        free[process] = end
        rows.append((start, end, i, process))
    points = sorted({point for a, b, i, _ in rows for point in ((a, (0, i)), (b, (1, i)))})
    ranks = {point: n for n, point in enumerate(points)}
    operations = []
    for start, end, i, process in rows:
        status = statuses[i]
        told, over = (results[i] if status == "ok" else None), (None if status == "unknown" else ranks[end, (1, i)])
        operations.append(Operation(f"c{process}", "txn", None, asked[i], told, status, float(start), float(end),
                                    ranks[start, (0, i)], over, i))
    return History(operations)
