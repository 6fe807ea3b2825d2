"""Someone who computes both new balances in Python and then writes them: with one account on both sides the
second write undoes the first.
"""

EXERCISE = "transfer"
EXPECT = "while ann sends 30 to herself"


def transfer(db, source, target, amount):
    with db:
        db.execute("BEGIN IMMEDIATE")
        balances = dict(db.execute("SELECT owner, balance FROM account"))
        if amount <= 0 or not {source, target} <= balances.keys() or balances[source] < amount:
            raise ValueError("refused")
        less, more = balances[source] - amount, balances[target] + amount
        db.execute("UPDATE account SET balance = ? WHERE owner = ?", (less, source))
        db.execute("UPDATE account SET balance = ? WHERE owner = ?", (more, target))
        db.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))
