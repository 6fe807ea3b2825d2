"""Lab 01, an import that may be killed anywhere and run again: every row once, and what was done stays done."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable

from splitbrain.course.checks.crash_points import Moment, Recorder, Run, came_by, distinct
from splitbrain.course.feedback import Wrong, exercise, learner_code

PAYMENTS = """CREATE TABLE payment (customer TEXT, amount INTEGER);
INSERT INTO payment VALUES ('zoe', 5), ('ann', 10);"""
EARLIER = [("zoe", 5), ("ann", 10)]
ROWS = [(("ann", "bob", "cid")[n * n % 3], 10 * (1 + n * 7 % 4)) for n in range(60)]
AT_ONCE = 20
WATCHED = 5         # second runs that are followed statement by statement


@exercise("01_acid", "import", title="A resumable, idempotent import", lines=12, seconds=30, hints=(
    "Two payments of the same customer and amount are two payments, so a row's contents cannot tell whether it has "
    "been imported. What can? And where is that written down, so that it is true after a crash?",
    "A table of your own with one number: how many rows are in. It has to change in the *same* transaction as the rows "
    "it counts: before them, a crash loses rows; after them, a crash doubles rows.",
    "CREATE TABLE IF NOT EXISTS progress (done INTEGER); read done, or 0. Then for each slice of at most 20 rows from "
    "there on, in one `with db:` block: executemany the INSERTs and write the new number."))
def check_import(import_payments: Callable, *, crash: int | None = None) -> str:
    """`crash` kills before that statement only."""
    with Recorder() as recorder:
        empty = recorder.create(PAYMENTS)
        first = _import(recorder, empty, import_payments, "in the first run")
        _is_complete(recorder, first, "The import has run once, undisturbed")
        second = _import(recorder, first.end, import_payments, "in a second run, after a complete first one")
        _is_complete(recorder, second, "The import has run twice, undisturbed")
        _comes_in_slices(recorder, first.moments)
        moments = [m for m in first.moments if m.number == crash] if crash else distinct(first.moments)
        watched = moments[::max(1, len(moments) // WATCHED)]
        for moment in moments:
            again = _import(recorder, moment, import_payments, f"in a second run, after the first one died {moment}",
                            only_end=moment not in watched)
            if moment in watched:
                _keeps_what_is_there(recorder, moment, again)
            _is_complete(recorder, again, f"The import died {moment}, and was run again", moment)
        _other_days_do_not_matter(recorder, import_payments)
    return (f"killed before any of its {len(first.moments) - 1} statements and run again, it has each of the "
            f"{len(ROWS)} rows exactly once.")


def _import(recorder: Recorder, start: Moment, import_payments: Callable, doing: str, *, only_end: bool = False) -> Run:
    with learner_code(doing), recorder.run(start, only_end=only_end) as run:
        result = import_payments(run.db, list(ROWS))
    came_by(run, result)
    if run.closed:
        raise Wrong(f"Your function closed the connection {doing}; it belongs to the caller.",
                    expected="an open connection", got="a closed one")
    if run.left_open:
        raise Wrong(f"Your function returned {doing} and left a transaction open: if the process dies now, the rows in "
                    "it never were.", expected="no open transaction", got="db.in_transaction is True")
    return run


def _other_days_do_not_matter(recorder: Recorder, import_payments: Callable) -> None:
    more = recorder.create(f"{PAYMENTS} INSERT INTO payment VALUES ('bob', 20), ('bob', 20), ('yan', 1);")
    run = _import(recorder, more, import_payments, "in a first run, with more payments of other days", only_end=True)
    found = recorder.look(run.end, _payments).total()
    wanted = len(EARLIER) + 3 + len(ROWS)
    if found != wanted:
        raise Wrong("With more payments of other days in the table, another number of rows is imported. What does what "
                    "is there before have to do with the file?",
                    expected=f"{wanted} payments, 5 of them from other days", got=f"{found} payments")


def _payments(db: sqlite3.Connection) -> Counter:
    return Counter(db.execute("SELECT customer, amount FROM payment").fetchall())


_TAKES_FOR_DONE = ("What made it take rows for imported that are not? Look at what was recorded and committed before "
                   "the rows, or kept outside of the database.")
_MISTAKES = ("What made it take rows for imported that are not? Think of rows that look alike, of the payments of "
             "other days, and of the last slice.")
_FORGETS = "What made it forget rows that are in? Look at what is committed after the rows, or recorded nowhere."


def _is_complete(recorder: Recorder, run: Run, when: str, moment: Moment | None = None) -> None:
    wanted, found = Counter(EARLIER + ROWS), recorder.look(run.end, _payments)
    missing, extra = (wanted - found).total(), (found - wanted).total()
    if not missing and not extra:
        return
    parts = [f"{_payments_of(missing)} never arrived"] * bool(missing)
    parts += [f"{_payments_of(extra)} too many came in"] * bool(extra)
    reason = "" if missing and extra else _FORGETS if extra else _TAKES_FOR_DONE if moment else _MISTAKES
    raise Wrong(f"{when}: {' and '.join(parts)}. {reason}".rstrip(),
                expected=f"{wanted.total()} payments, {len(EARLIER)} of them from other days",
                got=f"{found.total()} payments; missing {_some(wanted - found)}; too many {_some(found - wanted)}",
                replay=moment and f"acid.check_import(import_payments, crash={moment.number})")


def _payments_of(count: int) -> str:
    return "1 payment" if count == 1 else f"{count} payments"


def _some(rows: Counter) -> str:
    listed = [f"{row} x{times}" for row, times in sorted(rows.items())]
    return ", ".join(listed[:4] + ["..."] * (len(listed) > 4)) or "none"


def _comes_in_slices(recorder: Recorder, moments: list[Moment]) -> None:
    counts = [recorder.look(moment, _payments).total() for moment in distinct(moments)]
    largest = max(after - before for before, after in zip(counts, counts[1:], strict=False))
    if largest > AT_ONCE:
        raise Wrong(f"Your import commits {largest} payments at once. A crash just before throws all of them away, and "
                    "with a large file the import would never end on a machine that keeps crashing. Commit at least "
                    f"every {AT_ONCE} rows.", expected=f"at most {AT_ONCE} new payments a commit", got=f"{largest}")


def _keeps_what_is_there(recorder: Recorder, moment: Moment, again: Run) -> None:
    had = recorder.look(moment, _payments).total()
    for later in distinct(again.moments):
        kept = recorder.look(later, _payments).total()
        if kept < had:
            raise Wrong(f"The first run died {moment}, with {had} payments committed. The second run threw some of "
                        "them away to begin again: resuming means going on from there.",
                        expected=f"never fewer than {had} payments", got=f"{kept} {later}")
