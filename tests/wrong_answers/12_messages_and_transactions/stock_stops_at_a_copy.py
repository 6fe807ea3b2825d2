"""Someone to whom a message that is there already is an error: all behind it wait."""

EXERCISE = "stock"
EXPECT = "Never put aside: o2"


def entries(client, start):
    answer = client.xreadgroup("stock", "stock-1", {"stock": start}, count=10)
    return answer[0][1] if answer else []



def stock(db, client):
    for start in ("0", ">"):
        while found := entries(client, start):
            for entry, fields in found:
                db.execute("BEGIN IMMEDIATE")
                if db.execute("SELECT 1 FROM inbox WHERE message = ?", (fields["id"],)).fetchone():
                    db.execute("ROLLBACK")
                    return
                db.execute("INSERT INTO inbox VALUES (?)", (fields["id"],))
                db.execute("INSERT INTO aside VALUES (?, ?)", (fields["id"], fields["lamps"]))
                db.execute("COMMIT")
                client.xack("stock", "stock", entry)
