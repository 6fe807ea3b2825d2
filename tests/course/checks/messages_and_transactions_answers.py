"""Right answers to lab 12, of other shapes than its solution."""


def place(db, id, lamps):
    """With a savepoint, a look before, and both rows by name."""
    db.execute("SAVEPOINT placing")
    try:
        new = not db.execute("SELECT count(*) FROM orders WHERE id = :id", {"id": id}).fetchone()[0]
        if new:
            db.execute("INSERT INTO outbox (lamps, id) VALUES (:lamps, :id)", {"id": id, "lamps": lamps})
            db.execute("INSERT INTO orders (lamps, id) VALUES (:lamps, :id)", {"id": id, "lamps": lamps})
        db.execute("RELEASE placing")
    except Exception:
        db.execute("ROLLBACK TO placing")
        db.execute("RELEASE placing")
        raise
    return new


def placed_by_a_trigger(db, id, lamps):
    """The database writes the message by itself, whoever writes an order; Python's own transactions."""
    db.execute("CREATE TRIGGER IF NOT EXISTS tell AFTER INSERT ON orders BEGIN "
               "INSERT INTO outbox (id, lamps) VALUES (NEW.id, NEW.lamps); END")
    return db.execute("INSERT INTO orders SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM orders WHERE id = ?)",
                      (id, lamps, id)).rowcount == 1


def placed_in_pythons_transaction(db, id, lamps):
    db.isolation_level = "IMMEDIATE"
    with db:
        if db.execute("INSERT INTO orders VALUES (?, ?) ON CONFLICT DO NOTHING", (id, lamps)).rowcount:
            db.execute("INSERT INTO outbox (id, lamps) VALUES (?, ?)", (id, lamps))
            return True
    return False


def relay(db, client):
    """One at a time, until there is none; it returns when the queue does not answer."""
    import redis

    first = "SELECT position, id, lamps FROM outbox WHERE NOT sent ORDER BY position LIMIT 1"
    while row := db.execute(first).fetchone():
        try:
            client.xadd("stock", dict(zip(("id", "lamps"), row[1:], strict=True)))
        except redis.ConnectionError:
            return
        db.execute("UPDATE outbox SET sent = 1 WHERE position = ?", row[:1])


def relayed_in_a_batch(db, client):
    """All of it in one round trip, and then marked in one transaction."""
    rows = db.execute("SELECT position, id, lamps FROM outbox WHERE sent = 0 ORDER BY position").fetchall()
    if not rows:
        return
    with client.pipeline() as pipe:
        for _, id, lamps in rows:
            pipe.xadd("stock", {"id": id, "lamps": lamps})
        pipe.execute()
    db.execute("UPDATE outbox SET sent = 1 WHERE sent = 0 AND position <= ?", (rows[-1][0],))


def relayed_and_deleted(db, client):
    rows = db.execute("SELECT position, id, lamps FROM outbox WHERE sent = 0 ORDER BY position").fetchall()
    for position, id, lamps in rows:
        client.xadd("stock", {"lamps": lamps, "id": id})
        db.execute("DELETE FROM outbox WHERE position = ?", (position,))


def stock(db, client):
    """Its predecessor's by claiming, a transaction for a whole batch, and one acknowledgement."""
    while True:
        found = client.xautoclaim("stock", "stock", "stock-1", 0, count=50)[1]
        if not found:
            answer = client.xreadgroup("stock", "stock-1", {"stock": ">"}, count=50, block=1)
            found = answer[0][1] if answer else []
        if not found:
            return
        db.execute("BEGIN")
        for _, fields in found:
            if not db.execute("SELECT 1 FROM inbox WHERE message = ?", (fields["id"],)).fetchone():
                db.execute("INSERT INTO aside VALUES (:id, :lamps)", fields)
                db.execute("INSERT INTO inbox VALUES (:id)", fields)
        db.execute("COMMIT")
        client.xack("stock", "stock", *[entry for entry, _ in found])


def stock_without_an_inbox(db, client):
    """The effect itself tells whether it is there: no second table is needed."""
    start = "0"
    while True:
        answer = client.xreadgroup("stock", "stock-1", {"stock": start})
        for entry, fields in answer[0][1] if answer else []:
            db.execute("INSERT INTO aside SELECT :id, :lamps "
                       "WHERE NOT EXISTS (SELECT 1 FROM aside WHERE id = :id)", fields)
            client.xack("stock", "stock", entry)
            client.xdel("stock", entry)
        if start == ">" and not answer:
            return
        start = start if answer and answer[0][1] else ">"
