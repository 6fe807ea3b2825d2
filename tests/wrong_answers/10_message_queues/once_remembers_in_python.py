"""Someone who keeps the names of the messages in a set: the next process has an empty one."""

EXERCISE = "once"
EXPECT = "each time to another process"
SEEN = set()


def once(db, message, amount):
    if message in SEEN:
        return False
    db.execute("UPDATE account SET balance = balance + ? WHERE owner = 'shop'", (amount,))
    SEEN.add(message)
    return True
