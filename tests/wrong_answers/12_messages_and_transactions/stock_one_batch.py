"""Someone who reads one batch, and returns: there may be more."""

EXERCISE = "stock"
EXPECT = "more to read when yours"


def entries(client, start):
    answer = client.xreadgroup("stock", "stock-1", {"stock": start}, count=10)
    return answer[0][1] if answer else []



def stock(db, client):
    for entry, fields in entries(client, "0") + entries(client, ">"):
        db.execute("BEGIN IMMEDIATE")
        if db.execute("INSERT OR IGNORE INTO inbox VALUES (?)", (fields["id"],)).rowcount:
            db.execute("INSERT INTO aside VALUES (?, ?)", (fields["id"], fields["lamps"]))
        db.execute("COMMIT")
        client.xack("stock", "stock", entry)
