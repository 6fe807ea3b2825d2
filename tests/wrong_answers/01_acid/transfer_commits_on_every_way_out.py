"""Someone who puts the commit into `finally`, so that no transaction stays open: what should have been refused
is committed.
"""

EXERCISE = "transfer"
EXPECT = "has to change nothing, at no moment"


def transfer(db, source, target, amount):
    try:
        changed = db.execute("UPDATE account SET balance = balance - ? WHERE owner = ?", (amount, source)).rowcount
        low = db.execute("SELECT count(*) FROM account WHERE balance < 0").fetchone()[0]
        if amount <= 0 or changed == 0 or low:
            raise ValueError("refused")
        if db.execute("UPDATE account SET balance = balance + ? WHERE owner = ?", (amount, target)).rowcount == 0:
            raise ValueError("refused")
        db.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))
    finally:
        db.commit()
