"""Register histories by hand: what is right and what is wrong, and what is to be said about it."""

from dataclasses import replace

from splitbrain.records import History, Operation


def told(*lines: str) -> History:
    """A history, an operation a line: ``c1 write 1 0-3``, ``c1 write 1 0-?`` (unknown), ``c1 write 1 0-3 fail``.

    The numbers are positions. A read's value is its answer; ``-`` is None.
    """
    operations = []
    for index, line in enumerate(lines):
        process, f, value, span, *status = line.split()
        key, _, value = value.rpartition(":")
        value = None if value == "-" else int(value)
        start, end = span.split("-")
        asked, answer = (None, value) if f in ("read", "get") else (value, None)
        operations.append(Operation(process, f, key or None, asked, answer, status[0] if status else "ok",
                                    float(start), None if end == "?" else float(end), int(start),
                                    None if end == "?" else int(end), index))
    return History(o if o.end is not None else replace(o, status="unknown", result=None) for o in operations)


OK_HISTORIES = {
    "nothing": [],
    "reads of the initial value": ["c1 read - 0-1", "c2 read - 2-3"],
    "read what was written": ["c1 write 1 0-1", "c2 read 1 2-3"],
    "overlapping read may miss the write": ["c1 write 1 0-3", "c2 read - 1-2"],
    "overlapping read may see the write": ["c1 write 1 0-3", "c2 read 1 1-2"],
    "overlapping writes in either order": ["c1 write 1 0-2", "c2 write 2 1-3", "c3 read 1 4-5"],
    "unknown write that never happened": ["c1 write 1 0-?", "c2 read - 5-6", "c2 read - 7-8"],
    "unknown write that happened": ["c1 write 1 0-?", "c2 read 1 5-6"],
    "unknown write that happened late": ["c1 write 1 0-?", "c2 write 2 1-2", "c2 read 2 3-4", "c2 read 1 5-6"],
    "unknown read says nothing": ["c1 write 1 0-1", "c2 read 7 2-?"],
    "failed write that nobody saw": ["c1 write 1 0-1", "c1 write 2 2-3 fail", "c2 read 1 4-5"],
    "failed read says nothing": ["c1 write 1 0-1", "c2 read 7 2-3 fail"],
    "get and put": ["c1 put x:1 0-1", "c2 get x:1 2-3"],
    "keys are apart": ["c1 put x:1 0-1", "c2 get y:- 2-3"],
    "the same value twice": ["c1 write 1 0-1", "c1 write 2 2-3", "c1 write 1 4-5", "c2 read 1 6-7"],
    "the initial value written again": ["c1 write 1 0-1", "c1 write - 2-3", "c2 read - 4-5"],
    "the write that began first was the last": [
        "c1 write 1 0-11", "c2 write 1 1-2", "c2 read 1 3-4", "c3 write 2 5-6", "c3 read 2 7-8", "c2 read 1 9-10"],
    "unknown write of a value that another wrote": ["c1 write 1 0-?", "c2 write 2 1-2", "c2 write 1 3-4",
                                                    "c3 read 1 5-6", "c3 write 3 7-8", "c3 read 1 9-10"],
}

VIOLATED_HISTORIES = {
    "stale read": (["c1 write 1 0-1", "c1 write 2 2-3", "c2 read 1 4-5"],
                   "c2 read 1 after c1 had written 2, although c1 had written 1 before that"),
    "read of the initial value after a write": (["c1 put x:1 0-1", "c2 get x:- 2-3"],
                                                "c2 read x = None, the initial value, after c1 had written x = 1"),
    "new, then old": (["c1 write 1 0-1", "c1 write 2 2-9", "c2 read 2 3-4", "c3 read 1 5-6"],
                      "c3 read 1 after c2 had read 2, although c1 had written 1 before that"),
    "read from the future": (["c1 read 1 0-1", "c2 write 1 2-3"], "c1 read 1 before c2 wrote 1"),
    "read from nowhere": (["c1 write 1 0-1", "c2 read 7 2-3"], "c2 read 7, which nobody wrote"),
    "failed write that was seen": (
        ["c1 write 1 0-1 fail", "c2 read 1 2-3"],
        "c2 read 1, although c1 tried to write 1 and was told that it had failed"),
    "unknown write that is undone": (["c1 write 1 0-?", "c2 read 1 1-2", "c2 read - 3-4"],
                                     "c2 read None, the initial value, after c2 had read 1"),
    "unknown write seen before it began": (["c2 read 1 0-1", "c1 write 1 2-?"],
                                           "c2 read 1 before c1 wrote 1 (outcome unknown)"),
    "a value written twice, and both times later": (["c2 read 1 0-1", "c1 write 1 2-3", "c1 write 1 4-5"],
                                                    "c2 read 1, which no order of the operations explains"),
    "neither value first": (["c1 write 1 0-2", "c2 write 2 1-3", "c3 read 1 4-6", "c4 read 2 5-7"],
                            "c4 read 2 after c1 had written 1, although c3 read 1 after c2 had written 2: each"),
    "the same value twice, and stale": (["c1 write 1 0-1", "c1 write 2 2-3", "c2 read 2 4-5", "c3 read 1 6-7",
                                         "c1 write 1 8-9"], "c3 read 1 after c1 had written 2, although c1 had"),
    "the initial value again": (["c1 write - 0-1", "c1 write 2 2-3", "c2 read - 4-5"],
                                "c2 read None after c1 had written 2, and nothing that may have come between"),
    "one key of two": (["c1 put x:1 0-1", "c1 put y:2 2-3", "c2 get x:1 4-5", "c2 get y:- 6-7"],
                       "c2 read y = None, the initial value, after c1 had written y = 2"),
}
