"""Someone who has seen `async def` in lesson 00 and takes it for how one writes to a database."""

EXERCISE = "transfer"
EXPECT = "because of the word `async`"


async def transfer(db, source, target, amount):
    with db:
        db.execute("UPDATE account SET balance = balance - ? WHERE owner = ?", (amount, source))
        db.execute("UPDATE account SET balance = balance + ? WHERE owner = ?", (amount, target))
        db.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))
