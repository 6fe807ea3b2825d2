"""README, CONTRIBUTING and docs say what is so: links lead somewhere, lists are complete, code runs."""

import ast
import re
import runpy
import sys
from pathlib import Path

import pytest

from splitbrain import Cluster, constant
from splitbrain.course.plan import LESSONS

ROOT = Path(__file__).parents[1]
TEXTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PACKAGE = ROOT / "src" / "splitbrain"


@pytest.fixture(scope="module")
def make():
    return runpy.run_path(str(ROOT / "docs" / "images" / "make.py"))


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    links = re.findall(r"\]\(([^)#]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_pictures_have_a_text_alternative(path):
    assert [alt for alt in re.findall(r"!\[([^\]]*)\]", path.read_text(encoding="utf-8")) if len(alt) < 20] == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_the_readme_lists_every_lesson_and_links_those_that_are_there(lesson):
    title = f"{lesson.number} {lesson.title}"
    link = f"[{title}](notebooks/{lesson.name}.ipynb)"
    assert (link in text("README.md")) == lesson.is_written()
    assert title in text("README.md")


def test_the_code_in_the_readme_runs(make):
    [code] = re.findall(r"(?s)```python\n(.*?)```", text("README.md"))
    names = {"MyNode": make["Hasty"]}
    exec(code, names)
    assert names["run"].verdict.status == "violated"


def test_commands_in_the_documents_are_there():
    known = set(re.findall(r"^([a-z][a-z-]*):", text("Makefile"), re.MULTILINE))
    for path in TEXTS:
        used = re.findall(r"(?:`|^ {4})make ([a-z][a-z-]*)", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert set(used) <= known, path.name


def test_the_map_of_the_code_names_every_file():
    told = text("CONTRIBUTING.md")
    files = [p for p in PACKAGE.glob("*.py") if p.name != "__init__.py"]
    folders = [p.parent for p in PACKAGE.glob("*/__init__.py")]
    assert [p.name for p in sorted(files + folders) if f"`{p.name}{'/' if p.is_dir() else ''}`" not in told] == []
    named = re.findall(r"`([a-z_]+(?:/[a-z_]+)*(?:\.py|/))`", told)
    nearby = [PACKAGE, *(p for p in PACKAGE.iterdir() if p.is_dir()), ROOT]
    assert [name for name in named if not any((folder / name).exists() for folder in nearby)] == []


def imported(path, *, when_loaded=False):
    """Which files and folders of the package a file, or any file of a folder, imports; all of them, or when loaded."""
    found = set()
    for file in [path] if path.is_file() else path.rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in tree.body if when_loaded else ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("splitbrain."):
                found.add(node.module.split(".")[1])
    return found - {path.stem}


def test_the_map_tells_who_imports_whom_and_is_in_reading_order():
    rows = re.findall(r"(?m)^\| `([a-z_]+)(?:\.py|/)` \|(.*)\|$", text("CONTRIBUTING.md"))
    place = {name: i for i, (name, _) in enumerate(rows)}
    for name, told in rows:
        path = PACKAGE / name if (PACKAGE / name).is_dir() else PACKAGE / f"{name}.py"
        named = {one.strip() for arrow in re.findall(r"`<- ([^`]*)`", told) for one in arrow.split(",")}
        assert named <= imported(path), name
        assert [other for other in imported(path, when_loaded=True) if place.get(other, 99) > place[name]] == [], name


@pytest.mark.parametrize("name", ["split_brain.svg", "a_message_and_a_crash.svg"])
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the last digit of a coordinate may differ")
def test_pictures_are_what_the_library_draws(make, name):
    assert make["PICTURES"][name]().svg == text(f"docs/images/{name}"), "run docs/images/make.py"


def test_the_journal_and_the_crash_points_are_those_that_the_text_tells(make):
    cluster = Cluster(make["Patient"], nodes=2, latency=constant(2), timeout=20)
    cluster.client("n1").put("x", 1)
    assert "\n".join(map(str, cluster.journal)) in text("docs/architecture.md")
    assert cluster.network.endpoints["n1"].points == 7
