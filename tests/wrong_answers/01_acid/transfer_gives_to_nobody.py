"""Someone who looks at the source's balance only: an UPDATE that finds no row is no error, and the money is
gone.
"""

EXERCISE = "transfer"
EXPECT = "has to change nothing"


def transfer(db, source, target, amount):
    with db:
        have = db.execute("SELECT balance FROM account WHERE owner = ?", (source,)).fetchone()
        if amount <= 0 or have is None or have[0] < amount:
            raise ValueError("refused")
        db.execute("UPDATE account SET balance = balance - ? WHERE owner = ?", (amount, source))
        db.execute("UPDATE account SET balance = balance + ? WHERE owner = ?", (amount, target))
        db.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))
