"""Request and response: the answer is the one to this question, late ones are put aside, a key is carried out once."""

import sqlite3
import threading
import time
from contextlib import closing

import pytest

from splitbrain.messaging.envelope import Envelope
from splitbrain.messaging.requests import Requester, RequestTimeout, Responder
from splitbrain.messaging.server import server


@pytest.fixture
def redis(base):
    with server(transport="unix") as own:
        yield own.client()


@pytest.fixture
def db():
    with closing(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)) as db:
        db.execute("CREATE TABLE charge (amount INTEGER)")
        yield db


def charge(db, request):
    db.execute("INSERT INTO charge VALUES (?)", (request.body["amount"],))
    return {"charged": request.body["amount"]}


def charges(db):
    return [amount for amount, in db.execute("SELECT amount FROM charge")]


def beside(call, *arguments, **options):
    """Runs a call on a thread; `.join()` it, and its answer or its exception is in the list."""
    told = []

    def run():
        try:
            told.append(call(*arguments, **options))
        except Exception as error:
            told.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, told


def test_an_answer_comes_back(redis, db):
    thread, told = beside(Requester(redis, "order").ask, "payment", "charge", {"amount": 30}, seconds=20)
    assert Responder(redis, "payment", charge, db).serve(20)
    thread.join()
    assert told == [{"charged": 30}]


def test_two_askers_each_get_their_own(redis, db):
    askers = [Requester(redis, f"order{n}") for n in range(4)]
    asked = [beside(asker.ask, "payment", "charge", {"amount": n}, seconds=20) for n, asker in enumerate(askers)]
    responder = Responder(redis, "payment", charge, db)
    for _ in asked:
        responder.serve(20)
    for thread, _ in asked:
        thread.join()
    assert [told for _, told in asked] == [[{"charged": n}] for n in range(4)]


def test_a_late_answer_is_not_taken_for_the_next_one(redis, db):
    requester, responder = Requester(redis, "order"), Responder(redis, "payment", charge, db)
    with pytest.raises(RequestTimeout, match="nobody knows"):
        requester.ask("payment", "charge", {"amount": 1}, seconds=0.02)
    first = Envelope.from_json(redis.lpop("payment"))
    redis.rpush(requester.replies, Envelope(name="charge", id="late", correlation=first.correlation,
                                            body={"charged": 1}).to_json())
    thread, told = beside(requester.ask, "payment", "charge", {"amount": 2}, seconds=20)
    responder.serve(20)
    thread.join()
    assert told == [{"charged": 2}] and [reply.id for reply in requester.late] == ["late"]


def test_what_is_past_its_deadline_is_not_begun(redis, db):
    with pytest.raises(RequestTimeout):
        Requester(redis, "order").ask("payment", "charge", {"amount": 1}, seconds=0.02)
    time.sleep(0.03)
    assert Responder(redis, "payment", charge, db).serve(20) and charges(db) == []


def test_a_retry_is_the_same_request(redis, db):
    """The first answer is lost on the way; the second attempt is answered, and nothing is charged again."""
    thread, told = beside(Requester(redis, "order").ask, "payment", "charge", {"amount": 30}, seconds=1, attempts=20)
    responder = Responder(redis, "payment", charge, db)
    responder._redis, push = _Losing(redis), redis
    responder.serve(20)
    responder._redis = push
    responder.serve(20)
    thread.join()
    assert told == [{"charged": 30}] and charges(db) == [30]


class _Losing:
    """A client whose pushes go nowhere."""

    def __init__(self, redis):
        self.blpop = redis.blpop

    def rpush(self, *_):
        pass


def test_a_key_holds_across_a_restart_of_the_asker(redis, db):
    for _ in range(2):
        thread, told = beside(Requester(redis, "order").ask, "payment", "charge", {"amount": 30}, seconds=20, key="o1")
        Responder(redis, "payment", charge, db).serve(20)
        thread.join()
        assert told == [{"charged": 30}]
    assert charges(db) == [30]


def test_what_raises_leaves_neither_the_effect_nor_the_note(redis, db):
    def fails(db, request):
        charge(db, request)
        raise ValueError("no")

    redis.rpush("payment", Envelope(name="charge", id="1", key="k", reply_to="r", body={"amount": 3}).to_json())
    with pytest.raises(ValueError):
        Responder(redis, "payment", fails, db).serve()
    assert charges(db) == [] and db.execute("SELECT count(*) FROM answered").fetchone() == (0,)
