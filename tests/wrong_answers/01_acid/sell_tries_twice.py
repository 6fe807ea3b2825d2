"""Someone who tries again, once: on a busy day that is one time too few."""

import sqlite3

EXERCISE = "sell"
EXPECT = "12 other sellers"


def sell(db, item):
    try:
        return attempt(db, item)
    except sqlite3.OperationalError:
        return attempt(db, item)


def attempt(db, item):
    with db:
        db.execute("BEGIN")
        n = db.execute("SELECT n FROM stock WHERE item = ?", (item,)).fetchone()[0]
        if n > 0:
            db.execute("UPDATE stock SET n = ? WHERE item = ?", (n - 1, item))
    return n > 0
