"""No test, and no notebook that pytest runs (nbval), meets the predictions and progress of whoever runs it."""

import os
import shutil
import tempfile

import pytest

_folder = pytest.StashKey[str]()


def pytest_configure(config):
    config.stash[_folder] = tempfile.mkdtemp(prefix="splitbrain-tests-")
    os.environ["SPLITBRAIN_HOME"] = config.stash[_folder]


def pytest_unconfigure(config):
    shutil.rmtree(config.stash.get(_folder, ""), ignore_errors=True)
