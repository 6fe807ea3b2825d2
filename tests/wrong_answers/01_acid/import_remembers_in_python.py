"""Someone who keeps the progress in a variable: it is not rolled back when the rows are, and not there in the
next process.
"""

EXERCISE = "import"
EXPECT = "kept outside of the database"


DONE = {"rows": 0}


def import_payments(db, rows):
    for start in range(DONE["rows"], len(rows), 20):
        with db:
            db.executemany("INSERT INTO payment VALUES (?, ?)", rows[start:start + 20])
        DONE["rows"] = start + 20
