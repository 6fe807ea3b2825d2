"""Someone who has read the message (62 payments, 2 of them from other days) and subtracts the 2."""

EXERCISE = "import"
EXPECT = "With more payments of other days"


def import_payments(db, rows):
    done = db.execute("SELECT count(*) FROM payment").fetchone()[0] - 2
    for start in range(done, len(rows), 20):
        with db:
            db.executemany("INSERT INTO payment VALUES (?, ?)", rows[start:start + 20])
