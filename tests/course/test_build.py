"""Notebooks are stored in one form, run in an empty home, and say where they fail."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from splitbrain.course import build
from splitbrain.course.stored import WIDGET_STATE, WIDGET_VIEW, cell_id, normalise, to_text


def notebook(*sources, tags=()):
    code = [new_code_cell(source, metadata={"tags": list(tags)}) for source in sources]
    return new_notebook(cells=[new_markdown_cell("# Title"), *code], metadata={"jupytext": {"version": "1"}})


@pytest.fixture
def save(tmp_path):
    def save(name, book):
        path = tmp_path / name
        nbformat.write(book, path)
        return path

    return save


def test_ids_follow_from_name_and_place_and_are_valid():
    book = normalise(notebook("1", "2"), "01_acid")
    assert [c.id for c in book.cells] == ["01_acid-000", "01_acid-001", "01_acid-002"]
    nbformat.validate(book)
    assert len(cell_id("99_" + "x" * 80, 7)) == 64


def test_what_a_run_leaves_behind_is_taken_out():
    book = notebook("1")
    cell = book.cells[1]
    cell.metadata |= {"execution": {"iopub.execute_input": "2026-01-01"}, "collapsed": False, "tags": ["keep"]}
    still = {"text/html": "<p>still</p>", "text/plain": "S"}
    cell.outputs = [
        new_output("stream", name="stdout", text="a\n"),
        new_output("stream", name="stdout", text="b\n"),
        new_output("display_data", data=still | {WIDGET_VIEW: {"model_id": "x"}}),
        new_output("stream", name="stdout", text="c\n"),
    ]
    book.metadata |= {"widgets": {WIDGET_STATE: {}}, "language_info": {"name": "python", "version": "3.11.7"}}
    text = to_text(normalise(book, "01_acid"))
    for gone in ("iopub", "collapsed", "widget", "jupytext", "3.11"):
        assert gone not in text
    assert [o.get("text") for o in cell.outputs] == ["a\nb\n", None, "c\n"]
    assert cell.outputs[1].data == still
    assert cell.metadata == {"tags": ["keep"]}
    assert text.endswith("}\n") and to_text(normalise(book, "01_acid")) == text


def test_figures_of_the_machine_are_not_stored_and_that_the_cell_ran_is():
    book = notebook("1", "2")
    for cell, tags in zip(book.cells[1:], (["output-not-stored"], ["nbval-ignore-output"]), strict=True):
        cell.metadata["tags"] = tags
        cell.execution_count = 1
        cell.outputs = [new_output("stream", name="stdout", text="417 a second\n")]
    normalise(book, "01_acid")
    assert [len(cell.outputs) for cell in book.cells[1:]] == [0, 1] and book.cells[1].execution_count == 1


def test_running_again_changes_no_byte_and_finds_an_empty_home(save, monkeypatch, own_home):
    (own_home / "progress.sqlite").write_text("the author's")
    home = "import os\nprint(os.listdir(os.environ['SPLITBRAIN_HOME']).count('progress.sqlite'))"
    path = save("00_one.ipynb", notebook(home, "print('x'); {'b': 1, 'a': 2}"))
    assert build.build(path).endswith("stored")
    first = path.read_bytes()
    assert b'"0\\n"' in first and b'"execution_count": 2' in first
    assert build.build(path, check=True).endswith("unchanged")
    path.write_bytes(first.replace(b'"x\\n"', b'"y\\n"'))
    with pytest.raises(build.BuildError, match=r"would change\n    cell 00_one-002: outputs"):
        build.build(path, check=True)
    assert build.build(path).endswith("stored")
    assert path.read_bytes() == first


def test_errors_name_the_notebook_the_cell_and_the_error(save, capsys):
    bad = save("00_bad.ipynb", notebook("x = 1", "def f():\n    return y\nf()"))
    quiet = save("00_quiet.ipynb", notebook("1", tags=["raises-exception"]))
    good = save("00_good.ipynb", notebook("1 / 0", tags=["raises-exception"]))
    before = bad.read_bytes()
    assert build.main([str(bad), str(quiet), str(good), "missing.ipynb"]) == 1
    out, err = capsys.readouterr()
    assert "00_bad.ipynb: cell 00_bad-002 ('def f():') raised NameError: name 'y' is not defined" in err
    assert "return y" in err and "\x1b" not in err
    assert "00_quiet.ipynb: cell 00_quiet-001 is tagged raises-exception, but raises nothing" in err
    assert "missing.ipynb" in err
    assert "00_good.ipynb: stored" in out
    assert bad.read_bytes() == before


def test_a_cell_that_ends_the_kernel_is_named(save):
    path = save("00_dead.ipynb", notebook("1", "import os; os._exit(3)"))
    with pytest.raises(build.BuildError, match="00_dead-002.*ended the kernel"):
        build.build(path)


def test_a_file_that_is_no_notebook_is_named(tmp_path, capsys):
    path = tmp_path / "00_none.ipynb"
    path.write_text("{")
    assert build.main([str(path)]) == 1
    assert "00_none.ipynb is not a notebook" in capsys.readouterr().err


def test_solutions_get_their_grading(save, tmp_path):
    folder = tmp_path / "solutions"
    folder.mkdir()
    answer = "### BEGIN SOLUTION\nx = 1\n### END SOLUTION"
    path = save("solutions/01_acid.ipynb", notebook(answer, "def check_x(x): pass", "check_x(x)"))
    build.build(path)
    grading = [c.metadata.nbgrader.grade_id for c in nbformat.read(path, 4).cells if c.cell_type == "code"]
    assert grading == ["acid-x", "acid-given-002", "acid-check-x"]
