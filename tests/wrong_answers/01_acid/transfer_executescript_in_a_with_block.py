"""Someone who trusts the with-block: executescript commits what is open and begins no transaction."""

EXERCISE = "transfer"
EXPECT = "have left one account and reached no"


def transfer(db, source, target, amount):
    with db:
        found = dict(db.execute("SELECT owner, balance FROM account").fetchall())
        if amount <= 0 or target not in found or found.get(source, 0) < amount:
            raise ValueError("refused")
        db.executescript(f"""UPDATE account SET balance = balance - {amount} WHERE owner = '{source}';
                             UPDATE account SET balance = balance + {amount} WHERE owner = '{target}';
                             INSERT INTO book VALUES ('{source}', '{target}', {amount})""")
