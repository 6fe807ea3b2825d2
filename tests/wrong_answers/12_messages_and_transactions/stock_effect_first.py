"""Someone who has the effect, commits it, and then notes the message: killed in between, it is done again."""

EXERCISE = "stock"
EXPECT = "times: o1"


def entries(client, start):
    answer = client.xreadgroup("stock", "stock-1", {"stock": start}, count=10)
    return answer[0][1] if answer else []



def stock(db, client):
    for start in ("0", ">"):
        while found := entries(client, start):
            for entry, fields in found:
                if not db.execute("SELECT 1 FROM inbox WHERE message = ?", (fields["id"],)).fetchone():
                    db.execute("INSERT INTO aside VALUES (?, ?)", (fields["id"], fields["lamps"]))
                    db.execute("INSERT INTO inbox VALUES (?)", (fields["id"],))
                client.xack("stock", "stock", entry)
