"""Someone who thinks that a second attempt is a second request, with a key of its own."""

EXERCISE = "ask"
EXPECT = "it was taken twice"


def ask(bus, question, key):
    number = bus.new_id()
    for attempt in range(3):
        bus.send("payment", {"id": number, "key": f"{key} {attempt}", "reply to": bus.mine, "question": question})
        end = bus.now() + 1
        while bus.now() < end:
            reply = bus.receive(bus.mine, end - bus.now())
            if reply and reply["id"] == number:
                return reply["answer"]
    raise TimeoutError
