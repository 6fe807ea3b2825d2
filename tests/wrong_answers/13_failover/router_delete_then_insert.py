"""Someone who commits after each of the two statements: between them there is no route at all."""

EXERCISE = "router"
EXPECT = "stood one after the other"


def learn(db, answers):
    known = db.execute("SELECT epoch, address FROM route").fetchone()
    heard = next((one for one in answers if one and answers.count(one) > len(answers) // 2), None)
    if heard and (known is None or heard[0] > known[0]):
        db.execute("DELETE FROM route")
        db.commit()
        db.execute("INSERT INTO route VALUES (?, ?)", heard)
        db.commit()
        known = heard
    return known[1] if known else None
