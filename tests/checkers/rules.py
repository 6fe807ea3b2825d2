"""What the checkers that count are to say, written from their rules alone and slowly, and tiny histories to try."""

from itertools import combinations, permutations

from oracle import WRONG, tiny_history

from splitbrain.records import Operation


def lost_or_unexpected(history):
    """Total queue: take each delivery of a message from the pile of what went in; is any left, or not there?"""
    tried = [o.value for o in history if o.f == "enqueue"]
    due = [o.value for o in history if o.f == "enqueue" and o.status == "ok"]
    unexpected = False
    for o in history:
        if o.f == "dequeue" and o.status == "ok" and o.result is not None:
            unexpected |= o.result not in tried
            if o.result in due:
                due.remove(o.result)
    return bool(due) or unexpected


def queue_status(history):
    """Total queue, certain: each message that did not come out is in the queue still, or some dequeue may have it."""
    tried = {o.value for o in history if o.f == "enqueue"}
    takes = [o for o in history if o.f == "dequeue" and o.status == "ok"]
    if any(t.result not in tried for t in takes if t.result is not None):
        return "violated"
    if not lost_or_unexpected(history):
        return "ok"
    gone = 0
    for value in tried:
        puts = [o for o in history if o.f == "enqueue" and o.value == value and o.status == "ok"]
        put_and_looked_for = [p for p in puts if any(t.result is None and p.end < t.start for t in takes)]
        gone += max(0, len(put_and_looked_for) - sum(t.result == value for t in takes))
    return "violated" if gone > sum(o.f == "dequeue" and o.status == "unknown" for o in history) else "unknown"


def out_before_in(history):
    """Unordered queue: at the end of some dequeue more of a message had come out than had begun to go in."""
    puts = [o for o in history if o.f == "enqueue" and o.status != "fail"]
    takes = [o for o in history if o.f == "dequeue" and o.status == "ok" and o.result is not None]
    return any(sum(t.result == o.result and t.end <= o.end for t in takes)
               > sum(p.value == o.result and p.start < o.end for p in puts) for o in takes)


def overtaken(history):
    """Producer order: of two enqueues of one process the later was out before the first delivery of the earlier."""
    puts = [o for o in history if o.f == "enqueue"]
    alone = [o for o in puts if sum(p.value == o.value for p in puts) == 1 and o.status != "fail"]
    takes = [o for o in history if o.f == "dequeue" and o.status == "ok"]

    def first(put):
        return min((t for t in takes if t.result == put.value), key=lambda t: t.start, default=None)

    return any(a.process == b.process and a.end is not None and a.end < b.start and first(a) and first(b)
               and first(b).end < first(a).start for a in alone for b in alone)


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
    sources = [o for o in writes if o.value == read.result]
    if any(o.end is None for o in sources) or (not sources and read.result is not None):
        return 0
    since = max((o.end for o in sources), default=-1)
    return sum(o.status == "ok" and o.start > since and o.end < read.start for o in writes)


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


ANSWERS = {
    "add": lambda number, value: value, "write": lambda number, value: value,}
READS = {ask_counter: lambda n: n % 9 - 3, ask_set: lambda n: [e for e in (1, 2, 3, 4) if n >> e & 1],
         ask_distinct: lambda n: (None, 1, 2, 3, 4)[n % 5]}


def tiny(numbers, ask, *, keys=(None,), longest=7):
    """A tiny history of this kind from a tape of numbers."""
    if ask in (queue, sessions):
        return ask(numbers, keys)
    def answer(number, f, value):
        return READS[ask](number) if f == "read" else ANSWERS[f](number, value)

    return tiny_history(numbers, ask, answer, keys=keys, longest=longest)


def queue(numbers, _):
    """Messages in, and mostly the same out: one of the first two that wait, now and then another, or one again."""
    waiting, known = [], []

    def ask(number, count):
        if number % 5 > 1 and waiting:
            return "dequeue", None
        waiting.append(len(known) + 1 if number // 5 % 8 else 1)
        known.append(waiting[-1])
        return "enqueue", waiting[-1]

    def answer(number, f, value):
        if f == "enqueue":
            return value
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
        told.append(Operation(process, f, key, **asked, status=status, start=2 * i, end=end, index=i))
    return told
