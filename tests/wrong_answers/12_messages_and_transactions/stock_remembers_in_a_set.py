"""Someone who keeps the ids in the process: right, until a message comes to the next one."""

EXERCISE = "stock"
EXPECT = "came once more, to a new process"


def entries(client, start):
    answer = client.xreadgroup("stock", "stock-1", {"stock": start}, count=10)
    return answer[0][1] if answer else []



def stock(db, client):
    seen = set()
    for start in ("0", ">"):
        while found := entries(client, start):
            for entry, fields in found:
                if fields["id"] not in seen:
                    seen.add(fields["id"])
                    db.execute("INSERT INTO aside VALUES (?, ?)", (fields["id"], fields["lamps"]))
                client.xack("stock", "stock", entry)
