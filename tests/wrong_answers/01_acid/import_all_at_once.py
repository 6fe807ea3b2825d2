"""Someone who puts the file and the mark that it is done into one transaction: safe, and from the beginning
after each crash.
"""

EXERCISE = "import"
EXPECT = "commits 60 payments at once"


def import_payments(db, rows):
    with db:
        db.execute("BEGIN IMMEDIATE")
        db.execute("CREATE TABLE IF NOT EXISTS imported (yes INTEGER)")
        if db.execute("SELECT count(*) FROM imported").fetchone()[0] == 0:
            db.executemany("INSERT INTO payment VALUES (?, ?)", rows)
            db.execute("INSERT INTO imported VALUES (1)")
