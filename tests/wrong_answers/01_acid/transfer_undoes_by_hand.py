"""Someone who compensates instead of rolling back: while the compensation has not run, the bank is broken."""

EXERCISE = "transfer"
EXPECT = "coins have left"


def transfer(db, source, target, amount):
    db.isolation_level = None
    balances = dict(db.execute("SELECT owner, balance FROM account"))
    if amount <= 0 or not {source, target} <= balances.keys() or balances[source] < amount:
        raise ValueError("refused")
    db.execute("UPDATE account SET balance = balance - ? WHERE owner = ?", (amount, source))
    try:
        db.execute("UPDATE account SET balance = balance + ? WHERE owner = ?", (amount, target))
        db.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))
    except Exception:
        db.execute("UPDATE account SET balance = balance + ? WHERE owner = ?", (amount, source))
        raise
