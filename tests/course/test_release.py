"""Labs are what their solutions make; solutions follow nbgrader's rules; nobody's work is overwritten."""

from pathlib import Path

import pytest
from nbformat import validate
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from splitbrain.course import release as releasing
from splitbrain.course.release import add_grading, main, placeholder, release
from splitbrain.course.stored import read, to_text

ROOT = Path(__file__).parents[2]
SOLUTIONS = sorted((ROOT / "solutions").glob("*.ipynb"))

ANSWER = '''
class Import:
    """Resumes."""

    def run(self, rows):
        ### BEGIN SOLUTION
        for row in rows:
            self.add(row)
        ### END SOLUTION

    def add(self, row):
        ### BEGIN SOLUTION
        pass
        ### END SOLUTION
'''.strip()
CHECK = "acid.check_import(Import)\n### BEGIN HIDDEN TESTS\nassert Import().run([]) is None\n### END HIDDEN TESTS"


def solution(*sources):
    cells = [new_code_cell(source, outputs=[new_output("stream", text="x\n")], execution_count=i)
             for i, source in enumerate(sources or ("import acid", ANSWER, CHECK), 1)]
    return new_notebook(cells=[new_markdown_cell("# Lab"), *cells])


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_the_labs_are_what_their_solutions_make(path):
    lab = ROOT / "labs" / path.name
    assert lab.read_text(encoding="utf-8") == to_text(release(read(path), path.stem)), "run make labs"


def test_every_lab_has_its_solution():
    assert {path.name for path in (ROOT / "labs").glob("*.ipynb")} == {path.name for path in SOLUTIONS}


def test_solutions_become_placeholders_and_hidden_tests_go():
    cells = release(solution(), "01_acid").cells
    assert cells[2].source == '''
class Import:
    """Resumes."""

    def run(self, rows):
        raise NotImplementedError  # your answer

    def add(self, row):
        raise NotImplementedError  # your answer
'''.strip()
    assert cells[3].source == "acid.check_import(Import)"
    assert all(not c.outputs and c.execution_count is None for c in cells[1:])


def test_the_metadata_is_nbgraders():
    given, answer, check = release(solution(), "01_acid").cells[1:]
    common = {"schema_version": 3, "cell_type": "code", "task": False}
    assert given.metadata.nbgrader == common | {"grade": False, "solution": False, "locked": True,
                                                "grade_id": "acid-given-001"}
    assert answer.metadata.nbgrader == common | {"grade": False, "solution": True, "locked": False,
                                                 "grade_id": "acid-Import"}
    assert check.metadata.nbgrader == common | {"grade": True, "solution": False, "locked": True, "points": 1,
                                                "grade_id": "acid-check-import"}
    assert (check.metadata.deletable, check.metadata.editable) == (False, False)
    assert check.metadata.tags == ["raises-exception"]
    assert "editable" not in answer.metadata


def test_points_come_from_a_tag():
    book = solution()
    book.cells[3].metadata["tags"] = ["points-5"]
    assert release(book, "01_acid").cells[3].metadata.nbgrader.points == 5


def test_a_lab_is_valid_and_says_what_it_is_made_from_and_the_solution_is_left_alone():
    book = solution()
    before = to_text(book)
    lab = release(book, "01_acid")
    validate(lab)
    assert "Made from solutions/01_acid.ipynb" in lab.cells[0].source and lab.cells[0].source.startswith("# Lab")
    assert [c.id for c in lab.cells] == [f"01_acid-00{i}" for i in range(4)]
    assert to_text(book) == before
    assert to_text(release(book, "01_acid")) == to_text(lab)


@pytest.mark.parametrize("region, instead", [
    ("    return 1", ["    raise NotImplementedError  # your answer"]),
    ("\n        a = 1\n\n      b = 2", ["      raise NotImplementedError  # your answer"]),
    ("a, (b, c) = 1, (2, 3)\nd: int = 4", [f"{n} = ...  # your answer" for n in "abcd"]),
    ("def f():\n    x = 1\nclass G:\n    y = 2", ["f = ...  # your answer", "G = ...  # your answer"]),
    ("print(1)", ["...  # your answer"]),
])
def test_placeholders(region, instead):
    assert placeholder(region.split("\n")) == instead


@pytest.mark.parametrize("source, words", [
    ("### BEGIN SOLUTION\nx = 1", "never ended"),
    ("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION", "inside another"),
    ("x = 1\n### END HIDDEN TESTS", "without its beginning"),
])
def test_marks_that_do_not_match_are_named(source, words):
    with pytest.raises(ValueError, match=f"01_acid: cell 1: .*{words}"):
        release(solution(source), "01_acid")


def test_two_cells_with_one_grade_id_are_named():
    with pytest.raises(ValueError, match="two cells have the grade id 'acid-check-import'"):
        add_grading(solution(ANSWER, CHECK, CHECK), "01_acid")


@pytest.fixture
def course(tmp_path, monkeypatch):
    for name in ("solutions", "notebooks"):
        (tmp_path / name).mkdir()
    (tmp_path / "solutions" / "01_acid.ipynb").write_text(to_text(solution()))
    monkeypatch.setattr(releasing, "course_folder", lambda: tmp_path)
    return tmp_path


def test_the_command_writes_once_and_checks(course, capsys):
    assert main(["--check"]) == 1
    assert main([]) == 0
    assert main(["--check"]) == 0
    assert main([]) == 0
    out, err = capsys.readouterr()
    assert [line.rpartition(" ")[2] for line in out.splitlines()] == ["written", "unchanged", "unchanged"]
    assert "is not what" in err


def test_somebodys_work_is_not_overwritten(course, capsys):
    main([])
    lab = course / "labs" / "01_acid.ipynb"
    book = read(lab)
    book.cells[2].update(source="class Import: pass", execution_count=1)
    lab.write_text(to_text(book))
    assert main([]) == 1
    assert "was worked in" in capsys.readouterr().err and "class Import: pass" in lab.read_text()
    assert main(["--force"]) == 0
    assert "class Import: pass" not in lab.read_text()


def test_nbgraders_own_preprocessors_make_the_same(tmp_path):
    preprocessors = pytest.importorskip("nbgrader.preprocessors")
    from traitlets.config import Config

    config = Config()
    config.ClearSolutions.code_stub = {"python": "raise NotImplementedError  # your answer"}
    theirs = add_grading(solution(), "01_acid")
    for each in (preprocessors.ClearSolutions(config=config), preprocessors.ClearHiddenTests()):
        theirs, _ = each.preprocess(theirs, {})
    for cell, ours in zip(theirs.cells, release(solution(), "01_acid").cells, strict=True):
        if cell.cell_type == "code":
            assert (cell.source.strip(), cell.metadata.nbgrader) == (ours.source, ours.metadata.nbgrader)
