"""The form that every stored notebook has, lesson, solution and lab; and that a notebook without it is noticed."""

import copy
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("notebooks", "solutions", "labs")
NOTEBOOKS = [path.relative_to(ROOT) for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.ipynb"))]
MOST_LINES, MOST_BYTES = 12, 1_500_000


def code_cells(book):
    return [cell for cell in book["cells"] if cell["cell_type"] == "code"]


def text(value):
    return value if isinstance(value, str) else "".join(value)


def outputs(book):
    return [(cell, output) for cell in code_cells(book) for output in cell["outputs"]]


def where(cell):
    return f"{cell['id']} ({text(cell['source']).splitlines()[0] if cell['source'] else 'empty'!r})"


# Each rule yields a sentence for whatever breaks it.


def is_normalised(book, path):
    for position, cell in enumerate(book["cells"]):
        if cell.get("id") != f"{path.stem}-{position:03d}":
            yield f"cell {position} has the id {cell.get('id')!r}: build it again"
        if extra := set(cell["metadata"]) - {"deletable", "editable", "jupyter", "nbgrader", "tags"}:
            yield f"{where(cell)} has the metadata {sorted(extra)}"
    if set(book["metadata"]) != {"kernelspec", "language_info"} or "version" in book["metadata"]["language_info"]:
        yield "the notebook's own metadata is not the stored form"


def was_run_from_top_to_bottom(book, path):
    counts = [cell["execution_count"] for cell in code_cells(book) if cell["source"]]
    if path.parent.name == "labs":
        if any(counts) or outputs(book):
            yield "a lab holds outputs"
    elif counts != list(range(1, len(counts) + 1)):
        yield f"the cells were run in the order {counts}"


def raises_only_where_it_says_so(book, path):
    for cell, output in outputs(book):
        if output["output_type"] == "error" and "raises-exception" not in cell["metadata"].get("tags", []):
            yield f"{where(cell)} raised {output['ename']}"
        if output.get("name") == "stderr":
            yield f"{where(cell)} wrote to stderr: {text(output['text'])[:80]!r}"


def holds_no_live_widgets(book, path):
    for cell, output in outputs(book):
        if any("widget" in kind for kind in output.get("data", {})):
            yield f"{where(cell)} holds a widget view"


def describes_its_pictures(book, path):
    for cell, output in outputs(book):
        data = output.get("data", {})
        html = text(data.get("text/html", ""))
        if any(kind.startswith("image/") for kind in data):
            yield f"{where(cell)} shows a bare image: use a Picture"
        if any(not re.search(r'\balt="[^"]{10,}"', tag) for tag in re.findall(r"<img\b[^>]*>", html)):
            yield f"{where(cell)} shows an image without a text alternative"
    for cell in book["cells"]:
        if cell["cell_type"] == "markdown" and re.search(r"!\[\s*\]\(|<img(?![^>]*alt=\"[^\"])", text(cell["source"])):
            yield f"{where(cell)} has an image without a text alternative"


def has_short_cells(book, path):
    for cell in code_cells(book) if path.parent.name == "notebooks" else []:
        lines = [line.strip() for line in text(cell["source"]).splitlines()]
        count = sum(1 for line in lines if line and not line.startswith("#"))
        if count > MOST_LINES:
            yield f"{where(cell)} has {count} lines of code"


def has_prose_before_code(book, path):
    for before, cell in zip([None, *book["cells"]], book["cells"], strict=False):
        if cell["cell_type"] != "code" or (before and before["cell_type"] == "markdown"):
            continue
        graded = cell["metadata"].get("nbgrader", {}).get("grade")
        if not (graded and before["metadata"].get("nbgrader", {}).get("solution")):  # a check follows its answer
            yield f"{where(cell)} has no prose before it"


def hides_no_value(book, path):
    for cell in code_cells(book):
        if text(cell["source"]).rstrip().endswith(";"):
            yield f"{where(cell)} ends in ';'"


def opens_with_a_title(book, path):
    if not book["cells"] or not text(book["cells"][0]["source"]).startswith("# "):
        yield "the first cell is not a title"


def names_no_machine(book, path):
    found = json.dumps(book)
    found = re.sub(r"data:image/[^\"\\\\ ]+", "", found)
    for pattern, what in ((r"(?<![\w.])/(?:work|tmp|home|root|Users|private|var)/\w[\w./-]*", "a path of one machine"),
                          (r"\b(?!127\.0\.0\.1\b)\d{1,3}(?:\.\d{1,3}){3}\b", "a network address"),
                          (r"\b[\w-]*(?:py\s?pi|npm|conda|hosted|registry)[\w-]*\.(?:org|com|io|net)\b", "a registry"),
                          (r" at 0x[0-9a-f]{6,}", "a memory address")):
        for match in re.findall(pattern, found)[:3]:
            yield f"it names {what}: {match}"


def reads_well(book, path):
    for cell in book["cells"]:
        if cell["cell_type"] == "markdown" and re.search(r"\bsimply\b", text(cell["source"]), re.IGNORECASE):
            yield f"{where(cell)} says 'simply'"


def is_small(book, path):
    size = len(json.dumps(book))
    if size > MOST_BYTES:
        yield f"it has {size:,} bytes"


RULES = [is_normalised, was_run_from_top_to_bottom, raises_only_where_it_says_so, holds_no_live_widgets,
         describes_its_pictures, has_short_cells, has_prose_before_code, hides_no_value, opens_with_a_title,
         names_no_machine, reads_well, is_small]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=str)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_form(rule, path):
    assert list(rule(json.loads((ROOT / path).read_text(encoding="utf-8")), path)) == []


# What follows makes sure that each rule notices something.

PATH = Path("notebooks/00_x.ipynb")


def fine():
    cells = [{"cell_type": "markdown", "id": "00_x-000", "metadata": {}, "source": "# Title"},
             {"cell_type": "code", "id": "00_x-001", "metadata": {}, "execution_count": 1, "source": "1",
              "outputs": [{"output_type": "execute_result", "data": {"text/plain": "1"}, "metadata": {}}]}]
    return {"cells": cells, "metadata": {"kernelspec": {}, "language_info": {"name": "python"}}}


def show(data):
    return lambda book: book["cells"][1]["outputs"][0].update(data=data)


def source(code, cell=1):
    return lambda book: book["cells"][cell].update(source=code)


BROKEN = [
    (is_normalised, lambda book: book["cells"][1].update(id="abc")),
    (is_normalised, lambda book: book["cells"][1]["metadata"].update(execution={})),
    (is_normalised, lambda book: book["metadata"]["language_info"].update(version="3.11.7")),
    (was_run_from_top_to_bottom, lambda book: book["cells"][1].update(execution_count=7)),
    (was_run_from_top_to_bottom, lambda book: book["cells"][1].update(execution_count=None)),
    (raises_only_where_it_says_so, lambda book: book["cells"][1]["outputs"].append(
        {"output_type": "error", "ename": "KeyError"})),
    (raises_only_where_it_says_so, lambda book: book["cells"][1]["outputs"].append(
        {"output_type": "stream", "name": "stderr", "text": "warning"})),
    (holds_no_live_widgets, show({"application/vnd.jupyter.widget-view+json": {}})),
    (describes_its_pictures, show({"image/png": "abc"})),
    (describes_its_pictures, show({"text/html": "<img src='x'>"})),
    (describes_its_pictures, source("# A\n![](x.png)", 0)),
    (has_short_cells, source("x = 1\n" * 13)),
    (has_prose_before_code, lambda book: book["cells"].append(copy.deepcopy(book["cells"][1]))),
    (hides_no_value, source("x;")),
    (opens_with_a_title, source("Hello", 0)),
    (names_no_machine, source("open('/home/ann/x')")),
    (names_no_machine, source("connect('10.1.2.3')")),
    (names_no_machine, show({"text/plain": "<object object at 0x7f1234567890>"})),
    (reads_well, source("# A\nSimply run it.", 0)),
    (is_small, source("# A" + "x" * MOST_BYTES, 0)),
]


@pytest.mark.parametrize("rule, spoil", BROKEN, ids=lambda part: getattr(part, "__name__", ""))
def test_rules_notice(rule, spoil):
    book = fine()
    assert [problem for each in RULES for problem in each(book, PATH)] == []
    spoil(book)
    assert list(rule(book, PATH))


def test_every_rule_is_tried():
    assert {rule for rule, _ in BROKEN} == set(RULES)
