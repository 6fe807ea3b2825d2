"""Someone who believes the first sentinel that answers, as many clients do."""

EXERCISE = "router"
EXPECT = "1 of 3 sentinels say"


def learn(db, answers):
    known = db.execute("SELECT epoch, address FROM route").fetchone()
    heard = next((answer for answer in answers if answer), None)
    if heard and (known is None or heard[0] > known[0]):
        with db:
            db.execute("DELETE FROM route")
            db.execute("INSERT INTO route VALUES (?, ?)", heard)
        known = heard
    return known[1] if known else None
