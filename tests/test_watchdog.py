"""Endless code is stopped, whatever it swallows; everything that was set before is set again."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from splitbrain.watchdog import Stuck, watchdog

LIMIT = 0.05


def stuck(_frame):
    return Stuck("it will not end")


def spin():
    while True:
        pass


def spin_swallowing():
    while True:
        try:  # noqa: SIM105  (what a learner writes)
            time.sleep(0.001)
        except BaseException:
            pass


def spin_swallowing_nested():
    while True:
        try:
            while True:
                try:
                    len([])
                except BaseException:
                    len([])
        except BaseException:
            pass


def spin_in_finally():
    for _ in iter(int, 1):
        try:
            len([])
        finally:
            continue  # noqa: B012


def spin_keeping_every_error(kept=None):
    kept = []
    while True:
        try:
            while True:
                try:
                    len([])
                except BaseException as error:
                    kept.append(error)
        except BaseException as error:
            kept.append(error)


def spin_in_three_frames():
    def inner():
        try:
            spin_swallowing_nested()
        except BaseException:
            return 1

    def middle():
        while True:
            try:
                inner()
            except BaseException:
                continue

    while True:
        with contextlib.suppress(BaseException):
            middle()


def spin_in_generator():
    def endless():
        while True:
            try:
                yield 1
            except BaseException:
                yield 2

    while True:
        with contextlib.suppress(BaseException):
            for _ in endless():
                pass


def spin_with_suppress():
    connection = sqlite3.connect(":memory:")
    try:
        while True:
            with contextlib.suppress(BaseException):
                connection.execute("SELECT 1").fetchall()
    finally:
        connection.close()


def wait():
    threading.Event().wait(1000)


ENDLESS = [spin, spin_swallowing, spin_swallowing_nested, spin_in_finally, spin_keeping_every_error,
           spin_in_three_frames, spin_in_generator, spin_with_suppress, wait]


@pytest.fixture(autouse=True)
def nothing_left_behind():
    before = signal.getsignal(signal.SIGALRM), sys.gettrace()
    yield
    assert (signal.getsignal(signal.SIGALRM), sys.gettrace()) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a generator that swallows its end
@pytest.mark.parametrize("endless", ENDLESS, ids=lambda f: f.__name__)
def test_endless_code_is_stopped(endless):
    with pytest.raises(Stuck, match="will not end"), watchdog(LIMIT, stuck):
        endless()


def test_code_that_ends_is_left_alone():
    with watchdog(5, stuck) as watch:
        assert sum(range(1000)) == 499500
        assert watch.armed
    assert watch.fired == 0


def test_the_frame_that_spun_is_named():
    names = []

    def remember(frame):
        names.append(frame.f_code.co_name)
        return Stuck()

    with pytest.raises(Stuck), watchdog(LIMIT, remember):
        spin()
    assert names == ["spin"]


def test_cleaning_up_is_allowed_before_it_gets_rough():
    done = []

    def polite():
        try:
            spin()
        finally:
            for step in range(3):
                done.append(step)

    with pytest.raises(Stuck), watchdog(LIMIT, stuck):
        polite()
    assert done == [0, 1, 2]


def test_progress_keeps_it_quiet():
    steps = 0
    with watchdog(LIMIT, stuck, progress=lambda: steps) as watch:
        end = time.thread_time() + 5 * LIMIT
        while time.thread_time() < end:
            steps += 1
    assert watch.fired == 0


def test_no_more_progress_is_noticed():
    steps = 0
    with pytest.raises(Stuck), watchdog(LIMIT, stuck, progress=lambda: steps):
        steps += 1
        spin()


def test_waiting_is_given_more_time_than_computing():
    with watchdog(LIMIT, stuck, patience=100) as watch:
        time.sleep(4 * LIMIT)
    assert watch.fired == 0


def test_the_outer_one_acts_inside_an_inner_one_with_more_time():
    with pytest.raises(Stuck, match="outer"), watchdog(LIMIT, lambda _: Stuck("outer")), watchdog(60, stuck):
        spin_swallowing()


def test_an_inner_one_is_stopped_and_the_outer_one_goes_on():
    with watchdog(60, lambda _: Stuck("outer")) as outer:
        with pytest.raises(Stuck, match="will not end"), watchdog(LIMIT, stuck):
            spin()
        assert outer.armed
        assert signal.getitimer(signal.ITIMER_REAL)[1] > 0
    assert outer.fired == 0


def test_the_outer_one_still_acts_after_an_inner_one_has_ended():
    with pytest.raises(Stuck, match="outer"), watchdog(0.2, lambda _: Stuck("outer")):
        with watchdog(60, stuck):
            pass
        spin()


def test_a_timer_that_was_armed_is_served_and_armed_again():
    rang = []
    before = signal.signal(signal.SIGALRM, lambda *_: rang.append(1))
    signal.setitimer(signal.ITIMER_REAL, 0.02, 1000)
    try:
        with watchdog(60, stuck):
            while not rang:
                pass
        remaining, interval = signal.getitimer(signal.ITIMER_REAL)
        assert 0 < remaining <= 1000 and interval == pytest.approx(1000)
        assert rang == [1]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_interrupting_by_hand_still_works():
    with pytest.raises(KeyboardInterrupt), watchdog(60, stuck):
        os.kill(os.getpid(), signal.SIGINT)
        spin()


def test_other_threads_run_unwatched_and_say_so():
    seen = []

    def body():
        with watchdog(LIMIT, stuck) as watch:
            seen.append(watch.armed)

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    assert seen == [False]


def test_code_that_may_not_be_interrupted_returns_first():
    halves = []

    def ours():  # two steps that belong together
        halves.append("begun")
        end = time.thread_time() + 3 * LIMIT
        while time.thread_time() < end:
            pass
        halves.append("ended")

    def theirs():
        while True:
            ours()

    with pytest.raises(Stuck), watchdog(LIMIT, stuck, where=lambda f: f.f_code is theirs.__code__):
        theirs()
    assert halves.count("begun") == halves.count("ended") > 0


def test_once_delivered_it_is_not_raised_again():
    def ours():
        with contextlib.suppress(Stuck):
            spin()
        end = time.monotonic() + 0.8  # a picture takes a while
        while time.monotonic() < end:
            pass
        return "reported"

    with watchdog(LIMIT, stuck, where=lambda f: f.f_code is spin.__code__) as watch:
        assert ours() == "reported"
    assert watch.fired == 1


def test_a_debuggers_trace_function_comes_back():
    def tracer(*_):
        return None

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        with pytest.raises(Stuck), watchdog(LIMIT, stuck):
            spin_swallowing()
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(before)


def test_seconds_must_be_positive():
    with pytest.raises(ValueError, match="positive"):
        watchdog(0, stuck)


def test_the_process_survives_many_short_watches():
    """A signal that is pending while the handler is taken away must not end the process."""
    script = """
        from splitbrain.watchdog import Stuck, watchdog
        stopped = 0
        for i in range(300):
            try:
                with watchdog(0.0002 if i % 2 else 1, lambda _: Stuck()):  # too short, and long enough
                    for _ in range(60_000): pass
            except Stuck:
                stopped += 1
        print("alive", stopped > 0)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "alive True\n"), done.stderr
