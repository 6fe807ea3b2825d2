"""Someone who takes the answer with the highest epoch, whoever gives it."""

EXERCISE = "router"
EXPECT = "1 of 3 sentinels say"


def learn(db, answers):
    known = db.execute("SELECT epoch, address FROM route").fetchone()
    heard = max((answer for answer in answers if answer), default=None)
    if heard and (known is None or heard[0] > known[0]):
        with db:
            db.execute("DELETE FROM route")
            db.execute("INSERT INTO route VALUES (?, ?)", heard)
        known = heard
    return known[1] if known else None
