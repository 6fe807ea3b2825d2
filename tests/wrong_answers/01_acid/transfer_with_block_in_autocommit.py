"""Someone who switches Python's implicit transactions off, and believes that `with db:` begins one."""

EXERCISE = "transfer"
EXPECT = "coins have left"


def transfer(db, source, target, amount):
    db.isolation_level = None
    have = db.execute("SELECT balance FROM account WHERE owner = ?", (source,)).fetchone()
    there = db.execute("SELECT 1 FROM account WHERE owner = ?", (target,)).fetchone()
    if amount <= 0 or have is None or there is None or have[0] < amount:
        raise ValueError("refused")
    with db:
        db.execute("UPDATE account SET balance = balance - ? WHERE owner = ?", (amount, source))
        db.execute("UPDATE account SET balance = balance + ? WHERE owner = ?", (amount, target))
        db.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))
