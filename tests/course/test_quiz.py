"""A quiz gives the reason for every answer, keeps the last one, and works from code."""

import sqlite3

import pytest

from splitbrain.course import progress, quiz, store
from splitbrain.course.quizzes import answered
from splitbrain.course.standing import BEGUN

REASONS = {"adds a row": "That is INSERT.", "changes every row": "There is no `WHERE`."}


def ask(**changes):
    given = {"name": "acid-update", "question": "What does `UPDATE t SET x = 1` do?", "options": REASONS,
             "right": "changes every row"} | changes
    return quiz(given.pop("name"), given.pop("question"), given.pop("options"), **given)


def test_every_answer_has_its_reason():
    widget = ask()
    assert widget.note == ""
    widget.set_state({"chosen": 0})                       # what a click in the browser does
    assert widget.note == "No: That is INSERT."
    widget.set_state({"chosen": 1})
    assert widget.note == "Right: There is no `WHERE`."


def test_from_code_by_letter_or_by_words():
    assert repr(ask().answer("a")) == "No: That is INSERT."
    told = ask().answer("changes every row")
    assert repr(told) == "Right: There is no `WHERE`." and "<code>WHERE</code>" in told._repr_html_()
    with pytest.raises(ValueError, match=r"'c' is none of the options: a\) adds a row, b\) changes every row"):
        ask().answer("c")


def test_the_answer_is_kept_with_the_progress():
    assert answered("acid-update") is None
    ask().answer("a")
    ask().answer("a")
    ask().answer("b")
    assert answered("acid-update") == "changes every row"
    assert store.read("SELECT answer, is_right FROM quiz") == [("adds a row", 0), ("changes every row", 1)]
    assert {one.lesson.slug: one.state for one in progress()}["acid"] == BEGUN
    again = ask()
    assert again.chosen == 1 and again.note.startswith("Right")


def test_an_answer_that_is_no_longer_an_option_chooses_nothing():
    ask().answer("a")
    assert ask(options={"b": "No.", "changes every row": "Yes."}).chosen is None


def test_what_is_stored_is_the_question_whatever_was_answered():
    before = repr(ask()), ask()._repr_mimebundle_()[0]["text/html"]
    widget = ask()
    widget.answer("b")
    assert (repr(widget), widget._repr_mimebundle_()[0]["text/html"]) == before
    assert repr(widget) == ("What does `UPDATE t SET x = 1` do?\n  a) adds a row\n  b) changes every row\n"
                            "Run this cell to answer.")


@pytest.mark.parametrize(("changes", "said"), [
    ({"right": "sorts"}, "the right answer, 'sorts', is none of the options: 'adds a row', 'changes every row'"),
    ({"options": REASONS | {"sorts": " "}}, "option 'sorts' gives no reason"),
    ({"options": {"changes every row": "Yes."}}, "at least two different")])
def test_a_quiz_that_is_none_is_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        ask(**changes)


def test_a_file_of_an_older_course_gets_its_table_and_keeps_the_rest(own_home):
    with sqlite3.connect(own_home / store.FILE) as old:
        old.executescript("CREATE TABLE prediction (name TEXT PRIMARY KEY, answer TEXT NOT NULL, seconds REAL);"
                          "INSERT INTO prediction VALUES ('acid-kill', 'all', 1); PRAGMA user_version = 1;")
    old.close()
    ask().answer("b")
    assert answered("acid-update") == "changes every row"
    assert store.read("SELECT answer FROM prediction") == [("all",)]
