"""Someone who unpacks fetchone() and never tries an account that does not exist: the caller gets Python's
complaint instead of an answer.
"""

EXERCISE = "transfer"
EXPECT = "the caller is promised a ValueError"


def transfer(db, source, target, amount):
    with db:
        have, = db.execute("SELECT balance FROM account WHERE owner = ?", (source,)).fetchone()
        there, = db.execute("SELECT balance FROM account WHERE owner = ?", (target,)).fetchone()
        if amount <= 0 or have < amount:
            raise ValueError("refused")
        db.execute("UPDATE account SET balance = balance - ? WHERE owner = ?", (amount, source))
        db.execute("UPDATE account SET balance = balance + ? WHERE owner = ?", (amount, target))
        db.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))
