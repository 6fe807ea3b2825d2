"""Someone who commits every 20 rows inside the loop, and not once more after it."""

EXERCISE = "import"
EXPECT = "left a transaction open"


def import_payments(db, rows):
    with db:
        db.execute("CREATE TABLE IF NOT EXISTS progress (done INTEGER)")
        if db.execute("SELECT count(*) FROM progress").fetchone()[0] == 0:
            db.execute("INSERT INTO progress VALUES (0)")
    done = db.execute("SELECT done FROM progress").fetchone()[0]
    for number in range(done, len(rows)):
        db.execute("INSERT INTO payment VALUES (?, ?)", rows[number])
        db.execute("UPDATE progress SET done = ?", (number + 1,))
        if number % 19 == 0:
            db.commit()
