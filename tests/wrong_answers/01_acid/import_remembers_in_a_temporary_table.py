"""Someone who keeps the progress in a temporary table: it dies with the connection."""

EXERCISE = "import"
EXPECT = "60 payments too many came in"


def import_payments(db, rows):
    db.execute("CREATE TEMP TABLE IF NOT EXISTS progress (done INTEGER)")
    done = db.execute("SELECT max(done) FROM progress").fetchone()[0] or 0
    for start in range(done, len(rows), 20):
        with db:
            db.executemany("INSERT INTO payment VALUES (?, ?)", rows[start:start + 20])
            db.execute("INSERT INTO progress VALUES (?)", (start + 20,))
