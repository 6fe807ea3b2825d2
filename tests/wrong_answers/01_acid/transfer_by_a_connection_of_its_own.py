"""Someone who opens the file again, in autocommit: what is not sent by `db` cannot be cut, and would have passed."""

import sqlite3

EXERCISE = "transfer"
EXPECT = "another connection than `db`"


def transfer(db, source, target, amount):
    other = sqlite3.connect(db.execute("PRAGMA database_list").fetchone()[2], isolation_level=None)
    found = dict(other.execute("SELECT owner, balance FROM account").fetchall())
    if amount <= 0 or target not in found or found.get(source, 0) < amount:
        raise ValueError("refused")
    other.execute("UPDATE account SET balance = balance - ? WHERE owner = ?", (amount, source))
    other.execute("UPDATE account SET balance = balance + ? WHERE owner = ?", (amount, target))
    other.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))
    other.close()
