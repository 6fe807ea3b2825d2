"""The checks of lab 01 accept every right answer that we can think of, of unusual shapes as well."""

import sqlite3

import pytest

from splitbrain.course.checks import acid

MOVE = ("UPDATE account SET balance = balance + ? WHERE owner = ?",)


def pays(db, source, target, amount):
    """What every right transfer does inside its transaction."""
    have = db.execute("SELECT balance FROM account WHERE owner = ?", (source,)).fetchone()
    to = db.execute("SELECT balance FROM account WHERE owner = ?", (target,)).fetchone()
    if amount <= 0 or have is None or to is None or have[0] < amount:
        raise ValueError("no")
    db.execute(*MOVE, (-amount, source))
    db.execute(*MOVE, (amount, target))
    db.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))


def with_block(db, source, target, amount):
    with db:
        pays(db, source, target, amount)


def begin_immediate(db, source, target, amount):
    db.execute("BEGIN IMMEDIATE")
    try:
        pays(db, source, target, amount)
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def autocommit_mode(db, source, target, amount):
    db.isolation_level = None
    begin_immediate(db, source, target, amount)


def savepoint(db, source, target, amount):
    db.isolation_level = None
    db.execute("SAVEPOINT transfer")
    try:
        pays(db, source, target, amount)
    except ValueError:
        db.execute("ROLLBACK TO transfer")
        db.execute("RELEASE transfer")
        raise
    db.execute("RELEASE transfer")


def checked_by_the_database(db, source, target, amount):
    """Does first and asks afterwards: rowcounts, and a look at the balance before the commit."""
    cursor = db.cursor()
    try:
        taken = cursor.execute(*MOVE, (-amount, source)).rowcount
        given = cursor.execute(*MOVE, (amount, target)).rowcount
        low = cursor.execute("SELECT min(balance) < 0 FROM account").fetchone()[0]
        if amount <= 0 or taken != 1 or given != 1 or low:
            raise ValueError("refused")
        cursor.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))
    except ValueError:
        db.rollback()
        raise
    db.commit()


def optimistic(db, source, target, amount):
    db.row_factory = sqlite3.Row
    if amount <= 0:
        raise ValueError("no")
    while True:
        rows = dict(db.execute("SELECT owner, balance FROM account WHERE owner IN (?, ?)", (source, target)))
        if rows.get(source, -1) < amount or target not in rows:
            raise ValueError("no")
        with db:
            swapped = db.execute("UPDATE account SET balance = balance - ? WHERE owner = ? AND balance = ?",
                                 (amount, source, rows[source])).rowcount
            if swapped:
                db.execute(*MOVE, (amount, target))
                db.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))
                return


def one_statement(db, source, target, amount):
    with db:
        db.execute("BEGIN IMMEDIATE")
        rows = dict(db.execute("SELECT owner, balance FROM account"))
        if not 0 < amount <= rows.get(source, 0) or target not in rows:
            raise ValueError("no")
        db.execute("UPDATE account SET balance = balance - :n * (owner = :a) + :n * (owner = :b)",
                   {"n": amount, "a": source, "b": target})
        db.executemany("INSERT INTO book VALUES (?, ?, ?)", [(source, target, amount)])


def under_wal(db, source, target, amount):
    db.execute("PRAGMA journal_mode = wal")
    begin_immediate(db, source, target, amount)


def guarded_insert(db, source, target, amount):
    """The INSERT asks the questions."""
    with db:
        booked = db.execute("""INSERT INTO book SELECT ?1, ?2, ?3 WHERE ?3 > 0
            AND EXISTS (SELECT 1 FROM account WHERE owner = ?1 AND balance >= ?3)
            AND EXISTS (SELECT 1 FROM account WHERE owner = ?2)""", (source, target, amount)).rowcount
        if booked != 1:
            raise ValueError("refused")
        db.execute(*MOVE, (-amount, source))
        db.execute(*MOVE, (amount, target))


def by_a_trigger(db, source, target, amount):
    if amount <= 0:
        raise ValueError("refused")
    db.execute("""CREATE TEMP TRIGGER IF NOT EXISTS move BEFORE INSERT ON main.book BEGIN
        SELECT raise(ABORT, 'unknown') WHERE (SELECT count(*) FROM account WHERE owner IN (new.source, new.target))
            < 1 + (new.source <> new.target);
        SELECT raise(ABORT, 'poor') WHERE (SELECT balance FROM account WHERE owner = new.source) < new.amount;
        UPDATE account SET balance = balance - new.amount WHERE owner = new.source;
        UPDATE account SET balance = balance + new.amount WHERE owner = new.target; END""")
    try:
        with db:
            db.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))
    except sqlite3.IntegrityError as error:
        raise ValueError(str(error)) from None


@pytest.mark.parametrize("transfer", [with_block, begin_immediate, autocommit_mode, savepoint, checked_by_the_database,
                                      optimistic, one_statement, under_wal, guarded_insert, by_a_trigger])
def test_right_transfers(transfer, capsys):
    acid.check_transfer(transfer)
    assert capsys.readouterr().out.startswith("Right: ")


def table_of_progress(db, rows, step=20):
    with db:
        db.execute("CREATE TABLE IF NOT EXISTS progress (id INTEGER PRIMARY KEY CHECK (id = 1), done INTEGER)")
    found = db.execute("SELECT done FROM progress").fetchone()
    for start in range(found[0] if found else 0, len(rows), step):
        with db:
            db.executemany("INSERT INTO payment VALUES (?, ?)", rows[start:start + step])
            db.execute("INSERT OR REPLACE INTO progress VALUES (1, ?)", (min(start + step, len(rows)),))


def row_by_row(db, rows):
    table_of_progress(db, rows, step=1)


def set_of_numbers(db, rows):
    """Each row's number is the key of a table; what is in it is in the payments."""
    db.isolation_level = None
    db.execute("CREATE TABLE IF NOT EXISTS seen (number INTEGER PRIMARY KEY)")
    for number, row in enumerate(rows):
        db.execute("BEGIN IMMEDIATE")
        if db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (number,)).rowcount:
            db.execute("INSERT INTO payment VALUES (?, ?)", row)
        db.execute("COMMIT")


def column_of_numbers(db, rows):
    """A column of its own in the table, with a unique index; rows of other days have none."""
    with db:
        if "line" not in [column[1] for column in db.execute("PRAGMA table_info(payment)")]:
            db.execute("ALTER TABLE payment ADD COLUMN line INTEGER")
        db.execute("CREATE UNIQUE INDEX IF NOT EXISTS line ON payment (line)")
    for start in range(0, len(rows), 10):
        with db:
            db.executemany("INSERT OR IGNORE INTO payment VALUES (?, ?, ?)",
                           [(*row, start + i) for i, row in enumerate(rows[start:start + 10])])


def user_version(db, rows):
    """The database has an integer in its header that is transactional."""
    done = db.execute("PRAGMA user_version").fetchone()[0]
    for number in range(done, len(rows)):
        with db:
            db.execute("BEGIN")
            db.execute("INSERT INTO payment VALUES (?, ?)", rows[number])
            db.execute(f"PRAGMA user_version = {number + 1}")


def how_many_there_were_before(db, rows):
    """Counts the table, and has kept in the database how many rows were there before."""
    with db:
        db.execute("CREATE TABLE IF NOT EXISTS base AS SELECT count(*) AS n FROM payment")
    base, = db.execute("SELECT n FROM base").fetchone()
    while (done := db.execute("SELECT count(*) FROM payment").fetchone()[0] - base) < len(rows):
        with db:
            db.executemany("INSERT INTO payment VALUES (?, ?)", rows[done:done + 20])


def under_wal_with_rows_as_dicts(db, rows):
    """Changes what the check itself may rely on: the journal mode and the form of a row."""
    db.execute("PRAGMA journal_mode = wal")
    table_of_progress(db, rows)
    db.row_factory = lambda cursor, row: dict(zip([c[0] for c in cursor.description], row, strict=True))


@pytest.mark.parametrize("answer", [table_of_progress, row_by_row, set_of_numbers, column_of_numbers, user_version,
                                    how_many_there_were_before, under_wal_with_rows_as_dicts])
def test_right_imports(answer, capsys):
    acid.check_import(answer)
    assert capsys.readouterr().out.startswith("Right: ")


@pytest.mark.parametrize("share", [("delete", "extra"), ("truncate", "full"), ["persist", "FULL"]])
@pytest.mark.parametrize("ledger", [("wal", "full"), ("WAL", "extra")])
def test_right_settings(share, ledger, capsys):
    acid.check_settings(lambda: {"ledger": ledger, "share": share, "metrics": ("wal", "normal"),
                                 "scratch": ("wal", "off")})
    assert capsys.readouterr().out.startswith("Right: ")


def one_update(db, item):
    with db:
        return db.execute("UPDATE stock SET n = n - 1 WHERE item = ? AND n > 0", (item,)).rowcount == 1


def locked_first(db, item):
    with db:
        db.execute("BEGIN IMMEDIATE")
        n, = db.execute("SELECT n FROM stock WHERE item = ?", (item,)).fetchone()
        if n:
            db.execute("UPDATE stock SET n = ? WHERE item = ?", (n - 1, item))
        return n > 0


def version_column(db, item):
    while True:
        n, version = db.execute("SELECT n, version FROM stock WHERE item = ?", (item,)).fetchone()
        if n == 0:
            return False
        with db:
            if db.execute("UPDATE stock SET n = ?, version = version + 1 WHERE item = ? AND version = ?",
                          (n - 1, item, version)).rowcount:
                return True


def plain_begin_and_again(db, item):
    db.isolation_level = None
    while True:
        db.execute("BEGIN")
        try:
            n, = db.execute("SELECT n FROM stock WHERE item = ?", (item,)).fetchone()
            if n:
                db.execute("UPDATE stock SET n = ? WHERE item = ?", (n - 1, item))
            db.execute("COMMIT")
            return n > 0
        except sqlite3.OperationalError:
            db.execute("ROLLBACK")


def returning(db, item):
    with db:
        return bool(db.execute("UPDATE stock SET n = n - 1 WHERE item = ? AND n > 0 RETURNING n", (item,)).fetchall())


def write_that_changes_nothing(db, item):
    """Takes the right to write by a write, and reads after it."""
    with db:
        db.execute("UPDATE stock SET n = n WHERE item = ?", (item,))
        n, = db.execute("SELECT n FROM stock WHERE item = ?", (item,)).fetchone()
        if n:
            db.execute("UPDATE stock SET n = ? WHERE item = ?", (n - 1, item))
    return n > 0


def take_and_give_back(db, item):
    n, = db.execute("UPDATE stock SET n = n - 1 WHERE item = ? RETURNING n", (item,)).fetchone()
    if n < 0:
        db.rollback()
        return False
    db.commit()
    return True


@pytest.mark.parametrize("sell", [one_update, locked_first, version_column, plain_begin_and_again, returning,
                                  write_that_changes_nothing, take_and_give_back])
def test_right_sellers(sell, capsys):
    acid.check_sell(sell)
    assert capsys.readouterr().out.startswith("Right: ")
