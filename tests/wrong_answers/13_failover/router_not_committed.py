"""Someone who writes the route down and does not commit: it is gone with the process."""

EXERCISE = "router"
EXPECT = "Yours has forgotten"


def learn(db, answers):
    known = db.execute("SELECT epoch, address FROM route").fetchone()
    heard = next((one for one in answers if one and answers.count(one) > len(answers) // 2), None)
    if heard and (known is None or heard[0] > known[0]):
        db.execute("DELETE FROM route")
        db.execute("INSERT INTO route VALUES (?, ?)", heard)
        known = heard
    return known[1] if known else None
