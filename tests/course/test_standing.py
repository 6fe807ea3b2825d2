"""Hints come one after the other; attempts, hints and finished lessons add up to a picture of the course."""

import pytest

from splitbrain.course import finish, hint, predict, progress
from splitbrain.course.feedback import EXERCISES, Wrong, exercise
from splitbrain.course.plan import LESSONS, PARTS, lesson


@pytest.fixture
def check():
    before = dict(EXERCISES)

    @exercise("15_the_article_checked", "sum", title="A sum", hints=("Think.", "Add.", "1 + 1"))
    def check_sum(value):
        if value != 2:
            raise Wrong("It is not two.")
        return "one and one is two."

    yield check_sum
    EXERCISES.clear()
    EXERCISES.update(before)


ID = "the_article_checked.sum"


def test_hints_are_graded_and_the_message_points_to_the_next(check, capsys):
    for step in ("gives hint 1 of 3", "gives hint 2 of 3", "gives hint 3 of 3", "shows the hints again"):
        with pytest.raises(Wrong) as caught:
            check(3)
        assert str(caught.value).endswith(f'hint("{ID}") {step}.')
        hint(ID)
    assert capsys.readouterr().out == ("Hint 1 of 3: Think.\nHint 2 of 3: Add.\nHint 3 of 3: 1 + 1\n"
                                       "Hint 1 of 3: Think.\nHint 2 of 3: Add.\nHint 3 of 3: 1 + 1\n")


def test_one_hint_by_its_number(check, capsys):
    hint(ID, 2)
    assert capsys.readouterr().out == "Hint 2 of 3: Add.\n"
    with pytest.raises(LookupError, match="there is no hint 9"):
        hint(ID, 9)


def test_an_unknown_exercise_lists_the_known(check):
    with pytest.raises(LookupError, match=f"no exercise 'the_article_checked.sun'; there are: {ID}"):
        hint("the_article_checked.sun")
    with pytest.raises(LookupError, match="there are: "):
        hint("nothing")


def row(number):
    return next(one for one in progress() if one.lesson.number == number)


def test_a_lesson_is_to_come_begun_and_done(check, capsys):
    assert (row("15").state, row("15").right, row("15").exercises) == ("to come", 0, 1)
    with pytest.raises(Wrong):
        check(3)
    assert (row("15").state, row("15").right) == ("begun", 0)
    check(2)
    assert (row("15").state, row("15").right) == ("begun", 1)
    finish("15")
    assert row("15").state == "done"
    assert "15 The article, checked: done." in capsys.readouterr().out


def test_a_prediction_begins_a_lesson():
    predict("replication-loss", "How many?", ["a", "b"], answer="a")
    assert row("03").state == "begun"


def test_finishing_names_the_lab_and_what_is_next(capsys):
    finish("acid")
    assert capsys.readouterr().out == ("01 ACID, and the two ways to die: done.\n"
                                       "Its lab is labs/01_acid.ipynb, about 60 minutes.\n"
                                       "Next: 02 Isolation: ten anomalies.\n")
    with pytest.raises(LookupError, match="no lesson 'acide'; there are 00_start_here, 01_acid"):
        finish("acide")


def test_progress_reads_without_colour_as_text_and_as_html(check):
    check(2)
    text, page = repr(progress()), progress()._repr_html_()
    assert "  ◐ 15 The article, checked" in text and "begun" in text and "1 of 1 right" in text
    assert page.count("<tr>") == len(LESSONS) + 1 and "<caption>" in page and "begun" in page


def test_the_plan_holds_together():
    names = [one.name for one in LESSONS]
    assert len(names) == 16 and [one.number for one in LESSONS] == [f"{i:02d}" for i in range(16)]
    assert sum(1 for one in LESSONS if one.lab_minutes) == 14
    for one in LESSONS:
        assert one.minutes <= 60 and one.part in PARTS
        assert all(names.index(before) < names.index(one.name) for before in one.builds_on)
        assert lesson(one.name) is lesson(one.number) is lesson(one.slug) is one
    assert sorted({part.part for part in LESSONS}) == sorted(PARTS)
