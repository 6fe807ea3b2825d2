"""Five outcomes, each told so that the one who made the mistake can mend it; nothing endless, nothing of ours shown."""

import asyncio
import resource
import signal
import sys
import threading
from types import SimpleNamespace

import pytest

from splitbrain.course import feedback
from splitbrain.course.feedback import (
    EXERCISES,
    CheckFailed,
    NotAttempted,
    Raised,
    Undecided,
    Wrong,
    exercise,
    expect,
    learner_code,
)

MEMORY_AT_FIRST = resource.getrlimit(resource.RLIMIT_AS)  # before any check has run


@pytest.fixture(autouse=True)
def no_exercises_left():
    before = dict(EXERCISES)
    yield
    EXERCISES.clear()
    EXERCISES.update(before)


def answer(source):
    """What a cell of a learner defines last."""
    names = {}
    exec(compile(source, "<answer>", "exec"), names)
    return names[list(names)[-1]]


@pytest.fixture
def check():
    @exercise("01_acid", "double", title="Twice as much", hints=("Think.", "Use 2 * x."), lines=1, seconds=0.1)
    def check_double(double, *, times=1):
        for _ in range(times):
            with learner_code("while doubling 21"):
                result = double(21)
            expect(result, int, of="double(21)")
            if result != 42:
                raise Wrong("The result is not twice the argument.", expected=42, got=result, replay="double(21)")
        return "twice 21 is 42."

    return check_double


def failure(check, source, **options) -> CheckFailed:
    with pytest.raises(CheckFailed) as caught:
        check(answer(source), **options)
    return caught.value


def test_right_is_one_line_of_text(check, capsys):
    assert check(lambda x: 2 * x) is None
    assert capsys.readouterr().out == "Right: twice 21 is 42.\n"


def test_wrong_says_everything_in_its_place(check):
    failed = failure(check, "def double(x): return x + 2")
    assert failed.outcome == "wrong"
    assert str(failed) == """\
Wrong: Twice as much (acid.double)

The result is not twice the argument.

  expected  42
  got       23
  replay    double(21)

hint("acid.double") gives hint 1 of 2."""


@pytest.mark.parametrize("source", [
    "def double(x): raise NotImplementedError",
    "def double(x): raise NotImplementedError('later')",
    "def double(x): ...",
    "def double(x):\n    '''Doubles.'''",
    "def double(x): pass",
    "double = ...",
])
def test_placeholders_are_not_attempted(check, source):
    failed = failure(check, source)
    assert isinstance(failed, NotAttempted)
    assert str(failed).startswith("Not attempted: Twice as much")


def test_a_function_that_returns_a_constant_was_attempted(check):
    assert failure(check, "def double(x): return 4").outcome == "wrong"


def test_not_implemented_in_a_library_is_an_error_of_the_code(check):
    failed = failure(check, "import asyncio\ndef double(x): return asyncio.AbstractEventLoop().run_forever()")
    assert failed.outcome == "not attempted"  # it was raised on a line of theirs all the same


def test_an_exception_is_shown_with_the_learners_lines_only(check):
    failed = failure(check, "import json\ndef half(x):\n    return json.loads('{')\ndef double(x):\n    return half(x)")
    assert isinstance(failed, Raised)
    text = str(failed)
    assert text.startswith("Your code raised: Twice as much (acid.double)\n\nYour code raised JSONDecodeError while "
                           "doubling 21: Expecting property name")
    assert text.index("line 5, in double") < text.index("line 3, in half")
    assert "decoder.py" not in text and "feedback.py" not in text and "test_feedback" not in text


def test_the_learners_line_is_found_behind_an_exception_of_ours(check):
    source = """
def inner(x):
    return {}["missing"]
def double(x):
    return run(inner, x)
"""
    def run(function, x):  # as the simulator does: its own exception, caused by the learner's
        try:
            return function(x)
        except Exception as error:
            raise ValueError("node n1, handler inner") from error

    run.__code__ = run.__code__.replace(co_filename=feedback.__file__)
    function = answer(source)
    function.__globals__["run"] = run
    with pytest.raises(Raised) as caught:
        check(function)
    assert "node n1, handler inner" in str(caught.value)
    assert "line 5, in double" in str(caught.value)


def test_wrong_arguments_show_how_the_check_calls(check):
    failed = failure(check, "def double(): return 42")
    assert failed.outcome == "your code raised"
    assert "takes 0 positional arguments but 1 was given" in str(failed)
    assert "the check calls it so:\n      result = double(21)" in str(failed)


@pytest.mark.parametrize("body", [
    "while True: pass",
    "while True:\n        try: x += 1\n        except BaseException: pass",
    "for _ in iter(int, 1):\n        try: len([])\n        except Exception: pass",
])
def test_endless_loops_are_stopped_and_shown(check, body):
    failed = failure(check, f"def double(x):\n    {body}")
    assert failed.outcome == "your code raised"
    assert "Your code did not end while doubling 21: it was given 0.1 seconds. It was stopped" in str(failed)
    assert ", in double" in str(failed)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_an_endless_method_called_by_the_check_itself_is_the_learners(capsys):
    @exercise("01_acid", "object", title="An object", seconds=0.1)
    def check_object(thing):
        return "it is " + str(thing)

    cls = answer("class Thing:\n    def __str__(self):\n        while True: pass")
    with pytest.raises(Raised, match="did not end"):
        check_object(cls())


def test_an_exception_of_a_method_called_by_the_check_itself_is_the_learners():
    @exercise("01_acid", "thing", title="A thing")
    def check_thing(thing):
        return "it is " + str(thing)

    cls = answer("class Thing:\n    def __str__(self):\n        return {}['x']")
    with pytest.raises(Raised, match="KeyError: 'x'"):
        check_thing(cls())


def test_an_endless_check_blames_nobody(monkeypatch):
    monkeypatch.setattr("splitbrain.course.learner.is_learners", lambda file: False)

    @exercise("01_acid", "slow", title="A slow check", seconds=0.1)
    def check_slow(_answer):
        while True:
            pass

    with pytest.raises(Undecided, match="says nothing about"):
        check_slow(1)


def test_a_check_that_breaks_blames_nobody(monkeypatch):
    monkeypatch.setattr("splitbrain.course.learner.is_learners", lambda file: False)

    @exercise("01_acid", "broken", title="A broken check")
    def check_broken(_answer):
        return {}["x"]

    with pytest.raises(Undecided, match="The check itself failed with KeyError: 'x'") as caught:
        check_broken(1)
    assert isinstance(caught.value.__cause__, KeyError)


def test_endless_recursion(check):
    failed = failure(check, "def double(x): return double(x)")
    assert "calls itself without end" in str(failed)
    assert "calls more" in str(failed) and len(str(failed)) < 1500


@pytest.mark.parametrize("body, words", [
    ("raise SystemExit", "ended the program"),
    ("import sys; sys.exit(1)", "ended the program"),
    ("raise KeyboardInterrupt", "was interrupted"),
    ("raise BaseException('odd')", "raised BaseException while doubling 21: odd"),
    ("assert x == 1", "raised AssertionError while doubling 21: (without a message)"),
])
def test_ways_out_are_the_learners_doing(check, body, words):
    failed = failure(check, f"def double(x): {body}")
    assert failed.outcome == "your code raised" and words in str(failed)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is limited on Linux only")
def test_memory_is_limited_and_given_back(check):
    failed = failure(check, "def double(x): return len(bytearray(3 << 30))")
    assert "asked for more than 2 GiB" in str(failed)
    assert resource.getrlimit(resource.RLIMIT_AS) == MEMORY_AT_FIRST


def test_printing_is_limited(check, capsys):
    check(answer("def double(x):\n    print('y' * 9_999)\n    return 2 * x"))
    out = capsys.readouterr().out
    assert out == "y" * 4000 + "\n(6,000 more characters that your code printed are not shown.)\n" \
        + "Right: twice 21 is 42.\n"


def test_a_little_printing_is_left_alone(check, capsys):
    check(answer("def double(x):\n    print('x is', x)\n    return 2 * x"), times=2)
    assert capsys.readouterr().out == "x is 21\nx is 21\nRight: twice 21 is 42.\n"


def test_exceptions_that_the_check_injects_pass():
    class Crash(BaseException):
        pass

    def crash():
        raise Crash

    @exercise("01_acid", "crash", title="A crash")
    def check_crash(work):
        try:
            with learner_code(passes=(Crash,)):
                work(crash)
        except Crash:
            return "the crash came through."
        raise Wrong("It swallowed the crash.")

    check_crash(answer("def work(crash): crash()"))
    with pytest.raises(Wrong, match="swallowed the crash"):
        check_crash(answer("def work(crash):\n    try: crash()\n    except BaseException: return 1"))


def test_on_another_thread_it_says_that_it_cannot_watch(check, capsys, monkeypatch):
    monkeypatch.setattr(feedback, "_told_unwatched", False)
    thread = threading.Thread(target=check, args=(lambda x: 2 * x,))
    thread.start()
    thread.join()
    assert "cannot be stopped" in capsys.readouterr().out


def test_nothing_shown_holds_an_address(check):
    text = str(failure(check, "class A: pass\ndef double(x): return [A(), print, {A()}]"))
    assert "0x" not in text and "A object" in text


def test_sets_are_shown_in_one_order():
    @exercise("01_acid", "sets", title="Sets")
    def check_sets(_answer):
        raise Wrong("Another set.", expected={"b", "a", "c"}, got=frozenset())

    with pytest.raises(Wrong) as caught:
        check_sets(1)
    assert "expected  {'a', 'b', 'c'}" in str(caught.value) and "got       set()" in str(caught.value)


def test_long_values_are_cut(check):
    text = str(failure(check, "def double(x): return list(range(10000))"))
    assert "characters more)" in text and len(text) < 2500


def test_a_value_whose_repr_raises_is_survived(check):
    source = "class A:\n    def __repr__(self): raise KeyError\ndef double(x): return [A()]"
    assert "whose repr raises KeyError" in str(failure(check, source))


def test_two_exercises_may_not_share_a_name(check):
    with pytest.raises(ValueError, match="acid.double"):
        @exercise("01_acid", "double", title="Another")
        def check_other(_answer):
            return ""


def test_the_picture_is_displayed_and_otherwise_named(check, monkeypatch):
    failed = Wrong("It is wrong.", picture=SimpleNamespace(alt="Two nodes, one link cut."))
    assert "  picture   Two nodes, one link cut." in str(failed)
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    assert "Two nodes" not in "\n".join(failed._render_traceback_())
    assert shown == [failed.picture]


def test_a_picture_that_cannot_be_drawn_hides_nothing(monkeypatch):
    def broken(_picture):
        raise RuntimeError

    monkeypatch.setattr("IPython.display.display", broken)
    failed = Wrong("It is wrong.", picture=SimpleNamespace(alt="Two nodes."))
    assert failed._render_traceback_() == ["Wrong.", "", "It is wrong.", "", "  picture   Two nodes."]


@pytest.fixture
def shell(tmp_path, monkeypatch):
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    config = Config()
    config.HistoryManager.enabled = False
    yield InteractiveShell.instance(config=config)
    InteractiveShell.clear_instance()


def test_ipython_shows_the_message_and_no_traceback(check, shell):
    from IPython.utils.capture import capture_output

    shell.user_ns["check"] = check
    with capture_output() as captured:
        shell.run_cell("def double(x):\n    y = x\n    return y / 0", store_history=True)
        shell.run_cell("check(double)", store_history=True)
    assert "Your code raised ZeroDivisionError while doubling 21" in captured.stdout
    assert "cell In[1], line 3, in double\n      return y / 0" in captured.stdout
    assert "Traceback" not in captured.stdout and "feedback.py" not in captured.stdout


@pytest.mark.parametrize("value, shape, words", [
    (None, int, "f() returns None: is there a `return` missing?"),
    (print, int, "f() returns a builtin_function_or_method."),
    (len.__class__, int, "f() returns a type."),
    ((x for x in [1]), list[int], "`list(...)` makes a list of it"),
    (True, int, "f() returns True."),
    ("5", int, "f() returns a string ('5')."),
    ([1, "2"], list[int], "f() returns the wrong thing: item 1 (from 0) is a string ('2'), not a whole number."),
    ([("x", 1), ("y",)], list[tuple[str, int]], "in item 1 (from 0), a tuple of 1 instead of 2"),
    ({"x": [1, None]}, dict[str, list[int]], "in the value of 'x', item 1 (from 0) is None, not a whole number"),
    ({1: 2}, dict[str, int], "the key 1 is a whole number (1), not a string"),
])
def test_wrong_types_name_the_likely_slip(value, shape, words):
    with pytest.raises(Wrong) as caught:
        expect(value, shape, of="f()")
    assert words in caught.value.sentence


def test_a_forgotten_call_and_a_forgotten_await():
    async def work():
        return 1

    def plain():
        return 1

    with pytest.raises(Wrong, match="is there an `await` missing"):
        expect(work(), int)
    with pytest.raises(Wrong, match=r"the function plain itself: is there a call missing, `plain\(...\)`"):
        expect(plain, int)
    assert asyncio.run(work()) == 1


def test_a_forgotten_fetch():
    import sqlite3

    connection = sqlite3.connect(":memory:")
    with pytest.raises(Wrong, match="fetchall"):
        expect(connection.execute("SELECT 1"), list[tuple[int]], of="rows()")
    connection.close()


@pytest.mark.parametrize("value, shape", [
    (1, int), (1, float), (1.5, float), (None, int | None), ([], list[int]), ([("x", 1)], list[tuple[str, int]]),
    ({"x": 1}, dict[str, int]), ((1, 2, 3), tuple[int, ...]), ({"a"}, set[str]), (False, bool), ([1], list),
])
def test_right_types_pass_through(value, shape):
    assert expect(value, shape) is value


def test_dots_are_not_attempted():
    with pytest.raises(NotAttempted):
        expect(..., int)
