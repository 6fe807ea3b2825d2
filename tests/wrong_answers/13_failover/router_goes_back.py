"""Someone who follows every majority, the one that is out of date, too."""

EXERCISE = "router"
EXPECT = "Yours goes"


def learn(db, answers):
    known = db.execute("SELECT epoch, address FROM route").fetchone()
    heard = next((one for one in answers if one and answers.count(one) > len(answers) // 2), None)
    if heard:
        with db:
            db.execute("DELETE FROM route")
            db.execute("INSERT INTO route VALUES (?, ?)", heard)
        known = heard
    return known[1] if known else None
