"""Someone who takes the number of rows in the table for the progress: the payments of other days are counted
too.
"""

EXERCISE = "import"
EXPECT = "never arrived"


def import_payments(db, rows):
    done = db.execute("SELECT count(*) FROM payment").fetchone()[0]
    for row in rows[done:]:
        with db:
            db.execute("INSERT INTO payment VALUES (?, ?)", row)
