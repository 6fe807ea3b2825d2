"""Someone who puts the question itself for the id: two questions look alike."""

EXERCISE = "ask"
EXPECT = "Two questions have one id"


def ask(bus, question, key):
    for _ in range(3):
        bus.send("payment", {"id": "mine", "key": key, "reply to": bus.mine, "question": question})
        end = bus.now() + 1
        while bus.now() < end:
            reply = bus.receive(bus.mine, end - bus.now())
            if reply and reply["id"] == "mine":
                return reply["answer"]
    raise TimeoutError
