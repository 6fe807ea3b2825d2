"""Verdicts that others published, to hold the checkers against. They lie outside the project."""

from pathlib import Path

import pytest

# Beside the project, never in it: the files belong to others.
FOLDER = Path(__file__).parents[3] / "shared" / "calibration"


@pytest.fixture(scope="session")
def published() -> Path:
    """The folder of published verdicts; without it the test is skipped."""
    if not FOLDER.is_dir():
        pytest.skip(f"the published verdicts are not on this machine (looked for {FOLDER})")
    return FOLDER
