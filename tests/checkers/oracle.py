"""Linearizability by its definition: every subset of the unknown operations, every order. For tiny histories only.

Written from the definition alone, with its own models, so that it shares no mistake with the checker.
"""

from itertools import combinations
from random import Random

from splitbrain.records import History, Operation

WRONG = object()


def linearizable(history, run) -> bool:
    """`run(state, operation)` gives the state afterwards, or WRONG; None is the state before everything.

    A ``maybe`` is one of our own: it may have happened or not, but if it did, then with this answer.
    """
    keys = {o.key for o in history}
    return all(_one_object([o for o in history if o.key == key], run) for key in keys)


def _one_object(operations, run) -> bool:
    sure = [o for o in operations if o.status == "ok"]
    unsure = [o for o in operations if o.status in ("unknown", "maybe")]
    return any(some_order(sure + list(some), None, run)
               for count in range(len(unsure) + 1)
               for some in combinations(unsure, count))


def some_order(left, state, run) -> bool:
    """Whether these can be put in order from this state on: each of them first, unless another had to be."""
    if not left:
        return True
    for o in left:
        if not any(other.end is not None and other.end < o.start for other in left):
            after = run(state, o)
            if after is not WRONG and some_order([other for other in left if other is not o], after, run):
                return True
    return False


def explains(order, run) -> bool:
    for place, later in enumerate(order):
        for earlier in order[:place]:
            if later.end is not None and later.end < earlier.start:
                return False
    state = None
    for operation in order:
        state = run(state, operation)
        if state is WRONG:
            return False
    return True


def register(state, o):
    if o.f == "read":
        return state if o.status == "unknown" or o.result == state else WRONG
    return o.value


def cas_register(state, o):
    if o.f != "cas":
        return register(state, o)
    swaps = state == o.value[0]
    if o.status != "unknown" and swaps != (o.result is not False):
        return WRONG
    return o.value[1] if swaps else state


def kv(state, o):
    state = state or ""
    if o.f == "get":
        return state if o.status == "unknown" or o.result == state else WRONG
    return o.value if o.f == "put" else state + o.value


def mutex(state, o):
    if o.f == "release":
        strange = state and None not in (state[1], o.value) and state[1] != o.value
        return WRONG if state is None or strange else None
    refused = o.status != "unknown" and o.result is False
    return WRONG if (state is not None) != refused else state or ("held by", o.value)


def fifo_queue(state, o):
    state = state or ()
    if o.f == "enqueue":
        return state + (o.value,)
    if o.status == "unknown":
        return state[1:]
    return state[1:] if o.result == (state[0] if state else None) else WRONG


def tiny_history(tape, ask, answer, *, processes=3, keys=(None,), longest=6, sure=6) -> History:
    """A history told by a tape of small numbers.

    Each number names a process. If it is idle it invokes what `ask` says; if it is busy, it is told an answer (in
    `sure` of 8 cases), a failure, or nothing. `ask(n, count)` gives ``(f, value)``, `answer(n, f, value)` a result.
    """
    running, operations = {}, []
    for position, number in enumerate(tape):
        process, number = number % processes, number // processes
        entry = running.pop(process, None)
        if entry is None and len(operations) < longest:
            key, number = keys[number % len(keys)], number // len(keys)
            f, value = ask(number, len(operations))
            entry = {"process": process, "f": f, "key": key, "value": value, "status": "unknown",
                     "invoked": float(position), "start": position, "index": len(operations)}
            operations.append(entry)
            running[process] = entry
        elif entry is not None:
            outcome, number = number % 8, number // 8
            entry["returned"] = float(position)
            if outcome < sure:
                entry |= {"status": "ok", "end": position, "result": answer(number, entry["f"], entry["value"])}
            elif outcome == sure:
                entry |= {"status": "fail", "end": position}
    return History(Operation(**entry) for entry in operations)


def ask_register(number, count):
    return ("read", None) if number % 2 else ("write", 1 + number // 2 % 2)


def ask_initial(number, count):
    return ("read", None) if number % 2 else ("write", (None, 1, 2)[number // 2 % 3])


def ask_distinct(number, count):
    return ("read", None) if number % 3 else ("write", count + 1)


def answer_register(number, f, value):
    return (None, 1, 2, 1, 2, 3)[number % 6] if f == "read" else "done"


def answer_distinct(number, f, value):
    return (None, 1, 2, 3, 4)[number % 5] if f == "read" else None


def ask_cas(number, count):
    return ("cas", [number // 3 % 3, 1 + number // 9 % 2]) if number % 3 == 2 else ask_register(number // 3, count)


def answer_cas(number, f, value):
    return (value, value, False)[number % 3] if f == "cas" else answer_register(number, f, value)


def ask_kv(number, count):
    return (("get", None), ("put", "a"), ("append", "b"), ("append", "c"))[number % 4]


def answer_kv(number, f, value):
    return ("", "a", "b", "ab", "bc", "abc", "cb")[number % 7] if f == "get" else None


def ask_mutex(number, count):
    return ("acquire", "release", "acquire")[number % 3], (None, "a", "b", "a")[number // 3 % 4]


def answer_mutex(number, f, value):
    return (None, None, False)[number % 3] if f == "acquire" else None


def ask_queue(number, count):
    return ("dequeue", None) if number % 2 else ("enqueue", 1 + number // 2 % 3)


def answer_queue(number, f, value):
    return (None, 1, 2, 1, 2, 3)[number % 6] if f == "dequeue" else value


KINDS = {
    "register": ("register", ask_register, answer_register, register),
    "initial again": ("register", ask_initial, answer_register, register),
    "distinct": ("register", ask_distinct, answer_distinct, register),
    "cas-register": ("cas-register", ask_cas, answer_cas, cas_register),
    "kv": ("kv", ask_kv, answer_kv, kv),
    "mutex": ("mutex", ask_mutex, answer_mutex, mutex),
    "fifo-queue": ("fifo-queue", ask_queue, answer_queue, fifo_queue),
}


def draw_history(kind, seed, *, longest=6, events=14, keys=(None,), sure=6) -> History:
    """A tiny history from a seed."""
    random = Random(seed).random
    _, ask, answer, _ = KINDS[kind]
    return tiny_history([int(random() * 2**16) for _ in range(events)], ask, answer, longest=longest, keys=keys,
                        sure=sure)
