"""Someone who reads what is new, and forgets what a predecessor had been given."""

EXERCISE = "stock"
EXPECT = "A first stock-1 took"


def entries(client, start):
    answer = client.xreadgroup("stock", "stock-1", {"stock": start}, count=10)
    return answer[0][1] if answer else []



def stock(db, client):
    while found := entries(client, ">"):
        for entry, fields in found:
            db.execute("BEGIN IMMEDIATE")
            if db.execute("INSERT OR IGNORE INTO inbox VALUES (?)", (fields["id"],)).rowcount:
                db.execute("INSERT INTO aside VALUES (?, ?)", (fields["id"], fields["lamps"]))
            db.execute("COMMIT")
            client.xack("stock", "stock", entry)
