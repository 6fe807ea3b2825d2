"""Runs notebooks from top to bottom and stores them: ``python -m splitbrain.course.build notebooks/*.ipynb``.

Each runs in a fresh kernel of this Python, with an empty home: no stored prediction, progress, start-up file or
kernel of the author's gets into it. Running it again changes no byte. ``--check`` writes nothing and says
what would change.
"""

from __future__ import annotations

import argparse
import copy
import os
import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from splitbrain.course.release import add_grading
from splitbrain.course.stored import cell_id, normalise, read, to_text

SECONDS = 600  # for one cell
AT_ONCE = 2  # kernels


class _ThisPython(KernelSpecManager):
    """The kernel of the interpreter that runs this, whatever is installed as ``python3``."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(**get_kernel_dict())


class BuildError(Exception):
    """A notebook that does not run; the message names the notebook, the cell and the error."""


def run(path: Path) -> NotebookNode:
    """Run a notebook and return it in its stored form; the file stays as it is.

    Raises
    ------
    BuildError
        A cell raised that is not tagged ``raises-exception``, one so tagged did not, took longer than `SECONDS`,
        or ended the kernel.
    """
    notebook = copy.deepcopy(read(path))
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    if path.resolve().parent.name == "solutions":
        add_grading(notebook, path.stem)
    with tempfile.TemporaryDirectory(prefix="splitbrain-build-") as home:
        _execute(notebook, path, home)
    return normalise(notebook, path.stem)


def _execute(notebook: NotebookNode, path: Path, home: str) -> None:
    manager = AsyncKernelManager(kernel_spec_manager=_ThisPython(), transport="ipc", ip=os.path.join(home, "kernel"))
    begun: list[int] = []
    client = NotebookClient(notebook, manager, timeout=SECONDS, record_timing=False,
                            on_cell_execute=lambda cell, cell_index: begun.append(cell_index),
                            resources={"metadata": {"path": str(path.resolve().parent)}})
    try:
        client.execute(env=_environment(home), cleanup_kc=True)
    except CellExecutionError as error:
        last = _without_colour(error.traceback).strip().splitlines()[-25:]
        what = f"raised {error.ename}: {error.evalue}\n{_indent(last)}"
        raise BuildError(f"{_where(path, notebook, begun)} {what}") from None
    except CellTimeoutError:
        raise BuildError(f"{_where(path, notebook, begun)} took longer than {SECONDS} seconds") from None
    except DeadKernelError:
        raise BuildError(f"{_where(path, notebook, begun)} ended the kernel") from None
    for position, cell in enumerate(notebook.cells):
        tagged = "raises-exception" in cell.metadata.get("tags", [])
        if tagged and not any(o.output_type == "error" for o in cell.get("outputs", [])):
            raise BuildError(
                f"{path}: cell {cell_id(path.stem, position)} is tagged raises-exception, but raises nothing")


def _environment(home: str) -> dict[str, str]:
    """The kernel's: an empty home for whatever the author's own would change."""
    return os.environ | {name: home for name in ("SPLITBRAIN_HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR")}


def _where(path: Path, notebook: NotebookNode, begun: list[int]) -> str:
    """The cell that was begun last."""
    position = begun[-1] if begun else 0
    first_line = notebook.cells[position].source.split("\n")[0]
    return f"{path}: cell {cell_id(path.stem, position)} ({first_line!r})"


def _without_colour(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _indent(lines: list[str]) -> str:
    return "\n".join("    " + line for line in lines)


def changes(before: NotebookNode, after: NotebookNode) -> list[str]:
    """What differs, a line a cell."""
    if len(before.cells) != len(after.cells):
        return [f"{len(before.cells)} cells, would be {len(after.cells)}"]
    found = []
    for old, new in zip(before.cells, after.cells, strict=True):
        parts = [key for key in sorted({*old, *new}) if old.get(key) != new.get(key)]
        if parts:
            found.append(f"cell {new.id}: {', '.join(parts)}")
    return found or ["the notebook's own metadata or layout"]


def build(path: Path, *, check: bool = False) -> str:
    """Run one notebook, store it unless `check`, and return a line that says what was done.

    Raises
    ------
    BuildError
        It does not run, or, with `check`, its bytes would change.
    """
    stored = path.read_text(encoding="utf-8")
    made = run(path)
    text = to_text(made)
    if text == stored:
        return f"{path}: unchanged"
    if check:
        raise BuildError(f"{path} would change\n" + _indent(changes(read(path), made)))
    path.write_text(text, encoding="utf-8", newline="\n")
    return f"{path}: stored"


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns 1 if a notebook does not run or would change."""
    parser = argparse.ArgumentParser(prog="python -m splitbrain.course.build", description=__doc__.split("\n\n")[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--check", action="store_true", help="write nothing, say what would change")
    options = parser.parse_args(arguments)

    def one(path: Path) -> tuple[bool, str]:
        try:
            return True, build(path, check=options.check)
        except (BuildError, OSError, ValueError) as error:
            return False, str(error)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(one, options.files))
    for fine, message in results:
        print(message, file=sys.stdout if fine else sys.stderr)
    return 0 if all(fine for fine, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
