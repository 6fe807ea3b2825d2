"""Someone who has read that the journal costs time: in the middle of COMMIT nothing is well."""

EXERCISE = "transfer"
EXPECT = "sets journal_mode to memory"


def transfer(db, source, target, amount):
    db.execute("PRAGMA journal_mode = memory")
    with db:
        found = dict(db.execute("SELECT owner, balance FROM account").fetchall())
        if amount <= 0 or target not in found or found.get(source, 0) < amount:
            raise ValueError("refused")
        db.execute("UPDATE account SET balance = balance - ? WHERE owner = ?", (amount, source))
        db.execute("UPDATE account SET balance = balance + ? WHERE owner = ?", (amount, target))
        db.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))
