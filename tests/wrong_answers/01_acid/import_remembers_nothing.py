"""Someone who knows that one transaction is all or nothing, and forgets that the import is run again after a
good end as well.
"""

EXERCISE = "import"
EXPECT = "has run twice"


def import_payments(db, rows):
    with db:
        db.executemany("INSERT INTO payment VALUES (?, ?)", rows)
