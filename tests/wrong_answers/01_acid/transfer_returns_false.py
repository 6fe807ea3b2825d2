"""Someone who reports a refusal with a return value, which the caller does not look at."""

EXERCISE = "transfer"
EXPECT = "returned as if all were well"


def transfer(db, source, target, amount):
    with db:
        balances = dict(db.execute("SELECT owner, balance FROM account"))
        if amount <= 0 or not {source, target} <= balances.keys() or balances[source] < amount:
            return False
        db.execute("UPDATE account SET balance = balance - ? WHERE owner = ?", (amount, source))
        db.execute("UPDATE account SET balance = balance + ? WHERE owner = ?", (amount, target))
        db.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))
        return True
