"""Someone who counts whole slices: the last one, which is shorter, is marked as a full one or never comes."""

EXERCISE = "import"
EXPECT = "never arrived"


def import_payments(db, rows):
    with db:
        db.execute("CREATE TABLE IF NOT EXISTS progress (done INTEGER)")
        if db.execute("SELECT count(*) FROM progress").fetchone()[0] == 0:
            db.execute("INSERT INTO progress VALUES (0)")
    done = db.execute("SELECT done FROM progress").fetchone()[0]
    for slice_number in range(done, len(rows) // 17):
        with db:
            db.executemany("INSERT INTO payment VALUES (?, ?)", rows[slice_number * 17:slice_number * 17 + 17])
            db.execute("UPDATE progress SET done = ?", (slice_number + 1,))
