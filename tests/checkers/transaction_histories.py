"""Histories of transactions by hand: what is fine and what is wrong, and what is to be said about it."""

import re

from splitbrain.records import History, Operation


def told(*lines, lists=True) -> History:
    """A transaction a line: ``ax1ry12`` appends 1 to x and reads y = [1, 2]; ``wx1ry_`` writes x = 1, reads y = null.

    After it may come its status and its span of positions: ``ax1 fail``, ``ax1 unknown``, ``ax1 0-3``, ``ax1 c2 4-5``
    (of client c2). Without a span all are at once; each is of a client of its own.
    """
    operations = []
    for index, line in enumerate(lines):
        text, *rest = line.split()
        status = next((r for r in rest if r in ("fail", "unknown")), "ok")
        client = next((r for r in rest if r.startswith("c")), f"c{index + 1}")
        start, end = next((map(int, r.split("-")) for r in rest if "-" in r), (index, 1000 + index))
        mops = list(_micro_operations(text, lists))
        asked = [[f, key, None if f == "r" else value] for f, key, value in mops]
        operations.append(Operation(client, "txn", None, asked, mops if status == "ok" else None, status, start, end,
                                    start, None if status == "unknown" else end, index))
    return History(operations)


def _micro_operations(text, lists):
    for f, key, digits in re.findall(r"([arw])([a-z])([\d_]*)", text):
        values = [int(digit) for digit in digits if digit != "_"]
        if f == "r" and lists:
            yield ["r", key, values or None]
        else:
            yield ["append" if f == "a" else f, key, values[0] if values else None]


FINE = {
    "nothing": [],
    "reads of nothing": ["rx_", "ry_"],
    "one after the other": ["ax1 0-1", "rx1ax2 2-3", "rx12 4-5"],
    "at once, in either order": ["ax1", "ax2", "rx21", "rx2"],
    "its own appends": ["ax1rx1ax2rx12", "rx12ax3rx123"],
    "what nobody read is in any order": ["ax1", "ax2", "ax3"],
    "unseen comes last": ["ax1", "ax2", "rx1", "rx_"],
    "unknown, and it happened": ["ax1 unknown", "rx1"],
    "unknown, and it did not": ["ax1 unknown 0-1", "rx_ 2-3"],
    "unknown, and it happened late": ["ax1 unknown 0-1", "rx_ 2-3", "rx1 4-5"],
    "what an unknown one read counts for nothing": ["ax2ry_ unknown", "ax1ay1", "rx12ry1"],
    "failed, and nobody saw it": ["ax1 fail", "rx_", "ax2", "rx2"],
    "a client that gave up and went on": ["ax1 unknown c1 0-1", "ax2 c1 2-3", "rx21 c2 4-5"],
}

WRONG = {
    "G0": (["ax1ay1", "ax2ay2", "rx12ry21"], "G0", "read-uncommitted",
           "T0 appended 1 to x before T1 appended 2, because T2 read x = [1, 2]; "
           "T1 appended 2 to y before T0 appended 1, because T2 read y = [2, 1]"),
    "G0, interleaved in one list": (["ax1ax3", "ax2", "rx123"], "G0", "read-uncommitted",
                                    "T0 appended 1 to x before T1 appended 2"),
    "G0, one append never read": (["ax1ax3", "ax2", "rx12"], "G0 G-single-item", "read-uncommitted",
                                  "T1 appended 2 to x before T0 appended 3, because T2 read x = [1, 2], without 3"),
    "G0 by an order of the client": (["ax1 c1 0-1", "ax2 c1 2-3", "rx21 c2 4-5"], "G0-process",
                                     "strong-session-read-uncommitted", "T0 was over before T1 began, both of c1"),
    "G0 by real time": (["ax1 0-1", "ax2 2-3", "rx21 4-5"], "G0-realtime", "strong-read-uncommitted",
                        "T0 was over before T1 began; T1 appended 2 to x before T0 appended 1, because T2 read x"),
    "G1a": (["ax1 fail", "rx1"], "G1a", "read-committed", "T1 read x = [1] although T0, which appended 1, failed"),
    "G1a in the middle of a list": (["ax1 fail", "ax2", "rx12"], "G1a dirty-update", "read-committed",
                                    "T2 read x = [1, 2] although T0"),
    "an aborted update alone": (["ax1 fail", "ax2", "rx12 unknown", "rx12"], "G1a dirty-update", "read-committed",
                                "T3 read x = [1, 2] although T0"),
    "G1b": (["ax1ax2", "rx1"], "G1b G-single-item", "read-committed",
            "T1 read x = [1], whose last element T0 appended on the way to a later version"),
    "G1c": (["ax1ry1", "ay1rx1"], "G1c", "read-committed",
            "T0 appended 1 to x before T1 read it, because T1 read x = [1]; "
            "T1 appended 1 to y before T0 read it, because T0 read y = [1]"),
    "G1c with ww": (["ax1ry1", "ax2ay1", "rx12ry1"], "G1c", "read-committed",
                    "T0 appended 1 to x before T1 appended 2"),
    "G1c of a client": (["rx1ay1 c1 0-1", "ry1 c2 2-3", "ax1 c2 4-5"], "G1c-process", "strong-session-read-committed",
                        "T1 was over before T2 began, both of c2"),
    "G1c in real time": (["rx1 0-1", "ax1 2-3"], "G1c-realtime", "strong-read-committed",
                         "T0 was over before T1 began; T1 appended 1 to x before T0 read it"),
    "read skew": (["ax1ay1", "ax2ry_", "rx12"], "G-single-item", "consistent-view repeatable-read",
                  "T1 read y before T0 appended 1 to it, because T1 read y = []"),
    "a part of what another did": (["ax1ay1", "rx1ry_"], "G-single-item", "consistent-view repeatable-read",
                                   "T1 read y before T0 appended 1"),
    "an append that nobody read was missed": (["ax1ay1", "rx_ry1"], "G-single-item", "consistent-view repeatable-read",
                                              "T1 read x before T0 appended 1 to it, because T1 read x = []"),
    "stale, of a client": (["ax1 c1 0-1", "ax2 c2 2-3", "rx1 c2 4-5", "rx12 c3 6-7"], "G-single-item-process",
                           "strong-session-snapshot-isolation", "T1 was over before T2 began, both of c2"),
    "stale, in real time": (["ax1 0-1", "rx_ 2-3"], "G-single-item-realtime", "strong-snapshot-isolation",
                            "T0 was over before T1 began; T1 read x before T0 appended 1 to it, because T1 read"),
    "long fork": (["ax1", "rx1ry_", "ay1", "ry1rx_"], "G-nonadjacent-item", "repeatable-read snapshot-isolation",
                  "T1 read y before T2 appended 1"),
    "long fork of clients": (["rx_rz1 c1 0-9", "ax1 c2 1-2", "rz_ c2 3-4", "az1 c3 0-8"], "G-nonadjacent-item-process",
                             "strong-session-snapshot-isolation", "both of c2"),
    "write skew": (["ax1ry_", "ay1rx_"], "G2-item", "repeatable-read", "T0 read y before T1 appended 1 to it"),
    "two in a row, which a snapshot allows": (["rx1ry_", "ay1rz_", "az1ax1"], "G2-item", "repeatable-read",
                                              "T0 read y before T1 appended 1 to it"),
    "write skew in real time": (["ax1ry_ 0-1", "ay1rz_ 2-9", "az1rx_ 3-8"], "G2-item G-single-item-realtime",
                                "repeatable-read strong-snapshot-isolation", "T0 read y before"),
    "lost update": (["ax0", "rx0ax1", "rx0ax2"], "lost-update G2-item", "cursor-stability update-atomic",
                    "T1 and T2 both read x = [0] and then appended to it"),
    "lost update, and seen": (["rx_ax1", "rx_ax2", "rx12"], "lost-update G-single-item",
                              "cursor-stability update-atomic", "T0 and T1 both read x = []"),
    "internal": (["ax1rx_"], "internal", "read-atomic", "T0 read x = [] where, by what it had itself read and appended "
                 "before, it must read a list that ends in [1]"),
    "internal, after a read": (["ax1", "rx1ax2rx2"], "incompatible-order internal", "read-committed", ""),
    "future read": (["rx1ax1"], "future-read", "read-committed", "T0 read 1 in x before it appended it itself"),
    "incompatible": (["ax1", "ax2", "ax3", "rx13", "rx123"], "incompatible-order", "read-committed",
                     "T3 read x = [1, 3] and T4 read [1, 2, 3]: one list cannot become the other"),
    "incompatible, and in a circle": (["ax1", "ax2", "ax3ry1", "rx13ay1", "rx123"], "G1c incompatible-order",
                                      "read-committed", "T2 appended 3 to x before T3 read it, because T3 read x = [1"),
    "not in the order in which it appended": (["ax1ax2", "rx21"], "G1b incompatible-order", "read-committed",
                                              "T1 read x = [2, 1], whose last"),
    "the first of two appends is lost": (["ax1ax2", "rx2"], "incompatible-order G-single-item", "read-committed",
                                         "T1 read x = [2], but T0 appended 1 before 2"),
    "twice the same": (["ax1", "ax2", "rx121"], "duplicate-elements", "read-uncommitted",
                       "T2 read x = [1, 2, 1] with 1 in it twice"),
    "from nowhere": (["rx7"], "garbage-read", "read-uncommitted", "T0 read x = [7], and nobody appended 7"),
}

FINE_REGISTERS = {
    "nothing": ["rx_wy1"],
    "one after the other": ["wx1 0-1", "rx1wx2 2-3", "rx2 4-5"],
    "its own write": ["wx1rx1wx2rx2", "rx2"],
    "the order of writes is not seen": ["wx1wy2", "wx2wy1"],
    "unknown, and it happened": ["wx1 unknown 0-1", "rx_ 2-3", "rx1 4-5"],
    "an initial value": ["rx7 0-1", "rx7wx1 2-3", "rx1 4-5"],
    "a stale read that might be a later write": ["wx1 0-1", "wx2 2-3", "rx1 4-5"],
}

WRONG_REGISTERS = {
    "G1a": (["wx1 fail", "rx1"], "G1a", "read-committed", "T1 read x = 1 although T0, which wrote it, failed"),
    "G1b": (["wx1wx2", "rx1"], "G1b", "read-committed", "T1 read x = 1, which T0 wrote on the way to a later version"),
    "G1c": (["wx1ry1", "wy1rx1"], "G1c", "read-committed",
            "T0 wrote x = 1 before T1 read it, because T1 read x = 1; T1 wrote y = 1 before T0 read it"),
    "G1c in real time": (["rx1 0-1", "wx1 2-3"], "G1c-realtime", "strong-read-committed", "T0 was over before T1"),
    "null after a write": (["wx1 0-1", "rx_ 2-3"], "G-single-item-realtime", "strong-snapshot-isolation",
                           "T1 read x before T0 wrote x = 1, because T1 read x = null, as it was at first"),
    "a part of what another did": (["rx_ry1", "wy1wx2"], "G-single-item", "consistent-view repeatable-read",
                                   "T0 read x before T1 wrote x = 2"),
    "read, then written": (["ry1wx1wy2", "rx1ry1"], "G-single-item", "consistent-view repeatable-read",
                           "T1 read y before T0 wrote y = 2, because T1 read y = 1, which T0 read too before it wrote"),
    "write skew": (["rx_wy1", "ry_wx1"], "G2-item", "repeatable-read", "T0 read x before T1 wrote x = 1"),
    "lost update": (["rx0wx1", "rx0wx2"], "lost-update G2-item", "cursor-stability update-atomic",
                    "T0 and T1 both read x = 0 and then wrote it"),
    "updates of different versions": (["wx1", "rx_rx1wx2", "rx1wx3"], "internal G-single-item",
                                      "consistent-view repeatable-read read-atomic", "it must read null"),
    "internal": (["wx1rx2", "wx2"], "internal", "read-atomic", "T0 read x = 2 where, by what it had itself read and "
                 "written before, it must read 1"),
    "two reads that differ": (["wx1", "rx_rx1"], "internal G-single-item",
                              "consistent-view repeatable-read read-atomic", "it must read null"),
    "future read": (["rx1wx1"], "future-read", "read-committed", "T0 read x = 1 before it wrote it itself"),
    "two values from nowhere": (["rx7", "rx8"], "garbage-read", "read-uncommitted",
                                "cannot be the initial value beside 8"),
    "null, and a value from nowhere": (["rx_", "rx7"], "garbage-read", "read-uncommitted",
                                       "T1 read x = 7, which nobody wrote"),
}
