"""Someone who returns None when nobody answered, so that the caller takes it for an answer."""

EXERCISE = "ask"
EXPECT = "nobody knows whether it was done"


def ask(bus, question, key):
    number = bus.new_id()
    for _ in range(3):
        bus.send("payment", {"id": number, "key": key, "reply to": bus.mine, "question": question})
        end = bus.now() + 1
        while bus.now() < end:
            reply = bus.receive(bus.mine, end - bus.now())
            if reply and reply["id"] == number:
                return reply["answer"]
    return None
