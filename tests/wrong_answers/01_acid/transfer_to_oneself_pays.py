"""Someone who reads both balances before writing either: who pays herself gets richer."""

EXERCISE = "transfer"
EXPECT = "while ann sends 30 to herself"


def transfer(db, source, target, amount):
    with db:
        found = dict(db.execute("SELECT owner, balance FROM account").fetchall())
        if amount <= 0 or target not in found or found.get(source, 0) < amount:
            raise ValueError("refused")
        db.execute("UPDATE account SET balance = ? WHERE owner = ?", (found[source] - amount, source))
        db.execute("UPDATE account SET balance = ? WHERE owner = ?", (found[target] + amount, target))
        db.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))
