"""Someone who counts votes for an epoch and takes the first address that goes with it."""

from collections import Counter

EXERCISE = "router"
EXPECT = "sentinels say"


def learn(db, answers):
    known = db.execute("SELECT epoch, address FROM route").fetchone()
    votes = Counter(answer[0] for answer in answers if answer)
    epoch = next((epoch for epoch, count in votes.items() if count > len(answers) // 2), None)
    heard = next((answer for answer in answers if answer and answer[0] == epoch), None)
    if heard and (known is None or heard[0] > known[0]):
        with db:
            db.execute("DELETE FROM route")
            db.execute("INSERT INTO route VALUES (?, ?)", heard)
        known = heard
    return known[1] if known else None
