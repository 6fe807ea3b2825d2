"""What the checkers that count are to say, written from their rules alone and slowly, and tiny histories to try."""

from dataclasses import replace
from itertools import combinations, permutations

from oracle import WRONG, tiny_history

from splitbrain.records import Operation


def came_out(history):
    """Each message with the operation that answered it."""
    answered = [o for o in history if o.f != "enqueue" and o.status == "ok" and o.result is not None]
    return [(value, o) for o in answered for value in (o.result if o.f == "drain" else [o.result])]


def lost_or_unexpected(history):
    """Total queue: take each delivery of a message from the pile of what went in; is any left, or not there?"""
    tried = [o.value for o in history if o.f == "enqueue"]
    due = [o.value for o in history if o.f == "enqueue" and o.status == "ok"]
    unexpected = False
    for value, _ in came_out(history):
        unexpected |= value not in tried
        if value in due:
            due.remove(value)
    return bool(due) or unexpected


def queue_status(history):
    """Total queue, certain: each message that did not come out is in the queue still, or some dequeue may have it."""
    tried = {o.value for o in history if o.f == "enqueue"}
    if any(value not in tried for value, _ in came_out(history)):
        return "violated"
    if not lost_or_unexpected(history):
        return "ok"
    empty = [o for o in history if o.status == "ok" and (o.f == "drain" or o.f == "dequeue" and o.result is None)]
    gone = 0
    for value in tried:
        puts = [o for o in history if o.f == "enqueue" and o.value == value and o.status == "ok"]
        put_and_looked_for = [p for p in puts if any(p.end < t.start for t in empty)]
        gone += max(0, len(put_and_looked_for) - sum(v == value for v, _ in came_out(history)))
    vague = [o.f for o in history if o.f != "enqueue" and o.status == "unknown"]
    return "violated" if gone > len(vague) and "drain" not in vague else "unknown"


def out_before_in(history):
    """Unordered queue: at the end of some dequeue more of a message had come out than had begun to go in."""
    puts = [o for o in history if o.f == "enqueue" and o.status != "fail"]
    takes = came_out(history)
    return any(sum(v == value and t.end <= o.end for v, t in takes)
               > sum(p.value == value and p.start < o.end for p in puts) for value, o in takes)


def overtaken(history):
    """Producer order: of two enqueues of one process the later was out before the first delivery of the earlier."""
    puts = [o for o in history if o.f == "enqueue"]
    alone = [o for o in puts if sum(p.value == o.value for p in puts) == 1 and o.status != "fail"]

    def of(put):
        return [t for value, t in came_out(history) if value == put.value]

    return any(a.process == b.process and a.end is not None and a.end < b.start and of(a) and of(b)
               and any(t.end < min(u.start for u in of(a)) for t in of(b)) for a in alone for b in alone)


def each_queue(truth):
    """The rule for every queue alone: violated if it is broken in one, ok if it is kept in all."""
    def whole(history):
        said = {truth([o for o in history if o.key == key]) for key in {o.key for o in history}}
        return next((status for status in ("violated", "unknown") if status in said), "ok")

    return whole


def beyond_bounds(history):
    """Counter: no choice of what may have been counted gives what some read answered, or more and less than it."""
    for key in {o.key for o in history}:
        own = [o for o in history if o.key == key]
        for read in (o for o in own if o.f == "read" and o.status == "ok"):
            adds = [o for o in own if o.f == "add" and o.status != "fail" and o.start < read.end]
            sure = sum(o.value for o in adds if o.status == "ok" and o.end < read.start)
            maybe = [o.value for o in adds if o.status != "ok" or o.end > read.start]
            sums = [sure + sum(some) for n in range(len(maybe) + 1) for some in combinations(maybe, n)]
            if not min(sums) <= read.result <= max(sums):
                return True
    return False


def set_status(history):
    """Set: the last read against what had been acknowledged when it began, and against what anyone tried."""
    reads = [o for o in history if o.f == "read" and o.status == "ok"]
    if not reads:
        return "unknown"
    last = sorted(reads, key=lambda o: o.end)[-1]
    adds = [o for o in history if o.f == "add"]
    if any(e not in [o.value for o in adds] for e in last.result):
        return "violated"
    missing = [o for o in adds if o.status == "ok" and o.value not in last.result]
    if any(o.end < last.start for o in missing):
        return "violated"
    return "unknown" if missing else "ok"


def versions_behind(history, read):
    """Staleness: the writes that are certainly newer than what this read saw, and were certainly over."""
    writes = [o for o in history if o.f == "write" and o.status != "fail" and o.key == read.key]
    sources = [o for o in writes if o.value == read.result and o.start < read.end]
    if any(o.end is None for o in sources) or (not sources and read.result is not None):
        return []
    since = max((o.end for o in sources), default=-1)
    return [o for o in writes if o.status == "ok" and o.start > since and o.end < read.start]


def lags(history):
    """For each read that was answered: by how many versions it was behind, and for how long that could be known."""
    reads = [o for o in history if o.f == "read" and o.status == "ok"]
    behind = [versions_behind(history, o) for o in reads]
    return [(o.index, len(newer), max((o.invoked - w.returned for w in newer), default=0.0))
            for o, newer in zip(reads, behind, strict=True)]


def bank_status(history):
    """Bank: all that is read of one bank is there, not below 0, and comes to the same sum."""
    reads = [o for o in history if o.f == "read" and o.status == "ok"]
    held = [list(o.result.values()) for o in reads]
    if any(balance is None or balance < 0 for balances in held for balance in balances):
        return "violated"
    sums = {(o.key, sum(balances)) for o, balances in zip(reads, held, strict=True)}
    return "violated" if len(sums) > len({key for key, _ in sums}) else "ok" if reads else "unknown"


def availability_status(history, *, least, window=None):
    """Availability: in no window in which something was asked may less than this share have been answered."""
    groups = {}
    for o in history:
        groups.setdefault(0 if window is None else int(o.invoked / window), []).append(o.status == "ok")
    if not groups:
        return "unknown"
    return "violated" if any(sum(group) < least * len(group) for group in groups.values()) else "ok"


def sequential(history, run):
    """Sequential consistency: every subset of the unknown operations, every interleaving of the processes."""
    sure = [o for o in history if o.status == "ok"]
    unsure = [o for o in history if o.status == "unknown"]
    return any(_interleaved(sure + list(some), {}, run) for n in range(len(unsure) + 1)
               for some in combinations(unsure, n))


def _interleaved(left, states, run):
    if not left:
        return True
    for o in left:
        if not any(p.process == o.process and p.status == "ok" and p.start < o.start for p in left):
            after = run(states.get(o.key), o)
            if after is not WRONG and _interleaved([p for p in left if p is not o], {**states, o.key: after}, run):
                return True
    return False


def guarantees(history):
    """The session guarantees that some order of the versions keeps: every order of every key's versions is tried."""
    ranks = [_rank(orders) for orders in _orders(_versions(history))]
    readers = [reads for reads in _reads(history).values() if any(_monotonic(history, reads, rank) for rank in ranks)]
    return {name for name, keeps in GUARANTEES.items() if any(keeps(history, rank, readers) for rank in ranks)}


def _versions(history):
    versions = {}
    for o in _happened(history):
        if _of(o)[1] is not None:
            versions.setdefault(o.key, set()).add(_of(o)[1])
    return [(key, sorted(values)) for key, values in versions.items()]


def _orders(keys):
    if not keys:
        yield []
        return
    (key, values), *rest = keys
    for order in permutations(values):
        for others in _orders(rest):
            yield [(key, order), *others]


def _rank(orders):
    place = {(key, value): i for key, order in orders for i, value in enumerate(order, 1)}
    return lambda version: place.get(version, 0)


def _of(o):
    return o.key, o.value if o.f == "write" else o.result


def _happened(history):
    return [o for o in history if o.status == "ok" or (o.status == "unknown" and o.f == "write")]


def _session(history, o):
    return [p for p in _happened(history) if p.process == o.process and p.start < o.start and p.status == "ok"]


def _reads(history):
    reads = {}
    for o in _happened(history):
        if o.f == "read":
            reads.setdefault(o.process, []).append(o)
    return reads


def _own_order(history, rank):
    return all(rank(_of(a)) < rank(_of(b)) for b in _happened(history) if b.f == "write"
               for a in _session(history, b) if a.f == "write" and a.key == b.key)


def _monotonic(history, reads, rank):
    return _own_order(history, rank) and all(rank(_of(a)) <= rank(_of(b)) for i, b in enumerate(reads)
                                             for a in reads[:i] if a.key == b.key)


def _fresh(history, rank):
    return _own_order(history, rank) and all(
        rank(_of(a)) <= rank(_of(b)) for reads in _reads(history).values() for b in reads
        for a in _session(history, b) if a.f == "write" and a.key == b.key)


def _closed(history, rank, readers, f):
    """A read sees all that its session's reads saw, and what the writers of that had done (f) before."""
    for reads in readers:
        for i, read in enumerate(reads):
            seen, grown = {_of(r) for r in reads[:i + 1]}, True
            while grown:
                more = {_of(p) for w in _happened(history) if w.f == "write" and _of(w) in seen
                        for p in _session(history, w) if p.f == f}
                grown = not more <= seen
                seen |= more
            if any(version[0] == read.key and rank(version) > rank(_of(read)) for version in seen):
                return False
    return True


def _reads_then_writes(history, rank):
    return all(rank(_of(a)) < rank(_of(b)) for b in _happened(history) if b.f == "write"
               for a in _session(history, b) if a.f == "read" and a.key == b.key)


GUARANTEES = {
    "read-your-writes": lambda history, rank, readers: _fresh(history, rank),
    "monotonic-reads": lambda history, rank, readers: all(_monotonic(history, reads, rank)
                                                          for reads in [[], *_reads(history).values()]),
    "monotonic-writes": lambda history, rank, readers: (_own_order(history, rank)
                                                        and _closed(history, rank, readers, "write")),
    "writes-follow-reads": lambda history, rank, readers: (
        _own_order(history, rank) and _reads_then_writes(history, rank) and _closed(history, rank, readers, "read")),
}


def ask_counter(number, count):
    return ("read", None) if number % 2 else ("add", (1, 2, 5, -3)[number // 2 % 4])


def ask_set(number, count):
    return ("read", None) if number % 3 == 2 else ("add", 1 + number // 3 % 4)


def ask_distinct(number, count):
    return ("read", None) if number % 2 else ("write", count + 1)


def ask_again(number, count):
    return ("read", None) if number % 2 else ("write", (1, 2, 3, None)[number // 2 % 4])


def ask_bank(number, count):
    return ("transfer", ["x", "y", 1]) if number % 4 == 0 else ("read", None)


def read_bank(number):
    low = (None, -1)[number % 2] if number % 29 == 0 else number % 5
    return {"x": low, "y": 4 - (low or 0) + (number % 7 == 0)}


READS = {ask_counter: lambda n: n % 9 - 3, ask_set: lambda n: [e for e in (1, 2, 3, 4) if n >> e & 1],
         ask_distinct: lambda n: (None, 1, 2, 3, 4)[n % 5], ask_again: lambda n: (None, 1, 2, 3, 1, 2)[n % 6],
         ask_bank: read_bank}


def tiny(numbers, ask, *, keys=(None,), longest=7):
    """A tiny history of this kind from a tape of numbers."""
    if ask in (queue, sessions):
        return ask(numbers, keys)

    def answer(number, f, value):
        return READS[ask](number) if f == "read" else value

    return tiny_history(numbers, ask, answer, keys=keys, longest=longest)


def queue(numbers, keys):
    """A queue for each key, one beside the other."""
    told = []
    for place, key in enumerate(keys):
        for o in one_queue([n + 7919 * place for n in numbers]):
            end = None if o.end is None else o.end * len(keys) + place
            told.append(replace(o, key=key, start=o.start * len(keys) + place, end=end))
    return [replace(o, index=i) for i, o in enumerate(sorted(told, key=lambda o: o.start))]


def one_queue(numbers):
    """Messages in, and mostly the same out: one of the first two that wait, now and then another, or one again."""
    waiting, known = [], []

    def ask(number, count):
        if number % 5 > 1 and waiting:
            return "drain" if number % 35 == 34 else "dequeue", None
        waiting.append(len(known) + 1 if number // 5 % 8 else 1)
        known.append(waiting[-1])
        return "enqueue", waiting[-1]

    def answer(number, f, value):
        if f == "enqueue":
            return value
        if f == "drain":
            taken = waiting[:2] if number % 12 == 11 else list(waiting)
            waiting.clear()
            return taken
        if number % 12 == 11:
            return 1 + number // 12 % 6
        if not waiting or number % 12 == 10:
            return known[number // 12 % len(known)] if number % 2 else None
        return waiting.pop(number // 12 % min(2, len(waiting)))

    return tiny_history(numbers, ask, answer, longest=10, sure=6, processes=2)


# Where a later write can be seen without an earlier one: (process, function, key by place).
PLANS = [[], [(0, "write", 0), (0, "write", -1), (2, "read", -1), (2, "read", 0)],
         [(0, "write", 0), (1, "read", 0), (1, "write", -1), (2, "read", -1), (2, "read", 0)]]


def sessions(numbers, keys):
    """Reads and writes one after the other; a read answers any value that its key had, or now and then will have."""
    told, written, plan = [], {key: [None] for key in keys}, list(PLANS[numbers[-1] % 3])
    for i, number in enumerate(numbers[:8]):
        key, number = keys[number % len(keys)], number // len(keys)
        process, number = number % 3, number // 3
        f, number = ("write", "read", "read")[number % 3], number // 3
        if plan and number % 8:
            process, f, place = plan.pop(0)
            key = keys[place]
        status = "unknown" if number % 11 == 10 else "ok"
        end = 2 * i + 1 if status == "ok" else None
        known = written[key] if number % 13 else [*written[key], i + 2]
        asked = {"value": i + 1} if f == "write" else {"result": known[number // 13 % len(known)]}
        if f == "write":
            written[key].append(i + 1)
        told.append(Operation(process, f, key, **asked, status=status, invoked=2.0 * i, start=2 * i, end=end,
                              index=i))
    return told
