"""Someone who takes a majority of those who answered: cut off with one sentinel, that one is all of them."""

from collections import Counter

EXERCISE = "router"
EXPECT = "1 of 3 sentinels say"


def learn(db, answers):
    known = db.execute("SELECT epoch, address FROM route").fetchone()
    votes = Counter(answer for answer in answers if answer)
    heard = next((route for route, count in votes.items() if count > votes.total() / 2), None)
    if heard and (known is None or heard[0] > known[0]):
        with db:
            db.execute("DELETE FROM route")
            db.execute("INSERT INTO route VALUES (?, ?)", heard)
        known = heard
    return known[1] if known else None
