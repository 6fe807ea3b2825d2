"""Lab 13, a router: what it follows, what it remembers, at every moment at which it may die; then on real sentinels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from splitbrain.course.checks.crash_points import Moment, Recorder, came_by, distinct
from splitbrain.course.feedback import Wrong, exercise, expect, learner_code
from splitbrain.messaging.sentinel import Group

TABLE = "CREATE TABLE route (epoch INTEGER, address TEXT);"
Answer = tuple[int, str] | None
OLD, NEW = (1, "n1:6001"), (2, "n2:6002")
# What the sentinels say, call after call; each call may be another process's.
STORIES: dict[str, list[list[Answer]]] = {
    "All three agree, then all three agree on a later one.": [[OLD] * 3, [NEW] * 3],
    "One of three answers, and says something new.": [[OLD] * 3, [NEW, None, None]],
    "One of three has heard something new, two have not.": [[OLD] * 3, [OLD, NEW, OLD]],
    "Nothing was known, and one of three answers.": [[None, OLD, None]],
    "Nothing was known, and nobody answers.": [[None, None, None]],
    "Two of three have heard something new.": [[OLD] * 3, [OLD, NEW, NEW]],
    "Two of three answer, and agree on something new.": [[OLD] * 3, [NEW, None, NEW]],
    "Two of three answer, and differ.": [[OLD] * 3, [NEW, OLD, None]],
    "After the news, a majority gives the old answer: they were restarted on old files.": [[NEW] * 3, [OLD] * 3],
    "A majority gives another address with the epoch that is known.": [[OLD] * 3, [(1, "n9:6009")] * 3],
    "Two of five agree, three are silent.": [[OLD] * 5, [NEW, NEW, None, None, None]],
    "Two of four agree on something new, two say the old one.": [[OLD] * 4, [NEW, NEW, OLD, OLD]],
    "Two agree on the epoch and not on the address.": [[OLD] * 3, [NEW, (2, "n3:6003"), OLD]],
    "Epoch 9 is followed by epoch 10.": [[(9, "n1:6001")] * 3, [(10, "n2:6002")] * 3],
    "Epoch 0 is the first one.": [[(0, "n1:6001")] * 3],
}


@exercise("13_failover", "router", title="A router that never goes back", lines=12, seconds=12, hints=(
    "Three questions, in this order. What do more than half of all sentinels say, the silent ones counted? Is that "
    "later than what is in the table? And when a new process asks the table, what does it find?",
    "Count equal answers, epoch and address together: Counter(a for a in answers if a). Follow one that has more than "
    "len(answers) // 2 votes, and whose epoch is greater than the one in the table. Replacing the row has to be one "
    "transaction: between a DELETE and an INSERT there is no route, and the next process begins anew.",
    "known = db.execute('SELECT epoch, address FROM route').fetchone(); find the elected answer; if it is there and "
    "(known is None or elected[0] > known[0]): with db: DELETE, INSERT; known = elected. Return known[1] or None."))
def check_router(learn: Callable, *, story: str | None = None) -> str:
    """`story` looks at one story only."""
    with Recorder() as recorder:
        if story is None:
            _takes_over(recorder, learn)
        for title, calls in STORIES.items() if story is None else [(story, STORIES[story])]:
            _tell(recorder, learn, title, calls, replay=f'failover.check_router(learn, story="{title}")')
        if story is not None:
            return "this story goes as it should."
        for seed in range(40):
            _tell(recorder, learn, "Sentinels that say anything.", _anything(seed))
        moments = _dies(recorder, learn)
    _on_real_servers(learn)
    return (f"it followed majorities only, never went back, at none of its {moments} moments did a death make it "
            "forget, and it found the new primary of a real group.")


def _takes_over(recorder: Recorder, learn: Callable) -> None:
    """What another process wrote down is all that this one knows."""
    place = recorder.create(TABLE + "INSERT INTO route VALUES (7, 'n7:6007');")
    _, got = _ask(recorder, learn, place, [None] * 3)
    if got != "n7:6007":
        raise Wrong("Another process has followed a route of epoch 7, and written it into the table. Yours opens it, "
                    "nobody answers, and yours does not go on with that route. Whatever it knows has to come from the "
                    "database.", expected="'n7:6007'", got=repr(got))


def _anything(seed: int) -> list[list[Answer]]:
    luck, size = Random(seed), 3 + 2 * (seed % 2)
    known: list[Answer] = [None, *((epoch, f"n{epoch}:600{epoch}") for epoch in range(1, 6))]
    return [[luck.choice(known if luck.random() < 0.5 else known[-3:]) for _ in range(size)] for _ in range(10)]


def elected(answers: Sequence[Answer], known: tuple[int, str] | None) -> tuple[int, str] | None:
    """What is known after these answers, by the rule of the exercise."""
    votes = Counter(one for one in answers if one is not None)
    new = next((one for one, count in votes.items() if 2 * count > len(answers)), None)
    return new if new and (known is None or new[0] > known[0]) else known


def _tell(recorder: Recorder, learn: Callable, title: str, calls: list[list[Answer]],
          replay: str | None = None) -> None:
    """A story, each call by a new connection, as another process would make it."""
    place, known = recorder.create(TABLE), None
    for number, answers in enumerate(calls):
        before, known = known, elected(answers, known)
        place, got = _ask(recorder, learn, place, answers)
        want = known and known[1]
        if got == want:
            continue
        raise Wrong(f"{title} {_mistake(answers, before, got)}", expected=f"learn(db, {answers}) gives {want!r}",
                    got=f"{got!r}; before, it {f'followed {before}' if before else 'knew nothing'}"
                        f"{'' if number else ' (the first call)'}", **({"replay": replay} if replay else {}))


def _mistake(answers: list[Answer], before: tuple[int, str] | None, got: str | None) -> str:
    """What may be behind it, in a sentence."""
    votes = [one for one in answers if one is not None and one[1] == got]
    if before and got is None:
        return "Yours has forgotten the route that it followed. What does a new process find in the table?"
    if votes and before and votes[0][0] < before[0]:
        return "Yours goes back to a route that was over."
    if votes and before and votes[0][0] == before[0] and got != before[1]:
        return "Yours follows a second address under one epoch: then two who hold that epoch write to two places."
    if votes and 2 * len(votes) <= len(answers):
        return (f"Yours follows what {len(votes)} of {len(answers)} sentinels say. One that is cut off, or out of "
                "date, can say anything; how many others could say something else at the same time?")
    if before and got == before[1]:
        return "Yours stays with the old route, although a majority gives a later one."
    return "Yours follows something else."


def _ask(recorder: Recorder, learn: Callable, place: Moment, answers: list[Answer]) -> tuple[Moment, str | None]:
    with recorder.run(place, only_end=True) as run, learner_code(f"with the answers {answers}"):
        result = learn(run.db, list(answers))
    came_by(run, result)
    if run.closed:
        raise Wrong("learn closed the connection; it belongs to the caller.", expected="an open connection",
                    got="a closed one")
    return run.end, _address(result)


def _address(result: Any) -> str | None:
    return None if result is None else expect(result, str, "an address, or None", of="learn(db, answers)")


def _dies(recorder: Recorder, learn: Callable) -> int:
    """It hears of a later route, and dies at each of its moments; the next process hears from nobody."""
    place, _ = _ask(recorder, learn, recorder.create(TABLE), [OLD] * 3)
    with recorder.run(place) as run, learner_code("when it hears of a later route"):
        learn(run.db, [NEW] * 3)
    for moment in distinct(run.moments):
        _, got = _ask(recorder, learn, moment, [None] * 3)
        if got not in (OLD[1], NEW[1]):
            raise Wrong(f"The process died {moment}, when it had just heard of a later route. The next one, whom no "
                        "sentinel answers, does not know where to go. Two statements that belong together stood one "
                        "after the other.", expected=f"{OLD[1]!r} or {NEW[1]!r}", got=repr(got))
    _, last = _ask(recorder, learn, run.end, [OLD] * 3)
    if last != NEW[1]:
        raise Wrong("It followed a later route and returned; the process ended; the next one hears a majority give the "
                    "old route, and goes back. Was what it wrote committed?", expected=repr(NEW[1]), got=repr(last))
    return len(run.moments)


def _on_real_servers(learn: Callable) -> None:
    """The same function, with what real sentinels say before and after a SIGKILL."""
    with Group() as group, Recorder() as recorder:
        place, epoch = _finds(recorder, learn, recorder.create(TABLE), group), group.route().epoch
        group.primary().kill()
        group.wait_for_failover(epoch)
        _finds(recorder, learn, place, group)


def _finds(recorder: Recorder, learn: Callable, place: Moment, group: Group) -> Moment:
    answers = [one and (one.epoch, f"127.0.0.1:{one.port}") for one in group.router().answers()]
    place, got = _ask(recorder, learn, place, answers)
    if got != f"127.0.0.1:{group.route().port}":
        raise Wrong(f"Real sentinels gave the answers {_hidden(answers)}, and yours did not follow.",
                    expected="the primary's address", got="another one" if got else "None")
    return place


def _hidden(answers: list[Answer]) -> str:
    """Without ports, which differ each time."""
    return ", ".join("nothing" if one is None else f"epoch {one[0]}" for one in answers)

