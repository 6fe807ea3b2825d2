"""Someone who notes the progress first, in a transaction of its own: a crash in between, and a row is taken for
imported that is not.
"""

EXERCISE = "import"
EXPECT = "never arrived"


def import_payments(db, rows):
    with db:
        db.execute("CREATE TABLE IF NOT EXISTS progress (done INTEGER)")
        if db.execute("SELECT count(*) FROM progress").fetchone()[0] == 0:
            db.execute("INSERT INTO progress VALUES (0)")
    done = db.execute("SELECT done FROM progress").fetchone()[0]
    for number in range(done, len(rows)):
        with db:
            db.execute("UPDATE progress SET done = ?", (number + 1,))
        with db:
            db.execute("INSERT INTO payment VALUES (?, ?)", rows[number])
