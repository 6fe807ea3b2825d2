"""Someone who knows a message by what it says: the second order for two lamps is taken for a copy."""

EXERCISE = "stock"
EXPECT = "It is acknowledged"


def entries(client, start):
    answer = client.xreadgroup("stock", "stock-1", {"stock": start}, count=10)
    return answer[0][1] if answer else []



def stock(db, client):
    for start in ("0", ">"):
        while found := entries(client, start):
            for entry, fields in found:
                db.execute("BEGIN IMMEDIATE")
                if db.execute("INSERT OR IGNORE INTO inbox VALUES (?)", ("lamps " + fields["lamps"],)).rowcount:
                    db.execute("INSERT INTO aside VALUES (?, ?)", (fields["id"], fields["lamps"]))
                db.execute("COMMIT")
                client.xack("stock", "stock", entry)
