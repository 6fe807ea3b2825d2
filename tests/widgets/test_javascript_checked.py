"""The page's side passes TypeScript's check of its JSDoc types, and Biome's linter, which counts lines too.

Both come from npm, in the versions that `javascript/package.json` pins, once, into the user's cache: never into the
tree. Where there is no Node, or no network the first time, there is nothing to check with, and the tests are skipped.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import platformdirs
import pytest

from splitbrain.widgets import panel

WIDGETS = panel._HERE
SETTINGS = Path(__file__).parent / "javascript"
SOUND = "/** @param {number} ms */\nexport function half(ms) {\n  return ms / 2;\n}\n"


@pytest.fixture(scope="session")
def tools() -> Path:
    """The folder of the programs `tsc` and `biome`."""
    if missing := [name for name in ("node", "npm") if shutil.which(name) is None]:
        pytest.skip(f"no {' and no '.join(missing)} on the PATH")
    wanted = (SETTINGS / "package.json").read_bytes()
    place = Path(platformdirs.user_cache_dir("splitbrain", appauthor=False),
                 f"javascript-{hashlib.sha256(wanted).hexdigest()[:12]}")
    if not place.exists():
        install(wanted, place)
    return place / "node_modules" / ".bin"


def install(wanted: bytes, place: Path) -> None:
    """Beside its place first, then moved there: two runs of the tests at once both find a whole folder."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, ignore_cleanup_errors=True) as folder:
        Path(folder, "package.json").write_bytes(wanted)
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts",
                               "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=20000",
                               "--loglevel=error"], cwd=folder, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"npm could not install the checkers: {done.stderr.strip()[:200]}")
        try:
            os.replace(folder, place)
        except OSError:
            assert place.exists(), "another run was quicker"
        os.makedirs(folder, exist_ok=True)


def run(*command) -> str:
    """What a checker complains of; nothing if it is content."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, 1, 2), done.stdout + done.stderr
    return (done.stdout + done.stderr) if done.returncode else ""


def lint(tools: Path, folder: Path) -> str:
    return run(tools / "biome", "lint", f"--config-path={SETTINGS}", "--error-on-warnings", "--colors=off", folder)


def types(tools: Path, settings: Path) -> str:
    return run(tools / "tsc", "--project", settings)


def test_the_types_hold(tools):
    assert types(tools, SETTINGS) == ""


def test_the_linter_is_content_and_every_function_is_under_40_lines(tools):
    """Biome does not count a function's first and last line, so its own limit is 37."""
    assert lint(tools, WIDGETS) == ""


def modules(folder: Path, **texts: str) -> Path:
    """Modules of these names and texts, alone, under the same settings."""
    for name, text in texts.items():
        (folder / f"{name}.js").write_text(text)
    (folder / "tsconfig.json").write_text(json.dumps({"extends": str(SETTINGS / "tsconfig.json"),
                                                      "include": ["*.js"]}))
    return folder


def test_wrong_types_are_noticed(tools, tmp_path):
    said = types(tools, modules(
        tmp_path, sound=SOUND, wrong=SOUND.replace("ms / 2", "ms.length"), silent=SOUND.partition("\n")[2],
        unused=SOUND.replace("return", "const aside = 1;\n  return")))
    assert "wrong.js(3,13): error TS2339: Property 'length' does not exist on type 'number'" in said
    assert "silent.js(1,22): error TS7006: Parameter 'ms' implicitly has an 'any' type" in said
    assert "unused.js(3,9): error TS6133" in said and "sound.js" not in said


def test_what_the_linter_refuses_is_noticed(tools, tmp_path):
    def lines(count):
        return SOUND.replace("  return", "  half(ms);\n" * (count - 3) + "  return")

    said = lint(tools, modules(
        tmp_path, sound=SOUND, within=lines(39), longer=lines(40), loose=SOUND.replace("ms / 2", "ms == 2"),
        unknown=SOUND.replace("ms / 2", "hlaf")))
    assert [name for name in ("sound", "within", "longer", "loose", "unknown") if f"{name}.js" in said] == [
        "longer", "loose", "unknown"]
    for rule in ("noExcessiveLinesPerFunction", "noDoubleEquals", "noUndeclaredVariables"):
        assert said.count(f"/{rule} ") == 1
