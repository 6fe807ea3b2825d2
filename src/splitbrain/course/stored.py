"""The form in which a notebook is stored: the same bytes whenever it is made again from the same cells.

What a run leaves behind that no reader wants is taken out: random cell ids, timestamps, the Python version,
widget views (JupyterLab shows a view whose state is not saved as "model not found"; the HTML beside it stays), and
what a cell shows that is tagged ``output-not-stored``: figures of the machine that it ran on.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {"codemirror_mode": {"name": "ipython", "version": 3}, "file_extension": ".py", "mimetype": "text/x-python",
            "name": "python", "nbconvert_exporter": "python", "pygments_lexer": "ipython3"}
WIDGET_VIEW, WIDGET_STATE = "application/vnd.jupyter.widget-view+json", "application/vnd.jupyter.widget-state+json"
OWN_FIGURES = "output-not-stored"  # a tag; nbval compares nothing then if it is told so as well
_KEPT = ("deletable", "editable", "jupyter", "nbgrader", "tags")  # of a cell's metadata


def read(path: Path) -> NotebookNode:
    """Read a notebook; a file that is none raises `ValueError` with its name."""
    try:
        return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, AttributeError, KeyError) as error:
        raise ValueError(f"{path} is not a notebook: {error}") from None


def to_text(notebook: NotebookNode) -> str:
    """The bytes to store, ending in one newline."""
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def normalise(notebook: NotebookNode, stem: str) -> NotebookNode:
    """Give a notebook its stored form, in place. `stem` is its file name, from which the cell ids are made."""
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": LANGUAGE})
    for position, cell in enumerate(notebook.cells):
        cell.id = cell_id(stem, position)
        kept = {key: cell.metadata[key] for key in _KEPT if cell.metadata.get(key) not in (None, [], {})}
        cell.metadata = nbformat.from_dict(kept)
        cell.source = cell.source.strip("\n")
        if cell.cell_type == "code":
            own = OWN_FIGURES in cell.metadata.get("tags", [])
            cell.outputs = [] if own else _merge_streams([_still(output) for output in cell.outputs])
    return notebook


def cell_id(stem: str, position: int) -> str:
    """``01_acid-003``: the notebook and the place in it, from 0."""
    return f"{stem}-{position:03d}"[-64:]


def _still(output: NotebookNode) -> NotebookNode:
    if "data" in output:
        output.data.pop(WIDGET_VIEW, None)
        output.data.pop(WIDGET_STATE, None)
    if "metadata" in output:
        output.metadata.pop(WIDGET_VIEW, None)
    return output


def _merge_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """How much of a cell's printing arrives at once depends on the moment."""
    merged: list[NotebookNode] = []
    for output in outputs:
        last = merged[-1] if merged else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            merged.append(output)
    return merged
