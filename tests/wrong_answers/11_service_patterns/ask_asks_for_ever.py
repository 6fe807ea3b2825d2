"""Someone who asks until there is an answer: a service that is down stops its callers, too."""

EXERCISE = "ask"
EXPECT = "would go on for ever"


def ask(bus, question, key):
    number = bus.new_id()
    while True:
        bus.send("payment", {"id": number, "key": key, "reply to": bus.mine, "question": question})
        end = bus.now() + 1
        while bus.now() < end:
            reply = bus.receive(bus.mine, end - bus.now())
            if reply and reply["id"] == number:
                return reply["answer"]
