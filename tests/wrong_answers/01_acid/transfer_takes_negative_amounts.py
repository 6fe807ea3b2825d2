"""Someone who checks the balance and not the amount: a negative transfer takes money from the target."""

EXERCISE = "transfer"
EXPECT = "The amount is"


def transfer(db, source, target, amount):
    with db:
        balances = dict(db.execute("SELECT owner, balance FROM account"))
        if not {source, target} <= balances.keys() or balances[source] < amount:
            raise ValueError("refused")
        db.execute("UPDATE account SET balance = balance - ? WHERE owner = ?", (amount, source))
        db.execute("UPDATE account SET balance = balance + ? WHERE owner = ?", (amount, target))
        db.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))
