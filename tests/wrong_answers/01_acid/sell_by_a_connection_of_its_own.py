"""Someone who opens the file again: no seller came in between, so the lost update would have passed."""

import sqlite3

EXERCISE = "sell"
EXPECT = "this sale went another way"


def sell(db, item):
    other = sqlite3.connect(db.execute("PRAGMA database_list").fetchone()[2])
    n, = other.execute("SELECT n FROM stock WHERE item = ?", (item,)).fetchone()
    if n > 0:
        with other:
            other.execute("UPDATE stock SET n = ? WHERE item = ?", (n - 1, item))
    other.close()
    return n > 0
