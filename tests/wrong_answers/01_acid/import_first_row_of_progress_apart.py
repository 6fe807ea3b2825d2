"""Someone who makes the table of progress in one transaction and its first row in the next one."""

EXERCISE = "import"
EXPECT = "cannot unpack non-iterable NoneType"
OUTCOME = "your code raised"


def import_payments(db, rows):
    tables = [name for name, in db.execute("SELECT name FROM sqlite_master")]
    if "progress" not in tables:
        db.execute("CREATE TABLE progress (done INTEGER)")
        db.execute("INSERT INTO progress VALUES (0)")
        db.commit()
    done, = db.execute("SELECT done FROM progress").fetchone()
    for start in range(done, len(rows), 20):
        with db:
            db.executemany("INSERT INTO payment VALUES (?, ?)", rows[start:start + 20])
            db.execute("UPDATE progress SET done = ?", (start + 20,))
