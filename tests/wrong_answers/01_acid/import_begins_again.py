"""Someone who marks the rows of the file, and deletes what is there of it before each run: right in the end, and
never done on a machine that keeps crashing.
"""

EXERCISE = "import"
EXPECT = "threw some of them away"


def import_payments(db, rows):
    if "marked" not in [column[1] for column in db.execute("PRAGMA table_info(payment)")]:
        db.execute("ALTER TABLE payment ADD COLUMN marked INTEGER")
    with db:
        db.execute("DELETE FROM payment WHERE marked = 1")
    for start in range(0, len(rows), 10):
        with db:
            db.executemany("INSERT INTO payment VALUES (?, ?, 1)", rows[start:start + 10])
