"""Someone who takes the stream's own number for the message's id: a message sent twice has two."""

EXERCISE = "stock"
EXPECT = "times: o1"


def entries(client, start):
    answer = client.xreadgroup("stock", "stock-1", {"stock": start}, count=10)
    return answer[0][1] if answer else []



def stock(db, client):
    for start in ("0", ">"):
        while found := entries(client, start):
            for entry, fields in found:
                db.execute("BEGIN IMMEDIATE")
                if db.execute("INSERT OR IGNORE INTO inbox VALUES (?)", (entry,)).rowcount:
                    db.execute("INSERT INTO aside VALUES (?, ?)", (fields["id"], fields["lamps"]))
                db.execute("COMMIT")
                client.xack("stock", "stock", entry)
