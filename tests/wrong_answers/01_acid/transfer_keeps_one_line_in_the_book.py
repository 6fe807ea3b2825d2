"""Someone who takes the book for the latest transfer of an account, and throws the older ones away."""

EXERCISE = "transfer"
EXPECT = "book [('ann', 'bob', 50), ('ann', 'bob', 30)]"


def transfer(db, source, target, amount):
    with db:
        found = dict(db.execute("SELECT owner, balance FROM account").fetchall())
        if amount <= 0 or target not in found or found.get(source, 0) < amount:
            raise ValueError("refused")
        db.execute("UPDATE account SET balance = balance - ? WHERE owner = ?", (amount, source))
        db.execute("UPDATE account SET balance = balance + ? WHERE owner = ?", (amount, target))
        db.execute("DELETE FROM book WHERE source = ?", (source,))
        db.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))
