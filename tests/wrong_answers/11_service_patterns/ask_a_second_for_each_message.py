"""Someone whose second begins anew with every message that comes by."""

EXERCISE = "ask"
EXPECT = "answer to some other question came by"


def ask(bus, question, key):
    number = bus.new_id()
    for _ in range(3):
        bus.send("payment", {"id": number, "key": key, "reply to": bus.mine, "question": question})
        while (reply := bus.receive(bus.mine, 1)) is not None:
            if reply["id"] == number:
                return reply["answer"]
    raise TimeoutError
