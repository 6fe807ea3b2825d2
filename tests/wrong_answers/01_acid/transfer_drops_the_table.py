"""Someone who builds the table of accounts anew: the check has to say so, not to fail itself."""

EXERCISE = "transfer"
EXPECT = "does not find the tables as they were given"


def transfer(db, source, target, amount):
    with db:
        db.execute("ALTER TABLE account RENAME TO account_before")
