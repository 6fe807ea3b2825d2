"""Someone who notes the message when its effect is safely done: a death in between, and it is paid again."""

EXERCISE = "once"
EXPECT = "It was paid twice"


def once(db, message, amount):
    if db.execute("SELECT 1 FROM seen WHERE message = ?", (message,)).fetchone():
        return False
    db.execute("UPDATE account SET balance = balance + ? WHERE owner = 'shop'", (amount,))
    db.execute("INSERT INTO seen VALUES (?)", (message,))
    return True
