"""The reliable queue: what is owed stays owed, whoever dies; what is given up is kept, with its reason."""

import threading

import pytest

from splitbrain.checkers.queue_order import producer_order
from splitbrain.checkers.queues import queue_report, total_queue
from splitbrain.messaging.server import start_server
from splitbrain.messaging.streams import Depth, QueueFull, ReliableQueue, doubling
from splitbrain.records import History, Operation

SHORT = 0.02  # seconds
LONG = 3600.0


@pytest.fixture
def server(choice):
    with start_server(transport="unix", choice=choice, appendonly="yes", appendfsync="everysec") as server:
        yield server


@pytest.fixture
def make(server):
    def make(**options):
        return ReliableQueue(server.client(), "q", **{"idle": LONG, "backoff": lambda tries: SHORT} | options)

    return make


def ids(messages):
    return [message.id for message in messages]


def put(queue, *names):
    queue.put_many(list(names), ids=list(names))


class Seen:
    """A history that the clients of a queue write."""

    def __init__(self):
        self.operations, self.now = [], 0

    def note(self, process, f, **told):
        self.operations.append(Operation(process, f, start=self.now, end=self.now + 1, index=self.now // 2, **told))
        self.now += 2

    def put(self, queue, name):
        queue.put(name, id=name)
        self.note("p", "enqueue", value=name)

    def take(self, queue, consumer, count=1, **options):
        messages = queue.take(consumer, count, **options)
        for message in messages:
            self.note(consumer, "dequeue", result=message.body)
        return messages

    @property
    def history(self):
        return History(self.operations)


def test_one_consumer_is_given_everything_in_order_and_what_it_acknowledges_is_gone(make):
    queue = make()
    put(queue, *"abcde")
    first = queue.take("w", 2)
    assert (ids(first), ids(queue.take("w", 9))) == (["a", "b"], ["c", "d", "e"])
    assert queue.depth() == Depth(waiting=0, given_out=5, delayed=0, dead=0)
    assert (queue.acknowledge(*first), queue.acknowledge(*first), queue.acknowledge()) == (2, 0, 0)
    assert queue.depth().owed == 3


@pytest.mark.parametrize("protocol", [2, 3])
def test_a_waiting_consumer_is_woken_in_either_protocol(server, protocol):
    queue = ReliableQueue(server.client(protocol=protocol), "q")
    producer = threading.Timer(0.1, lambda: ReliableQueue(server.client(), "q").put({"n": [1]}, id="a"))
    producer.start()
    [message] = queue.take("w", 5, block=10)
    assert (message.id, message.body, message.tries, message.why) == ("a", {"n": [1]}, 1, "")
    producer.join()


def test_what_a_silent_worker_holds_goes_to_another_one_and_not_before_its_time(make):
    patient, hasty = make(), make(idle=SHORT)
    put(patient, "a")
    assert ids(patient.take("dead")) == ["a"]
    assert patient.take("alive") == []
    [again] = hasty.take("alive", block=10)
    assert (again.id, again.tries, again.consumer) == ("a", 2, "alive")
    assert patient.take("third") == []
    assert hasty.acknowledge(again) == 1


def test_a_silent_workers_message_comes_before_what_waits(make):
    queue = make(idle=SHORT)
    put(queue, "a", "b")
    queue.take("dead")
    threading.Event().wait(2 * SHORT)
    assert ids(queue.take("alive", 2)) == ["a", "b"]


def test_a_message_that_its_workers_never_finish_is_buried_with_what_is_known(make):
    queue = make(idle=SHORT, max_deliveries=3)
    put(queue, "a")
    [message] = queue.take("w")
    assert queue.retry(message, "no stock") == "later"
    for consumer in "xy":
        assert ids(queue.take(consumer, block=10)) == ["a"]
    assert queue.take("z", block=10 * SHORT) == []
    [letter] = queue.dead_letters()
    assert (letter.id, letter.body, letter.tries) == ("a", "a", 3)
    assert letter.why == "given out 3 times, and no worker finished it; before that: no stock"
    assert queue.depth() == Depth(0, 0, 0, 1)


def test_a_failure_is_tried_again_after_its_back_off_and_behind_what_waited(make):
    asked = []
    queue = make(backoff=lambda tries: asked.append(tries) or SHORT)
    put(queue, "a", "b")
    [a] = queue.take("w")
    assert queue.retry(a, "no stock") == "later"
    assert queue.depth() == Depth(waiting=1, given_out=0, delayed=1, dead=0)
    assert ids(queue.take("w")) == ["b"]
    [again] = queue.take("w", block=10)
    assert (again.id, again.tries, again.why) == ("a", 2, "no stock")
    assert queue.retry(again, "no stock either") == "later" and asked == [1, 2]


def test_a_back_off_is_waited_for(make):
    queue = make(backoff=lambda tries: LONG)
    put(queue, "a")
    queue.retry(*queue.take("w"), "no stock")
    assert queue.take("w", block=5 * SHORT) == []


def test_after_its_last_delivery_a_failure_is_a_dead_letter_and_can_be_replayed_once(make):
    queue = make(max_deliveries=2)
    put(queue, "a")
    told = [queue.retry(*queue.take("w", block=10), why) for why in ("sold out", "still sold out")]
    assert told == ["later", "dead"]
    [letter] = queue.dead_letters()
    assert (letter.id, letter.body, letter.tries, letter.why) == ("a", "a", 2, "still sold out")
    assert (queue.replay(letter), queue.replay(letter), queue.replay()) == (1, 0, 0)
    [again] = queue.take("w")
    assert (again.id, again.tries, again.why) == ("a", 1, "still sold out")
    assert queue.depth() == Depth(waiting=0, given_out=1, delayed=0, dead=0)


def test_who_lost_a_message_can_not_send_it_round_again(make):
    queue = make(idle=SHORT)
    put(queue, "a")
    [slow] = queue.take("slow")
    [fast] = queue.take("fast", block=10)
    assert queue.retry(slow, "too late") == "not yours"
    assert queue.acknowledge(fast) == 1
    assert queue.retry(fast, "done already") == "not yours"
    assert queue.depth() == Depth(0, 0, 0, 0)


def test_a_full_queue_refuses_all_or_nothing_and_never_trims(make):
    queue = make(max_length=4)
    put(queue, "a", "b")
    queue.put("c", id="c", delay=LONG)
    queue.take("w")
    with pytest.raises(QueueFull, match="q has room for 1 of 2 messages"):
        put(queue, "d", "e")
    put(queue, "d")
    with pytest.raises(QueueFull, match="room for 0 of 1"):
        put(queue, "e")
    with pytest.raises(QueueFull):
        queue.put_many(list("abcde"), block=LONG)  # would not fit into an empty one
    assert queue.depth() == Depth(waiting=2, given_out=1, delayed=1, dead=0)


def test_a_producer_that_blocks_goes_on_when_there_is_room(make, server):
    queue = make(max_length=1)
    put(queue, "a")
    with pytest.raises(QueueFull):
        queue.put("b", block=2 * SHORT)
    worker = ReliableQueue(server.client(), "q")
    threading.Timer(0.1, lambda: worker.acknowledge(*worker.take("w"))).start()
    assert queue.put("b", id="b", block=10) == "b"
    assert queue.depth().owed == 1


def test_a_delayed_message_comes_when_it_is_due(make):
    queue = make()
    queue.put("later", id="later", delay=5 * SHORT)
    put(queue, "now")
    assert ids(queue.take("w", 2)) == ["now"]
    assert ids(queue.take("w", 2, block=10)) == ["later"]


def test_all_of_it_survives_the_death_of_the_server(make, server):
    queue = make(max_deliveries=2)
    put(queue, "poison")
    for _ in range(2):
        queue.retry(*queue.take("w", block=10), "poison")
    put(queue, "held", "waits")
    [held] = queue.take("w")
    queue.put("later", id="later", delay=LONG)
    before = queue.depth()
    server.kill()
    with pytest.raises(Exception, match="onnect"):
        queue.put("lost")
    server.restart()
    assert queue.depth() == before
    assert queue.depth() == Depth(waiting=1, given_out=1, delayed=1, dead=1)
    assert queue.acknowledge(held) == 1
    assert (ids(queue.take("w", 9)), ids(queue.dead_letters())) == (["waits"], ["poison"])


def test_two_consumers_and_a_redelivery_break_the_order_and_one_consumer_keeps_it(make):
    one, seen = make(), Seen()
    for name in "abc":
        seen.put(one, name)
    one.acknowledge(*seen.take(one, "w", 2), *seen.take(one, "w", 1))
    assert producer_order(seen.history).status == "ok"

    retried, seen = make(), Seen()
    for name in "abc":
        seen.put(retried, name)
    [a] = retried.take("w")
    retried.retry(a, "busy")
    retried.acknowledge(*seen.take(retried, "w", 2))
    retried.acknowledge(*seen.take(retried, "w", block=10))
    assert queue_report(seen.history).reordered == (("a", "b"),)
    assert total_queue(seen.history).status == "ok"


def test_groups_are_made_once_and_names_do_not_meet(server):
    a, b = (ReliableQueue(server.client(), name) for name in "ab")
    a.put(1, id="x")
    assert ReliableQueue(server.client(), "a").depth().waiting == 1
    assert b.depth() == Depth(0, 0, 0, 0)


def test_ids_are_made_up_if_there_are_none(make):
    queue = make()
    assert len({*queue.put_many([1, 2, 3]), *queue.put_many([1])}) == 4
    with pytest.raises(ValueError, match="2 messages and 1 ids"):
        queue.put_many([1, 2], ids=["a"])


@pytest.mark.parametrize("wrong", [{"max_deliveries": 0}, {"idle": 0}, {"max_length": 0}])
def test_a_limit_is_positive(make, wrong):
    with pytest.raises(ValueError):
        make(**wrong)


def test_a_back_off_doubles_up_to_its_bound():
    assert [doubling(1, most=5)(n) for n in (1, 2, 3, 4, 9)] == [1, 2, 4, 5, 5]
