"""Someone who passes over what has been done, and never tells the stream."""

EXERCISE = "stock"
EXPECT = "stays pending for ever"


def entries(client, start):
    answer = client.xreadgroup("stock", "stock-1", {"stock": start}, count=10)
    return answer[0][1] if answer else []



def stock(db, client):
    found = entries(client, "0") + entries(client, ">")
    while found:
        for entry, fields in found:
            db.execute("BEGIN IMMEDIATE")
            new = db.execute("INSERT OR IGNORE INTO inbox VALUES (?)", (fields["id"],)).rowcount
            if new:
                db.execute("INSERT INTO aside VALUES (?, ?)", (fields["id"], fields["lamps"]))
            db.execute("COMMIT")
            if new:
                client.xack("stock", "stock", entry)
        found = entries(client, ">")
