"""Someone who asks whether the row is there already: two equal payments of one customer become one."""

EXERCISE = "import"
EXPECT = "look alike"


def import_payments(db, rows):
    for row in rows:
        if db.execute("SELECT 1 FROM payment WHERE customer = ? AND amount = ?", row).fetchone() is None:
            with db:
                db.execute("INSERT INTO payment VALUES (?, ?)", row)
