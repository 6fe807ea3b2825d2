"""Someone who keeps the route in a variable: after a restart the past is news again."""

EXERCISE = "router"
EXPECT = "has to come from the"

known = None


def learn(db, answers):
    global known
    heard = next((one for one in answers if one and answers.count(one) > len(answers) // 2), None)
    if heard and (known is None or heard[0] > known[0]):
        known = heard
    return known[1] if known else None
