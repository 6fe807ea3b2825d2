"""Someone who takes the book for a log, to be written when the real work is done."""

EXERCISE = "transfer"
EXPECT = "the book knows nothing of it"


def transfer(db, source, target, amount):
    have = db.execute("SELECT balance FROM account WHERE owner = ?", (source,)).fetchone()
    there = db.execute("SELECT 1 FROM account WHERE owner = ?", (target,)).fetchone()
    if amount <= 0 or have is None or there is None or have[0] < amount:
        raise ValueError("refused")
    with db:
        db.execute("UPDATE account SET balance = balance - ? WHERE owner = ?", (amount, source))
        db.execute("UPDATE account SET balance = balance + ? WHERE owner = ?", (amount, target))
    with db:
        db.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))
