"""Someone who has learned to call commit after every write, because without it 'nothing is saved'."""

EXERCISE = "transfer"
EXPECT = "coins have left one account and reached no other"


def transfer(db, source, target, amount):
    have = db.execute("SELECT balance FROM account WHERE owner = ?", (source,)).fetchone()
    there = db.execute("SELECT 1 FROM account WHERE owner = ?", (target,)).fetchone()
    if amount <= 0 or have is None or there is None or have[0] < amount:
        raise ValueError("refused")
    db.execute("UPDATE account SET balance = balance - ? WHERE owner = ?", (amount, source))
    db.commit()
    db.execute("UPDATE account SET balance = balance + ? WHERE owner = ?", (amount, target))
    db.commit()
    db.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))
    db.commit()
