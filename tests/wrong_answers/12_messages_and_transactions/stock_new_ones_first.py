"""Someone who does the new ones first, and the old ones when there is time: out of order."""

EXERCISE = "stock"
EXPECT = "another order than they came"


def entries(client, start):
    answer = client.xreadgroup("stock", "stock-1", {"stock": start}, count=10)
    return answer[0][1] if answer else []



def stock(db, client):
    for start in (">", "0"):
        while found := entries(client, start):
            for entry, fields in found:
                db.execute("BEGIN IMMEDIATE")
                if db.execute("INSERT OR IGNORE INTO inbox VALUES (?)", (fields["id"],)).rowcount:
                    db.execute("INSERT INTO aside VALUES (?, ?)", (fields["id"], fields["lamps"]))
                db.execute("COMMIT")
                client.xack("stock", "stock", entry)
