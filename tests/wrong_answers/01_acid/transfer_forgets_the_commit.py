"""Someone who tries it in one notebook, on one connection, where the change is there to be seen without a
commit.
"""

EXERCISE = "transfer"
EXPECT = "its transaction is still open"


def transfer(db, source, target, amount):
    have = db.execute("SELECT balance FROM account WHERE owner = ?", (source,)).fetchone()
    there = db.execute("SELECT 1 FROM account WHERE owner = ?", (target,)).fetchone()
    if amount <= 0 or have is None or there is None or have[0] < amount:
        raise ValueError("refused")
    db.execute("UPDATE account SET balance = balance - ? WHERE owner = ?", (amount, source))
    db.execute("UPDATE account SET balance = balance + ? WHERE owner = ?", (amount, target))
    db.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))
