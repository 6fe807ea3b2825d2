"""The map shows every lesson and its state without colour, and no arrow runs through a lesson."""

import xml.etree.ElementTree

import pytest

from splitbrain.course import course_map, finish, predict
from splitbrain.course import map as mapping
from splitbrain.course.plan import LESSONS
from splitbrain.course.standing import BEGUN, DONE, NOT_BEGUN, TO_COME, Progress, Standing
from splitbrain.views import style

STATES = [DONE, BEGUN, NOT_BEGUN, TO_COME]


def standings(*states):
    return Progress(Standing(one, states[i % len(states)], 0, 0) for i, one in enumerate(LESSONS))


def test_every_lesson_is_there_and_its_state_is_said():
    picture = course_map(standings(*STATES))
    assert all(f'id="sb-lesson-{one.name}"' in picture.svg for one in LESSONS)
    assert "Done: 00, 04, 08, 12. Begun: 01, 05, 09, 13. Ready for you: 02, 06, 10, 14. To come: 03" in picture.alt
    assert picture.table[7]["builds on"] == "02 03" and picture.table[7]["state"] == "to come"
    xml.etree.ElementTree.fromstring(picture.svg)


def test_states_differ_by_shape():
    def shapes(state):
        lines = course_map(standings(state)).svg.replace("\n", " ")
        for colour in (style.TINTS["green"], style.TINTS["yellow"], style.TINTS["blue"], style.PAPER):
            lines = lines.replace(colour, "").replace(colour.lower(), "")
        return lines

    assert len({shapes(state) for state in STATES}) == len(STATES)


def test_progress_is_drawn():
    predict("replication-loss", "How many?", ["a", "b"], answer="a")
    finish("01")
    assert "Done: 01. Begun: 03." in course_map().alt


def test_the_same_progress_is_the_same_picture():
    assert course_map(standings(*STATES)).svg == course_map(standings(*STATES)).svg


def test_no_arrow_runs_through_a_lesson_and_no_lesson_covers_another():
    rows = mapping._rows()
    place = {one.number: (mapping._COLUMNS[one.number] * mapping._COLUMN, rows[one.number] * mapping._ROW)
             for one in LESSONS}
    half = mapping._WIDTH / 2
    for a in LESSONS:
        for b in LESSONS:
            (xa, ya), (xb, yb) = place[a.number], place[b.number]
            assert a is b or ya != yb or abs(xa - xb) > 2 * half
    for one in LESSONS:
        for before in one.builds_on:
            x, top = place[before[:2]]
            between = [n for n, (_, y) in place.items() if top < y < place[one.number][1]]
            assert all(abs(place[number][0] - x) >= half for number in between), (before, one.name)


@pytest.mark.parametrize("one", LESSONS, ids=lambda one: one.name)
def test_titles_fit_into_their_box(one):
    lines = mapping._wrapped(one.title)
    assert len(lines) <= 2
    assert all(style.text_width(line, 10.5) <= mapping._WIDTH - 48 for line in lines)
