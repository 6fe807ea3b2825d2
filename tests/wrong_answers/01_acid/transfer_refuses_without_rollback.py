"""Someone who begins and commits by hand, and forgets that an exception is a way out as well."""

EXERCISE = "transfer"
EXPECT = "left the transaction open"


def transfer(db, source, target, amount):
    db.execute("BEGIN IMMEDIATE")
    have = db.execute("SELECT balance FROM account WHERE owner = ?", (source,)).fetchone()
    there = db.execute("SELECT 1 FROM account WHERE owner = ?", (target,)).fetchone()
    if amount <= 0 or have is None or there is None or have[0] < amount:
        raise ValueError("refused")
    db.execute("UPDATE account SET balance = balance - ? WHERE owner = ?", (amount, source))
    db.execute("UPDATE account SET balance = balance + ? WHERE owner = ?", (amount, target))
    db.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))
    db.execute("COMMIT")
