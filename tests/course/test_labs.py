"""Every lab is fit to be handed out; and one that is not would be noticed."""

from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from splitbrain.course import fitness
from splitbrain.course.plan import LESSONS
from splitbrain.course.release import add_grading
from splitbrain.course.standing import exercises
from splitbrain.course.stored import read

ROOT = Path(__file__).parents[2]
SOLUTIONS = sorted((ROOT / "solutions").glob("*.ipynb"))
ANSWERS = ROOT / "tests" / "wrong_answers"
WRONG = [(solution, path) for solution in SOLUTIONS for path in fitness.wrong_answers(ANSWERS / solution.stem)]
IN_LESSONS = [(one, path) for one in LESSONS if not one.lab_minutes
              for path in fitness.wrong_answers(ANSWERS / one.name)]


@pytest.fixture
def lab(request):
    return fitness.Lab(request.param.stem, read(request.param))


@pytest.fixture(autouse=True)
def no_exercises_left():
    with fitness.exercises_of(""):
        yield


each_lab = pytest.mark.parametrize("lab", SOLUTIONS, indirect=True, ids=lambda path: path.stem)


@each_lab
def test_the_blank_lab_is_not_attempted(lab):
    assert list(fitness.problems_of_blank(lab)) == []


@each_lab
def test_the_solution_is_right(lab):
    assert list(fitness.problems_of_solution(lab)) == []


@each_lab
def test_every_exercise_has_wrong_answers(lab):
    assert list(fitness.problems_of_coverage(lab, ANSWERS / lab.lesson)) == []


@pytest.mark.parametrize("lab, path", WRONG, indirect=["lab"], ids=[f"{s.stem}-{path.stem}" for s, path in WRONG])
def test_wrong_answers_are_caught(lab, path):
    assert list(fitness.problems_of_wrong_answer(lab, path)) == []


@pytest.mark.parametrize("lesson, path", IN_LESSONS, ids=[f"{one.name}-{path.stem}" for one, path in IN_LESSONS])
def test_wrong_answers_in_a_lesson_are_caught(lesson, path):
    exercises(lesson)
    assert list(fitness.problems_of_wrong_answer_in_lesson(lesson.name, path)) == []


def test_wrong_answers_belong_to_a_lesson():
    assert {path.name for path in ANSWERS.glob("*/")} <= {one.name for one in LESSONS}


# What follows makes sure of the machinery, with a lab of two exercises.

GIVEN = '''
from splitbrain.course.feedback import Wrong, exercise, expect, learner_code

@exercise("99_made_up", "double", title="Twice as much", hints=("Think.", "Use 2 *."))
def check_double(double):
    with learner_code():
        result = expect(double(21), int, of="double(21)")
    if result != 42:
        raise Wrong("The result is not twice the argument.", expected=42, got=result)
    return "twice 21 is 42."

@exercise("99_made_up", "tries", title="How often", hints=("Think.", "Not 0."))
def check_tries(tries):
    if expect(tries, int) < 1:
        raise Wrong("It would never try.", expected="at least 1", got=tries)
    return "it tries."
'''
DOUBLE = '''
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    the_result_of_doubling = 2 * x
    return the_result_of_doubling
    ### END SOLUTION
'''
TRIES = "### BEGIN SOLUTION\ntries = 3\n### END SOLUTION"


def make(**changes):
    sources = {"given": GIVEN, "double": DOUBLE, "check": "check_double(double)", "tries": TRIES,
               "check_tries": "check_tries(tries)"} | changes
    cells = [new_markdown_cell("# Lab"), *map(new_code_cell, filter(None, (s.strip() for s in sources.values())))]
    return fitness.Lab("99_made_up", add_grading(new_notebook(cells=cells), "99_made_up"))


def answer(tmp_path, text, exercise="double", words="not twice", head='"""Somebody in a hurry."""\n', **declared):
    lines = [f"EXERCISE = {exercise!r}", f"EXPECT = {words!r}", *(f"{k} = {v!r}" for k, v in declared.items()), text]
    path = tmp_path / "answer.py"
    path.write_text(head + "\n".join(lines) + "\n")
    return path


def test_a_good_lab_has_no_problems(tmp_path):
    assert list(fitness.problems_of_blank(make())) == []
    assert list(fitness.problems_of_solution(make())) == []
    for text, exercise, words, more in (
            ("def double(x): return x + 2", "double", "not twice", {}),
            ("def double(x): 2 * x", "double", "`return` missing", {}),
            ("def double(x): return y", "double", "name 'y' is not defined", {"OUTCOME": "your code raised"}),
            ("tries = 0", "tries", "never try", {})):
        path = answer(tmp_path, text, exercise, words, **more)
        assert list(fitness.problems_of_wrong_answer(make(), path)) == []


def test_a_check_that_accepts_everything_is_noticed(tmp_path):
    generous = make(given=GIVEN.replace("if result != 42", "if False"))
    problems = list(fitness.problems_of_wrong_answer(generous, answer(tmp_path, "def double(x): return 7")))
    assert "it is declared 'wrong' and was found 'right'" in problems[0]


def test_a_check_that_takes_the_blank_lab_is_noticed():
    generous = GIVEN.replace("    if expect(tries, int) < 1:\n", "    if False:\n").replace(
        "def check_tries(tries):", "def check_tries(*_):")
    problems = list(fitness.problems_of_blank(make(given=generous, check_tries="check_tries(1)")))
    assert problems and problems[0].startswith("tries: blank, and yet right")


def test_a_wrong_solution_is_noticed():
    assert "double: wrong" in next(fitness.problems_of_solution(make(double=DOUBLE.replace("2 * x", "3 * x"))))


def test_an_exercise_without_its_check_is_noticed():
    assert "['tries']" in next(fitness.problems_of_solution(make(check_tries="")))


def test_too_few_hints_are_noticed():
    fewer = make(given=GIVEN.replace('("Think.", "Not 0.")', '("Think.",)'))
    assert "tries: 1 hints" in next(fitness.problems_of_solution(fewer))


def test_a_message_without_the_words_is_noticed(tmp_path):
    path = answer(tmp_path, "def double(x): return 7", words="something else")
    assert "'something else' is not in the message" in next(fitness.problems_of_wrong_answer(make(), path))


def test_a_message_that_gives_the_solution_away_is_noticed(tmp_path):
    telling = make(given=GIVEN.replace("is not twice the argument.", "is not twice: the_result_of_doubling = 2 * x"))
    path = answer(tmp_path, "def double(x): return 7", words="not twice")
    assert "gives the solution away" in next(fitness.problems_of_wrong_answer(telling, path))


def test_a_wrong_answer_without_its_reason_is_noticed(tmp_path):
    path = answer(tmp_path, "def double(x): return 7", head="")
    assert "needs a docstring" in next(fitness.problems_of_wrong_answer(make(), path))


def test_too_few_wrong_answers_are_noticed(tmp_path):
    answer(tmp_path, "def double(x): return 7")
    assert list(fitness.problems_of_coverage(make(), tmp_path)) == [
        "double: 1 wrong answers, at least 3 are wanted", "tries: 0 wrong answers, at least 3 are wanted"]


def test_a_given_cell_that_fails_is_noticed():
    with pytest.raises(ZeroDivisionError):
        list(fitness.problems_of_blank(make(given=GIVEN + "\n1 / 0")))
