"""The checks of lab 10 accept right answers of other shapes, stop what does not end, and leave nothing behind."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from splitbrain.course.checks import message_queues, mortal
from splitbrain.course.feedback import NotAttempted, Raised, Wrong

CHECKS = [message_queues.check_once, message_queues.check_work, message_queues.check_failed]


pytestmark = pytest.mark.usefixtures("nothing_is_left")


@pytest.mark.parametrize("check", CHECKS)
def test_blank_is_not_attempted(check):
    def blank(*_):
        raise NotImplementedError

    with pytest.raises(NotAttempted):
        check(blank)


@pytest.mark.parametrize("check", CHECKS)
def test_code_that_raises_in_its_process_is_shown_its_own_line(check):
    def breaks(*_):
        return {}["nothing"]

    with pytest.raises(Raised, match="KeyError") as raised:
        check(breaks)
    assert any('{}["nothing"]' in place for place in raised.value.places)


@pytest.mark.parametrize("check", CHECKS)
def test_a_process_without_end_is_stopped_and_named(check, monkeypatch):
    def spins(*_):
        while True:
            pass

    monkeypatch.setattr(mortal, "SECONDS", 0.5)
    with pytest.raises(Wrong, match="did not end"):
        check(spins)


def test_a_process_that_ends_itself_is_no_crash_of_the_check():
    with pytest.raises(Wrong, match="ended by itself"):
        message_queues.check_once(lambda *_: os._exit(3))
    with pytest.raises(Wrong, match="ended by itself"):
        message_queues.check_once(lambda *_: os.kill(os.getpid(), signal.SIGKILL))


def test_a_process_without_end_dies_with_the_kernel():
    program = ("from splitbrain.course.checks import mortal\n"
               "def spins(process):\n    while True: pass\n"
               "mortal.run(spins, doing='')")
    with subprocess.Popen([sys.executable, "-c", program]) as kernel:
        while len(family := psutil.Process(kernel.pid).children(recursive=True)) < 2:  # the nursery, and its child
            time.sleep(0.01)
        kernel.kill()
    assert psutil.wait_procs(family, timeout=60)[1] == []


def test_effect_first_and_the_name_after_it_in_one_transaction_is_right(capsys):
    def once(db, message, amount):
        db.execute("BEGIN IMMEDIATE")
        new = db.execute("SELECT count(*) FROM seen WHERE message = ?", (message,)).fetchone() == (0,)
        if new:
            db.execute("UPDATE account SET balance = balance + ? WHERE owner = 'shop'", (amount,))
            db.execute("INSERT INTO seen VALUES (?)", (message,))
        db.execute("COMMIT")
        return new

    message_queues.check_once(once)
    assert capsys.readouterr().out.startswith("Right")


def test_a_savepoint_is_a_transaction_too(capsys):
    def once(db, message, amount):
        db.executescript("SAVEPOINT effect")
        cursor = db.cursor()
        new = cursor.execute("INSERT INTO seen SELECT ? WHERE NOT EXISTS (SELECT 1 FROM seen WHERE message = ?)",
                             (message, message)).rowcount > 0
        cursor.execute("UPDATE account SET balance = balance + ?", (amount if new else 0,))
        db.execute("RELEASE effect")
        return new

    message_queues.check_once(once)
    assert capsys.readouterr().out.startswith("Right")


def test_batches_with_xpending_and_xclaim_and_one_acknowledgement_are_right(capsys):
    def work(client, once, name):
        while True:
            old = client.xpending_range("jobs", "workers", "-", "+", 50, idle=message_queues.IDLE)
            entries = client.xclaim("jobs", "workers", name, message_queues.IDLE,
                                    [p["message_id"] for p in old]) if old else []
            for _, some in client.xreadgroup("workers", name, {"jobs": ">"}, count=50, block=1):
                entries += some
            if not entries:
                return
            for _, fields in entries:
                once(fields["id"], fields["amount"])
            with client.pipeline() as pipe:
                pipe.xack("jobs", "workers", *[entry for entry, _ in entries])
                pipe.execute()

    message_queues.check_work(work)
    assert capsys.readouterr().out.startswith("Right")


def test_new_ones_first_and_then_the_dead_ones_page_by_page_is_right(capsys):
    def work(client, once, name):
        def do(entries):
            for entry, fields in entries:
                once(fields["id"], fields["amount"])
                client.xack("jobs", "workers", entry)
                client.xdel("jobs", entry)

        while answer := client.xreadgroup("workers", name, {"jobs": ">"}):
            do(answer[0][1])
        start, more = "0-0", True
        while more:
            start, entries, *_ = client.xautoclaim("jobs", "workers", name, message_queues.IDLE, start, count=7)
            do(entries)
            more = start != "0-0"

    message_queues.check_work(work)
    assert capsys.readouterr().out.startswith("Right")


def test_letter_first_and_then_the_acknowledgement_or_both_in_a_script_is_right(capsys):
    def one_by_one(client, entry, fields, deliveries, why):
        if deliveries < 3:
            return
        client.xadd("dead", fields | {"reason": why, "entry": entry, "deliveries": deliveries})
        client.xack("jobs", "workers", entry)
        client.xdel("jobs", entry)

    def at_once(client, entry, fields, deliveries, why):
        if deliveries > 2:
            client.eval("redis.call('XACK', 'jobs', 'workers', ARGV[1]); table.remove(ARGV, 1); "
                        "redis.call('XADD', 'dead', '*', unpack(ARGV))", 0, entry,
                        *[part for pair in fields.items() for part in pair], "why", why)

    for failed in (one_by_one, at_once):
        message_queues.check_failed(failed)
    assert capsys.readouterr().out.count("Right") == 2
