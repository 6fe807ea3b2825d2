"""Someone who gives each attempt an id of its own, and takes answers to the last one only."""

EXERCISE = "ask"
EXPECT = "The answer to your first attempt came while you waited"


def ask(bus, question, key):
    for _ in range(3):
        number, end = bus.new_id(), bus.now() + 1
        bus.send("payment", {"id": number, "key": key, "reply to": bus.mine, "question": question})
        while bus.now() < end:
            reply = bus.receive(bus.mine, end - bus.now())
            if reply and reply["id"] == number:
                return reply["answer"]
    raise TimeoutError
