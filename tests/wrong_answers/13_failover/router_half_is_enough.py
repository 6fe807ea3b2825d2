"""Someone who takes half for a majority: of four, two halves can disagree."""

EXERCISE = "router"
EXPECT = "2 of 4 sentinels say"


def learn(db, answers):
    known = db.execute("SELECT epoch, address FROM route").fetchone()
    heard = next((one for one in answers if one and answers.count(one) >= len(answers) / 2), None)
    if heard and (known is None or heard[0] > known[0]):
        with db:
            db.execute("DELETE FROM route")
            db.execute("INSERT INTO route VALUES (?, ?)", heard)
        known = heard
    return known[1] if known else None
